// A stream that is remembered: whoever asks while it is made joins it from its first item, in this process or another;
// whoever asks later hears it again.

import { AndonError } from '../core/errors.ts'
import { Register } from '../core/register.ts'
import { localKey, signalOf, withSignal } from './arguments.ts'
import { nowMs } from './clock.ts'
import { Flights, type Leaving } from './flight.ts'
import { Follower } from './follower.ts'
import { counted, leadOrWait, type Lease } from './lead.ts'
import { settingsOf, type CacheOptions, type Settings } from './options.ts'
import { Shelf, type Moment } from './shelf.ts'
import { streamOf } from './stream-codec.ts'
import { StreamLog, type StreamRecord } from './stream-log.ts'
import { StreamWriter } from './stream-writer.ts'
import { Turns } from './turns.ts'
import { warm } from './warm.ts'
import { weigh } from './weigh.ts'
import { json, type Codec } from './codecs.ts'
import type { CacheControls } from './cached.ts'

export interface CachedStreamOptions<Args extends readonly unknown[], Item> extends Omit<
  CacheOptions<Args, readonly Item[]>,
  'codec' | 'stale' | 'failures'
> {
  /** How an item becomes bytes. Default JSON. */
  readonly codec?: Codec<Item>
  /**
   * Whether a stream that came to its end is worth keeping, by its last item and all items. Default: yes. One that failed or
   * was cancelled never is.
   */
  readonly storeIf?: (last: Item | undefined, items: readonly Item[]) => boolean
  /** A kept stream comes as fast as it is read, or takes as long as it took. Default `as-fast`. */
  readonly replay?: 'as-fast' | 'original-pacing'
}

/** A function that streams, cached. Items are shared and not copied. */
export interface CachedStream<Args extends readonly unknown[], Item> extends CacheControls<Args>, Disposable {
  (...args: Args): AsyncGenerator<Item>
  /** All items, when this process's memory has them. */
  peek(...args: Args): readonly Item[] | undefined
  /**
   * Runs the function for this reader alone, past what is kept and what others wait for, and keeps what it says in the
   * place of what was kept. The memory of other processes has the former until its time there is over.
   */
  renew(...args: Args): AsyncGenerator<Item>
}

/**
 * Caches a function that streams. Keys, signals and levels are those of `cached`. The function is run for the first
 * reader and ends when the last has left; it runs ahead of its readers as long as what it says can be kept.
 * When the process that runs it dies, another runs it again: its readers hear on when the second run begins with the same
 * items, and fail with `unavailable` when it says something else.
 *
 *     const answer = cachedStream(generate, { name: 'answer', l2, storeIf: (end) => end?.type === 'done' })
 *     for await (const event of answer(question, { signal })) …
 */
export function cachedStream<Args extends readonly unknown[], Item>(
  fn: (...args: Args) => AsyncIterable<Item>,
  options: CachedStreamOptions<Args, Item>,
): CachedStream<Args, Item> {
  const maker = new StreamMaker(fn, options)
  const { shelf } = maker
  return Object.assign((...args: Args) => maker.read(args, signalOf(args)), {
    peek: (...args: Args) => maker.peek(args)?.items,
    renew: (...args: Args) => maker.renew(args),
    forget: (...args: Args) => shelf.forget(maker.key(args)),
    invalidate: ({ tags }: { readonly tags: readonly string[] }) => shelf.invalidate(tags),
    clear: () => shelf.clear(),
    warm: ((inputs, warming) =>
      warm((args, signal) => maker.exhaust(args, signal), inputs, warming)) as CacheControls<Args>['warm'],
    stats: () => shelf.counts(),
    [Symbol.dispose]: () => shelf[Symbol.dispose](),
  })
}

interface Making<Args extends readonly unknown[]> {
  readonly args: Args
  readonly key: string
  readonly levelKey: string
  readonly signal: AbortSignal
  readonly began: Moment
}

class StreamMaker<Args extends readonly unknown[], Item> {
  readonly shelf: Shelf<Args, StreamRecord<Item>>
  readonly key: (args: Args) => string
  readonly #run: (...args: Args) => AsyncIterable<Item>
  readonly #settings: Settings<Args, StreamRecord<Item>>
  readonly #codec: Codec<Item>
  readonly #storeIf: (last: Item | undefined, items: readonly Item[]) => boolean
  readonly #paced: boolean
  readonly #logs = new Register<string, StreamLog<Item>>()
  readonly #flights: Flights<void>
  readonly #turns = new Turns()

  constructor(run: (...args: Args) => AsyncIterable<Item>, options: CachedStreamOptions<Args, Item>) {
    const { storeIf = () => true, replay = 'as-fast', codec = json<Item>(), tags, ...rest } = options
    this.#run = run
    this.#codec = codec
    this.#storeIf = storeIf
    this.#paced = replay === 'original-pacing'
    this.#settings = settingsOf<Args, StreamRecord<Item>>({
      ...rest,
      codec: streamOf(codec),
      ...(tags ? { tags: ({ items }, ...args) => tags(items, ...args) } : {}),
    })
    this.shelf = new Shelf(this.#settings)
    this.key = localKey(this.#settings)
    const { level, together } = this.#settings
    this.#flights = new Flights(
      level && together
        ? async (key) => (await counted(this.shelf.statistics, level.awaited(this.shelf.levelKey(key)))) ?? false
        : undefined,
    )
  }

  peek(args: Args): StreamRecord<Item> | undefined {
    const held = this.shelf.held(this.key(args))
    return held && nowMs() < held.until ? held.value : undefined
  }

  async exhaust(args: Args, signal: AbortSignal | undefined): Promise<void> {
    for await (const _item of this.read(args, signal));
  }

  async *read(args: Args, signal: AbortSignal | undefined): AsyncGenerator<Item> {
    const { statistics } = this.shelf
    const kept = this.peek(args)
    if (kept) {
      statistics.memoryHits++
      const turn = this.#turns.next()
      if (turn) await turn
      const log = new StreamLog<Item>()
      log.replay(kept, () => true)
      return yield* log.read(this.#paced, signal)
    }
    const key = this.key(args)
    const leaving = new AbortController()
    const joins = this.#flights.has(key)
    if (joins) statistics.joined++
    const made = this.#flights.join(key, (own) => this.#make(args, key, own), leaving.signal)
    made.catch(() => {})
    const log = this.#logs.get(key)
    if (!log) throw new AndonError('internal', 'A stream is under way that nobody writes')
    try {
      yield* log.read(this.#paced, signal)
    } catch (reason) {
      if (signal?.aborted) statistics.cancelled++
      throw reason
    } finally {
      leaving.abort()
    }
  }

  async *renew(args: Args): AsyncGenerator<Item> {
    const { statistics } = this.shelf
    const { maxValueBytes, tags } = this.#settings
    const key = this.key(args)
    const began = this.shelf.begin()
    const startedAt = performance.now()
    const items: Item[] = []
    const offsets: number[] = []
    let bytes = 0
    statistics.executions++
    for await (const item of this.#run(...args)) {
      bytes += weigh(item)
      if (bytes <= maxValueBytes) {
        items.push(item)
        offsets.push(Math.round(performance.now() - startedAt))
      } else items.length = 0
      yield item
    }
    if (bytes > maxValueBytes) statistics.tooLarge++
    else if (!this.#storeIf(items.at(-1), items)) statistics.notStored++
    else {
      const value = { items, offsets }
      const made = { value, tags: tags?.(value, ...args) ?? [], began, lease: undefined, replaces: true }
      await this.shelf.store(key, this.shelf.levelKey(key), made)
    }
  }

  /** Fills a log, from wherever the stream comes. Its failure is told to the readers. */
  async #make(args: Args, key: string, { signal }: Leaving): Promise<void> {
    const log = new StreamLog<Item>()
    this.#logs.set(key, log)
    const making = { args, key, signal, levelKey: this.shelf.levelKey(key), began: this.shelf.begin() }
    try {
      await this.#fill(making, log)
      log.end()
    } catch (reason) {
      log.fail(reason)
    } finally {
      // Both at once: who comes between the two would join what nobody writes.
      if (this.#logs.get(key) === log) {
        this.#logs.delete(key)
        this.#flights.part(key)
      }
    }
  }

  async #fill(making: Making<Args>, log: StreamLog<Item>): Promise<void> {
    const { level, together, leaseMs, waitMaxMs } = this.#settings
    const { key, levelKey, began, signal } = making
    const { statistics } = this.shelf
    const replay = (record: StreamRecord<Item> | undefined): true | undefined => {
      if (!record) return undefined
      statistics.levelHits++
      log.replay(record, (a, b) => this.#same(a, b))
      return true
    }
    const found = await this.shelf.read(key, levelKey)
    if (found && Date.now() < found.freshUntil && replay(found.value)) return
    if (!level || !together) return this.#execute(making, log, undefined)
    await using follower = new Follower(level, levelKey, statistics)
    await leadOrWait<true>({
      level,
      key: levelKey,
      leaseMs,
      waitMaxMs,
      signal,
      statistics,
      accept: async (bytes) => {
        const held = await this.shelf.accept(key, levelKey, bytes, began)
        return held && Date.now() < held.freshUntil ? replay(held.value) : undefined
      },
      meanwhile: (pauseMs) =>
        follower.follow(pauseMs, signal, (item) => {
          if (item === undefined) log.restart()
          else this.#add(log, this.#codec.decode(item))
        }),
      make: async (lease) => {
        log.restart()
        await this.#execute(making, log, lease)
        return true
      },
    })
  }

  async #execute(making: Making<Args>, log: StreamLog<Item>, lease: Lease | undefined): Promise<void> {
    const { args, key, levelKey, signal, began } = making
    const { level, maxValueBytes, tags } = this.#settings
    const { statistics } = this.shelf
    statistics.misses++
    statistics.executions++
    const writer = level && lease ? new StreamWriter(level, levelKey, lease, statistics) : undefined
    let bytes = 0
    try {
      for await (const item of this.#run(...withSignal(args, making))) {
        if (signal.aborted) throw AndonError.from(signal.reason, 'cancelled')
        this.#add(log, item)
        const tooLarge = bytes > maxValueBytes
        if (!tooLarge) {
          const encoded = writer ? this.#codec.encode(item) : undefined
          bytes += encoded?.length ?? weigh(item)
          if (encoded) writer?.write(encoded)
          if (bytes > maxValueBytes) {
            statistics.tooLarge++
            this.#logs.delete(key)
            this.#flights.part(key)
            log.forget()
            await writer?.end('failed')
          }
        } else await log.wanted()
      }
      if (signal.aborted) throw AndonError.from(signal.reason, 'cancelled')
    } catch (reason) {
      statistics.failures++
      await writer?.end('failed')
      throw reason
    }
    if (bytes > maxValueBytes) return
    await writer?.end('done')
    const value = log.record
    if (this.#storeIf(value.items.at(-1), value.items))
      await this.shelf.store(key, levelKey, { value, tags: tags?.(value, ...args) ?? [], began, lease })
    else statistics.notStored++
  }

  #add(log: StreamLog<Item>, item: Item): void {
    log.add(item, (before) => this.#same(before, item))
  }

  #same(a: Item, b: Item): boolean {
    return Buffer.compare(this.#codec.encode(a), this.#codec.encode(b)) === 0
  }
}
