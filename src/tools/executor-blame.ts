// What becomes of calls whose worker has ended: the one to blame is named, others that ran may have another chance, and
// what had not begun goes elsewhere.

import type { WorkerEnd } from '../places/worker.ts'
import type { Job } from './executor-job.ts'
import { crashOf, unknownOf } from './executor-outcome.ts'
import type { Noted } from './host-record.ts'

/** An end of a worker; `killed` is the call for which it was killed. */
interface End {
  noted: Noted
  killed: Job | undefined
  why: WorkerEnd
}

/** Answers for calls that were with a worker when it ended; those that are to run again are given back. */
export function settleAll(jobs: readonly Job[], { noted, killed, why }: End, giveBack: (job: Job) => void): void {
  const begun = jobs.filter(({ number }) => number <= noted.started)
  const named =
    begun.find(({ number }) => number === noted.blamed) ?? begun.find(({ number }) => number === noted.holding)
  const guilty = killed ?? named ?? (begun.length === 1 ? begun[0] : undefined)
  const suspects = guilty ? undefined : begun.length
  for (const job of jobs) {
    if (job.number > noted.started) {
      job.reset()
      giveBack(job)
    } else if (job === guilty) job.end(crashOf(job, why, noted.blamed === job.number))
    else if (hasAnotherChance(job, suspects)) giveBack(job)
    else job.end(unknownOf(job, why, suspects))
  }
}

/**
 * Whether a call runs again because another took its worker down. Every time when that other is named, for it has ended;
 * of several suspects each once more, by itself.
 */
function hasAnotherChance(job: Job, suspects: number | undefined): boolean {
  if (!job.repeatable || job.over || job.answered || (suspects !== undefined && job.secondChance)) return false
  if (suspects !== undefined) job.secondChance = true
  job.alone = suspects !== undefined && !job.remote
  job.attempt++
  job.reset()
  return true
}
