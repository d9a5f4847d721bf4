// andon add: files, folders, patterns or standard input become documents; `--watch` keeps them so.

import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import type { Plain } from '../core/plain.ts'
import { failureLine, type AddReport, type Common } from './adding.ts'
import { exitCodes } from './exit-codes.ts'
import { counted, type Output } from './output.ts'
import { takingIn } from './server-settings.ts'
import { runCommand, several, tellUnused, withCommonOptions, type CommonOptions, type Shell } from './shell.ts'

interface AddOptions extends CommonOptions {
  collection?: string
  name?: string
  title?: string
  type?: string
  meta?: string[]
  watch?: boolean
  wait: boolean
}

/** The command `add`. */
export function addCommand(): Command {
  const command = new Command('add')
    .description('add documents; the same bytes again do nothing, changed ones replace')
    .argument('<source...>', 'files, folders, patterns, or - for standard input (with --name)')
    .option('--collection <name>', 'collection to add to (default: default)')
    .option('--name <name>', 'name of the one document that is added')
    .option('--title <title>', 'title of the one document that is added')
    .option('--type <media type>', 'media type of standard input, when its name does not tell')
    .option('--meta <key=value>', 'metadata to keep with every document; may be given several times', several)
    .option('--watch', 'stay, and follow changes and removals in the folders')
    .option('--no-wait', 'return once everything is on disk; the server loads it')
    .addHelpText(
      'after',
      `
Folders are searched; dot files, node_modules, links that lead out of the folder, and what .gitignore names are
passed over.
A file that fails is named with the reason, the others load, and the exit code is 1.

Examples:
  andon add ./docs --collection manual
  andon add "reports/**/*.pdf" --meta year=2026
  curl -s https://example.org | andon add - --name example.html`,
    )
  return withCommonOptions(command).action(async (given: string[], options: AddOptions) => {
    await runCommand(options, (shell) => add(shell, given, options))
  })
}

async function add(shell: Shell, given: string[], options: AddOptions): Promise<number> {
  const common = commonOf(options)
  if (given.includes('-')) return addStandardInput(shell, given, options, common)
  const { findSources } = await import('./sources.ts')
  const base = shell.path('.')
  const sources = await findSources(given, base, shell.path)
  const [only, ...others] = sources.files
  if (options.name !== undefined || options.title !== undefined) {
    if (only === undefined || others.length > 0) {
      throw new AndonError(
        'invalid',
        `--name and --title are for one document; ${counted(sources.files.length, 'file')} were given.`,
      )
    }
    if (options.name !== undefined) only.name = options.name
  }
  if (options.watch === true && sources.folders.length === 0) {
    throw new AndonError(
      'invalid',
      '--watch follows folders, and none was given. Name a folder: andon add ./docs --watch',
    )
  }
  for (const link of sources.linksOut)
    shell.output.note(`passed over ${link}: it leads out of the folder; name it to add it`)
  const factory = await shell.factory()
  tellUnused(shell, factory, takingIn)
  const wait = options.wait || !factory.remote
  if (options.watch === true) {
    const { watchFolders } = await import('./watching.ts')
    return watchFolders(shell, factory, { given, base, common })
  }
  if (sources.files.length === 0) shell.output.note(`There is nothing to add in ${given.join(', ')}.`)
  const { addFiles } = await import('./adding.ts')
  const { showProgress } = await import('./progress.ts')
  using progress = showProgress(shell.output)
  const report = await addFiles(factory, sources.files, common, { wait, caller: shell.caller, progress }).finally(
    () => {
      if (shell.signal.aborted) {
        progress[Symbol.dispose]()
        const next = factory.remote ? 'the server' : 'the next command or server on this data directory'
        shell.output.note(`What was taken in by now stays, and ${next} goes on with it.`)
      }
    },
  )
  progress[Symbol.dispose]()
  return printReport(shell.output, report)
}

async function addStandardInput(shell: Shell, given: string[], options: AddOptions, common: Common): Promise<number> {
  if (given.length > 1) throw new AndonError('invalid', '- stands for standard input and must be the only source.')
  if (options.name === undefined) {
    throw new AndonError('invalid', 'Standard input has no name. Give it one: andon add - --name notes.md')
  }
  if (options.watch === true) throw new AndonError('invalid', '--watch follows folders; standard input ends.')
  const factory = await shell.factory()
  tellUnused(shell, factory, takingIn)
  const source = {
    ...common,
    name: options.name,
    bytes: process.stdin,
    ...(options.type === undefined ? {} : { mediaType: options.type }),
  }
  const { document, outcome, jobId } = await factory.add(source, shell.caller)
  const report: AddReport = { added: [], replaced: [], restored: [], unchanged: [], skipped: [], failed: [] }
  const failure =
    jobId === undefined || (!options.wait && factory.remote) ? undefined : await failureOf(factory, jobId, shell)
  if (failure) report.failed.push({ name: document.name, error: failure.toWire() })
  else report[outcome === 'replacing' ? 'replaced' : outcome].push(document.name)
  return printReport(shell.output, report)
}

async function failureOf(factory: Factory, jobId: string, shell: Shell): Promise<AndonError | undefined> {
  for await (const job of factory.watch([jobId], shell.caller)) {
    if (job.state === 'waiting' || job.state === 'running' || job.state === 'done') continue
    return new AndonError('invalid', job.error?.message ?? `Its job is ${job.state}.`)
  }
  return undefined
}

/** Prints how adding went. Returns the exit code. */
export function printReport(output: Output, report: AddReport): number {
  output.result(report)
  const { added, replaced, restored, unchanged, skipped, failed } = report
  const counts = { added, replaced, restored, unchanged, skipped, failed }
  const said = Object.entries(counts).filter(([, list]) => list.length > 0)
  if (said.length > 0) output.line(said.map(([word, list]) => `${list.length} ${word}`).join(', '))
  if (!output.json) {
    for (const { name, reason } of skipped) output.note(`skipped ${name}: ${reason}`)
    for (const { name, error } of failed) output.note(failureLine(name, error.message))
  }
  return failed.length === 0 ? exitCodes.ok : exitCodes.failed
}

function commonOf(options: AddOptions): Common {
  return {
    ...(options.collection === undefined ? {} : { collection: options.collection }),
    ...(options.title === undefined ? {} : { title: options.title }),
    ...(options.meta === undefined ? {} : { metadata: metadataOf(options.meta) }),
  }
}

/** `key=value` pairs; numbers, true and false are kept as what they are. */
function metadataOf(pairs: string[]): Record<string, Plain> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new AndonError('invalid', `--meta is ${JSON.stringify(pair)}: it must be key=value.`)
      const value = pair.slice(at + 1)
      const number = value.trim() === '' ? Number.NaN : Number(value)
      return [
        pair.slice(0, at),
        value === 'true' ? true : value === 'false' ? false : Number.isFinite(number) ? number : value,
      ]
    }),
  )
}
