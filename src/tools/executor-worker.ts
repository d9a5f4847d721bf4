// One worker of the executor: sends calls to the tool host in it, hears results, watches leases and deadlines, and
// tells after a death which call is to blame.

import { rmSync } from 'node:fs'
import { extname, join } from 'node:path'
import { openCall } from '../core/call.ts'
import type { Plain } from '../core/plain.ts'
import type { Limits } from '../core/station.ts'
import { FarCall } from '../places/far-call.ts'
import { PoolWorker } from '../places/worker.ts'
import type { WorkerEnd } from '../places/worker.ts'
import type { Job, Outcome } from './executor-job.ts'
import { confinement } from './executor-confinement.ts'
import type { Confinement } from './executor-confinement.ts'
import { limitData } from './executor-memory.ts'
import { crashOf, noTime, outcomeOf, overSentence, unknownOf } from './executor-outcome.ts'
import type { Connectors } from './host-load.ts'
import { ended, machineMs } from './host-message.ts'
import type { HostInput, HostResult, HostTool } from './host-message.ts'
import { RecordReader, sharedRecord } from './host-record.ts'
import type { Noted } from './host-record.ts'
import type { Tool } from './tool.ts'

/** A call that has not begun this many milliseconds after it was sent is given to somebody else. */
const leaseMs = 50

/** Calls that may be with a worker. */
const mostInFlight = 128

/** A worker that has nothing to do and says nothing for so many milliseconds is ended. */
const silentMs = 5_000

/** Milliseconds of work that are sent ahead. */
const aheadMs = 10

export interface WorkerSetting {
  place: 'thread' | 'process'
  memoryMb: number
  connectors: Connectors
  /** For the records of processes. */
  folder: string
  /** What processes may do; undefined: all that their user may. */
  confine: Confinement | undefined
}

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

const inputKey = 'tools'
const hostModule = new URL(`./host${extname(import.meta.filename)}`, import.meta.url).href
let lastRecord = 0

export class ToolWorker {
  readonly slot: number
  readonly inFlight = new Map<number, Job>()
  readonly startedAt = performance.now()
  state: 'starting' | 'ready' | 'retired' | 'ended' = 'starting'
  served = 0
  readonly #setting: WorkerSetting
  readonly #events: ToolWorkerEvents
  readonly #far: PoolWorker
  readonly #recordPath: string | undefined
  readonly #record: RecordReader
  readonly #call = openCall({ tenant: 'tools', id: 'tools' })
  readonly #tools = new Map<string, number>()
  #lastNumber = 0
  #costMs = 0
  /** Calls wait here behind one that holds the thread: nothing more is sent until it speaks. */
  #blockedAt = 0
  #reserved = false
  /** Calls that were answered for, but may still go on here. */
  #abandoned = 0
  #guilty: Job | undefined
  #baseRss = 0

  constructor(slot: number, setting: WorkerSetting, events: ToolWorkerEvents) {
    this.slot = slot
    this.#setting = setting
    this.#events = events
    const { place, memoryMb, folder } = setting
    this.#recordPath = place === 'process' ? join(folder, `${++lastRecord}.record`) : undefined
    const kept = this.#recordPath ?? sharedRecord()
    this.#record = new RecordReader(kept)
    const options = {
      connectors: setting.connectors as Plain,
      ...(typeof kept === 'string' ? { record: kept } : {}),
    }
    const recipe = {
      module: hostModule,
      export: 'openHost',
      options,
      ...(typeof kept === 'string' ? {} : { shared: kept }),
    }
    const flags = setting.confine ? confinement(setting.confine, folder) : []
    const limits: Limits = { place, size: 1, concurrency: 1, memoryMb, flags }
    this.#far = new PoolWorker(`tools-${place}`, limits, {
      onHello: (far) =>
        far.open(inputKey, recipe, {
          made: () => this.#opened(),
          refused: (error) => far.kill({ reason: 'crash', sentence: error.sentence }),
        }),
      onFree: () => {},
      onSettled: () => {},
      onEnded: (_far, why) => this.#end(why),
    })
  }

  get ready(): Promise<void> {
    return this.#far.ready
  }

  /** Whether there is anything to look at. */
  get busy(): boolean {
    return this.state !== 'ended' && (this.inFlight.size > 0 || this.#blockedAt > 0)
  }

  get pid(): number | undefined {
    return this.#far.pid
  }

  get livedMs(): number {
    return this.#far.livedMs
  }

  accepts(job: Job): boolean {
    if (this.state !== 'ready' || this.#blockedAt > 0 || this.#reserved) return false
    const count = this.inFlight.size
    if (count === 0) return true
    return !job.alone && count < mostInFlight && this.#costMs + job.profile.heldMs <= aheadMs
  }

  /** Reckons a call in; `flush` sends it. */
  take(job: Job): void {
    if (this.inFlight.size === 0) this.#baseRss = 0
    job.number = ++this.#lastNumber
    job.costMs = job.profile.heldMs
    this.inFlight.set(job.number, job)
    this.#costMs += job.costMs
    if (job.alone) this.#reserved = true
    this.served++
  }

  /** Sends calls that were taken, as one message. */
  send(jobs: readonly Job[]): void {
    const tools: HostTool[] = []
    const sentAt = performance.now()
    let calls = ''
    for (const job of jobs) {
      job.sentAt = sentAt
      const { number, id, tenant, text } = job
      calls += `${calls === '' ? '[' : ','}[${number},${this.#index(job.tool, tools)},${JSON.stringify(id)},${JSON.stringify(tenant)},${text}${careOf(job)}]`
    }
    void this.#read({ kind: 'run', tools, lease: machineMs() + leaseMs, calls: `${calls}]` }, jobs)
  }

  /** Has tools loaded before they are called. */
  async load(tools: readonly Tool[]): Promise<void> {
    const unknown: HostTool[] = []
    for (const tool of tools) this.#index(tool, unknown)
    if (unknown.length > 0) await this.#read({ kind: 'load', tools: unknown }, [])
  }

  /** First step of the end of a call: it is told. The kill comes with a later `sweep`. */
  stop(job: Job, why: 'timeout' | 'cancelled'): void {
    if (job.over) return
    job.over = why
    job.killAt = performance.now() + job.graceMs
    const heard = (): void => {
      job.stopHeard = true
    }
    void this.#read({ kind: 'cancel', number: job.number, late: why === 'timeout' }, [], heard)
  }

  /** Looks what has begun, what must move away and what must end. */
  sweep(now: number): void {
    if (this.state === 'ended') return
    if (this.inFlight.size === 0 && this.#blockedAt > 0 && now > this.#blockedAt + silentMs) {
      this.retire()
      this.#far.kill({ reason: 'crash', sentence: `it said nothing for ${silentMs} ms` })
      return
    }
    const noted = this.#record.read()
    for (const job of this.inFlight.values()) {
      if (job.number > noted.started) {
        // One millisecond more than it was lent for: nobody begins it here any more.
        if (now > job.sentAt + leaseMs + 1) this.#giveBack(job)
        continue
      }
      if (job.startedAt === 0) job.startedAt = now
      if (!job.over && now >= job.startedAt + job.timeoutMs) this.stop(job, 'timeout')
      if (now >= job.killAt) this.#enough(job, noted)
    }
    if (this.#setting.place === 'thread') this.#watchMemory(noted)
  }

  /** Takes no more calls; ends when those it has are done. */
  retire(): void {
    if (this.state === 'retired' || this.state === 'ended') return
    this.state = 'retired'
    this.#events.onRetired(this)
    this.#leaveWhenDone()
  }

  /** Ends it, whatever it does. */
  async dispose(): Promise<void> {
    if (this.state === 'ended') return
    if (this.inFlight.size > 0 || this.#abandoned > 0) this.#far.kill({ reason: 'closing', sentence: 'it is closed' })
    await this.#far.leave(1_000)
  }

  #opened(): void {
    const { place, memoryMb } = this.#setting
    const { pid } = this.#far
    // Buffers are no part of the heap: the system is asked to refuse them. Threads share theirs.
    if (place === 'process' && pid !== undefined) limitData(pid, memoryMb)
    void this.#far.ready.then(
      () => {
        this.state = this.state === 'starting' ? 'ready' : this.state
        this.#events.onFree()
      },
      () => {},
    )
  }

  async #read(input: HostInput, jobs: readonly Job[], onItem?: () => void): Promise<void> {
    const far = new FarCall({ start: (call) => this.#far.send(call), drop() {} }, inputKey, 'tools', input, this.#call)
    try {
      for await (const text of far) {
        onItem?.()
        this.#hear(String(text))
      }
    } catch (reason) {
      if (this.state === 'ended') return
      // The host itself failed: no call is left without a result.
      for (const job of jobs) {
        if (this.#drop(job)) job.end({ kind: 'failed', message: `The tool host failed: ${String(reason)}`, ...noTime })
      }
    }
  }

  #hear(text: string): void {
    for (const result of JSON.parse(text) as HostResult[]) {
      const job = this.inFlight.get(result[0])
      if (!job) continue
      if (result[1] === ended.progress) {
        if (!job.answered) job.events.onProgress?.(job.id, result[4] as number | string)
      } else if (result[1] === ended.notStarted) {
        if (job.over) {
          this.#drop(job)
          job.end({ kind: job.over, message: overSentence(job), ...noTime })
        } else this.#giveBack(job)
      } else {
        this.#drop(job)
        job.end(outcomeOf(job, result))
      }
    }
    // It speaks, so nothing holds it.
    this.#blockedAt = 0
    if (this.state === 'retired') this.#leaveWhenDone()
    else this.#events.onFree()
  }

  /** A call goes on elsewhere; as long as this worker says nothing, it is given no more. */
  #giveBack(job: Job): void {
    this.#drop(job)
    this.#blockedAt ||= performance.now()
    if (job.over) return job.end({ kind: job.over, message: overSentence(job), ...noTime })
    job.reset()
    this.#events.onReturned(job)
  }

  #drop(job: Job): boolean {
    if (!this.inFlight.delete(job.number)) return false
    this.#costMs = this.inFlight.size === 0 ? 0 : this.#costMs - job.costMs
    if (this.inFlight.size === 0) this.#reserved = false
    return true
  }

  /** The grace is over. Where the thread is free only this call is given up, and the worker once the others are done. */
  #enough(job: Job, noted: Noted): void {
    const another = noted.holding !== 0 && noted.holding !== job.number
    const outcome: Outcome = { kind: job.over ?? 'timeout', message: overSentence(job), ...noTime }
    if (job.startedAt > 0) outcome.runMs = performance.now() - job.startedAt
    if (another || job.stopHeard) {
      this.#drop(job)
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
    this.#drop(job)
    this.retire()
    this.#far.kill({ reason, sentence: `the tool ${job.tool.name} ${outcome.message ?? outcome.kind}` })
    job.end(outcome)
  }

  #leaveWhenDone(): void {
    if (this.inFlight.size > 0 || this.state === 'ended') return
    if (this.#abandoned > 0) this.#far.kill({ reason: 'closing', sentence: 'a call on it would not stop' })
    else void this.#far.leave(1_000)
  }

  /** A thread's buffers count for nobody's limit: the growth of the whole program while it holds its thread does. */
  #watchMemory(noted: Noted): void {
    const rss = process.memoryUsage.rss()
    this.#baseRss = this.#baseRss === 0 ? rss : Math.min(this.#baseRss, rss)
    const grownMb = Math.round((rss - this.#baseRss) / 2 ** 20)
    const limitMb = Math.round(this.#setting.memoryMb * 1.5 + 128)
    const [only] = this.inFlight.size === 1 ? this.inFlight.values() : []
    const holder = this.inFlight.get(noted.holding) ?? only
    if (grownMb <= (holder ? limitMb : 2 * limitMb)) return
    if (!holder) {
      this.retire()
      this.#far.kill({ reason: 'memory', sentence: `it held about ${grownMb} MiB of at most ${limitMb}` })
      return
    }
    const message = `held about ${grownMb} MiB of at most ${limitMb}`
    const runMs = performance.now() - holder.startedAt
    this.#kill(holder, { kind: 'out-of-memory', message, runMs, heldMs: runMs, costWorker: true }, 'memory')
  }

  #end(why: WorkerEnd): void {
    if (this.state === 'ended') return
    const wasRetired = this.state === 'retired'
    this.state = 'ended'
    const noted = this.#record.read()
    this.#record[Symbol.dispose]()
    if (this.#recordPath !== undefined) rmSync(this.#recordPath, { force: true })
    this.#call[Symbol.dispose]()
    const jobs = [...this.inFlight.values()]
    this.inFlight.clear()
    const begun = jobs.filter((job) => job.number <= noted.started)
    const named = begun.find((job) => job.number === noted.blamed) ?? begun.find((job) => job.number === noted.holding)
    const guilty = this.#guilty ?? named ?? (begun.length === 1 ? begun[0] : undefined)
    for (const job of jobs) {
      if (job.number > noted.started) {
        job.reset()
        this.#events.onReturned(job)
      } else if (job === guilty) job.end(crashOf(job, why, noted.blamed === job.number))
      else this.#bystander(job, guilty ? undefined : begun.length, why)
    }
    this.#events.onEnded(this, { planned: why.planned || wasRetired, blamed: jobs.length > 0, why })
  }

  /** It ran while another took the worker down. Of several that may have, each is tried again by itself. */
  #bystander(job: Job, suspects: number | undefined, why: WorkerEnd): void {
    if (job.repeatable && !job.secondChance && !job.over && !job.answered) {
      job.secondChance = true
      job.alone = suspects !== undefined
      job.attempt++
      job.reset()
      return this.#events.onReturned(job)
    }
    job.end(unknownOf(job, why, suspects))
  }

  #index(tool: Tool, unknown: HostTool[]): number {
    const key = sourceKey(tool)
    const known = this.#tools.get(key)
    if (known !== undefined) return known
    const index = this.#tools.size
    this.#tools.set(key, index)
    unknown.push({ index, source: tool.source, outputBytes: tool.limits.outputBytes ?? 2 ** 20 })
    return index
  }
}

/** What a host is told of how careful it should be: see SentCall. */
function careOf({ profile }: Job): '' | ',1' | ',2' {
  if (profile.crashes > 0) return ',2'
  return profile.runs > 0 ? '' : ',1'
}

const keys = new WeakMap<Tool, string>()

function sourceKey(tool: Tool): string {
  let key = keys.get(tool)
  if (key === undefined) {
    key = JSON.stringify([tool.source, tool.limits.outputBytes])
    keys.set(tool, key)
  }
  return key
}
