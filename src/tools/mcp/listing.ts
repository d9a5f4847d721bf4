// Asks a server which tools it has, page by page.

import type { Client } from '@modelcontextprotocol/client'
import type { Plain } from '../../core/plain.ts'
import { AndonError } from '../../core/errors.ts'
import { anything } from './reply-schema.ts'

/** Tools of one server; more are not looked at. */
const mostTools = 1_000
const mostPages = 100

/** A server's tools as it describes them, and what it says of itself. */
export interface Listing {
  tools: Plain[]
  server: { name?: string; version?: string }
  instructions?: string
  /** It has more tools than these. */
  more: boolean
}

/** Lists the tools of a server. One without tools has none. */
export async function listTools(client: Client, signal: AbortSignal, timeoutMs: number): Promise<Listing> {
  const { name, version } = client.getServerVersion() ?? {}
  const instructions = client.getInstructions()
  const server = { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) }
  const about = { server, ...(instructions === undefined ? {} : { instructions: instructions.slice(0, 10_000) }) }
  if (!client.getServerCapabilities()?.tools) return { tools: [], more: false, ...about }
  const tools: Plain[] = []
  let cursor: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const reply = (await client.request(
      { method: 'tools/list', params: cursor === undefined ? {} : { cursor } },
      anything,
      { signal, timeout: timeoutMs },
    )) as { tools?: unknown; nextCursor?: unknown }
    if (!Array.isArray(reply.tools))
      throw new AndonError('internal', 'answered no list when it was asked for its tools')
    tools.push(...(reply.tools as Plain[]))
    if (tools.length > mostTools) return { tools: tools.slice(0, mostTools), more: true, ...about }
    if (typeof reply.nextCursor !== 'string' || reply.nextCursor === cursor) return { tools, more: false, ...about }
    cursor = reply.nextCursor
  }
  return { tools, more: true, ...about }
}
