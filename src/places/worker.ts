// One worker of a pool: a thread or a process with its calls, its limits and its end.

import { placeChannel } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import { Register } from '../core/register.ts'
import type { Code } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import type { Limits, Recipe } from '../core/station.ts'
import type { FarCall, Holder } from './far-call.ts'
import type { Ending, FarEnd } from './far-end.ts'
import { MemoryWatch } from './memory-watch.ts'
import { Port } from './port.ts'
import { startProcess } from './process.ts'
import { Remote } from './remote.ts'
import { startThread } from './thread.ts'

/** How long stations may take to free what they hold before their worker is killed, in milliseconds. */
const farewellMs = 5_000

/** How long a killed worker may take to be gone, in milliseconds. */
const killMs = 2_000

/** What the pool hears of a worker. */
export interface WorkerEvents {
  /** It speaks: the pool has its recipes made now. */
  onHello(worker: PoolWorker): void
  /** It can take another call. */
  onFree(worker: PoolWorker): void
  /** A call came to its end on it. */
  onSettled(call: FarCall): void
  /** It is gone; `calls` are those that were with it. */
  onEnded(worker: PoolWorker, why: WorkerEnd, calls: FarCall[]): void
}

/** Why a worker is gone. */
export interface WorkerEnd {
  /** Asked to go (recycled, no longer needed, closing). */
  planned: boolean
  /** `killed-neighbour`: a call on it would not stop. */
  reason: Ending['reason'] | 'killed-neighbour' | 'closing'
  sentence: string
  detail: Plain
}

interface Killing {
  reason: WorkerEnd['reason']
  sentence: string
}

let lastNumber = 0

/** One worker. It takes calls when its recipes are made. */
export class PoolWorker implements Holder {
  /** Unique in this process, for people and channels. */
  readonly number = ++lastNumber
  /** Resolves when its recipes are made; rejects when it ends before. */
  readonly ready: Promise<void>
  readonly ended: Promise<void>
  state: 'starting' | 'ready' | 'leaving' | 'ended' = 'starting'
  /** Calls it has in hand, also those whose readers have left. */
  running = 0
  /** Calls it has taken in its life. */
  served = 0
  readonly #pool: string
  readonly #limits: Limits
  readonly #events: WorkerEvents
  readonly #far: FarEnd
  readonly #remote: Remote
  readonly #graces = new Map<FarCall, NodeJS.Timeout>()
  /** Of calls whose time with this worker is limited. */
  readonly #limitTimers = new Register<FarCall, NodeJS.Timeout>()
  readonly #startedAt = performance.now()
  readonly #readiness = Promise.withResolvers<void>()
  readonly #ending = Promise.withResolvers<void>()
  #readyAt = Infinity
  #greeted = false
  #opening = 0
  readonly #memory: MemoryWatch | undefined
  #farewell: NodeJS.Timeout | undefined
  #killing: Killing | undefined
  #lost: NodeJS.Timeout | undefined
  #idle: (() => void) | undefined

  constructor(pool: string, limits: Limits, events: WorkerEvents) {
    this.#pool = pool
    this.#limits = limits
    this.#events = events
    const options = { ...limits, name: `andon ${pool}` }
    this.#far = limits.place === 'thread' ? startThread(options) : startProcess(options)
    this.#remote = new Remote(new Port(this.#far.wire), {
      // With one call at a time there is nothing to tell apart.
      acknowledge: this.concurrency > 1,
      events: {
        onSettled: (call) => this.#settled(call),
        onTaken: (call) => {
          if (call.left) this.#expectEnd(call)
        },
      },
    })
    if (limits.place === 'process' && limits.memoryMb !== undefined) {
      this.#memory = new MemoryWatch(
        limits.memoryMb,
        () => this.#far.resident() ?? this.#remote.ping().catch(() => 0),
        (sentence) => this.kill({ reason: 'memory', sentence }),
      )
    }
    this.ready = this.#readiness.promise
    this.ready.catch(() => {})
    this.#remote.ready.then(
      () => this.#hello(),
      (reason: unknown) => this.kill({ reason: 'crash', sentence: AndonError.from(reason).sentence }),
    )
    this.ended = this.#ending.promise
    void this.#far.ended.then((ending) => this.#end(ending))
  }

  /** As people are told where something ran. */
  get place(): string {
    return `${this.#pool} ${this.number}`
  }

  get concurrency(): number {
    return this.#limits.concurrency ?? 64
  }

  get pid(): number | undefined {
    return this.#far.pid
  }

  /** Milliseconds since it was ready; 0 before. */
  get livedMs(): number {
    return Math.max(0, performance.now() - this.#readyAt)
  }

  get hasRoom(): boolean {
    return this.state === 'ready' && this.running < this.concurrency
  }

  send(call: FarCall): void {
    this.running++
    this.served++
    if (this.served === this.#limits.recycleAfter) this.state = 'leaving'
    this.#memory?.start()
    this.#remote.send(call, this)
    const { callMs } = this.#limits
    if (callMs === undefined) return
    const late = (): void =>
      call.over(new AndonError('deadline', `The station ${call.name} took longer than the ${callMs} ms it may take`))
    this.#limitTimers.set(call, setTimeout(late, callMs))
  }

  credit(call: FarCall, more: number): void {
    this.#remote.credit(call, more)
  }

  /** The reader of a call has gone: unless the far side says in time that it stopped, the worker is killed. */
  cancel(call: FarCall, code: Code): void {
    this.#remote.cancel(call, code)
    // A call that was not taken has not started: another one may be blocking the worker, and it alone is guilty.
    if (call.taken) this.#expectEnd(call)
  }

  /** Has a station made, once it has greeted; before that nothing happens, because the pool asks again when it does. */
  open(
    key: string,
    recipe: Recipe<unknown, unknown>,
    heard: { made: (name: string) => void; refused: (error: AndonError) => void },
  ): void {
    if (!this.#greeted) return
    this.#opening++
    this.#remote
      .open(key, recipe)
      .then(heard.made, (reason: unknown) => heard.refused(AndonError.from(reason)))
      .finally(() => {
        this.#opening--
        this.#checkReady()
      })
  }

  /** Ends the calls of a station, then has it freed. */
  close(key: string, reason: AndonError): Promise<void> {
    for (const call of this.#remote.calls.values()) if (call.key === key) call.over(reason)
    return this.#remote.close(key)
  }

  /** Takes no more calls, finishes those it has (for at most `patienceMs`), frees its stations and goes. */
  async leave(patienceMs = Infinity): Promise<void> {
    if (this.state === 'ended') return
    this.state = 'leaving'
    const impatient =
      patienceMs === Infinity
        ? undefined
        : setTimeout(() => this.kill({ reason: 'closing', sentence: 'its calls did not end in time' }), patienceMs)
    if (this.running > 0) {
      await Promise.race([this.ended, new Promise<void>((resolve) => (this.#idle = resolve))])
    }
    clearTimeout(impatient)
    this.#sayBye()
    await this.ended
  }

  /** Ends it at once. */
  kill(killing: Killing): void {
    if (this.state === 'ended' || this.#killing) return
    this.#killing = killing
    placeChannel.announce(() => ({ event: 'worker-killed', ...this.#label(), reason: killing.sentence }))
    this.#far.kill()
    // A thread that is blocked in native code cannot be ended: the pool goes on without it.
    this.#lost = setTimeout(() => this.#end({ reason: 'crash', message: killing.sentence }), killMs)
  }

  #hello(): void {
    this.#greeted = true
    this.#events.onHello(this)
    this.#checkReady()
  }

  #checkReady(): void {
    if (this.state !== 'starting' || this.#opening > 0 || this.#killing) return
    this.state = 'ready'
    this.#readyAt = performance.now()
    this.#readiness.resolve()
    const readyMs = Math.round(this.#readyAt - this.#startedAt)
    placeChannel.announce(() => ({
      event: 'worker-started',
      ...this.#label(),
      ...(this.pid === undefined ? {} : { pid: this.pid }),
      readyMs,
    }))
    this.#events.onFree(this)
  }

  #settled(call: FarCall): void {
    this.running--
    this.#events.onSettled(call)
    clearTimeout(this.#limitTimers.get(call))
    this.#limitTimers.delete(call)
    const grace = this.#graces.get(call)
    if (grace) {
      clearTimeout(grace)
      this.#graces.delete(call)
    }
    if (this.running === 0) {
      this.#memory?.stop()
      this.#idle?.()
      if (this.state === 'leaving') this.#sayBye()
    }
    if (this.state === 'ready') this.#events.onFree(this)
  }

  #expectEnd(call: FarCall): void {
    if (this.#graces.has(call) || !this.#remote.calls.has(call.id)) return
    const graceMs = this.#limits.graceMs ?? 1_000
    const sentence = `the station ${call.name} did not stop within ${graceMs} ms of being told`
    this.#graces.set(
      call,
      setTimeout(() => this.kill({ reason: 'killed-neighbour', sentence }), graceMs),
    )
  }

  #sayBye(): void {
    if (this.#farewell || this.state === 'ended') return
    this.#remote.bye()
    const sentence = `its stations were not freed within ${farewellMs} ms`
    this.#farewell = setTimeout(() => this.kill({ reason: 'closing', sentence }), farewellMs)
  }

  #end(ending: Ending): void {
    if (this.state === 'ended') return
    const planned = this.#farewell !== undefined || this.#killing?.reason === 'closing'
    this.state = 'ended'
    this.#memory?.stop()
    clearTimeout(this.#farewell)
    clearTimeout(this.#lost)
    for (const timers of [this.#graces, this.#limitTimers]) for (const timer of timers.values()) clearTimeout(timer)
    const why = this.#why(ending, planned)
    placeChannel.announce(() => ({
      event: 'worker-ended',
      ...this.#label(),
      planned,
      reason: why.reason,
      detail: why.detail,
    }))
    const error = new AndonError('unavailable', why.sentence, { detail: why.detail })
    this.#readiness.reject(error)
    const calls = this.#remote.lose(error)
    this.running = 0
    this.#idle?.()
    this.#ending.resolve()
    this.#events.onEnded(this, why, calls)
  }

  #why(ending: Ending, planned: boolean): WorkerEnd {
    const { place } = this.#limits
    const reason = this.#killing?.reason ?? ending.reason
    const how =
      this.#killing?.sentence ??
      ending.message ??
      (ending.signal ? `it received ${ending.signal}` : `it ended with code ${ending.exitCode ?? 'unknown'}`)
    return {
      planned,
      reason,
      sentence: `The ${place} of the pool ${this.#pool} is gone (${how}): ask again`,
      detail: {
        place,
        pool: this.#pool,
        reason,
        ...(ending.exitCode === undefined ? {} : { exitCode: ending.exitCode }),
        ...(ending.signal === undefined ? {} : { signal: ending.signal }),
      },
    }
  }

  #label(): { pool: string; place: 'thread' | 'process'; worker: number } {
    return { pool: this.#pool, place: this.#limits.place, worker: this.number }
  }
}
