// Adding many files: a few are handed over at a time, their jobs are followed to the end, and a file that fails is
// remembered with its reason while the others go on.

import { stat } from 'node:fs/promises'
import { AndonError, type WireError } from '../core/errors.ts'
import type { Added, Caller, DocumentSource, Factory, JobView } from '../core/factory.ts'
import type { SourceFile } from './sources.ts'

/** Files handed over at once. */
const lanes = 8

/** What to say about all files. */
export type Common = Pick<DocumentSource, 'collection' | 'metadata' | 'title'>

/** How adding went, by the names of the files. */
export interface AddReport {
  added: string[]
  replaced: string[]
  restored: string[]
  unchanged: string[]
  /** Found in a folder, and empty or of a kind that Andon does not read. */
  skipped: { name: string; reason: string }[]
  failed: { name: string; error: WireError }[]
}

/** Hears how adding goes on. */
export interface AddProgress {
  /** `done` of `total` files are handed over (`taking`) or loaded (`loading`); `name` is the latest. */
  step(phase: 'taking' | 'loading', done: number, total: number, name: string): void
  /** A file's last word, with the reason where it was skipped or failed. */
  ended(name: string, outcome: string, reason?: string): void
}

const outcomes = { added: 'added', replacing: 'replaced', restored: 'restored', unchanged: 'unchanged' } as const

/**
 * Adds files and, unless told not to `wait`, follows their jobs until each has ended.
 * Throws only what ends everything: the factory gone, or the caller's signal.
 */
export async function addFiles(
  factory: Factory,
  files: SourceFile[],
  common: Common,
  options: { wait: boolean; caller: Caller & { signal: AbortSignal }; progress: AddProgress },
): Promise<AddReport> {
  const { caller, progress, wait } = options
  const report: AddReport = { added: [], replaced: [], restored: [], unchanged: [], skipped: [], failed: [] }
  const loading = new Map<string, { name: string; outcome: Added['outcome'] }>()
  let taken = 0
  const queue = files.values()

  async function lane(): Promise<void> {
    for (const file of queue) {
      caller.signal.throwIfAborted()
      await take(file)
      taken += 1
      progress.step('taking', taken, files.length, file.name)
    }
  }

  async function take(file: SourceFile): Promise<void> {
    try {
      if (!file.explicit && (await stat(file.path)).size === 0) return skip(file, 'it is empty')
      const added = await factory.add({ ...common, path: file.path, name: file.name }, caller)
      if (added.jobId !== undefined && wait) loading.set(added.jobId, { name: file.name, outcome: added.outcome })
      else end(file.name, added.outcome)
    } catch (reason) {
      const error = AndonError.from(reason)
      if (caller.signal.aborted || error.code === 'unavailable') throw error
      if (error.code === 'unsupported' && !file.explicit) return skip(file, error.sentence)
      fail(file.name, error)
    }
  }

  function skip(file: SourceFile, reason: string): void {
    report.skipped.push({ name: file.name, reason })
    progress.ended(file.name, 'skipped', reason)
  }

  function end(name: string, outcome: Added['outcome']): void {
    report[outcomes[outcome]].push(name)
    progress.ended(name, outcomes[outcome])
  }

  function fail(name: string, error: AndonError): void {
    report.failed.push({ name, error: error.toWire() })
    progress.ended(name, 'failed', error.sentence)
  }

  await Promise.all(Array.from({ length: Math.min(lanes, files.length) }, lane))
  const total = loading.size
  if (total > 0) {
    for await (const job of factory.watch([...loading.keys()], caller)) {
      const document = loading.get(job.id)
      if (!document) continue
      const { name, outcome } = document
      if (job.state === 'waiting' || job.state === 'running') {
        progress.step('loading', total - loading.size, total, `${name} (${stageOf(job)})`)
        continue
      }
      loading.delete(job.id)
      if (job.state === 'done') end(name, outcome)
      else fail(name, jobError(job.state, job.error))
      progress.step('loading', total - loading.size, total, name)
    }
  }
  // Several lanes end in any order; a report does not depend on it.
  for (const names of [report.added, report.replaced, report.restored, report.unchanged]) names.sort()
  return report
}

/** What a job is at: `waiting`, `indexing`, `parsing 12/160`. */
function stageOf({ state, stage, progress }: JobView): string {
  if (state === 'waiting' || stage === '') return 'waiting'
  return progress.total > 1 ? `${stage} ${progress.done}/${progress.total}` : stage
}

/** What to say about a file that failed: its name once, whether or not the reason says it. */
export function failureLine(name: string, reason: string): string {
  return reason.includes(name) ? `failed: ${reason}` : `failed ${name}: ${reason}`
}

function jobError(state: string, error: { code: string; message: string } | undefined): AndonError {
  const sentence =
    error?.message ?? (state === 'cancelled' ? 'Its job was cancelled.' : 'Its job ended without a reason.')
  return new AndonError(state === 'cancelled' ? 'cancelled' : 'invalid', sentence)
}
