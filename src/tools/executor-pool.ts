// The workers of one place behind one queue: deals calls out as whole messages, takes back what did not begin, and
// replaces workers that died, grew old or were given up.

import { RestartPolicy } from '../places/restart.ts'
import type { Job } from './executor-job.ts'
import type { WorkerSetting } from './executor-start.ts'
import { ToolWorker } from './executor-worker.ts'
import type { Tool } from './tool.ts'

/** How often leases and deadlines are looked at while calls run, in milliseconds. */
const sweepMs = 10

/** A worker that lived so many milliseconds shows that workers can. */
const settledMs = 10_000

export interface PoolSetting extends WorkerSetting {
  size: number
  /** Workers start when calls need them; otherwise at once. */
  onDemand?: boolean
  /** Of workers that started on demand: milliseconds without calls after which they end. Default: never. */
  idleMs?: number
  /** Calls that may wait. */
  queue: number
  /** A worker is replaced after this many calls, this many milliseconds, or when it holds so many MiB. */
  recycle: { calls: number; afterMs: number; rssMb: number }
}

/** What a pool of tools is doing. */
export interface ToolPoolState {
  workers: { pid?: number; state: string; running: number; served: number }[]
  waiting: number
  paused?: string
}

export class ToolPool implements AsyncDisposable {
  readonly #setting: PoolSetting
  readonly #restart = new RestartPolicy()
  readonly #slots: (ToolWorker | undefined)[]
  /** Slots that are to have a worker. */
  readonly #wanted: boolean[]
  /** Those that take no more calls, but still have some. */
  readonly #retired = new Set<ToolWorker>()
  /** What came back goes first. */
  #queue: Job[] = []
  #scheduled = false
  #idle: NodeJS.Timeout | undefined
  #closed = false
  #sweeper: NodeJS.Timeout | undefined

  constructor(setting: PoolSetting) {
    this.#setting = setting
    this.#slots = Array.from({ length: setting.size }, () => undefined)
    this.#wanted = this.#slots.map(() => setting.onDemand !== true)
    this.#fill()
  }

  get state(): ToolPoolState {
    return {
      workers: this.#all().map(({ pid, state, inFlight, served }) => ({
        ...(pid === undefined ? {} : { pid }),
        state,
        running: inFlight.size,
        served,
      })),
      waiting: this.#queue.length,
      ...(this.#restart.paused ? { paused: this.#restart.paused.sentence } : {}),
    }
  }

  /** Resolves when the workers can take calls, and have loaded these tools; with `slot` those of one worker. */
  async warm(tools: readonly Tool[], slot?: number): Promise<void> {
    this.#want(slot)
    await Promise.all(
      this.#slots.map(async (worker, at) => {
        if (slot !== undefined && slot !== at) return
        await worker?.ready
        await worker?.load(tools)
      }),
    )
  }

  /** Closes a connection, by its name. */
  async close(connection: string): Promise<void> {
    await Promise.all(this.#all().map((worker) => worker.close(connection)))
  }

  add(job: Job): void {
    if (this.#closed) return refuse(job, 'cancelled', 'The executor is closed')
    const { paused } = this.#restart
    if (paused) return refuse(job, 'overloaded', paused.sentence)
    if (this.#queue.length >= this.#setting.queue) {
      return refuse(job, 'overloaded', `${this.#setting.queue} calls wait already, which is the limit: ask again later`)
    }
    this.#queue.push(job)
    if (this.#setting.onDemand) this.#wantMore(job)
    this.#schedule()
  }

  /** Nobody waits for this call any more. */
  cancel(job: Job, why: 'timeout' | 'cancelled'): void {
    const at = this.#queue.indexOf(job)
    if (at >= 0) {
      this.#queue.splice(at, 1)
      refuse(job, why, 'It was cancelled before it began')
      return
    }
    for (const worker of this.#all()) if (worker.inFlight.get(job.number) === job) worker.stop(job, why)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#restart[Symbol.dispose]()
    clearInterval(this.#sweeper)
    clearTimeout(this.#idle)
    for (const job of this.#queue.splice(0)) refuse(job, 'cancelled', 'The executor is closed')
    await Promise.all(this.#all().map((worker) => worker.dispose()))
  }

  #all(): ToolWorker[] {
    return [...this.#slots.filter((worker) => worker !== undefined), ...this.#retired]
  }

  /** As many workers as there are calls; behind connections, which take many calls each, all or the one that has it. */
  #wantMore({ slot, remote }: Job): void {
    clearTimeout(this.#idle)
    if (slot !== undefined || remote) return this.#want(slot)
    let running = 0
    for (const worker of this.#slots) running += worker?.inFlight.size ?? 0
    const enough = Math.min(this.#setting.size, running + this.#queue.length)
    for (let at = 0; at < enough; at++) this.#want(at)
  }

  /** Nobody has called for long: they are started again when somebody does. */
  readonly #rest = (): void => {
    this.#wanted.fill(false)
    for (const worker of this.#slots) worker?.retire()
  }

  /** From now on there is a worker in this slot, or in all. */
  #want(slot: number | undefined): void {
    if (slot === undefined ? !this.#wanted.includes(false) : this.#wanted[slot]) return
    if (slot === undefined) this.#wanted.fill(true)
    else this.#wanted[slot] = true
    this.#fill()
  }

  #fill(): void {
    if (this.#closed || this.#restart.holding) return
    for (let slot = 0; slot < this.#slots.length; slot++) {
      if (!this.#wanted[slot]) continue
      this.#slots[slot] ??= new ToolWorker(slot, this.#setting, {
        onFree: () => this.#schedule(),
        onReturned: (job) => this.#takeBack(job),
        onRetired: (worker) => this.#replace(worker),
        onEnded: (worker, end) => {
          this.#retired.delete(worker)
          if (this.#slots[slot] === worker) this.#slots[slot] = undefined
          this.#afterEnd(worker, end)
        },
      })
    }
  }

  #replace(worker: ToolWorker): void {
    if (this.#slots[worker.slot] !== worker) return
    this.#slots[worker.slot] = undefined
    this.#retired.add(worker)
    this.#fill()
  }

  #afterEnd(worker: ToolWorker, end: Parameters<ConstructorParameters<typeof ToolWorker>[2]['onEnded']>[1]): void {
    if (this.#closed) return
    // One that lived long says that workers can live.
    if (worker.livedMs > settledMs) this.#restart.worked()
    const paused = this.#restart.ended({
      blameless: end.planned || end.blamed,
      livedMs: worker.livedMs,
      why: end.why,
      resume: () => this.#fill(),
    })
    if (paused) for (const job of this.#queue.splice(0)) refuse(job, 'overloaded', paused.sentence)
    else this.#fill()
    this.#schedule()
  }

  #takeBack(job: Job): void {
    if (this.#closed) return refuse(job, 'cancelled', 'The executor is closed')
    if (job.answered) return refuse(job, 'cancelled', 'Nobody waits for it')
    this.#queue.unshift(job)
    this.#schedule()
  }

  /** All that is asked for in one turn leaves together. */
  #schedule(): void {
    if (this.#scheduled || this.#queue.length === 0) return
    this.#scheduled = true
    queueMicrotask(this.#deal)
  }

  readonly #deal = (): void => {
    this.#scheduled = false
    const ready = this.#slots.filter((worker) => worker?.state === 'ready') as ToolWorker[]
    if (ready.length === 0) return
    ready.sort((a, b) => a.inFlight.size - b.inFlight.size)
    const share = Math.ceil(this.#queue.length / ready.length)
    const hands = new Map<ToolWorker, Job[]>()
    const rest: Job[] = []
    let at = 0
    let dealt = 0
    let full = 0
    /** Given nothing more, so that it becomes free for a call that has to be alone. */
    let kept: ToolWorker | undefined
    for (const job of this.#queue) {
      if (full === ready.length && job.slot === undefined) {
        rest.push(job)
        continue
      }
      let worker = job.slot === undefined ? ready[at] : ready.find(({ slot }) => slot === job.slot)
      for (
        let tried = 1;
        job.slot === undefined && tried < ready.length && (worker === kept || !worker?.accepts(job));
        tried++
      ) {
        worker = ready[(at + tried) % ready.length]
      }
      if (worker === kept || !worker?.accepts(job)) {
        if (job.alone) kept ??= worker
        // What comes later may still find room with the worker that it belongs to.
        if (job.slot === undefined && !job.alone) full = ready.length
        rest.push(job)
        continue
      }
      worker.take(job)
      const hand = hands.get(worker)
      if (hand) hand.push(job)
      else hands.set(worker, [job])
      if (job.slot === undefined && ++dealt >= share) {
        at = (at + 1) % ready.length
        dealt = 0
      }
    }
    this.#queue = rest
    for (const [worker, jobs] of hands) {
      worker.send(jobs)
      if (this.#isOld(worker)) worker.retire()
    }
    if (hands.size > 0) this.#sweeper ??= setInterval(this.#sweep, sweepMs)
  }

  #isOld(worker: ToolWorker): boolean {
    const { calls, afterMs, rssMb } = this.#setting.recycle
    if (worker.served >= calls || performance.now() - worker.startedAt >= afterMs) return true
    return rssMb !== Infinity && worker.grownMb > rssMb
  }

  readonly #sweep = (): void => {
    const now = performance.now()
    let busy = false
    for (const worker of this.#all()) {
      if (!worker.busy) continue
      busy = true
      worker.sweep(now)
    }
    if (busy) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
    const { idleMs } = this.#setting
    if (idleMs !== undefined) this.#idle = setTimeout(this.#rest, idleMs).unref()
  }
}

function refuse(job: Job, kind: 'cancelled' | 'timeout' | 'overloaded', message: string): void {
  job.end({ kind, message, runMs: 0, heldMs: 0 })
}
