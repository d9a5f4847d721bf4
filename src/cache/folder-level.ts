// The second level of one host without a Redis: values are files of a folder, and the arbiter of the host says who makes
// one. The kernel tells the arbiter of a process that dies, so that no lease has to run out.

import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { openArbiter } from '../concurrency/arbiter.ts'
import { localPermits } from '../concurrency/local-permits.ts'
import type { OpenPermits, SharedPermits } from '../concurrency/permits.ts'
import { AndonError } from '../core/errors.ts'
import { FolderFiles, orNothing, writeWhole } from './folder-files.ts'
import type { Invalidated, Lead, Level, News, StreamPart } from './level.ts'
import { Pager } from './pager.ts'

export interface FolderLevelOptions {
  /** Where values lie: a folder of this cache's own. */
  readonly folder: string
  /** Most bytes of all values; the oldest go first. Default 1 GiB. */
  readonly maxBytes?: number
  /** No other process uses the folder: then nobody on the host has to be asked who makes a value. Default false. */
  readonly alone?: boolean
}

/** Opens a second level in a folder, shared by the processes of this user on this host that name the same folder. */
export async function folderLevel(options: FolderLevelOptions): Promise<Level> {
  const { folder, alone = false } = options
  try {
    mkdirSync(join(folder, 'tags'), { recursive: true, mode: 0o700 })
  } catch (reason) {
    throw AndonError.from(reason, 'unavailable')
  }
  if (alone) return new FolderLevel(options, { open: localPermits(), [Symbol.asyncDispose]: () => Promise.resolve() })
  return new FolderLevel(options, await openArbiter({ group: `cache:${folder}` }))
}

/** A key that this process wants to make, or makes. */
interface Turn {
  readonly permits: SharedPermits
  /** Its permit is ours, though nobody works yet. */
  granted: boolean
  /** Who works. */
  token: string | undefined
}

/** Who says whose turn it is: the arbiter of the host, or this process. */
interface Turns extends AsyncDisposable {
  readonly open: OpenPermits
}

class FolderLevel implements Level {
  readonly up = true
  readonly #folder: string
  readonly #files: FolderFiles
  readonly #arbiter: Turns
  readonly #pager = new Pager()
  readonly #turns = new Map<string, Turn>()
  /** Generations as this process read and gave them, where no other gives any. */
  readonly #known: LRUCache<string, string> | undefined
  readonly #listeners = new Set<(what: Invalidated) => void>()

  constructor({ folder, maxBytes = 2 ** 30, alone = false }: FolderLevelOptions, arbiter: Turns) {
    this.#folder = folder
    this.#files = new FolderFiles(folder, maxBytes)
    this.#arbiter = arbiter
    if (alone) this.#known = new LRUCache({ max: 10_000 })
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#files.get(key)
  }

  getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)))
  }

  set(key: string, bytes: Buffer, ms: number): Promise<void> {
    return this.#files.set(key, bytes, ms)
  }

  remove(key: string): Promise<void> {
    return this.#files.remove(key)
  }

  async forget(key: string): Promise<void> {
    // Whoever makes it began before now, and is not stored.
    await this.#renew(`key ${key}`)
    await this.remove(key)
    this.#tell({ key })
  }

  async lead(key: string, token: string, _leaseMs: number, besides?: Buffer): Promise<Lead> {
    const found = await this.#doing(key, besides)
    if (found) return { kind: 'value', bytes: found }
    const turn = this.#turn(key)
    if (turn.token === undefined && (turn.granted || turn.permits.take())) {
      turn.granted = true
      turn.token = token
      turn.permits.want(0)
      // Somebody may have stored it between the look and the turn.
      const late = await this.#doing(key, besides)
      if (!late) return { kind: 'lead', startedAt: String(Date.now()) }
      this.#end(key, token)
      return { kind: 'value', bytes: late }
    }
    if (turn.token === undefined) turn.permits.want(1)
    return { kind: 'wait', leaseMs: 250 }
  }

  renew(key: string, token: string): Promise<boolean> {
    return Promise.resolve(this.#turns.get(key)?.token === token)
  }

  async commit(key: string, token: string, bytes: Buffer, ms: number): Promise<boolean> {
    if (this.#turns.get(key)?.token !== token) return false
    try {
      await this.set(key, bytes, ms)
      return true
    } finally {
      this.#end(key, token)
    }
  }

  release(key: string, token: string): Promise<void> {
    this.#end(key, token)
    return Promise.resolve()
  }

  awaited(): Promise<boolean> {
    return Promise.resolve(false)
  }

  news(key: string): News {
    const listening = this.#pager.listen(key)
    return {
      wait: (ms, signal) => listening.wait(ms, signal),
      [Symbol.dispose]: () => {
        listening[Symbol.dispose]()
        // The last that listens wants no turn any more.
        if (!this.#pager.has(key)) this.#end(key, undefined)
      },
    }
  }

  /** Where other processes are, one may have given a tag a new generation. */
  current(_key: string, generations: readonly (readonly [tag: string, generation: string])[]): boolean | undefined {
    if (!this.#known) return undefined
    for (const [tag, generation] of generations) {
      const known = this.#known.get(tag)
      if (known === undefined) return undefined
      if (known !== generation) return false
    }
    return true
  }

  async generations(key: string, tags: readonly string[], startedAt?: string): Promise<string[] | undefined> {
    const all = await Promise.all([`key ${key}`, ...tags].map((tag) => this.#generation(tag)))
    if (startedAt !== undefined && all.some((generation) => Number(generation) >= Number(startedAt))) return undefined
    return all.slice(1)
  }

  async invalidate(tags: readonly string[]): Promise<void> {
    await Promise.all(tags.map((tag) => this.#renew(tag)))
    this.#tell({ tags })
    // A star and a name is the tag of all that a cache has. Nobody finds it any more, and a folder does not forget by itself.
    for (const tag of tags) if (tag.startsWith('*')) await this.#files.clear(tag.slice(1))
  }

  onInvalidated(listener: (what: Invalidated) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  append(): Promise<boolean> {
    return Promise.resolve(false)
  }

  read(): Promise<StreamPart> {
    return Promise.resolve({ items: [], next: '' })
  }

  /** Streams are not followed from file to file: whoever waits hears the whole when it is there. */
  follow(key: string, added: () => void): Promise<() => void> {
    const listening = this.#pager.listen(key)
    const ended = new AbortController()
    void listening.wait(2 ** 31 - 1, ended.signal).then(added)
    return Promise.resolve(() => {
      ended.abort()
      listening[Symbol.dispose]()
    })
  }

  #turn(key: string): Turn {
    const open = this.#turns.get(key)
    if (open) return open
    const permits = this.#arbiter.open(key, 1, () => {
      // What is not taken in this turn of the loop goes to another process.
      if (!turn.granted) turn.granted = permits.take()
      this.#pager.call(key)
    })
    const turn: Turn = { permits, granted: false, token: undefined }
    this.#turns.set(key, turn)
    return turn
  }

  /** Ends a turn, when it is still this worker's (or, for undefined, nobody's). */
  #end(key: string, token: string | undefined): void {
    const turn = this.#turns.get(key)
    if (!turn || turn.token !== token) return
    this.#turns.delete(key)
    if (turn.granted) turn.permits.give()
    turn.permits[Symbol.dispose]()
    this.#pager.call(key)
  }

  async #doing(key: string, besides: Buffer | undefined): Promise<Buffer | undefined> {
    const bytes = await this.get(key)
    return bytes && (!besides || !bytes.subarray(0, besides.length).equals(besides)) ? bytes : undefined
  }

  async #generation(tag: string): Promise<string> {
    const known = this.#known?.get(tag)
    if (known !== undefined) return known
    const read = (await orNothing(readFile(this.#tagPath(tag), 'utf8'))) ?? '0'
    // A new one that was given meanwhile is newer.
    if (this.#known && !this.#known.has(tag)) this.#known.set(tag, read)
    return this.#known?.get(tag) ?? read
  }

  async #renew(tag: string): Promise<void> {
    const renewed = String(Math.max(Date.now(), Number(await this.#generation(tag)) + 1))
    this.#known?.set(tag, renewed)
    await writeWhole(this.#tagPath(tag), Buffer.from(renewed))
  }

  #tagPath(tag: string): string {
    return join(this.#folder, 'tags', createHash('sha256').update(tag).digest('hex'))
  }

  #tell(what: Invalidated): void {
    for (const listener of this.#listeners) listener(what)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [key, { token }] of this.#turns) this.#end(key, token)
    this.#pager.close()
    await this.#files[Symbol.asyncDispose]()
    await this.#arbiter[Symbol.asyncDispose]()
  }
}
