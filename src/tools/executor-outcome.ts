// How a run ended, in the words of results: what a host said of it, or what the end of its worker means for it.

import type { Plain } from '../core/plain.ts'
import type { WorkerEnd } from '../places/worker.ts'
import type { Job, Outcome } from './executor-job.ts'
import type { CallFailure } from './failure.ts'
import { ended } from './host-message.ts'
import type { HostResult } from './host-message.ts'

/** Of a run that never began. */
export const noTime = { runMs: 0, heldMs: 0 }

/** Why a call was told to stop. */
export function overSentence(job: Job): string {
  if (job.over === 'cancelled') return 'It was cancelled'
  return `It took longer than the ${job.timeoutMs} ms that it may take`
}

/** What a host said of a call. */
export function outcomeOf(job: Job, [, kind, runMs, heldMs, value]: HostResult): Outcome {
  // It heard the signal and stopped, or finished too late: nobody waits for what it says. One that was in time is
  // believed, when this side was too busy to hear of it.
  if (job.over && !(job.over === 'timeout' && runMs <= job.timeoutMs))
    return { kind: job.over, message: overSentence(job), runMs, heldMs }
  switch (kind) {
    case ended.ok:
      return { kind: 'ok', value: value as Plain, runMs, heldMs }
    case ended.tooLarge: {
      const limit = job.tool.limits.outputBytes ?? 2 ** 20
      return {
        kind: 'output-too-large',
        message: `Its result has at least ${String(value)} bytes of at most ${limit}`,
        runMs,
        heldMs,
      }
    }
    case ended.invalidArguments:
      return { kind: 'invalid-arguments', message: `Its arguments are no JSON: ${String(value)}`, runMs, heldMs }
    case ended.invalidResult:
      return { kind: 'invalid-result', message: `The tool ran, but ${String(value)}`, runMs, heldMs }
    default:
      return { ...(value as CallFailure), runMs, heldMs }
  }
}

/** When a host said more for one call than that may result in, whatever it says of its size. */
export function overlong({ tool }: Job, text: string): Outcome | undefined {
  const limit = tool.limits.outputBytes ?? 2 ** 20
  if (text.length <= limit + 2 ** 16) return undefined
  const message = `Its result has at least ${text.length} bytes of at most ${limit}`
  return { kind: 'output-too-large', message, ...noTime }
}

/** Of the call that took its worker with it; `asked`: it asked for the end itself. */
export function crashOf(job: Job, why: WorkerEnd, asked: boolean): Outcome {
  const runMs = job.startedAt > 0 ? performance.now() - job.startedAt : 0
  return {
    // An abort ends a process like a heap that is full.
    kind: job.over ?? (why.reason === 'memory' && !asked ? 'out-of-memory' : 'crashed'),
    message: `The ${job.place} of this call ended under it: ${sentenceOf(why)}`,
    runMs,
    heldMs: runMs,
    costWorker: true,
    killed: true,
  }
}

/** Of a call that ran when its worker ended; `suspects`: one of so many was to blame. */
export function unknownOf(job: Job, why: WorkerEnd, suspects: number | undefined): Outcome {
  const who =
    suspects === undefined
      ? 'Another call ended the worker while this one ran'
      : `One of ${suspects} calls ended their worker, and it is not known which`
  return {
    kind: job.over ?? 'outcome-unknown',
    message: `${who}: whether this one did its work is unknown. ${sentenceOf(why)}`,
    ...noTime,
    ...(suspects === undefined ? {} : { suspects }),
  }
}

function sentenceOf(why: WorkerEnd): string {
  return why.sentence.replace(/: ask again$/, '')
}
