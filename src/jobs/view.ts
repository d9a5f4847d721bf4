// A job as its owner sees it.

import type { JobView } from '../core/factory.ts'
import type { Job } from '../stores/store.ts'

/** A job without what is only for the store. */
export function view(job: Job): JobView {
  const {
    id,
    kind,
    documentId,
    documentName,
    state,
    stage,
    progress,
    attempts,
    maxAttempts,
    error,
    createdAt,
    startedAt,
    endedAt,
  } = job
  return {
    id,
    kind,
    state,
    stage,
    progress,
    attempts,
    maxAttempts,
    createdAt,
    ...(documentId === undefined ? {} : { documentId }),
    ...(documentName === undefined ? {} : { documentName }),
    ...(error === undefined ? {} : { error }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  }
}
