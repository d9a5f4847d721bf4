// The second level of one host without a Redis: values are files of a folder, and the arbiter of the host says who makes
// one. The kernel tells the arbiter of a process that dies, so that no lease has to run out.

import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openArbiter } from '../concurrency/arbiter.ts'
import { localPermits } from '../concurrency/local-permits.ts'
import type { OpenPermits, SharedPermits } from '../concurrency/permits.ts'
import { AndonError } from '../core/errors.ts'
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

/** Between two looks at how much there is, so many values are stored. */
const storesPerSweep = 256

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
  readonly #maxBytes: number
  readonly #arbiter: Turns
  readonly #pager = new Pager()
  readonly #turns = new Map<string, Turn>()
  readonly #listeners = new Set<(what: Invalidated) => void>()
  #stores = 0

  constructor({ folder, maxBytes = 2 ** 30 }: FolderLevelOptions, arbiter: Turns) {
    this.#folder = folder
    this.#maxBytes = maxBytes
    this.#arbiter = arbiter
  }

  async get(key: string): Promise<Buffer | undefined> {
    const path = this.#path(key)
    const bytes = await orNothing(readFile(path))
    if (!bytes) return undefined
    // A file's time is the end of its value's.
    const info = await orNothing(stat(path))
    return info && info.mtimeMs > Date.now() ? bytes : undefined
  }

  getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(key)))
  }

  async set(key: string, bytes: Buffer, ms: number): Promise<void> {
    await this.#write(this.#path(key), bytes, Date.now() + ms)
    if (++this.#stores % storesPerSweep === 0) await this.#sweep()
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true })
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

  /** Another process may have given a tag a new one. */
  known(): undefined {
    return undefined
  }

  async generations(key: string, tags: readonly string[], startedAt?: string): Promise<string[] | undefined> {
    const all = await Promise.all([`key ${key}`, ...tags].map((tag) => this.#generation(tag)))
    if (startedAt !== undefined && all.some((generation) => Number(generation) >= Number(startedAt))) return undefined
    return all.slice(1)
  }

  async invalidate(tags: readonly string[]): Promise<void> {
    await Promise.all(tags.map((tag) => this.#renew(tag)))
    this.#tell({ tags })
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
    return (await orNothing(readFile(this.#tagPath(tag), 'utf8'))) ?? '0'
  }

  async #renew(tag: string): Promise<void> {
    const before = Number(await this.#generation(tag))
    await this.#write(this.#tagPath(tag), Buffer.from(String(Math.max(Date.now(), before + 1))))
  }

  #path(key: string): string {
    return join(this.#folder, createHash('sha256').update(key).digest('hex'))
  }

  #tagPath(tag: string): string {
    return join(this.#folder, 'tags', createHash('sha256').update(tag).digest('hex'))
  }

  /** Whole or not at all. */
  async #write(path: string, bytes: Buffer, until?: number): Promise<void> {
    const beside = `${path}.${crypto.randomUUID()}`
    try {
      await writeFile(beside, bytes, { mode: 0o600 })
      if (until !== undefined) await utimes(beside, until / 1_000, until / 1_000)
      await rename(beside, path)
    } catch (reason) {
      await rm(beside, { force: true })
      throw AndonError.from(reason, 'unavailable')
    }
  }

  /** Deletes what is past its time, then what was stored longest ago, until the rest is within its size. */
  async #sweep(): Promise<void> {
    const files: { path: string; bytes: number; until: number; stored: number }[] = []
    for (const name of (await orNothing(readdir(this.#folder))) ?? []) {
      const path = join(this.#folder, name)
      const info = await orNothing(stat(path))
      if (info?.isFile()) files.push({ path, bytes: info.size, until: info.mtimeMs, stored: info.ctimeMs })
    }
    let total = files.reduce((sum, file) => sum + file.bytes, 0)
    const now = Date.now()
    for (const file of files.sort((a, b) => a.stored - b.stored)) {
      if (total <= this.#maxBytes && file.until > now) continue
      total -= file.bytes
      await rm(file.path, { force: true })
    }
  }

  #tell(what: Invalidated): void {
    for (const listener of this.#listeners) listener(what)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [key, { token }] of this.#turns) this.#end(key, token)
    this.#pager.close()
    await this.#arbiter[Symbol.asyncDispose]()
  }
}

async function orNothing<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked
  } catch {
    return undefined
  }
}
