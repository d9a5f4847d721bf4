// A function that remembers its answers: in memory, in a level that several processes share, and never made twice at
// the same time.
//
//   call ─▶ memory ─▶ under way here? ─▶ second level ─▶ lead or wait ─▶ the function ─▶ kept, and whoever waits is woken

import { AndonError } from '../core/errors.ts'
import { localKey, signalOf, withSignal } from './arguments.ts'
import { nowMs } from './clock.ts'
import { Flights, type Leaving } from './flight.ts'
import { counted, leadOrWait, markBytes, type Lease } from './lead.ts'
import type { Held } from './memory.ts'
import { settingsOf, type CacheOptions, type Settings } from './options.ts'
import { Shelf, type Moment } from './shelf.ts'
import type { CacheCounts } from './statistics.ts'
import { Turns } from './turns.ts'
import { warm, type WarmOptions, type Warmed } from './warm.ts'

/** What every cached function can do besides being called. */
export interface CacheControls<Args extends readonly unknown[]> {
  /** Forgets the value of one call, here and everywhere; one that is being made is not kept. */
  forget(...args: Args): Promise<void>
  /**
   * Invalidates by tags, on this function here and on all functions of its second level everywhere. Rejects when the level
   * cannot be reached: then other processes may give old values until their time is over.
   */
  invalidate(what: { readonly tags: readonly string[] }): Promise<void>
  /** Forgets all. */
  clear(): Promise<void>
  /** Calls it for each of the inputs, so many at once, to have their values; see {@link warm}. */
  warm(inputs: Iterable<Args>, options?: WarmOptions): Promise<Warmed>
  /** Counts since it was made, and what memory holds now. */
  stats(): CacheCounts
}

/** A function, cached. Values are shared and not copied: whoever changes one changes it for all. */
export interface Cached<Args extends readonly unknown[], Value> extends CacheControls<Args>, Disposable {
  (...args: Args): Promise<Value>
  /** The fresh value that this process's memory has, at once; undefined when there is none. Runs and counts nothing. */
  peek(...args: Args): Value | undefined
}

/** Most values that are made again in the background at once. */
const mostRefreshes = 64

/**
 * Caches a function. When the last argument of a call is an AbortSignal, or has one under `signal` (such as a Call), it is
 * the caller's way to leave: it is not part of the key, and the function gets a signal that aborts when the last caller
 * has left. `this` is never part of the key.
 *
 *     const embed = cached(embedText, { name: 'embed', version: 'e5-v2', ttl: '30d', l2, codec: float32(384) })
 *     const vector = await embed('Why is the sky blue?', { signal })
 */
export function cachedFunction<Args extends readonly unknown[], Value>(
  fn: (...args: Args) => Promise<Value> | Value,
  options: CacheOptions<Args, Value>,
): Cached<Args, Value> {
  const maker = new Maker(fn, settingsOf(options))
  return Object.assign((...args: Args): Promise<Value> => maker.call(args, fn), controlsOf(maker), {
    peek: (...args: Args) => maker.peek(args),
    [Symbol.dispose]: () => maker.shelf[Symbol.dispose](),
  })
}

function controlsOf<Args extends readonly unknown[], Value>(maker: Maker<Args, Value>): CacheControls<Args> {
  const { shelf } = maker
  return {
    forget: (...args) => shelf.forget(maker.key(args)),
    invalidate: ({ tags }) => shelf.invalidate(tags),
    clear: () => shelf.clear(),
    warm: (inputs, options) => warm((args, signal) => maker.call(args, maker.run, signal), inputs, options),
    stats: () => shelf.counts(),
  }
}

type Run<Args extends readonly unknown[], Value> = (...args: Args) => Promise<Value> | Value

/** What a value is made from: the call and its names on both levels. */
interface Making<Args extends readonly unknown[], Value> {
  readonly args: Args
  readonly key: string
  readonly levelKey: string
  readonly leaving: Leaving
  readonly began: Moment
  readonly run: Run<Args, Value>
}

/** Answers the calls of one cached function. */
export class Maker<Args extends readonly unknown[], Value> {
  readonly run: Run<Args, Value>
  readonly shelf: Shelf<Args, Value>
  readonly key: (args: Args) => string
  readonly #settings: Settings<Args, Value>
  readonly #flights: Flights<Value>
  readonly #refreshes = new Map<string, Promise<unknown>>()
  readonly #turns = new Turns()

  constructor(run: Run<Args, Value>, settings: Settings<Args, Value>) {
    this.run = run
    this.#settings = settings
    this.shelf = new Shelf(settings)
    this.key = localKey(settings)
    const { level, together } = settings
    this.#flights = new Flights(
      level && together
        ? async (key) => (await counted(this.shelf.statistics, level.awaited(this.shelf.levelKey(key)))) ?? false
        : undefined,
    )
  }

  peek(args: Args): Value | undefined {
    const held = this.shelf.held(this.key(args))
    return held !== undefined && nowMs() < held.until ? held.value : undefined
  }

  /** Answers a call. Never throws, only rejects. */
  call(args: Args, run: Run<Args, Value>, signal = signalOf(args)): Promise<Value> {
    let key: string
    try {
      key = this.key(args)
    } catch (reason) {
      return Promise.reject(AndonError.from(reason, 'invalid'))
    }
    const held = this.shelf.held(key)
    if (held === undefined) return this.#make(key, args, run, signal)
    const now = nowMs()
    if (now < held.until) this.shelf.statistics.memoryHits++
    else if (now < held.staleUntil && now >= held.freshUntil) this.shelf.statistics.staleHits++
    else return this.#make(key, args, run, signal)
    if (now >= held.refreshAt || now >= held.freshUntil) this.#refresh(key, args, run)
    const turn = this.#turns.next()
    return turn ? turn.then(() => this.#answer(held)) : this.#answer(held)
  }

  #answer({ value, failure }: Held<Value>): Promise<Value> {
    if (failure === undefined) return Promise.resolve(value as Value)
    this.shelf.statistics.failureHits++
    return Promise.reject(failure)
  }

  /** The value; throws a failure that was remembered. */
  #open({ value, failure }: Held<Value>): Value {
    if (failure === undefined) return value as Value
    this.shelf.statistics.failureHits++
    throw failure
  }

  #make(key: string, args: Args, run: Run<Args, Value>, signal: AbortSignal | undefined): Promise<Value> {
    const { statistics } = this.shelf
    if (this.#flights.has(key)) statistics.joined++
    const start = (leaving: Leaving): Promise<Value> => this.#find(this.#making(key, args, run, leaving))
    const flight = this.#flights.join(key, start, signal)
    if (!signal) return flight
    return flight.catch((reason: unknown) => {
      if (signal.aborted) statistics.cancelled++
      throw reason
    })
  }

  #making(key: string, args: Args, run: Run<Args, Value>, leaving: Leaving): Making<Args, Value> {
    return { args, key, run, leaving, levelKey: this.shelf.levelKey(key), began: this.shelf.begin() }
  }

  /** The second level's value, or a new one. */
  async #find(making: Making<Args, Value>): Promise<Value> {
    const { key, levelKey, args, run } = making
    const { statistics } = this.shelf
    const found = await this.shelf.read(key, levelKey)
    const now = Date.now()
    if (found && now < found.freshUntil) {
      statistics.levelHits++
      if (now >= found.refreshAt) this.#refresh(key, args, run)
      return this.#open(found)
    }
    if (found && now < found.staleUntil) {
      statistics.staleHits++
      this.#refresh(key, args, run)
      return this.#open(found)
    }
    const old = found ?? this.shelf.held(key)
    let made: Held<Value>
    try {
      made = await this.#lead(making)
    } catch (reason) {
      if (!old || old.failure || Date.now() >= old.keptUntil || making.leaving.signal.aborted) throw reason
      statistics.graceHits++
      made = old
    }
    return this.#open(made)
  }

  #lead(making: Making<Args, Value>): Promise<Held<Value>> {
    const { level, together, leaseMs, waitMaxMs } = this.#settings
    if (!level || !together) return this.#execute(making, undefined)
    const { statistics } = this.shelf
    const { key, levelKey, leaving, began } = making
    return leadOrWait<Held<Value>>({
      level,
      key: levelKey,
      leaseMs,
      waitMaxMs,
      signal: leaving.signal,
      statistics,
      accept: async (bytes) => {
        const held = await this.shelf.accept(key, levelKey, bytes, began)
        if (!held || Date.now() >= held.freshUntil) return undefined
        statistics.levelHits++
        return held
      },
      make: (lease) => this.#execute(making, lease),
    })
  }

  async #execute(making: Making<Args, Value>, lease: Lease | undefined): Promise<Held<Value>> {
    const { args, key, levelKey, leaving, began, run } = making
    const { tags, remembers, failuresMs } = this.#settings
    const { statistics } = this.shelf
    statistics.misses++
    statistics.executions++
    let value: Value
    try {
      value = await run(...withSignal(args, leaving))
    } catch (reason) {
      statistics.failures++
      const failure = AndonError.from(reason)
      if (failuresMs === 0 || failure.code === 'cancelled' || leaving.signal.aborted || !remembers(reason)) throw reason
      return this.shelf.store(key, levelKey, { failure, tags: [], began, lease })
    }
    return this.shelf.store(key, levelKey, { value, tags: tags?.(value, ...args) ?? [], began, lease })
  }

  /** Makes a value again while the old one is given. Its failure is counted and otherwise nobody's. */
  #refresh(key: string, args: Args, run: Run<Args, Value>): void {
    if (this.#refreshes.has(key) || this.#refreshes.size >= mostRefreshes) return
    const { statistics } = this.shelf
    statistics.refreshes++
    const making = this.#making(key, args, run, { signal: AbortSignal.timeout(this.#settings.waitMaxMs) })
    const refreshed = this.#renew(making).catch(() => {})
    this.#refreshes.set(key, refreshed)
    void refreshed.finally(() => this.#refreshes.delete(key))
  }

  async #renew(making: Making<Args, Value>): Promise<void> {
    const { level, together, leaseMs } = this.#settings
    const { key, levelKey, began } = making
    if (!level || !together) return void (await this.#execute(making, undefined))
    const { statistics } = this.shelf
    const before = this.shelf.held(key)
    const bytes = await counted(statistics, level.get(levelKey))
    const held = bytes && (await this.shelf.accept(key, levelKey, bytes, began))
    // Somebody else was faster.
    if (held && before && held.freshUntil > before.freshUntil) return
    const once = new AbortController()
    await leadOrWait<true>({
      level,
      key: levelKey,
      leaseMs,
      waitMaxMs: 0,
      signal: once.signal,
      statistics,
      besides: bytes?.subarray(0, markBytes),
      accept: () => Promise.resolve(true),
      // Whoever makes it already does it for all.
      meanwhile: () => Promise.resolve(true),
      make: async (lease) => {
        await this.#execute(making, lease)
        return true
      },
    })
  }
}
