// Puts the documents of a set into a factory, through the same loading that users' documents take.

import type { Factory } from '../../core/factory.ts'
import { AndonError } from '../../core/errors.ts'
import { documentsOf } from './set.ts'

export interface LoadedSet {
  /** Id in the set → id in the factory. */
  documents: Map<string, string>
  seconds: number
}

/** Documents being handed over at once: enough for the store to write many in one transaction. */
const lanes = 32

export async function loadSet(
  factory: Factory,
  folder: string,
  options: { signal?: AbortSignal; progress?: (stage: string, done: number, total: number) => void } = {},
): Promise<LoadedSet> {
  const caller = options.signal ? { signal: options.signal } : {}
  const started = performance.now()
  const documents = new Map<string, string>()
  const jobs: string[] = []
  const source = documentsOf(folder)
  const lane = async () => {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      const { _id, title, text } = next.value
      const { document, jobId } = await factory.add(
        { name: `${_id}.txt`, text, mediaType: 'text/plain', collection: 'eval', ...(title ? { title } : {}) },
        caller,
      )
      documents.set(_id, document.id)
      if (jobId) jobs.push(jobId)
      options.progress?.('accepting', documents.size, 0)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  let done = 0
  for await (const job of factory.watch(jobs, caller)) {
    if (job.state === 'failed' || job.state === 'dead')
      throw new AndonError(
        'invalid',
        `${job.documentName ?? job.documentId} of the set could not be loaded: ${job.error?.message ?? job.state}`,
      )
    if (job.state === 'done') options.progress?.('loading', ++done, jobs.length)
  }
  return { documents, seconds: (performance.now() - started) / 1_000 }
}
