// Values as files of a folder, one folder for each cache: whole or not at all, each with an end, and what was stored
// longest ago goes first when they are too many.

import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AndonError } from '../core/errors.ts'

/** After a look at how much there is, so much of the size is left free. */
const shareLeft = 0.1

/** Somebody looks at how much there is at least so often while values are stored, in milliseconds. */
const sweepMs = 3_600_000

interface Kept {
  readonly path: string
  readonly bytes: number
  readonly until: number
  readonly stored: number
}

/** Keys are `name:rest`: the name is the cache's. */
export class FolderFiles implements AsyncDisposable {
  readonly #folder: string
  readonly #maxBytes: number
  readonly #made = new Map<string, Promise<unknown>>()
  /** Bytes stored here since the last look, and how many may be before the next. */
  #written = 0
  #room: number | undefined
  #sweeping: Promise<void> | undefined

  constructor(folder: string, maxBytes: number) {
    this.#folder = folder
    this.#maxBytes = maxBytes
  }

  async get(key: string): Promise<Buffer | undefined> {
    const path = this.#pathOf(key)
    const bytes = await orNothing(readFile(path))
    if (!bytes) return undefined
    // A file's time is the end of its value's.
    const info = await orNothing(stat(path))
    return info && info.mtimeMs > Date.now() ? bytes : undefined
  }

  /** Stores for so many milliseconds. */
  async set(key: string, bytes: Buffer, ms: number): Promise<void> {
    const folder = this.#folderOf(key)
    let made = this.#made.get(folder)
    if (!made) this.#made.set(folder, (made = mkdir(folder, { recursive: true, mode: 0o700 })))
    try {
      await made
    } catch (reason) {
      this.#made.delete(folder)
      throw AndonError.from(reason, 'unavailable')
    }
    await writeWhole(this.#pathOf(key), bytes, Date.now() + ms)
    this.#written += bytes.length
    this.#room ??= (await this.#lately()) ? this.#maxBytes / 16 : 0
    if (this.#written >= this.#room) this.#sweeping ??= this.#sweep().finally(() => (this.#sweeping = undefined))
  }

  async remove(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true })
  }

  /** Deletes all values of a cache. */
  async clear(name: string): Promise<void> {
    const folder = this.#folderOf(`${name}:`)
    for (const file of (await orNothing(readdir(folder))) ?? []) await rm(join(folder, file), { force: true })
  }

  #folderOf(key: string): string {
    return join(this.#folder, `=${encodeURIComponent(key.slice(0, Math.max(0, key.lastIndexOf(':'))))}`)
  }

  #pathOf(key: string): string {
    return join(this.#folderOf(key), createHash('sha256').update(key).digest('hex'))
  }

  /** Whether somebody has looked lately at how much there is. */
  async #lately(): Promise<boolean> {
    const mark = await orNothing(stat(join(this.#folder, 'swept')))
    return mark !== undefined && mark.mtimeMs > Date.now() - sweepMs
  }

  /** Deletes what is past its time, then what was stored longest ago. Never rejects. */
  async #sweep(): Promise<void> {
    this.#written = 0
    this.#room = this.#maxBytes / 16
    await orNothing(writeFile(join(this.#folder, 'swept'), '', { mode: 0o600 }))
    const all = await keptIn(this.#folder)
    let total = all.reduce((sum, { bytes }) => sum + bytes, 0)
    const most = total > this.#maxBytes ? this.#maxBytes * (1 - shareLeft) : this.#maxBytes
    const now = Date.now()
    for (const { path, bytes, until } of all.sort((a, b) => a.stored - b.stored)) {
      if (total <= most && until > now) continue
      total -= bytes
      await orNothing(rm(path, { force: true }))
    }
    // Other processes store too.
    this.#room = Math.max(this.#room, (this.#maxBytes - total) / 2)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sweeping
  }
}

/** How many values of each cache lie in a folder, and how large they are together. */
export async function measureFolder(folder: string): Promise<Map<string, { values: number; bytes: number }>> {
  const measured = new Map<string, { values: number; bytes: number }>()
  for (const name of await namesIn(folder)) {
    const files = await keptIn(folder, [name])
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    measured.set(decodeURIComponent(name.slice(1)), { values: files.length, bytes })
  }
  return measured
}

async function namesIn(folder: string): Promise<string[]> {
  return ((await orNothing(readdir(folder))) ?? []).filter((name) => name.startsWith('='))
}

async function keptIn(folder: string, names?: readonly string[]): Promise<Kept[]> {
  const kept: Kept[] = []
  for (const name of names ?? (await namesIn(folder)))
    for (const file of (await orNothing(readdir(join(folder, name)))) ?? []) {
      const path = join(folder, name, file)
      const info = await orNothing(stat(path))
      if (info?.isFile()) kept.push({ path, bytes: info.size, until: info.mtimeMs, stored: info.ctimeMs })
    }
  return kept
}

/** Writes a file whole or not at all. Its time says until when it counts. */
export async function writeWhole(path: string, bytes: Buffer, until?: number): Promise<void> {
  const beside = `${path}.${crypto.randomUUID()}`
  try {
    await writeFile(beside, bytes, { mode: 0o600 })
    if (until !== undefined) await utimes(beside, until / 1_000, until / 1_000)
    await rename(beside, path)
  } catch (reason) {
    await orNothing(rm(beside, { force: true }))
    throw AndonError.from(reason, 'unavailable')
  }
}

/** What was asked for, or undefined when it failed. */
export async function orNothing<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked
  } catch {
    return undefined
  }
}
