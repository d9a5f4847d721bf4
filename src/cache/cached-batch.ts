// A function of many inputs at once that is asked only for those whose answers are not there.

import { AndonError } from '../core/errors.ts'
import { signalOf, localKey, withSignal } from './arguments.ts'
import type { CacheControls } from './cached.ts'
import { nowMs } from './clock.ts'
import { Flights, type Leaving } from './flight.ts'
import { counted, endLease, keepLease, leadOrWait, type Lease } from './lead.ts'
import type { Held } from './memory.ts'
import { settingsOf, type CacheOptions, type Settings } from './options.ts'
import { Shelf } from './shelf.ts'
import { Turns } from './turns.ts'
import { warm } from './warm.ts'

/** A function of inputs, cached one by one. */
export interface CachedBatch<Input, Rest extends readonly unknown[], Value>
  extends CacheControls<readonly [Input, ...Rest]>, Disposable {
  /** The answers, in the order of the inputs. */
  (inputs: readonly Input[], ...rest: Rest): Promise<Value[]>
  peek(input: Input, ...rest: Rest): Value | undefined
}

/** `stale` and `failures` are not for batches. */
export type BatchOptions<Input, Rest extends readonly unknown[], Value> = Omit<
  CacheOptions<readonly [Input, ...Rest], Value>,
  'stale' | 'failures'
>

/**
 * Caches a function that answers a list of inputs with a list of as many values. Each input has its own key, made from
 * itself and the other arguments; the options hear of one input at a time. The function is called once with those that are
 * neither in memory, nor in the second level (which is asked for all at once), nor being made already, here or elsewhere.
 *
 *     const embed = cachedBatch(embedTexts, { name: 'embed', l2, codec: float32(384) })
 *     const vectors = await embed(['one text', 'another'], { signal })
 */
export function cachedBatch<Input, Rest extends readonly unknown[], Value>(
  fn: (inputs: readonly Input[], ...rest: Rest) => Promise<readonly Value[]>,
  options: BatchOptions<Input, Rest, Value>,
): CachedBatch<Input, Rest, Value> {
  const maker = new BatchMaker(fn, settingsOf<readonly [Input, ...Rest], Value>(options))
  const { shelf } = maker
  return Object.assign((inputs: readonly Input[], ...rest: Rest) => maker.call(inputs, rest), {
    peek: (input: Input, ...rest: Rest) => maker.peek(maker.key([input, ...rest])),
    forget: (...args: readonly [Input, ...Rest]) => shelf.forget(maker.key(args)),
    invalidate: ({ tags }: { readonly tags: readonly string[] }) => shelf.invalidate(tags),
    clear: () => shelf.clear(),
    warm: ((inputs, warming) =>
      warm(([input, ...rest], signal) => maker.call([input], rest, signal), inputs, warming)) as CacheControls<
      readonly [Input, ...Rest]
    >['warm'],
    stats: () => shelf.counts(),
    [Symbol.dispose]: () => shelf[Symbol.dispose](),
  })
}

/** One input that is not in memory, and what becomes of it. */
interface Missing<Input, Value> {
  readonly input: Input
  readonly key: string
  readonly levelKey: string
  readonly settled: PromiseWithResolvers<Held<Value>>
  readonly leaving: Leaving
  lease: Lease | undefined
}

class BatchMaker<Input, Rest extends readonly unknown[], Value> {
  readonly shelf: Shelf<readonly [Input, ...Rest], Value>
  readonly key: (args: readonly [Input, ...Rest]) => string
  readonly #run: (inputs: readonly Input[], ...rest: Rest) => Promise<readonly Value[]>
  readonly #settings: Settings<readonly [Input, ...Rest], Value>
  readonly #flights = new Flights<Held<Value>>()
  readonly #turns = new Turns()

  constructor(
    run: (inputs: readonly Input[], ...rest: Rest) => Promise<readonly Value[]>,
    settings: Settings<readonly [Input, ...Rest], Value>,
  ) {
    this.#run = run
    this.#settings = settings
    this.shelf = new Shelf(settings)
    this.key = localKey(settings)
  }

  peek(key: string): Value | undefined {
    const held = this.shelf.held(key)
    return held && nowMs() < held.until ? held.value : undefined
  }

  async call(inputs: readonly Input[], rest: Rest, signal = signalOf(rest)): Promise<Value[]> {
    const { statistics } = this.shelf
    // All of them first: an input without a key is refused before anybody can join the others.
    const keys: string[] = []
    for (const input of inputs) {
      const turn = this.#turns.next()
      if (turn) await turn
      keys.push(this.key([input, ...rest]))
    }
    const missing: Missing<Input, Value>[] = []
    const answers: (Value | Promise<Held<Value>>)[] = []
    const waits: number[] = []
    for (const [at, input] of inputs.entries()) {
      const turn = this.#turns.next()
      if (turn) await turn
      const key = keys[at] ?? ''
      const kept = this.peek(key)
      if (kept !== undefined) {
        statistics.memoryHits++
        answers.push(kept)
        continue
      }
      if (this.#flights.has(key)) statistics.joined++
      waits.push(at)
      const flight = this.#flights.join(key, (own) => this.#enlist(missing, input, key, own), signal)
      // Another may fail first: this one's failure is then nobody's.
      flight.catch(() => {})
      answers.push(flight)
    }
    if (missing.length > 0) void this.#fill(missing, rest)
    await Promise.all(
      waits.map(async (at) => {
        const held = await (answers[at] as Promise<Held<Value>>)
        answers[at] = held.value as Value
      }),
    )
    return answers as Value[]
  }

  #enlist(missing: Missing<Input, Value>[], input: Input, key: string, leaving: Leaving): Promise<Held<Value>> {
    const settled = Promise.withResolvers<Held<Value>>()
    missing.push({ input, key, levelKey: this.shelf.levelKey(key), settled, leaving, lease: undefined })
    return settled.promise
  }

  /** Settles all that are missing. Never rejects. */
  async #fill(missing: readonly Missing<Input, Value>[], rest: Rest): Promise<void> {
    const began = this.shelf.begin()
    try {
      const left = await this.#read(missing, began)
      const own = this.#settings.level && this.#settings.together ? await this.#lead(left, rest, began) : left
      await this.#execute(own, rest, began)
    } catch (reason) {
      for (const { settled } of missing) settled.reject(reason)
    }
  }

  /** Settles those that the second level has; gives the others. */
  async #read(missing: readonly Missing<Input, Value>[], began: number): Promise<Missing<Input, Value>[]> {
    const { level } = this.#settings
    if (!level) return [...missing]
    const { statistics } = this.shelf
    const found = await counted(statistics, level.getMany(missing.map(({ levelKey }) => levelKey)))
    if (!found) return [...missing]
    const left: Missing<Input, Value>[] = []
    for (const [at, one] of missing.entries()) {
      const bytes = found[at]
      const held = bytes && (await this.shelf.accept(one.key, one.levelKey, bytes, began))
      if (held && Date.now() < held.freshUntil) {
        statistics.levelHits++
        one.settled.resolve(held)
      } else left.push(one)
    }
    return left
  }

  /** Gives those whose lease is ours; the others are waited for, each for itself. */
  async #lead(left: readonly Missing<Input, Value>[], rest: Rest, began: number): Promise<Missing<Input, Value>[]> {
    const { level, leaseMs } = this.#settings
    if (!level) return [...left]
    const { statistics } = this.shelf
    const own: Missing<Input, Value>[] = []
    await Promise.all(
      left.map(async (one) => {
        const token = crypto.randomUUID()
        const led = await counted(statistics, level.lead(one.levelKey, token, leaseMs))
        if (led?.kind === 'lead') one.lease = { token, startedAt: led.startedAt, ended: false }
        if (!led || led.kind === 'lead') own.push(one)
        else void this.#wait(one, rest, began)
      }),
    )
    return own
  }

  async #wait(one: Missing<Input, Value>, rest: Rest, began: number): Promise<void> {
    const { level, leaseMs, waitMaxMs } = this.#settings
    if (!level) return
    const { statistics } = this.shelf
    try {
      const held = await leadOrWait<Held<Value>>({
        level,
        key: one.levelKey,
        leaseMs,
        waitMaxMs,
        signal: one.leaving.signal,
        statistics,
        accept: async (bytes) => {
          const held = await this.shelf.accept(one.key, one.levelKey, bytes, began)
          if (!held || Date.now() >= held.freshUntil) return undefined
          statistics.levelHits++
          return held
        },
        make: async (lease) => {
          one.lease = lease
          await this.#execute([one], rest, began)
          return one.settled.promise
        },
      })
      one.settled.resolve(held)
    } catch (reason) {
      one.settled.reject(reason)
    }
  }

  /** Calls the function once for all of these. It hears a signal when nobody waits for any of them. */
  async #execute(own: readonly Missing<Input, Value>[], rest: Rest, began: number): Promise<void> {
    if (own.length === 0) return
    const { level, leaseMs, tags } = this.#settings
    const { statistics } = this.shelf
    const leases: Disposable[] = []
    const ended: Promise<void>[] = []
    if (level)
      for (const { lease, levelKey } of own)
        if (lease) leases.push(keepLease({ level, key: levelKey, leaseMs, statistics }, lease))
    statistics.misses += own.length
    statistics.executions++
    try {
      const values = await this.#run(
        own.map(({ input }) => input),
        ...withSignal(rest, allOf(own.map(({ leaving }) => leaving))),
      )
      if (values.length !== own.length)
        throw new AndonError('internal', `${own.length} inputs were answered with ${values.length} values`)
      await Promise.all(
        own.map(async ({ input, key, levelKey, lease, settled }, at) => {
          const value = values[at] as Value
          const made = { value, tags: tags?.(value, input, ...rest) ?? [], began, lease }
          settled.resolve(await this.shelf.store(key, levelKey, made))
        }),
      )
    } catch (reason) {
      statistics.failures++
      for (const { settled } of own) settled.reject(reason)
    } finally {
      for (const lease of leases) lease[Symbol.dispose]()
      if (level)
        for (const { lease, levelKey } of own)
          if (lease) ended.push(endLease({ level, key: levelKey, leaseMs, statistics }, lease))
      await Promise.all(ended)
    }
  }
}

/** Everybody has left when they have left all of these. */
function allOf(all: readonly Leaving[]): Leaving {
  return {
    get signal() {
      const controller = new AbortController()
      let left = all.length
      for (const { signal } of all) {
        const gone = (): void => {
          if (--left === 0) controller.abort(signal.reason)
        }
        if (signal.aborted) gone()
        else signal.addEventListener('abort', gone, { once: true })
      }
      return controller.signal
    },
  }
}
