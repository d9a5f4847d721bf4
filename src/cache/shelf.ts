// The values of one cached function on its two levels: what is read is checked before it counts, and what was
// invalidated while it was made is not kept.

import { packed, unpacked, type Content } from './content.ts'
import { decodeEntry, encodeEntry, mostGenerationsBytes, type Entry } from './entry.ts'
import { Invalidations } from './invalidations.ts'
import { counted, countFailure, type Lease } from './lead.ts'
import type { Level } from './level.ts'
import { LevelNames } from './level-names.ts'
import { beginLife, heldFor, type Life } from './life.ts'
import { Memory, type Held } from './memory.ts'
import type { Settings } from './options.ts'
import { newStatistics, type CacheCounts } from './statistics.ts'
import { weigh } from './weigh.ts'

/** A moment at which making a value began. */
export type Moment = number

/** What `store` needs to know of a value. */
export interface Made<Value> extends Content<Value> {
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
  readonly #names: LevelNames
  readonly #weigh: (value: Value) => number
  /** Every value has this tag, so that all can be cleared at once. */
  readonly #all: string
  readonly #stop: (() => void) | undefined

  constructor(settings: Settings<Args, Value>, weight: (value: Value) => number = weigh) {
    this.#settings = settings
    this.#weigh = weight
    this.#memory = new Memory({ maxBytes: settings.l1Bytes })
    this.#names = new LevelNames(settings, this.#memory)
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
    return this.#names.of(key)
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
    const { maxValueBytes, level } = this.#settings
    const entry = decodeEntry(bytes, maxValueBytes)
    if (!entry) return this.#garbage(levelKey)
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
    const content = unpacked(this.#settings.codec, entry)
    if (!content) return this.#garbage(levelKey)
    const tags: string[] = []
    for (const [tag] of entry.generations) if (tag !== this.#all) tags.push(tag)
    const held = heldFor(this.#settings, entry, content, tags)
    this.#remember(key, levelKey, held, began)
    return held
  }

  /**
   * Keeps what was made, on both levels, as far as nothing forbids it; and gives it as it is held. Never rejects.
   * A lease that is still there afterwards is given back by whoever got it.
   */
  async store(key: string, levelKey: string, made: Made<Value>): Promise<Held<Value>> {
    const { level, together, maxValueBytes } = this.#settings
    const { tags, began, lease, replaces } = made
    const life = beginLife(this.#settings, made.failure !== undefined)
    const held = heldFor(this.#settings, life, made, [...tags])
    // Whoever took the lease over stores its own, and a lost one has been counted.
    if (lease?.ended) return held
    if (this.#forbidden(began, levelKey, tags)) return this.#notStored(held)
    if (!level || (!lease && replaces !== true && together)) {
      if (this.#weightOf(held) > maxValueBytes) this.statistics.tooLarge++
      else this.#count(this.#remember(key, levelKey, held, began))
      return held
    }
    const entry = await this.#entry(level, levelKey, made, life)
    if (!entry) return held
    const inMemory = this.#remember(key, levelKey, held, began)
    const bytes = encodeEntry(entry, this.#settings.compress)
    const ms = Math.max(1, life.keptUntil - Date.now())
    if (!lease) {
      const set = await counted(
        this.statistics,
        level.set(levelKey, bytes, ms).then(() => true),
      )
      this.#count(set ?? inMemory)
    } else if (!lease.ended) {
      lease.ended = true
      const committed = await counted(this.statistics, level.commit(levelKey, lease.token, bytes, ms))
      if (committed !== false) this.#count(committed ?? inMemory)
      else {
        this.statistics.lostLeases++
        this.#drop(key, held)
      }
    } else this.#drop(key, held)
    return held
  }

  /** What the level is given; undefined, and counted, when it may not have it. */
  async #entry(level: Level, levelKey: string, made: Made<Value>, life: Life): Promise<Entry | undefined> {
    const { codec, maxValueBytes } = this.#settings
    const content = packed(codec, made)
    if (!content) return this.#notStored(undefined)
    if (content.payload.length > maxValueBytes) {
      this.statistics.tooLarge++
      return undefined
    }
    const all = [this.#all, ...made.tags]
    const now = await counted(this.statistics, level.generations(levelKey, all, made.lease?.startedAt))
    if (!now) return this.#notStored(undefined)
    const generations = all.map((tag, at) => [tag, now[at] ?? ''] as const)
    if (Buffer.byteLength(JSON.stringify(generations)) > mostGenerationsBytes) return this.#notStored(undefined)
    return { ...content, ...life, generations }
  }

  #notStored<Given>(given: Given): Given {
    this.statistics.notStored++
    return given
  }

  #count(kept: boolean): void {
    if (kept) this.statistics.stored++
    else this.statistics.notStored++
  }

  #weightOf({ value }: Held<Value>): number {
    return value === undefined ? 0 : this.#weigh(value)
  }

  /** Whether it was invalidated since it was begun. */
  #forbidden(began: Moment, levelKey: string, tags: readonly string[]): boolean {
    return this.#invalidations.since(began, [levelKey, this.#all, ...tags])
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
    if (!this.#names.isOwn(levelKey)) return
    this.#invalidations.note(levelKey)
    const key = this.#names.take(levelKey)
    if (key !== undefined && this.#memory.delete(key)) this.statistics.invalidated++
  }

  /** Keeps it in memory, when it may and can. */
  #remember(key: string, levelKey: string, held: Held<Value>, began: Moment): boolean {
    if (this.#settings.l1Bytes === 0 || this.#forbidden(began, levelKey, held.tags)) return false
    const kept = this.#memory.set(key, held, this.#weightOf(held) + key.length * 2 + 200)
    if (kept && this.#settings.level) this.#names.note(levelKey, key)
    return kept
  }

  #drop(key: string, held: Held<Value>): void {
    if (this.#memory.get(key) === held) this.#memory.delete(key)
  }

  #garbage(levelKey: string): undefined {
    this.statistics.garbage++
    void counted(this.statistics, this.#settings.level?.remove(levelKey) ?? Promise.resolve())
    return undefined
  }

  [Symbol.dispose](): void {
    this.#stop?.()
    this.#memory.clear()
    this.#names.clear()
  }
}
