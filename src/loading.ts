// How a document becomes passages: the twin of answer.ts.
//
//   accepted (bytes and job on disk) → parse (child process) → split and analyse (thread) → staged → published
//
// Nothing of it is visible before `publish`, which puts the whole new version in the place of the old one. Every
// step can be cut off by kill -9: the lease runs out, and the next worker begins again from the bytes.

import type { Block, PreparedPassage } from './core/document.ts'
import { AndonError } from './core/errors.ts'
import type { Call, Station } from './core/station.ts'
import type { Report } from './jobs/worker.ts'
import { analyserName } from './text/analyse.ts'
import { assemble, parseDocument, type ParseCrash } from './stations/documents/parse.ts'
import type { ParseInput } from './stations/documents/parse/station.ts'
import type { ParsedPart } from './core/document.ts'
import type { BlobStore, Lease, Library, Next } from './stores/store.ts'

export interface LoadingParts {
  library: Library
  blobs: BlobStore
  /** Gives up a piece that takes too long with `deadline`, and one that ends its process with `unavailable`. */
  parse: Station<ParseInput, ParsedPart>
  prepare: Station<{ text: string; blocks: Block[]; title: string }, PreparedPassage[]>
  /** Crashes of the parser before a document is set aside. */
  attempts: number
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
  const parsed = parseDocument(parse, source, call, {
    attempts: parts.attempts,
    onCrash: setAside,
    onProgress: (done, total) => report('parsing', done, total),
  })
  const { text, blocks, title, pages, warnings } = await assemble(parsed, { name: document.name })

  report('indexing', 0, blocks.length)
  // The title that was given with these bytes; one that was given with the bytes before says nothing about them.
  const heading = titleOf(lease.input) ?? title ?? document.name
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

function titleOf(input: Lease['input']): string | undefined {
  const title = typeof input === 'object' && input !== null && 'title' in input ? input.title : undefined
  return typeof title === 'string' ? title : undefined
}

/** What a document did to its parsers, each time: the detail of the error that sets it aside. */
interface Deadly {
  readonly [key: string]: string
  readonly endedParser: string
}

/** Once all attempts at a piece have ended its process, the document is what ends them. */
function setAside({ attempt, attempts, error }: ParseCrash): void {
  if (attempt < attempts) return
  const { detail } = error
  const reason = typeof detail === 'object' && detail !== null && 'reason' in detail ? detail.reason : undefined
  // A process that was killed because of another call is no fault of this document.
  if (typeof reason !== 'string' || reason === 'killed-neighbour' || reason === 'closing') return
  throw new AndonError('unavailable', error.sentence, {
    cause: error,
    detail: { endedParser: reason } satisfies Deadly,
  })
}

function deathOf({ detail }: AndonError): string | undefined {
  const reason =
    typeof detail === 'object' && detail !== null && 'endedParser' in detail ? detail.endedParser : undefined
  return typeof reason === 'string' ? reason : undefined
}

/** Milliseconds before the second, third, … attempt. */
const waits = [1_000, 5_000, 30_000, 120_000]

/**
 * What follows a failed attempt. A fault of the document ends it; a document that kills or outlasts its parser is
 * tried again a few times, then quarantined. A house that rests (a full disk, a pool whose processes do not start) is
 * waited for, however long that takes; anything else waits, and counts.
 */
export function afterFailure(error: AndonError, { job }: Lease, attempts: number): Next {
  switch (error.code) {
    case 'invalid':
    case 'unsupported':
    case 'too-large':
    case 'not-found':
      return { document: { status: 'failed', reason: error.sentence } }
  }
  const death = deathOf(error)
  const isSlow = error.code === 'deadline'
  // The parser was already tried again for a death; a time-out is tried again as a whole.
  if (death !== undefined || (isSlow && job.attempts >= attempts)) {
    const what =
      death === 'memory'
        ? 'needed more memory than a parser may have'
        : isSlow
          ? 'took longer than a parser may take'
          : 'ended the parser'
    const reason = `Reading it ${what}, ${attempts} times; it was set aside so that others are not held up. Split it, save it in another format, or raise loading.memoryMb or loading.timeoutMs, then retry its job.`
    return { dead: true, document: { status: 'quarantined', reason } }
  }
  if (isSlow) return { retryAt: Date.now() }
  const wait = Math.max(error.retryAfterMs ?? 0, waits[Math.min(job.attempts, waits.length) - 1] ?? 1_000)
  const retryAt = Date.now() + wait
  if (error.code === 'overloaded' || error.retryAfterMs !== undefined) return { retryAt, counts: false }
  if (job.attempts < attempts) return { retryAt }
  const reason = `${error.sentence} (after ${job.attempts} attempt${job.attempts === 1 ? '' : 's'})`
  return { dead: true, document: { status: 'failed', reason } }
}
