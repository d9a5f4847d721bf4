// What threads share is told of a thread that ended, however it did.

import type { Worker } from 'node:worker_threads'

/** Something that a thread may hold. */
export interface Forgetful {
  forget(thread: number): boolean
}

/**
 * Frees what a worker held when it ends: finished, terminated or crashed. Say it in the thread that started the worker,
 * while it runs.
 */
export function forgetWhenEnded(worker: Worker, ...shared: readonly Forgetful[]): void {
  // Afterwards the worker does not know its number any more.
  const { threadId } = worker
  worker.once('exit', () => {
    for (const each of shared) each.forget(threadId)
  })
}
