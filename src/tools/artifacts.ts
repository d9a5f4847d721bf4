// Whole outputs of tools whose results were cut, as files that only this user reads, the oldest of them leaving when
// there are too many bytes.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ArtifactsOptions {
  /** A folder, made when it is not there; its files stay. Default: one in the system's temporary folder, removed at the end. */
  folder?: string
  /** Bytes of all files together, of this run. Default 256 MiB. */
  maxBytes?: number
}

/** Keeps outputs. Disposing removes them, unless their folder was given. */
export class Artifacts implements AsyncDisposable {
  readonly #given: string | undefined
  readonly #maxBytes: number
  readonly #kept = new Map<string, number>()
  #folder: Promise<string> | undefined
  #bytes = 0

  constructor({ folder, maxBytes = 256 * 1024 * 1024 }: ArtifactsOptions = {}) {
    this.#given = folder
    this.#maxBytes = maxBytes
  }

  /** Writes an output and returns the file's path; undefined when one output is more than there is room for. */
  async keep(text: string): Promise<string | undefined> {
    const size = Buffer.byteLength(text)
    if (size > this.#maxBytes) return undefined
    this.#bytes += size
    const path = join(await (this.#folder ??= this.#open()), `${crypto.randomUUID()}.txt`)
    try {
      await this.#makeRoom()
      await writeFile(path, text, { mode: 0o600, flag: 'wx' })
    } catch (reason) {
      this.#bytes -= size
      await rm(path, { force: true })
      throw reason
    }
    this.#kept.set(path, size)
    return path
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const folder = await this.#folder?.catch(() => undefined)
    if (folder !== undefined && this.#given === undefined) await rm(folder, { recursive: true, force: true })
  }

  async #open(): Promise<string> {
    if (this.#given === undefined) return mkdtemp(join(tmpdir(), 'andon-artifacts-'))
    await mkdir(this.#given, { recursive: true, mode: 0o700 })
    return this.#given
  }

  async #makeRoom(): Promise<void> {
    for (const [path, size] of this.#kept) {
      if (this.#bytes <= this.#maxBytes) return
      this.#kept.delete(path)
      this.#bytes -= size
      await rm(path, { force: true })
    }
  }
}
