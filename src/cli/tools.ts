// andon tools: lists the tools that models may call, shows and calls one, adds and removes where they come from, and
// measures how fast calls are.

import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import type { ToolOutcome, ToolPermission, ToolView } from '../core/tooling.ts'
import { nearest } from '../text/nearest.ts'
import { commandName } from './command-name.ts'
import { exitCodes } from './exit-codes.ts'
import { counted, table } from './output.ts'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'
import { addTools, removeTools } from './tools-add.ts'
import { benchTools } from './tools-bench.ts'

interface CallOptions extends CommonOptions {
  deadline?: string
}

interface SetOptions extends CommonOptions {
  on?: boolean
  off?: boolean
  calls?: string
}

const permissions: readonly ToolPermission[] = ['allow', 'ask', 'deny']

/** The command `tools` with `list` (its default), `show`, `call`, `set`, `add`, `remove` and `bench`. */
export function toolsCommand(): Command {
  const command = new Command('tools')
    .description('list, show and call the tools that models may use, and add further ones')
    .addHelpText(
      'after',
      `
Examples:
  andon tools
  andon tools call calculator '{"expression":"2+2"}'
  andon tools add mcp files -- npx -y @modelcontextprotocol/server-filesystem /srv/files`,
    )
  command.addCommand(listTools(), { isDefault: true })
  for (const each of [showTool(), callTool(), setTool(), addTools(), removeTools(), benchTools()])
    command.addCommand(each)
  return command
}

function listTools(): Command {
  const command = new Command('list')
    .description('list the tools, and the sources that they come from')
    .argument('[word...]')
    .option('--search <words>', 'only tools with these words')
    .usage('[options]')
    .addHelpText('after', '\nExample:\n  andon tools list --search date')
  return withCommonOptions(command).action(async ([word]: string[], options: CommonOptions & { search?: string }) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      // As the default command, `list` gets what was meant as the name of another one.
      if (word !== undefined) throw noSuchCommand(word)
      const opened = await factory()
      const { search } = options
      const tools = await opened.tools(search === undefined ? {} : { search }, caller)
      const sources = await opened.toolSources(caller)
      output.result({ tools, sources })
      const rows = tools.map((tool) => [
        tool.name,
        tool.state,
        tool.permission,
        tool.origin,
        tool.mode,
        firstSentence(tool.reason ?? tool.description),
      ])
      for (const line of table(['NAME', 'STATE', 'CALLS', 'ORIGIN', 'RUNS', ''], rows)) output.line(line)
      output.line()
      output.line(counted(tools.length, 'tool'))
      if (sources.length === 0) return
      output.line()
      const told = sources.map(({ name, kind, tools: count, fixed, from, problem }) => [
        name,
        kind,
        problem === undefined ? counted(count, 'tool') : 'WRONG',
        fixed ? 'the options' : 'andon tools add',
        problem ?? from,
      ])
      for (const line of table(['SOURCE', 'KIND', 'GIVES', 'NAMED BY', ''], told)) output.line(line)
    })
  })
}

function showTool(): Command {
  const command = new Command('show')
    .description('show what a tool takes and gives, and what it may do')
    .argument('<name>', 'name of the tool')
    .addHelpText('after', '\nExample:\n  andon tools show calculator')
  return withCommonOptions(command).action(async (name: string, options: CommonOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const tool = await (await factory()).tool(name, caller)
      output.result(tool)
      for (const line of described(tool)) output.line(line)
    })
  })
}

function callTool(): Command {
  const command = new Command('call')
    .description('call a tool, and print what it gives')
    .argument('<name>', 'name of the tool')
    .argument('[arguments]', 'a JSON object (default: {})')
    .option('--deadline <ms>', 'milliseconds that it may take (default: what the tool may)')
    .addHelpText('after', `\nExample:\n  andon tools call calculator '{"expression":"15% of 80"}'`)
  return withCommonOptions(command).action(async (name: string, given: string | undefined, options: CallOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const call = {
        name,
        arguments: objectOf(given ?? '{}'),
        // Whoever types it is the person who would be asked.
        approved: true,
        ...(options.deadline === undefined ? {} : { deadlineMs: millisecondsOf(options.deadline) }),
      }
      const outcome = await (await factory()).callTool(call, caller)
      output.result(outcome)
      if (!outcome.ok) {
        if (!output.json) output.note(failureOf(outcome))
        return exitCodes.failed
      }
      const { value } = outcome
      output.line(typeof value === 'string' ? value : JSON.stringify(value ?? null, undefined, 2))
      return exitCodes.ok
    })
  })
}

/** Why a call failed; of a tool that is off, what switches it on. */
function failureOf({ name, error }: ToolOutcome): string {
  if (error?.kind === 'disabled')
    return `The tool ${name} is switched off: "${commandName()} tools set ${name} --on" switches it on.`
  return error?.message ?? 'It failed.'
}

function setTool(): Command {
  const command = new Command('set')
    .description('switch a tool on or off, or say whether its calls wait for a person; for the tenant')
    .argument('<name>', 'name of the tool')
    .option('--on', 'it may be called')
    .option('--off', 'it may not be called')
    .option('--calls <word>', 'allow: they run at once; ask: they wait for a person; deny: they are refused')
    .addHelpText('after', '\nExample:\n  andon tools set run_javascript --on --calls ask')
  return withCommonOptions(command).action(async (name: string, options: SetOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const tool = await (await factory()).setTool(name, changeOf(options), caller)
      output.result(tool)
      const calls = {
        allow: 'its calls run at once',
        ask: 'its calls wait for a person',
        deny: 'its calls are refused',
      }
      output.line(`${tool.name} is ${tool.enabled ? 'on' : 'off'}; ${calls[tool.permission]}.`)
    })
  })
}

function changeOf({ on, off, calls }: SetOptions): { enabled?: boolean; permission?: ToolPermission } {
  if (on === true && off === true) throw new AndonError('invalid', 'There are --on and --off: give one of them')
  const permission = permissions.find((each) => each === calls)
  if (calls !== undefined && permission === undefined)
    throw new AndonError('invalid', `--calls is ${JSON.stringify(calls)}: it must be allow, ask or deny`)
  return {
    ...(on === true ? { enabled: true } : off === true ? { enabled: false } : {}),
    ...(permission === undefined ? {} : { permission }),
  }
}

function described(tool: ToolView): string[] {
  const may = Object.entries(tool.traits).flatMap(([trait, holds]) => (holds ? words[trait as keyof typeof words] : []))
  const { timeoutMs, outputBytes, memoryMb } = tool.limits
  const memory = memoryMb === undefined ? '' : `, ${memoryMb} MiB of memory`
  return [
    `${tool.name} (${tool.origin})`,
    tool.description,
    '',
    `State:  ${tool.state}${tool.reason === undefined ? '' : `: ${tool.reason}`}`,
    `Calls:  ${{ allow: 'run at once', ask: 'wait for a person', deny: 'are refused' }[tool.permission]}`,
    `May:    ${may.join(', ') || 'nothing is said about what it does'}`,
    `Runs:   ${tool.mode}, ${tool.trust}; ${timeoutMs} ms, ${outputBytes} bytes of result${memory}`,
    `So far: ${counted(tool.stats.runs, 'run')}, ${tool.stats.failed} failed, ${tool.stats.killed} killed`,
    '',
    'Takes:',
    JSON.stringify(tool.input, undefined, 2),
    ...(tool.output === undefined ? [] : ['Gives:', JSON.stringify(tool.output, undefined, 2)]),
  ]
}

const words: Record<keyof ToolView['traits'], string> = {
  readOnly: 'only read',
  idempotent: 'run twice',
  pure: 'be kept',
  destructive: 'destroy',
  network: 'reach out of this machine',
}

function firstSentence(text: string): string {
  const line = text.split('\n')[0] ?? ''
  const [first = line] = line.split(/(?<=[.。!?]) /)
  return first.length > 100 ? `${first.slice(0, 99)}…` : first
}

function objectOf(text: string): { readonly [key: string]: never } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new AndonError('invalid', `The arguments are ${text}: give a JSON object, like '{"expression":"2+2"}'`)
}

function millisecondsOf(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 3_600_000) return number
  throw new AndonError('invalid', `--deadline is ${JSON.stringify(text)}: give milliseconds from 1 to 3600000`)
}

function noSuchCommand(word: string): AndonError {
  const guess = nearest(word, ['list', 'show', 'call', 'set', 'add', 'remove', 'bench'])
  const advice =
    guess === undefined ? '"andon tools --help" lists what there is.' : `Did you mean "andon tools ${guess}"?`
  return new AndonError('invalid', `There is no "andon tools ${word}". ${advice}`)
}
