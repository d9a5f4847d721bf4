// Several workers of one kind behind one queue: calls go to the least busy one, wait in order when all are full, and
// move on when a worker ends before they started.

import { placeChannel } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Limits, Recipe, Station } from '../core/station.ts'
import { FarCall } from './far-call.ts'
import type { Carrier } from './far-call.ts'
import { RestartPolicy } from './restart.ts'
import type { RestartTiming } from './restart.ts'
import { PoolWorker } from './worker.ts'
import type { WorkerEnd } from './worker.ts'

/** How often a call may be given to another worker before it is thought to be what ends them. */
const mostMoves = 3

interface Opened {
  recipe: Recipe<unknown, unknown>
  name: PromiseWithResolvers<string>
  /** Whether any worker has made it: from then on a refusal is the worker's fault, not the recipe's. */
  known: boolean
}

/** What a pool is doing. */
export interface PoolState {
  place: 'thread' | 'process'
  size: number
  workers: { number: number; pid?: number; state: string; running: number; served: number }[]
  waiting: number
  running: number
  /** Why it does not start workers at the moment. */
  paused?: string
}

export class Pool implements Carrier, AsyncDisposable {
  readonly #name: string
  readonly #limits: Limits
  readonly #restart: RestartPolicy
  readonly #workers = new Set<PoolWorker>()
  readonly #recipes = new Map<string, Opened>()
  /** Calls that a worker took with it before they started: they come first. */
  readonly #moved = new Set<FarCall>()
  readonly #waiting = new Set<FarCall>()
  #wanted = 0
  #lastKey = 0
  #isClosing = false
  #closing: Promise<void> | undefined
  /** Running mean of how long a call has a worker, in milliseconds. */
  #meanMs = 0

  constructor(name: string, limits: Limits, timing?: Partial<RestartTiming>) {
    this.#name = name
    this.#limits = limits
    this.#restart = new RestartPolicy(timing)
  }

  get state(): PoolState {
    return {
      place: this.#limits.place,
      size: this.#limits.size,
      workers: Array.from(this.#workers, ({ number, pid, state, running, served }) => ({
        number,
        ...(pid === undefined ? {} : { pid }),
        state,
        running,
        served,
      })),
      waiting: this.#moved.size + this.#waiting.size,
      running: this.#running,
      ...(this.#restart.paused ? { paused: this.#restart.paused.sentence } : {}),
    }
  }

  /** Makes the station in every worker, now and whenever one is replaced. Fails when the first worker cannot make it. */
  async open<Input, Output>(recipe: Recipe<Input, Output>): Promise<Station<Input, Output> & AsyncDisposable> {
    if (this.#isClosing) throw this.#closed()
    if (this.#limits.place === 'process' && recipe.shared !== undefined) {
      throw new AndonError(
        'invalid',
        `The recipe ${recipe.export} shares memory, which the processes of the pool ${this.#name} cannot see: open it in a pool of threads`,
      )
    }
    if (this.#restart.paused) throw this.#restart.paused
    const key = String(++this.#lastKey)
    const opened: Opened = { recipe, name: Promise.withResolvers(), known: false }
    this.#recipes.set(key, opened)
    for (const worker of this.#workers) this.#openIn(worker, key, opened)
    this.#want(1)
    const name = await opened.name.promise
    return {
      name,
      run: (input, call) =>
        new FarCall(this, key, name, input, call) as AsyncIterable<unknown> as AsyncIterable<Output>,
      [Symbol.asyncDispose]: () => this.#close(key),
    }
  }

  /** Starts all workers and waits until they are ready. */
  async warm(): Promise<void> {
    this.#want(this.#limits.size)
    await Promise.all(Array.from(this.#workers, (worker) => worker.ready))
  }

  start(call: FarCall): void {
    if (this.#isClosing) return call.fail(this.#closed())
    if (!this.#recipes.has(call.key))
      return call.fail(new AndonError('unavailable', `The station ${call.name} is closed`))
    if (this.#restart.paused) return call.fail(this.#restart.paused)
    const worker = this.#leastBusy()
    if (worker && this.#waiting.size === 0 && this.#moved.size === 0) {
      worker.send(call)
      if (worker.running > 1) this.#grow()
      return
    }
    const limit = this.#limits.queue ?? 10_000
    if (this.#waiting.size >= limit) return call.fail(this.#overloaded(limit))
    this.#waiting.add(call)
    this.#announceQueue()
    this.#grow()
  }

  drop(call: FarCall): void {
    if (this.#waiting.delete(call) || this.#moved.delete(call)) this.#announceQueue()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true
    return (this.#closing ??= this.#dispose())
  }

  async #dispose(): Promise<void> {
    this.#restart[Symbol.dispose]()
    this.#failWaiting(this.#closed())
    for (const opened of this.#recipes.values()) opened.name.reject(this.#closed())
    await Promise.all(Array.from(this.#workers, (worker) => worker.leave(this.#limits.graceMs ?? 1_000)))
  }

  #closed(): AndonError {
    return new AndonError('unavailable', `The pool ${this.#name} is closing`)
  }

  async #close(key: string): Promise<void> {
    const opened = this.#recipes.get(key)
    if (!opened) return
    this.#recipes.delete(key)
    const closed = new AndonError('unavailable', `The station ${await opened.name.promise} is closed`)
    for (const queue of [this.#moved, this.#waiting]) for (const call of queue) if (call.key === key) call.over(closed)
    const workers = [...this.#workers]
    if (this.#recipes.size > 0) {
      await Promise.allSettled(workers.map((worker) => worker.close(key, closed)))
      return
    }
    // Nothing is open any more: nobody needs the workers.
    this.#wanted = 0
    await Promise.all(workers.map((worker) => worker.leave(this.#limits.graceMs ?? 1_000)))
  }

  #openIn(worker: PoolWorker, key: string, opened: Opened): void {
    worker.open(key, opened.recipe, {
      made: (name) => {
        opened.known = true
        opened.name.resolve(name)
      },
      refused: (error) => this.#refused(worker, key, opened, error),
    })
  }

  #refused(worker: PoolWorker, key: string, opened: Opened, error: AndonError): void {
    if (worker.state === 'ended' || !this.#recipes.has(key)) return
    if (opened.known) {
      worker.kill({ reason: 'crash', sentence: `it could not make ${opened.recipe.export}: ${error.sentence}` })
      return
    }
    this.#recipes.delete(key)
    opened.name.reject(error)
    if (this.#recipes.size > 0) return
    this.#wanted = 0
    for (const each of this.#workers) void each.leave()
  }

  #want(workers: number): void {
    this.#wanted = Math.max(this.#wanted, Math.min(workers, this.#limits.size))
    this.#fill()
  }

  /** One more worker, when all that there are have something to do. */
  #grow(): void {
    if (this.#workers.size >= this.#limits.size || this.#restart.holding) return
    for (const worker of this.#workers) if (worker.state === 'starting') return
    this.#want(this.#workers.size + 1)
  }

  #fill(): void {
    if (this.#isClosing || this.#restart.holding) return
    while (this.#workers.size < this.#wanted) this.#startWorker()
  }

  #startWorker(): void {
    const worker = new PoolWorker(this.#name, this.#limits, {
      onHello: (greeted) => {
        for (const [key, opened] of this.#recipes) this.#openIn(greeted, key, opened)
      },
      onFree: (free) => this.#serve(free),
      onSettled: (call) => this.#settled(call),
      onEnded: (ended, why, calls) => this.#ended(ended, why, calls),
    })
    this.#workers.add(worker)
  }

  get #running(): number {
    let running = 0
    for (const worker of this.#workers) running += worker.running
    return running
  }

  #leastBusy(): PoolWorker | undefined {
    let best: PoolWorker | undefined
    for (const worker of this.#workers) if (worker.hasRoom && (!best || worker.running < best.running)) best = worker
    return best
  }

  #serve(worker: PoolWorker): void {
    if (this.#moved.size === 0 && this.#waiting.size === 0) return
    for (const queue of [this.#moved, this.#waiting]) {
      for (const call of queue) {
        if (!worker.hasRoom) break
        queue.delete(call)
        worker.send(call)
      }
    }
    this.#announceQueue()
  }

  #settled(call: FarCall): void {
    this.#restart.worked()
    const ms = performance.now() - call.sentAt
    this.#meanMs = this.#meanMs === 0 ? ms : this.#meanMs * 0.95 + ms * 0.05
  }

  #ended(worker: PoolWorker, why: WorkerEnd, calls: FarCall[]): void {
    this.#workers.delete(worker)
    for (const call of calls) this.#rescue(call, why)
    if (this.#isClosing || this.#recipes.size === 0) return
    const blameless = why.planned || calls.some((call) => call.taken)
    const paused = this.#restart.ended({ blameless, livedMs: worker.livedMs, why, resume: () => this.#fill() })
    if (paused) {
      placeChannel.announce(() => ({
        event: 'pool-paused',
        pool: this.#name,
        reason: paused.sentence,
        retryAfterMs: paused.retryAfterMs ?? 0,
      }))
      this.#failWaiting(paused)
      for (const [key, opened] of this.#recipes) {
        if (opened.known) continue
        this.#recipes.delete(key)
        opened.name.reject(paused)
      }
      if (this.#recipes.size === 0) this.#wanted = 0
      return
    }
    this.#fill()
  }

  /** What had not started goes to another worker; what had, fails. */
  #rescue(call: FarCall, why: WorkerEnd): void {
    if (call.left) return
    if (!call.taken && !this.#isClosing && call.moves++ < mostMoves) {
      call.release()
      this.#moved.add(call)
    } else call.fail(new AndonError('unavailable', why.sentence, { detail: why.detail }))
  }

  #failWaiting(error: AndonError): void {
    for (const queue of [this.#moved, this.#waiting]) {
      for (const call of queue) {
        queue.delete(call)
        call.fail(error)
      }
    }
    this.#announceQueue()
  }

  /** By Little's law the queue is served at (calls in hand ÷ their mean time), so that is when it will be empty. */
  #overloaded(limit: number): AndonError {
    const rate = Math.max(1, this.#running) / Math.max(1, this.#meanMs)
    const retryAfterMs = Math.round(Math.min(60_000, Math.max(50, this.#waiting.size / rate)))
    return new AndonError(
      'overloaded',
      `The pool ${this.#name} has ${limit} calls waiting, which is its limit: try again in ${retryAfterMs} ms`,
      { retryAfterMs },
    )
  }

  #announceQueue(): void {
    placeChannel.announce(() => ({
      event: 'queue',
      pool: this.#name,
      waiting: this.#moved.size + this.#waiting.size,
      running: this.#running,
    }))
  }
}
