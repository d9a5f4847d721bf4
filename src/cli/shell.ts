// What every command has in common: its options, where it prints, the factory it talks to, and how it ends.

import { resolve } from 'node:path'
import type { Command } from 'commander'
import { readConfiguration, type Configuration, type ConfigurationSources } from '../configuration.ts'
import { AndonError } from '../core/errors.ts'
import type { Caller, Factory } from '../core/factory.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { Output } from './output.ts'
import { isOfCommand, unusedOptions, unusedSentence, type UnusedOption } from './server-settings.ts'

/** The options that every command takes. */
export interface CommonOptions {
  json?: boolean
  tenant?: string
  config?: string
  data?: string
}

/** What a command's body is given. */
export interface Shell {
  output: Output
  configuration: Configuration
  /** The configuration as its files and the environment have it now. Throws as reading it at the start does. */
  reread: () => Promise<Configuration>
  /** Aborts on Ctrl-C and when standard output is closed. Its reason is an AndonError. */
  signal: AbortSignal
  /** The tenant and the signal, for every request. */
  caller: Caller & { signal: AbortSignal }
  /** The factory: of the server that runs on the data directory, or else one in this process. Closed by the shell. */
  factory: () => Promise<OpenedFactory>
  /** An absolute path for one that the user gave. */
  path: (given: string) => string
}

/** A factory, as a command has it. */
export interface OpenedFactory extends Factory {
  /** Whether it is that of a server. */
  remote: boolean
  /** What the environment or a flag sets here and that server has otherwise; none without a server. */
  unused: UnusedOption[]
}

/** Adds the common options to a command. */
export function withCommonOptions(command: Command): Command {
  return withoutDocuments(command)
    .option('--tenant <name>', 'whose documents (default: the option tenant)')
    .option('--data <folder>', 'data directory (default: the option dataDir, .andon)')
}

/** Adds those of the common options that mean something to a command that has nothing to do with documents. */
export function withoutDocuments(command: Command): Command {
  return command
    .option('--json', 'print one JSON value on standard output, and nothing else there')
    .option('--config <file>', 'configuration file (default: andon.config.ts or andon.config.json here)')
}

/** For options that may be given several times: gathers their values, and leaves the words after them alone. */
export function several(value: string, before: string[] = []): string[] {
  return [...before, value]
}

/** A flag that sets an option of the configuration. */
export interface OptionFlag {
  path: string
  value: unknown
  flag: string
}

/** One Ctrl-C may come twice, where a launcher passes on what the command got itself; so soon nobody presses again. */
const sameInterruptMs = 500

/**
 * Runs a command's body: reads the configuration, cancels on Ctrl-C, prints an error as what it is, and sets the exit
 * code. The body may return an exit code of its own.
 */
export async function runCommand(
  options: CommonOptions,
  body: (shell: Shell) => Promise<number | void>,
  flags: OptionFlag[] = [],
): Promise<void> {
  const output = new Output(options.json === true)
  const controller = new AbortController()
  let interruptedAt: number | undefined
  const interrupt = (): void => {
    const now = performance.now()
    if (interruptedAt === undefined) {
      interruptedAt = now
      controller.abort(new AndonError('cancelled', 'Interrupted.'))
    } else if (now - interruptedAt > sameInterruptMs) {
      // A second Ctrl-C means now.
      process.exit(exitCodes.interrupted)
    }
  }
  const pipeClosed = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') controller.abort(new AndonError('cancelled', 'Nobody reads the output any more.'))
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  process.stdout.on('error', pipeClosed)
  const { signal } = controller
  try {
    await using opened = new AsyncDisposableStack()
    const base = calledFrom()
    const sources: ConfigurationSources = {
      ...(options.config === undefined ? {} : { file: resolve(base, options.config) }),
      flags: [
        ...(options.data === undefined
          ? []
          : [{ path: 'dataDir', value: resolve(base, options.data), flag: '--data' }]),
        ...(options.tenant === undefined ? [] : [{ path: 'tenant', value: options.tenant, flag: '--tenant' }]),
        ...flags,
      ],
    }
    const configuration = await readConfiguration(sources)
    let factory: Promise<OpenedFactory> | undefined
    const shell: Shell = {
      output,
      configuration,
      reread: () => readConfiguration(sources),
      signal,
      caller: { tenant: configuration.options.tenant, signal },
      factory: () => (factory ??= openFactory(configuration, opened)),
      path: (given) => resolve(base, given),
    }
    process.exitCode = (await body(shell)) ?? exitCodes.ok
  } catch (reason) {
    const error = AndonError.from(reason)
    if (signal.aborted && AndonError.from(signal.reason) !== error) output.note(AndonError.from(signal.reason).sentence)
    else output.error(error)
    process.exitCode = signal.aborted ? exitCodes.interrupted : exitCodeOf(error.code)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    process.stdout.off('error', pipeClosed)
  }
}

/** Says, once, which settings of these groups the server behind a command does not use. */
export function tellUnused(
  { output, configuration }: Shell,
  { unused }: OpenedFactory,
  groups: readonly string[],
): void {
  const sentence = unusedSentence(unused, groups, configuration.options.dataDir)
  if (sentence !== undefined) output.note(`(${sentence})`)
}

async function openFactory(configuration: Configuration, opened: AsyncDisposableStack): Promise<OpenedFactory> {
  const { connect } = await import('./control.ts')
  const { options } = configuration
  const remote = await connect(options.dataDir)
  if (remote) {
    opened.use(remote)
    const mayDiffer = Object.values(configuration.origins).some(isOfCommand)
    const settings = mayDiffer ? await remote.settings() : undefined
    const unused = settings === undefined ? [] : unusedOptions(configuration, settings)
    return Object.assign(remote, { remote: true, unused })
  }
  const { createFactory } = await import('../factory.ts')
  return Object.assign(opened.use(await createFactory(options)), { remote: false, unused: [] })
}

/** The folder that the user's relative paths count from: npm runs scripts in the package's folder and says from where. */
function calledFrom(): string {
  return process.env['ANDON_CALLED_FROM'] ?? process.cwd()
}
