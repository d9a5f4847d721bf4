// How a document becomes passages: the twin of answer.ts.
//
//   accepted (bytes and job on disk) → parse (child process) → split and analyse (thread) → staged → published
//
// Nothing of it is visible before `publish`, which puts the whole new version in the place of the old one. Every
// step can be cut off by kill -9: the lease runs out, and the next worker begins again from the bytes.

import type { Block, PreparedPassage } from './core/document.ts'
import { childCall } from './core/call.ts'
import { AndonError } from './core/errors.ts'
import type { Call, Station } from './core/station.ts'
import type { Disposition, Report } from './jobs/worker.ts'
import { analyserName } from './text/analyse.ts'
import { assemble, parseDocument } from './stations/documents/parse.ts'
import type { ParseInput } from './stations/documents/parse/station.ts'
import type { ParsedPart } from './core/document.ts'
import type { BlobStore, Lease, Library } from './stores/store.ts'

export interface LoadingParts {
  library: Library
  blobs: BlobStore
  parse: Station<ParseInput, ParsedPart>
  prepare: Station<{ text: string; blocks: Block[]; title: string }, PreparedPassage[]>
  /** Crashes of the parser before a document is set aside. */
  attempts: number
  /** Milliseconds for one call of the parser. */
  timeoutMs: number
}

/** Does one `load` job. */
export async function load(lease: Lease, call: Call, report: Report, parts: LoadingParts): Promise<void> {
  const { library, blobs, parse, prepare } = parts
  const { job, fence } = lease
  const { tenant } = job
  const documentId = job.documentId ?? ''
  const document = await library.get(tenant, documentId)
  if (!document || document.status === 'removed') return

  report('parsing', 0, 0)
  const source: ParseInput = { path: blobs.path(document.hash), name: document.name, mediaType: document.mediaType }
  const parsed = parseDocument(withinTime(parse, parts.timeoutMs), source, call, {
    attempts: parts.attempts,
    onProgress: (done, total) => report('parsing', done, total),
  })
  const { text, blocks, title, pages, warnings } = await assemble(parsed, { name: document.name })

  report('indexing', 0, blocks.length)
  const heading = document.title || title || document.name
  let passages = 0
  for await (const batch of prepare.run({ text, blocks, title: heading }, call)) {
    await library.stage(tenant, documentId, job.id, fence, batch)
    passages += batch.length
    report('indexing', passages, Math.max(passages, blocks.length))
  }
  if (passages === 0) warnings.push('No text was found in it, so no question can be answered from it.')

  report('publishing', 0, 1)
  call.signal.throwIfAborted()
  await library.publish({
    tenant,
    documentId,
    jobId: job.id,
    fence,
    title: heading,
    text,
    blocks,
    ...(pages === undefined ? {} : { pages }),
    warnings,
    analyser: analyserName,
  })
}

/** The same station, with a time limit for each call. */
function withinTime<Input, Output>(station: Station<Input, Output>, budgetMs: number): Station<Input, Output> {
  return {
    name: station.name,
    async *run(input, call) {
      using limited = childCall(call, { budgetMs })
      yield* station.run(input, limited)
    },
  }
}

/** What the place said about a worker that died: see `places/`. */
function deathOf(error: AndonError): string | undefined {
  const detail = error.detail
  if (error.code !== 'unavailable' || typeof detail !== 'object' || detail === null || !('reason' in detail))
    return undefined
  return typeof detail.reason === 'string' && detail.reason !== 'killed-neighbour' ? detail.reason : undefined
}

const waits = [1_000, 5_000, 30_000, 120_000]

/**
 * What follows a failed attempt. A fault of the document ends it; a document that kills or outlasts its parser is
 * tried again a few times, then quarantined; anything else (a full disk, a dead pool) waits and tries again.
 */
export async function afterFailure(error: AndonError, lease: Lease, parts: LoadingParts): Promise<Disposition> {
  const { job } = lease
  const documentId = job.documentId ?? ''
  const status = (to: 'failed' | 'quarantined' | 'waiting', reason?: string) =>
    parts.library.setStatus(job.tenant, documentId, to, reason)
  switch (error.code) {
    case 'invalid':
    case 'unsupported':
    case 'too-large':
    case 'not-found':
      await status('failed', error.sentence)
      return {}
  }
  const death = deathOf(error)
  const poisonous = death !== undefined || error.code === 'deadline'
  // The parser was already tried again for a death; a time-out is tried again as a whole.
  if (death !== undefined || (poisonous && job.attempts >= parts.attempts)) {
    const what =
      death === 'memory'
        ? 'needed more memory than a parser may have'
        : error.code === 'deadline'
          ? 'took longer than a parser may take'
          : 'ended the parser'
    await status(
      'quarantined',
      `Reading it ${what}, ${parts.attempts} times; it was set aside so that others are not held up. Split it, save it in another format, or raise loading.memoryMb or loading.timeoutMs, then retry its job.`,
    )
    return { dead: true }
  }
  if (!poisonous && job.attempts >= job.maxAttempts) {
    await status('failed', `${error.sentence} (after ${job.attempts} attempts)`)
    return { dead: true }
  }
  await status('waiting', error.sentence)
  return { retryAt: Date.now() + (poisonous ? 0 : (waits[Math.min(job.attempts, waits.length) - 1] ?? 1_000)) }
}
