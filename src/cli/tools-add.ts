// andon tools add and remove: where tools come from beside those that are built in. What is added runs as this user.

import { basename, extname } from 'node:path'
import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import type { NewToolSource, SecretValue } from '../core/tooling.ts'
import { exitCodes } from './exit-codes.ts'
import { counted } from './output.ts'
import { runCommand, several, withCommonOptions, type CommonOptions, type Shell } from './shell.ts'

interface ModuleOptions extends CommonOptions {
  name?: string
  only?: string[]
  untrusted?: boolean
}

interface OpenApiOptions extends CommonOptions {
  name?: string
  baseUrl?: string
  bearerEnv?: string
  only?: string[]
}

interface McpOptions extends CommonOptions {
  env?: string[]
  header?: string[]
  sse?: boolean
  only?: string[]
  trustAnnotations?: boolean
}

/** The command `add` with `module`, `openapi` and `mcp`. */
export function addTools(): Command {
  const command = new Command('add').description('add the tools of a module, of a service or of an MCP server')
  command.addCommand(addModule())
  command.addCommand(addOpenApi())
  command.addCommand(addMcp())
  return command
}

/** The command `remove`. */
export function removeTools(): Command {
  const command = new Command('remove')
    .description('remove a source of tools that was added')
    .argument('<name>', 'name of the source: "andon tools list" says which there are')
    .addHelpText('after', '\nExample:\n  andon tools remove files')
  return withCommonOptions(command).action(async (name: string, options: CommonOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const removed = await (await factory()).removeToolSource(name, caller)
      if (!removed)
        throw new AndonError('not-found', `There is no source ${name}: "andon tools list" says which there are`)
      output.result({ removed: name })
      output.line(`The tools of ${name} are gone.`)
    })
  })
}

function addModule(): Command {
  const command = new Command('module')
    .description('add the functions of a module, which export themselves with defineTool')
    .argument('<path>', 'the module')
    .option('--name <name>', 'what its tools are called by (default: the name of the file)')
    .option('--only <export>', 'only this function; may be given several times', several)
    .option('--untrusted', 'run them without network and files; needs bubblewrap')
    .addHelpText('after', '\nExample:\n  andon tools add module ./tools.ts --name house')
  return withCommonOptions(command).action(async (path: string, options: ModuleOptions) => {
    await runCommand(options, (shell) =>
      add(shell, {
        kind: 'module',
        name: options.name ?? nameOf(path),
        module: shell.path(path),
        ...(options.only === undefined ? {} : { only: options.only }),
        ...(options.untrusted === true ? { trust: 'untrusted' as const } : {}),
      }),
    )
  })
}

function addOpenApi(): Command {
  const command = new Command('openapi')
    .description('add the operations of a service, by its OpenAPI document')
    .argument('<spec>', 'path or address of the document')
    .option('--name <name>', 'what its tools are called by (default: the name of the file, or the host)')
    .option('--base-url <address>', 'where the service is (default: what the document says)')
    .option('--bearer-env <variable>', 'the environment variable of the server that has its token')
    .option('--only <operation>', 'only this operation or tag; may be given several times', several)
    .addHelpText(
      'after',
      '\nExample:\n  andon tools add openapi ./shop.yaml --base-url https://shop.example/v1 --bearer-env SHOP_TOKEN',
    )
  return withCommonOptions(command).action(async (spec: string, options: OpenApiOptions) => {
    await runCommand(options, (shell) =>
      add(shell, {
        kind: 'openapi',
        name: options.name ?? nameOf(spec),
        spec: /^https?:/i.test(spec) ? spec : shell.path(spec),
        ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
        ...(options.bearerEnv === undefined ? {} : { auth: { bearer: { env: options.bearerEnv } } }),
        ...(options.only === undefined ? {} : { only: options.only }),
      }),
    )
  })
}

function addMcp(): Command {
  const command = new Command('mcp')
    .description('add the tools of an MCP server: an address, or a command behind --')
    .argument('<name>', 'what its tools are called by')
    .argument('<server...>', 'its address, or the command with its arguments')
    .usage('[options] <name> <address> | <name> -- <command…>')
    .option('--env <NAME=value>', 'a variable for the command; NAME alone takes that of the server', several)
    .option('--header <NAME=value>', 'a header for the address', several)
    .option('--sse', 'speak the transport that came before streamable HTTP')
    .option('--only <tool>', 'only this tool; may be given several times', several)
    .option('--trust-annotations', 'believe it which of its tools only read')
    .addHelpText(
      'after',
      `
Examples:
  andon tools add mcp files -- npx -y @modelcontextprotocol/server-filesystem /srv/files
  andon tools add mcp wiki http://127.0.0.1:9000/mcp`,
    )
  return withCommonOptions(command).action(async (name: string, server: string[], options: McpOptions) => {
    await runCommand(options, (shell) => add(shell, mcpSource(name, server, options)))
  })
}

function mcpSource(name: string, [first = '', ...rest]: string[], options: McpOptions): NewToolSource {
  const both = {
    kind: 'mcp' as const,
    name,
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.trustAnnotations === true ? { trustAnnotations: true } : {}),
  }
  if (/^https?:/i.test(first) && rest.length === 0) {
    return {
      ...both,
      url: first,
      ...(options.sse === true ? { transport: 'sse' as const } : {}),
      ...(options.header === undefined ? {} : { headers: pairs(options.header) }),
    }
  }
  return { ...both, command: first, args: rest, ...(options.env === undefined ? {} : { env: pairs(options.env) }) }
}

/** What was said as `NAME=value`; a name alone stands for the variable of that name. */
function pairs(said: readonly string[]): Record<string, SecretValue> {
  return Object.fromEntries(
    said.map((each) => {
      const at = each.indexOf('=')
      return at < 0 ? [each, { env: each }] : [each.slice(0, at), each.slice(at + 1)]
    }),
  )
}

async function add({ output, factory, caller }: Shell, source: NewToolSource): Promise<number> {
  const { fixed: _, ...added } = await (await factory()).addToolSource(source, caller)
  output.result(added)
  if (added.problem !== undefined) {
    output.line(`${added.name} is added, and gives no tools yet: ${added.problem}`)
    output.note('It is tried again. "andon tools remove" takes it away.')
    return exitCodes.failed
  }
  output.line(`${added.name} gives ${counted(added.tools, 'tool')}. "andon tools list" shows them.`)
  return exitCodes.ok
}

/** A name made of a path or an address. */
function nameOf(from: string): string {
  const word = /^https?:/i.test(from) && URL.canParse(from) ? new URL(from).hostname : basename(from, extname(from))
  const name = word.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replaceAll(/^[^A-Za-z]+|-+$/g, '')
  if (name === '') throw new AndonError('invalid', `${from} gives no name for its tools: say one with --name`)
  return name.slice(0, 32)
}
