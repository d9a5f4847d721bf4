// Whether a call that failed is tried again, and how long that waits.

import { isRetryable } from './executor-job.ts'
import type { Job, Outcome } from './executor-job.ts'

/** Milliseconds before a second attempt; doubles. */
const firstMs = 50

/** Milliseconds until the next attempt of a call after this end of a run; undefined when there is none. */
export function pauseBeforeNext(job: Job, outcome: Outcome): number | undefined {
  const { kind } = outcome
  if (kind === 'ok' || kind === 'quarantined' || job.answered) return undefined
  if (job.attempt > (job.tool.limits.retries ?? 0)) return undefined
  if (!(outcome.retryable ?? isRetryable(kind, job.repeatable))) return undefined
  const backoffMs = firstMs * 2 ** (job.attempt - 1) * (0.5 + Math.random() / 2)
  const pauseMs = Math.max(backoffMs, outcome.retryAfterMs ?? 0)
  // Nobody would wait so long: not beyond the batch, and not longer for another attempt than an attempt may take.
  const longestMs = Math.min(job.timeoutMs, (job.deadlineAt ?? Infinity) - performance.now())
  return pauseMs > longestMs ? undefined : pauseMs
}
