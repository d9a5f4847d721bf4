// One worker of the executor: sends calls to the tool host in it, hears results, watches leases and deadlines, and
// answers for every call when it ends.

import { setTimeout as wait } from 'node:timers/promises'
import type { PoolWorker, WorkerEnd } from '../places/worker.ts'
import { settleAll } from './executor-blame.ts'
import { Hand } from './executor-hand.ts'
import type { Job, Outcome } from './executor-job.ts'
import { HostLine } from './executor-line.ts'
import { noTime, outcomeOf, overlong, overSentence } from './executor-outcome.ts'
import { WorkerRecord } from './executor-record.ts'
import { leaseMs, Sending } from './executor-sending.ts'
import { startWorker } from './executor-start.ts'
import type { WorkerSetting } from './executor-start.ts'
import { Watchdogs } from './executor-watchdogs.ts'
import type { Excess } from './executor-watchdogs.ts'
import { ended } from './host-message.ts'
import type { HostInput, HostResult } from './host-message.ts'
import type { Tool } from './tool.ts'

/** A worker that has nothing to do and says nothing for so many milliseconds is ended. */
const silentMs = 5_000

/** How long a thread may take to end the processes of its tools, in milliseconds. */
const clearMs = 2_000

/** What the pool hears of a worker. */
export interface ToolWorkerEvents {
  /** It can take calls. */
  onFree(): void
  /** A call that has not begun here: it may run anywhere. */
  onReturned(job: Job): void
  /** It takes no more calls: another may start. */
  onRetired(worker: ToolWorker): void
  onEnded(worker: ToolWorker, end: { planned: boolean; blamed: boolean; why: WorkerEnd }): void
}

export class ToolWorker {
  readonly slot: number
  readonly startedAt = performance.now()
  state: 'starting' | 'ready' | 'retired' | 'ended' = 'starting'
  served = 0
  readonly #setting: WorkerSetting
  readonly #events: ToolWorkerEvents
  readonly #record: WorkerRecord
  readonly #far: PoolWorker
  readonly #line: HostLine
  readonly #hand: Hand
  readonly #sending = new Sending()
  readonly #watchdogs: Watchdogs
  /** Calls wait here behind one that holds the thread: nothing more is sent until it speaks. */
  #blockedAt = 0
  /** Calls that were answered for, but may still go on here. */
  #abandoned = 0
  #guilty: Job | undefined

  constructor(slot: number, setting: WorkerSetting, events: ToolWorkerEvents) {
    this.slot = slot
    this.#setting = setting
    this.#events = events
    this.#hand = new Hand(setting.kind === 'untrusted')
    this.#record = new WorkerRecord(setting, this.#hand)
    this.#watchdogs = new Watchdogs(setting, (excess) => this.#stopFor(excess))
    this.#far = startWorker(setting, this.#record.kept, (why) => this.#end(why))
    this.#line = new HostLine(this.#far)
    void this.#far.ready.then(
      () => this.#begin(),
      () => {},
    )
  }

  get ready(): Promise<void> {
    return this.#far.ready
  }

  /** The calls that it has, by number. */
  get inFlight(): ReadonlyMap<number, Job> {
    return this.#hand.jobs
  }

  /** Whether there is anything to look at. */
  get busy(): boolean {
    return this.state !== 'ended' && (this.#hand.size > 0 || this.#blockedAt > 0)
  }

  /** MiB that it holds, of a process; looked at once in a second at most. */
  get grownMb(): number {
    return this.#watchdogs.residentMb(this.pid)
  }

  get pid(): number | undefined {
    return this.#far.pid
  }

  get livedMs(): number {
    return this.#far.livedMs
  }

  get #untrusted(): boolean {
    return this.#setting.kind === 'untrusted'
  }

  accepts(job: Job): boolean {
    return this.state === 'ready' && this.#blockedAt === 0 && this.#hand.hasRoomFor(job)
  }

  /** Reckons a call in; `send` sends it. */
  take(job: Job): void {
    this.#watchdogs.begin(job, this.#hand.size === 0, this.pid)
    this.#hand.take(job)
    this.served++
  }

  /** Sends calls that were taken, as one message. */
  send(jobs: readonly Job[]): void {
    void this.#ask(this.#sending.run(jobs), jobs)
  }

  /** Has tools loaded before they are called. */
  async load(tools: readonly Tool[]): Promise<void> {
    const message = this.#sending.load(tools)
    if (message) await this.#ask(message, [])
  }

  /** Closes a connection, by its name. */
  async close(connection: string): Promise<void> {
    if (this.state !== 'ended') await this.#ask({ kind: 'close', connection }, [])
  }

  /** First step of the end of a call: it is told. The kill comes with a later `sweep`. */
  stop(job: Job, why: 'timeout' | 'cancelled'): void {
    if (job.over) return
    job.over = why
    job.killAt = performance.now() + job.graceMs
    void this.#ask({ kind: 'cancel', number: job.number, late: why === 'timeout' }, [], () => {
      job.stopHeard = true
    })
  }

  /** Looks what has begun, what must move away and what must end. */
  sweep(now: number): void {
    if (this.state === 'ended') return
    if (this.#hand.size === 0 && this.#blockedAt > 0 && now > this.#blockedAt + silentMs) {
      return this.#stopFor({ reason: 'crash', sentence: `it said nothing for ${silentMs} ms` })
    }
    const noted = this.#record.read()
    for (const job of this.#hand.jobs.values()) {
      if (job.number > noted.started) {
        // One millisecond more than it was lent for: nobody begins it here any more.
        if (now > job.sentAt + leaseMs + 1) this.#giveBack(job)
        continue
      }
      if (job.startedAt === 0) job.startedAt = now
      if (!job.over && now >= job.startedAt + job.timeoutMs) this.stop(job, 'timeout')
      if (now >= job.killAt) this.#enough(job, noted.holding)
      else this.#watchdogs.lookAt(job, this.pid)
    }
    this.#watchdogs.lookAtAll(this.#hand.jobs, noted.holding, this.pid, now)
  }

  /** Takes no more calls; ends when those it has are done. */
  retire(): void {
    if (this.state === 'retired' || this.state === 'ended') return
    this.state = 'retired'
    this.#line.hush()
    this.#events.onRetired(this)
    this.#leaveWhenDone()
  }

  /** Ends it, whatever it does. */
  async dispose(): Promise<void> {
    if (this.state === 'ended') return
    this.#line.hush()
    if (this.#hand.size > 0 || this.#abandoned > 0)
      await this.#stopWorker({ reason: 'closing', sentence: 'it is closed' })
    await this.#far.leave(1_000)
  }

  /** Ends the worker; a thread first ends the processes that its tools started, because later nobody could. */
  async #stopWorker(killing: { reason: WorkerEnd['reason']; sentence: string }): Promise<void> {
    if (this.#setting.place === 'thread' && this.#record.read().children > 0) {
      await Promise.race([this.#ask({ kind: 'clear' }, []), wait(clearMs, undefined, { ref: false })])
    }
    this.#far.kill(killing)
  }

  #begin(): void {
    if (this.state === 'starting') this.state = 'ready'
    if (this.#setting.kind === 'mcp') void this.#line.listen()
    this.#events.onFree()
  }

  async #ask(input: HostInput, jobs: readonly Job[], onItem?: () => void): Promise<void> {
    try {
      for await (const text of this.#line.ask(input)) {
        onItem?.()
        this.#hear(String(text))
      }
    } catch (reason) {
      if (this.state === 'ended') return
      // The host itself failed: no call is left without a result.
      for (const job of jobs) {
        if (this.#hand.drop(job))
          job.end({ kind: 'failed', message: `The tool host failed: ${String(reason)}`, ...noTime })
      }
    }
  }

  #hear(text: string): void {
    for (const result of JSON.parse(text) as HostResult[]) {
      const job = this.#hand.jobs.get(result[0])
      if (!job) continue
      if (result[1] === ended.progress) {
        if (!job.answered) job.events.onProgress?.(job.id, result[4] as number | string)
      } else if (result[1] === ended.notStarted) {
        if (!job.over) this.#giveBack(job)
        else if (this.#hand.drop(job)) job.end({ kind: job.over, message: overSentence(job), ...noTime })
      } else {
        this.#hand.drop(job)
        // Who is not believed may not have measured what it says.
        job.end((this.#untrusted ? overlong(job, text) : undefined) ?? outcomeOf(job, result))
      }
    }
    // It speaks, so nothing holds it.
    this.#blockedAt = 0
    // Behind a wall each call has a process of its own.
    if (this.#untrusted && this.served > 0 && this.#hand.size === 0) return this.retire()
    if (this.state === 'retired') this.#leaveWhenDone()
    else this.#events.onFree()
  }

  /** A call goes on elsewhere; as long as this worker says nothing, it is given no more. */
  #giveBack(job: Job): void {
    this.#hand.drop(job)
    this.#blockedAt ||= performance.now()
    if (job.over) return job.end({ kind: job.over, message: overSentence(job), ...noTime })
    job.reset()
    this.#events.onReturned(job)
  }

  /** The grace is over. Where the thread is free only this call is given up, and the worker once the others are done. */
  #enough(job: Job, holding: number): void {
    const another = holding !== 0 && holding !== job.number
    const outcome: Outcome = { kind: job.over ?? 'timeout', message: overSentence(job), ...noTime }
    if (job.startedAt > 0) outcome.runMs = performance.now() - job.startedAt
    if (another || job.stopHeard) {
      this.#hand.drop(job)
      if (job.remote) {
        // Its connection stays, with those who use it.
        void this.#ask({ kind: 'forget', number: job.number }, [])
        return job.end(outcome)
      }
      if (!another) {
        this.#abandoned++
        this.retire()
      }
      return job.end({ ...outcome, costWorker: !another && job.over === 'timeout' })
    }
    this.#kill(job, { ...outcome, costWorker: job.over === 'timeout' }, 'killed-neighbour')
  }

  #kill(job: Job, outcome: Outcome, reason: WorkerEnd['reason']): void {
    this.#guilty = job
    this.#hand.drop(job)
    this.retire()
    void this.#stopWorker({ reason, sentence: `the tool ${job.tool.name} ${outcome.message ?? outcome.kind}` })
    job.end({ ...outcome, killed: true })
  }

  #leaveWhenDone(): void {
    if (this.#hand.size > 0 || this.state === 'ended') return
    if (this.#abandoned > 0) void this.#stopWorker({ reason: 'closing', sentence: 'a call on it would not stop' })
    else void this.#far.leave(1_000)
  }

  /** Something took more than it may: that costs it this worker. */
  #stopFor({ reason, sentence, guilty }: Excess): void {
    if (guilty) {
      const runMs = performance.now() - guilty.job.startedAt
      const outcome = { kind: guilty.kind, message: sentence, runMs, heldMs: runMs, costWorker: true }
      return this.#kill(guilty.job, outcome, reason)
    }
    this.retire()
    this.#far.kill({ reason, sentence })
  }

  #end(why: WorkerEnd): void {
    if (this.state === 'ended') return
    const wasRetired = this.state === 'retired'
    this.state = 'ended'
    const jobs = [...this.#hand.jobs.values()]
    const noted = this.#record.read()
    this.#hand.jobs.clear()
    this.#record[Symbol.dispose]()
    this.#line[Symbol.dispose]()
    settleAll(jobs, { noted, killed: this.#guilty, why }, (job) => this.#events.onReturned(job))
    this.#events.onEnded(this, { planned: why.planned || wasRetired, blamed: jobs.length > 0, why })
  }
}
