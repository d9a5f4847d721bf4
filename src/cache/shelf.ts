// The values of one cached function on its two levels: what is read is checked before it counts, and what was
// invalidated while it was made is not kept.

import { hash } from 'node:crypto'
import { AndonError, isCode, type WireError } from '../core/errors.ts'
import { decodeEntry, encodeEntry, mostGenerationsBytes, type Entry } from './entry.ts'
import { Invalidations } from './invalidations.ts'
import { counted, countFailure, type Lease } from './lead.ts'
import { Memory, type Held } from './memory.ts'
import type { Settings } from './options.ts'
import { newStatistics, type CacheCounts } from './statistics.ts'
import { weigh } from './weigh.ts'

/** The codec of remembered failures. */
const failureCodec = 0

/** A moment at which making a value began. */
export type Moment = number

/** What `store` needs to know of a value. */
export interface Made<Value> {
  readonly value?: Value
  readonly failure?: AndonError
  readonly tags: readonly string[]
  /** When it was begun. */
  readonly began: Moment
  readonly lease: Lease | undefined
  /** Whether it takes the place of what is there, whoever has the lease. */
  readonly replaces?: boolean
}

export class Shelf<Args extends readonly unknown[], Value> implements Disposable {
  readonly statistics = newStatistics()
  readonly #settings: Settings<Args, Value>
  readonly #memory: Memory<Value>
  readonly #invalidations = new Invalidations()
  /** Keys of memory by their names on the second level, for news of them. */
  readonly #keys = new Map<string, string>()
  readonly #weigh: (value: Value) => number
  /** Every value has this tag, so that all can be cleared at once. */
  readonly #all: string
  readonly #stop: (() => void) | undefined

  constructor(settings: Settings<Args, Value>, weight: (value: Value) => number = weigh) {
    this.#settings = settings
    this.#weigh = weight
    this.#memory = new Memory({ maxBytes: settings.l1Bytes })
    this.#all = `*${settings.name}`
    this.#stop = settings.level?.onInvalidated((what) => {
      if ('tags' in what) this.#dropTags(what.tags)
      else if ('key' in what) this.#dropLevelKey(what.key)
      else {
        this.#invalidations.noteAll()
        this.#memory.deleteTagged()
      }
    })
  }

  /** What memory holds, whether it may still be given or not. */
  held(key: string): Held<Value> | undefined {
    return this.#memory.get(key)
  }

  /** The moment for a value that is begun now. */
  begin(): Moment {
    return this.#invalidations.now
  }

  /** The name of a key on the second level. */
  levelKey(key: string): string {
    const { name, version } = this.#settings
    return `${name}:${hash('sha256', `${version.length}:${version}${key}`, 'base64url')}`
  }

  /** Reads a value from the second level into memory, when it has one that counts; fresh or past its time. */
  read(key: string, levelKey: string): Promise<Held<Value> | undefined> | undefined {
    const began = this.begin()
    return this.#settings.level?.get(levelKey).then(
      (bytes) => bytes && this.accept(key, levelKey, bytes, began),
      (reason: unknown) => countFailure(this.statistics, reason),
    )
  }

  /** Checks what lay in the second level, at once when nobody has to be asked. Garbage is counted and deleted. */
  accept(
    key: string,
    levelKey: string,
    bytes: Buffer,
    began: Moment,
  ): Promise<Held<Value> | undefined> | Held<Value> | undefined {
    const { codec, maxValueBytes, level } = this.#settings
    const entry = decodeEntry(bytes, maxValueBytes)
    if (!entry || entry.codec !== (entry.failed ? failureCodec : codec.id)) return this.#garbage(levelKey)
    if (entry.keptUntil <= Date.now()) return undefined
    const { generations } = entry
    if (!level || generations.length === 0) return this.#decoded(key, levelKey, entry, began)
    const current = level.current(levelKey, generations)
    if (current !== undefined) return current ? this.#decoded(key, levelKey, entry, began) : undefined
    const asked = level.generations(
      levelKey,
      generations.map(([tag]) => tag),
    )
    return counted(this.statistics, asked).then((now) =>
      now && generations.every(([, generation], at) => generation === now[at])
        ? this.#decoded(key, levelKey, entry, began)
        : undefined,
    )
  }

  #decoded(key: string, levelKey: string, entry: Entry<Buffer>, began: Moment): Held<Value> | undefined {
    const { payload, failed } = entry
    try {
      const value = failed ? undefined : this.#settings.codec.decode(payload)
      const failure = failed ? failureOf(payload) : undefined
      return this.#remember(key, levelKey, this.#hold(entry, value, failure), value, began)
    } catch {
      return this.#garbage(levelKey)
    }
  }

  /** Keeps what was made, on both levels, as far as nothing forbids it; and gives it as it is held. Never rejects. */
  async store(key: string, levelKey: string, made: Made<Value>): Promise<Held<Value>> {
    const { level, lease, entry, held } = await this.#prepare(levelKey, made)
    // A lease that is still there is given back by whoever got it.
    if (!entry) return held
    const kept = this.#remember(key, levelKey, held, made.value, made.began)
    if (!level) {
      this.statistics.stored++
      return kept
    }
    const bytes = encodeEntry(entry, this.#settings.compress)
    const ms = Math.max(1, entry.keptUntil - Date.now())
    if (lease && !lease.ended) {
      lease.ended = true
      const committed = await counted(this.statistics, level.commit(levelKey, lease.token, bytes, ms))
      if (committed === false) this.statistics.lostLeases++
      else if (committed) this.statistics.stored++
    } else if (!lease && (made.replaces === true || !this.#settings.together)) {
      if (
        (await counted(
          this.statistics,
          level.set(levelKey, bytes, ms).then(() => true),
        )) === true
      )
        this.statistics.stored++
    }
    return kept
  }

  async #prepare(levelKey: string, { value, failure, tags, began, lease, replaces }: Made<Value>) {
    const { level, codec, maxValueBytes, ttlMs, jitter, failuresMs, graceMs, revalidateMs } = this.#settings
    const ttl = (failure ? failuresMs : ttlMs) * (1 - jitter * Math.random())
    const freshUntil = Date.now() + ttl
    const keptUntil = freshUntil + (failure ? 0 : Math.max(graceMs, revalidateMs))
    const bare = { codec: failure ? failureCodec : codec.id, failed: failure !== undefined, freshUntil, keptUntil }
    const entryOf = (payload: Uint8Array, generations: Entry['generations']): Entry => ({
      ...bare,
      payload,
      generations,
    })
    const none = new Uint8Array()
    const held = this.#hold(
      entryOf(
        none,
        tags.map((tag) => [tag, '']),
      ),
      value,
      failure,
    )
    const refused = { level, lease, entry: undefined, held }
    if (this.#invalidations.since(began, [levelKey, this.#all, ...tags])) return this.#notStored(refused)
    const needsBytes = level !== undefined && (lease !== undefined || replaces === true || !this.#settings.together)
    if (!needsBytes) {
      if (value !== undefined && this.#weigh(value) > maxValueBytes) {
        this.statistics.tooLarge++
        return refused
      }
      return { level: undefined, lease, entry: entryOf(none, []), held }
    }
    const payload = failure ? Buffer.from(JSON.stringify(failure.toWire())) : this.#encoded(value as Value)
    if (!payload) return this.#notStored(refused)
    if (payload.length > maxValueBytes) {
      this.statistics.tooLarge++
      return refused
    }
    const all = [this.#all, ...tags]
    const asked = level.generations(levelKey, all, lease ? lease.startedAt : undefined)
    const generations = await counted(this.statistics, asked)
    if (!generations) return this.#notStored(refused)
    const pairs = all.map((tag, at) => [tag, generations[at] ?? ''] as const)
    if (Buffer.byteLength(JSON.stringify(pairs)) > mostGenerationsBytes) return this.#notStored(refused)
    return { level, lease, entry: entryOf(payload, pairs), held }
  }

  /** A value that its codec does not take is given all the same. */
  #encoded(value: Value): Uint8Array | undefined {
    try {
      return this.#settings.codec.encode(value)
    } catch {
      return undefined
    }
  }

  #notStored<Refused>(refused: Refused): Refused {
    this.statistics.notStored++
    return refused
  }

  /** Forgets one key, here and everywhere. */
  async forget(key: string): Promise<void> {
    const levelKey = this.levelKey(key)
    this.#dropLevelKey(levelKey)
    this.#memory.delete(key)
    await this.#settings.level?.forget(levelKey)
  }

  /** Invalidates what has one of the tags, here and everywhere. */
  async invalidate(tags: readonly string[]): Promise<void> {
    this.#dropTags(tags)
    await this.#settings.level?.invalidate(tags)
  }

  /** Invalidates all. */
  clear(): Promise<void> {
    return this.invalidate([this.#all])
  }

  /** What was counted, and what memory holds. */
  counts(): CacheCounts {
    return { ...this.statistics, bytes: this.#memory.bytes, size: this.#memory.size }
  }

  #dropTags(tags: readonly string[]): void {
    for (const tag of tags) {
      this.#invalidations.note(tag)
      if (tag === this.#all) {
        this.statistics.invalidated += this.#memory.size
        this.#memory.clear()
      } else this.statistics.invalidated += this.#memory.deleteTag(tag)
    }
  }

  #dropLevelKey(levelKey: string): void {
    if (!levelKey.startsWith(`${this.#settings.name}:`)) return
    this.#invalidations.note(levelKey)
    const key = this.#keys.get(levelKey)
    if (key !== undefined && this.#memory.delete(key)) this.statistics.invalidated++
    this.#keys.delete(levelKey)
  }

  #remember(key: string, levelKey: string, held: Held<Value>, value: Value | undefined, began: Moment): Held<Value> {
    if (this.#settings.l1Bytes === 0 || this.#invalidations.since(began, [levelKey, this.#all, ...held.tags]))
      return held
    this.#memory.set(key, held, (value === undefined ? 0 : this.#weigh(value)) + key.length * 2 + 200)
    if (this.#settings.level) {
      this.#keys.set(levelKey, key)
      if (this.#keys.size > 2 * this.#memory.size + 1_000) this.#sweep()
    }
    return held
  }

  #sweep(): void {
    for (const [levelKey, key] of this.#keys) if (!this.#memory.get(key)) this.#keys.delete(levelKey)
  }

  #hold(entry: Entry, value: Value | undefined, failure: AndonError | undefined): Held<Value> {
    const { l1TtlMs, ttlMs, refreshAhead, revalidateMs, graceMs } = this.#settings
    const { freshUntil, keptUntil, generations } = entry
    const tags: string[] = []
    for (const [tag] of generations) if (tag !== this.#all) tags.push(tag)
    return {
      value,
      failure,
      freshUntil,
      keptUntil: Math.min(keptUntil, freshUntil + graceMs),
      staleUntil: failure ? freshUntil : freshUntil + revalidateMs,
      until: Math.min(freshUntil, Date.now() + l1TtlMs),
      refreshAt: failure || refreshAhead === 1 ? Infinity : freshUntil - ttlMs * (1 - refreshAhead),
      tags,
    }
  }

  #garbage(levelKey: string): undefined {
    this.statistics.garbage++
    void counted(this.statistics, this.#settings.level?.remove(levelKey) ?? Promise.resolve())
    return undefined
  }

  [Symbol.dispose](): void {
    this.#stop?.()
    this.#memory.clear()
    this.#keys.clear()
  }
}

function failureOf(payload: Buffer): AndonError {
  const wire = JSON.parse(payload.toString()) as WireError
  if (!isCode(wire.code)) throw new AndonError('invalid', 'A remembered failure has no code')
  return AndonError.fromWire(wire)
}
