// What an MCP server is to this house: where it is and how it is reached, checked, and as plain data.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { RestartLimits } from './restarts.ts'

/** Proves who calls: a token, or the name of the environment variable that has it when the server is registered. */
export type McpAuth = { bearer: string } | { env: string }

/** A server that is a program: it is started, watched over and ended here. */
export interface McpProgram {
  /** Names it in sentences; also the namespace of its tools unless another is given. */
  name: string
  command: string
  args?: readonly string[]
  /** Beside PATH, HOME, LANG and the variables of proxies and certificates it sees these, and nothing else. */
  env?: Readonly<Record<string, string>>
  /** Its working directory. Default: that of this program. */
  cwd?: string
  /** When it is started again after it ended, and when it is left alone. */
  restart?: Partial<RestartLimits>
}

/** A server behind an address. */
export interface McpAddress {
  /** Names it in sentences; also the namespace of its tools unless another is given. */
  name: string
  url: string
  /** `http` is streamable HTTP, `sse` what came before it. Default: `http`, and `sse` where that is refused. */
  transport?: 'http' | 'sse'
  /** Sent with every request; secrets among them are never shown. */
  headers?: Readonly<Record<string, string>>
  auth?: McpAuth
}

export type McpServer = McpProgram | McpAddress

/** What a connector needs to reach a server: plain data. */
export interface McpReach {
  /** Of one registration: two of the same server share nothing. */
  id: string
  program?: { command: string; args: string[]; env: Record<string, string>; cwd?: string }
  address?: { url: string; transport?: 'http' | 'sse'; headers: Record<string, string> }
  /** When a program is started again. */
  restart?: Partial<RestartLimits>
}

/** What a connector is asked to do: call a tool by the server's name for it, or tell which there are. */
export type McpOperation = { tool: string; json?: boolean } | { list: true }

/** Reads a server, with its secrets. Fails with `invalid` when it cannot be reached like that. */
export function readServer(server: McpServer, id: string): McpReach {
  const { name } = server
  if (typeof name !== 'string' || name === '') {
    throw new AndonError('invalid', 'An MCP server has no name: give it one, its tools are called by it')
  }
  if ('url' in server) return { id, address: readAddress(server) }
  if (typeof server.command !== 'string' || server.command === '') {
    throw new AndonError('invalid', `The MCP server ${name} has neither \`command\` nor \`url\`: give one of them`)
  }
  const { command, args = [], env = {}, cwd, restart } = server
  const program = { command, args: [...args], env: { ...env }, ...(cwd === undefined ? {} : { cwd }) }
  return { id, program, ...(restart === undefined ? {} : { restart }) }
}

function readAddress({ name, url, transport, headers = {}, auth }: McpAddress): NonNullable<McpReach['address']> {
  const parsed = URL.parse(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new AndonError(
      'invalid',
      `The MCP server ${name} has the address ${url}: give one that begins with http:// or https://`,
    )
  }
  if (transport !== undefined && transport !== 'http' && transport !== 'sse') {
    throw new AndonError(
      'invalid',
      `The MCP server ${name} has the transport ${String(transport)}: there are http and sse`,
    )
  }
  const all: Record<string, string> = {}
  for (const [key, value] of Object.entries(headers)) all[key.toLowerCase()] = value
  const token = auth && tokenOf(name, auth)
  if (token !== undefined) all['authorization'] = `Bearer ${token}`
  return { url: parsed.href, headers: all, ...(transport === undefined ? {} : { transport }) }
}

function tokenOf(name: string, auth: McpAuth): string {
  if ('bearer' in auth) return auth.bearer
  const token = process.env[auth.env]
  if (token === undefined || token === '') {
    throw new AndonError(
      'invalid',
      `The MCP server ${name} wants the token in ${auth.env}, which is not set: set it, or give \`bearer\``,
    )
  }
  return token
}

/** The connection of a source as it was made by {@link readServer}. */
export function reachOf(config: Plain): McpReach {
  return config as unknown as McpReach
}
