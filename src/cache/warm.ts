// Having values before they are asked for: so many at once, with progress, and to be stopped at any time.

import { AndonError } from '../core/errors.ts'

export interface WarmOptions {
  /** Most calls at once. Default 8. */
  readonly concurrency?: number
  readonly signal?: AbortSignal
  /** Hears after every input how far it is. */
  readonly onProgress?: (progress: Warmed) => void
}

/** How far warming is. A call that fails is counted and stops nothing. */
export interface Warmed {
  readonly done: number
  readonly failed: number
  /** The last failure. */
  readonly reason?: unknown
}

/** Calls for each input. Rejects with the signal's reason when that aborts. */
export async function warm<Input>(
  call: (input: Input, signal: AbortSignal | undefined) => Promise<unknown>,
  inputs: Iterable<Input>,
  { concurrency = 8, signal, onProgress }: WarmOptions = {},
): Promise<Warmed> {
  const left = inputs[Symbol.iterator]()
  let progress: Warmed = { done: 0, failed: 0 }
  const work = async (): Promise<void> => {
    for (let next = left.next(); !next.done; next = left.next()) {
      if (signal?.aborted) throw AndonError.from(signal.reason, 'cancelled')
      try {
        await call(next.value, signal)
        progress = { ...progress, done: progress.done + 1 }
      } catch (reason) {
        if (signal?.aborted) throw AndonError.from(signal.reason, 'cancelled')
        progress = { ...progress, failed: progress.failed + 1, reason }
      }
      onProgress?.(progress)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work))
  return progress
}
