// Watches what a worker takes from the machine: memory, processor time, processes.

import { processorMs, processTree, residentBytes } from '../places/process-tree.ts'
import type { WorkerEnd } from '../places/worker.ts'
import type { Job } from './executor-job.ts'
import type { WorkerSetting } from './executor-start.ts'

/** Processes that those of a worker may have started. */
const mostProcesses = 128

/** How often they are counted, in milliseconds. */
const countMs = 200

/** Something took more than it may: its worker has to end. */
export interface Excess {
  reason: WorkerEnd['reason']
  sentence: string
  /** The call that did it, where that is known. */
  guilty?: { job: Job; kind: 'out-of-memory' | 'timeout' }
}

/** Of one worker. */
export class Watchdogs {
  readonly #setting: WorkerSetting
  readonly #onExcess: (excess: Excess) => void
  #baseRss = 0
  #residentAt = 0
  #countedAt = 0

  constructor(setting: WorkerSetting, onExcess: (excess: Excess) => void) {
    this.#setting = setting
    this.#onExcess = onExcess
  }

  /** A call begins; `first`: nothing ran beside it. */
  begin(job: Job, first: boolean, pid: number | undefined): void {
    if (first) this.#baseRss = 0
    if (job.tool.limits.cpuMs !== undefined) job.processorMs = processorTime(pid)
  }

  /** Looks whether one call took too much. */
  lookAt(job: Job, pid: number | undefined): void {
    const { cpuMs } = job.tool.limits
    if (cpuMs === undefined || processorTime(pid) - job.processorMs <= cpuMs) return
    const sentence = `It used more than the ${cpuMs} ms of processor time that it may use`
    this.#onExcess({ reason: 'killed-neighbour', sentence, guilty: { job, kind: 'timeout' } })
  }

  /** Looks whether all of them did; `holding` is the number of the call that has the thread. */
  lookAtAll(jobs: ReadonlyMap<number, Job>, holding: number, pid: number | undefined, now: number): void {
    if (this.#setting.place === 'thread') this.#weigh(jobs, holding)
    else if (pid !== undefined && now > this.#countedAt + countMs) this.#count(pid, now)
  }

  /** MiB that a process holds; 0 of threads, and when it was looked at less than a second ago. */
  residentMb(pid: number | undefined): number {
    const now = performance.now()
    if (this.#setting.place === 'thread' || pid === undefined || now < this.#residentAt + 1_000) return 0
    this.#residentAt = now
    return (residentBytes(pid) ?? 0) / 2 ** 20
  }

  /** A thread's buffers count for nobody's limit: the growth of the whole program while it holds its thread does. */
  #weigh(jobs: ReadonlyMap<number, Job>, holding: number): void {
    const rss = process.memoryUsage.rss()
    this.#baseRss = this.#baseRss === 0 ? rss : Math.min(this.#baseRss, rss)
    const grownMb = Math.round((rss - this.#baseRss) / 2 ** 20)
    const limitMb = Math.round(this.#setting.memoryMb * 1.5 + 128)
    const [only] = jobs.size === 1 ? jobs.values() : []
    const job = jobs.get(holding) ?? only
    if (grownMb <= (job ? limitMb : 2 * limitMb)) return
    const held = `held about ${grownMb} MiB of at most ${limitMb}`
    if (job) this.#onExcess({ reason: 'memory', sentence: held, guilty: { job, kind: 'out-of-memory' } })
    else this.#onExcess({ reason: 'memory', sentence: `it ${held}` })
  }

  #count(pid: number, now: number): void {
    this.#countedAt = now
    if (processTree(pid).length <= mostProcesses) return
    this.#onExcess({ reason: 'crash', sentence: `it had started more than ${mostProcesses} processes` })
  }
}

/** Milliseconds of processor time of a process and those that it started. */
function processorTime(pid: number | undefined): number {
  let sum = 0
  for (const each of pid === undefined ? [] : processTree(pid)) sum += processorMs(each) ?? 0
  return sum
}
