// What the suites of the stores share: documents made of words, and the steps from bytes to a published document.

import type { DocumentInfo, PreparedPassage } from '../core/document.ts'
import type { Metadata } from '../core/question.ts'
import type { Quota } from '../stores/quota.ts'
import type { Accepted, Lease, Stores, WeightedTerm } from '../stores/store.ts'

/** Opens stores that hold nothing. They are disposed by whoever asked. */
export type OpenStores = () => Promise<Stores>

export const analyser = 'test-words@1'

export interface TestDocument {
  tenant?: string
  collection?: string
  name: string
  text: string
  title?: string
  metadata?: Metadata
  maxAttempts?: number
  quota?: Quota
}

export async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** One passage per line; every word is a term. */
export function passagesOf(text: string, title = ''): PreparedPassage[] {
  let start = 0
  return text.split('\n').map((line, ordinal) => {
    const passage: PreparedPassage = {
      ordinal,
      start,
      end: start + line.length,
      text: line,
      headings: [`Line ${ordinal + 1}`],
      kind: 'paragraph',
      titleTerms: title.toLowerCase(),
      bodyTerms: line.toLowerCase(),
      length: `${title} ${line}`.trim().split(' ').length,
    }
    start += line.length + 1
    return passage
  })
}

/** Puts the bytes and accepts the document. */
export async function acceptText(stores: Stores, document: TestDocument): Promise<Accepted> {
  const { hash, size } = await stores.blobs.put(bytesOf(document.text))
  return stores.library.accept({
    tenant: document.tenant ?? 'ours',
    collection: document.collection ?? 'default',
    name: document.name,
    mediaType: 'text/plain',
    hash,
    size,
    metadata: document.metadata ?? {},
    ...(document.title === undefined ? {} : { title: document.title }),
    ...(document.maxAttempts === undefined ? {} : { maxAttempts: document.maxAttempts }),
    ...(document.quota === undefined ? {} : { quota: document.quota }),
  })
}

/** Takes the job of a document, and gives back any other it got. */
export async function take(stores: Stores, jobId: string | undefined, leaseMs = 60_000): Promise<Lease> {
  const leases = await stores.jobs.claim({ worker: 'tester', leaseMs, limit: 1_000 })
  let wanted: Lease | undefined
  for (const lease of leases) {
    if (lease.job.id === jobId) wanted = lease
    else
      await stores.jobs.fail(
        lease.job.id,
        lease.fence,
        { code: 'cancelled', message: 'not mine' },
        { retryAt: Date.now() },
      )
  }
  if (!wanted) throw new Error(`The job ${jobId ?? '(none)'} could not be taken`)
  return wanted
}

/** Stages and publishes a text under a lease. */
export async function publishText(stores: Stores, lease: Lease, text: string, title = ''): Promise<DocumentInfo> {
  const { job, fence } = lease
  const { tenant, documentId = '' } = job
  await stores.library.stage(tenant, documentId, job.id, fence, passagesOf(text, title))
  return stores.library.publish({
    tenant,
    documentId,
    jobId: job.id,
    fence,
    title,
    text,
    blocks: [{ kind: 'paragraph', start: 0, end: text.length }],
    warnings: [],
    analyser,
  })
}

/** The whole way: bytes, row, job, passages. */
export async function load(stores: Stores, document: TestDocument): Promise<DocumentInfo> {
  const { jobId } = await acceptText(stores, document)
  return publishText(stores, await take(stores, jobId), document.text, document.title)
}

export function terms(...words: string[]): WeightedTerm[] {
  return words.map((term) => ({ term, weight: 1 }))
}

/** Texts of the passages that hold a word, best first. */
export async function find(
  stores: Stores,
  tenant: string,
  word: string,
  filter: Parameters<Stores['index']['keyword']>[2] = {},
  k = 10,
): Promise<string[]> {
  const hits = await stores.index.keyword(tenant, terms(word), filter, k)
  const passages = await stores.index.passages(
    tenant,
    hits.map(({ rowId }) => rowId),
  )
  return passages.map(({ text }) => text)
}

/** A vector of three dimensions. */
export function vectorOf(...values: number[]): Float32Array {
  return Float32Array.from(values)
}
