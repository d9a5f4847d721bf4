// andon add --watch: first everything that is there, then every change and removal as it happens.

import { dirname, join, sep } from 'node:path'
import { watch } from 'chokidar'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import { addFiles, failureLine, type AddProgress, type Common } from './adding.ts'
import { printReport } from './add.ts'
import { exitCodes } from './exit-codes.ts'
import { showProgress } from './progress.ts'
import type { Shell } from './shell.ts'
import { findSources, nameOf } from './sources.ts'

/** Milliseconds that a file must keep its size before it is read: editors and copies write in steps. */
const settleMs = 300

/** Follows folders until the shell's signal. Returns the exit code: watching ends well. */
export async function watchFolders(
  shell: Shell,
  factory: Factory,
  { given, base, common }: { given: string[]; base: string; common: Common },
): Promise<number> {
  const { output, caller, signal } = shell
  const changes = new Changes()
  const { folders } = await findSources(given, base, shell.path)
  // Watching begins before the first look, so that nothing falls between the two; the same bytes twice do nothing.
  const watcher = watch(folders, {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: settleMs, pollInterval: 50 },
    ignored: (path) => /(^|[\\/])(\.[^\\/]+|node_modules)$/.test(path) && !folders.includes(path),
  })
  await using _closing = { [Symbol.asyncDispose]: () => watcher.close() }
  watcher.on('add', (path) => changes.note(path, 'there'))
  watcher.on('change', (path) => changes.note(path, 'there'))
  watcher.on('unlink', (path) => changes.note(path, 'gone'))
  watcher.on('error', (reason) => output.note(`Watching: ${AndonError.from(reason).sentence}`))
  const ready = Promise.withResolvers<void>()
  watcher.on('ready', ready.resolve)
  await ready.promise

  const first = await findSources(given, base, shell.path)
  {
    using progress = showProgress(output)
    const report = await addFiles(factory, first.files, common, { wait: true, caller, progress })
    progress[Symbol.dispose]()
    if (!output.json) printReport(output, report)
  }
  say('watching', folders.join(', '))

  const progress: AddProgress = { step() {}, ended: (name, outcome, reason) => say(outcome, name, reason) }
  for await (const batch of changes.batches(signal)) {
    const gone = [...batch].filter(([, state]) => state === 'gone').map(([path]) => path)
    const there = new Set([...batch].filter(([, state]) => state === 'there').map(([path]) => path))
    for (const path of gone) await removeFile(path)
    // Asked again, because .gitignore may say no, and the file may be gone by now.
    const files =
      there.size === 0 ? [] : (await findSources(given, base, shell.path)).files.filter((file) => there.has(file.path))
    await addFiles(factory, files, common, { wait: true, caller, progress })
  }
  return exitCodes.ok

  async function removeFile(path: string): Promise<void> {
    const name = nameOf(path, base, folderOf(path))
    const query = { name, collection: common.collection ?? 'default' }
    for (const document of await factory.list(query, caller)) {
      await factory.remove(document.id, {}, caller)
      say('removed', name)
    }
  }

  function folderOf(path: string): string {
    return folders.find((folder) => path.startsWith(join(folder, sep))) ?? dirname(path)
  }

  /** One line per event; in JSON mode one JSON object per line, since watching has no last value. */
  function say(event: string, name: string, reason?: string): void {
    if (output.json) process.stdout.write(`${JSON.stringify({ event, name, ...(reason && { reason }) })}\n`)
    else if (event === 'failed' && reason !== undefined) output.line(failureLine(name, reason))
    else output.line(`${event}  ${name}${reason === undefined ? '' : `: ${reason}`}`)
  }
}

/** What changed since the last look, the latest state per path. */
class Changes {
  #waiting = new Map<string, 'there' | 'gone'>()
  #wake = Promise.withResolvers<void>()

  note(path: string, state: 'there' | 'gone'): void {
    this.#waiting.set(path, state)
    this.#wake.resolve()
  }

  /** Batches of changes until the signal aborts. */
  async *batches(signal: AbortSignal): AsyncGenerator<Map<string, 'there' | 'gone'>> {
    const stop = (): void => this.#wake.resolve()
    signal.addEventListener('abort', stop, { once: true })
    for (;;) {
      if (!signal.aborted) await this.#wake.promise
      if (signal.aborted) return
      const batch = this.#waiting
      this.#waiting = new Map()
      this.#wake = Promise.withResolvers()
      yield batch
    }
  }
}
