// The sources of tools that were added while a factory was there: kept in `tools.json` of its data directory, which may
// hold secrets and is for its user alone.

import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AndonError } from '../core/errors.ts'
import type { NewToolSource, ToolSources } from '../core/tooling.ts'
import { newToolSource, toolSources, withoutSource, withSource } from '../options-tools.ts'

export const sourcesFile = 'tools.json'

/** The file of a data directory. */
export class AddedSources {
  readonly #path: string
  #sources: ToolSources
  #changing: Promise<void> = Promise.resolve()

  private constructor(path: string, sources: ToolSources) {
    this.#path = path
    this.#sources = sources
  }

  /** Reads it. Throws `invalid` for one that is not what was written. */
  static async open(dataDir: string): Promise<AddedSources> {
    const path = join(dataDir, sourcesFile)
    return new AddedSources(path, await read(path))
  }

  get sources(): ToolSources {
    return this.#sources
  }

  /** Adds a source, in place of the one of its name. */
  async add(given: NewToolSource): Promise<NewToolSource> {
    const checked = newToolSource.safeParse(given)
    if (!checked.success) {
      const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
      throw new AndonError('invalid', `This is no source of tools: ${problems.join('; ')}`)
    }
    await this.#change((sources) => withSource(sources, checked.data))
    return checked.data
  }

  /** Writes them into a copy of the data directory, unless there are none. */
  async copyTo(folder: string): Promise<void> {
    const { modules, openapi, mcp } = this.#sources
    if (modules.length + openapi.length + mcp.length > 0) await write(join(folder, sourcesFile), this.#sources)
  }

  has(name: string): boolean {
    const { modules, openapi, mcp } = this.#sources
    return [...modules, ...openapi, ...mcp].some((each) => each.name === name)
  }

  /** False when there was none. */
  async remove(name: string): Promise<boolean> {
    if (!this.has(name)) return false
    await this.#change((sources) => withoutSource(sources, name))
    return true
  }

  /** One change after the other: each is made of what the one before it left. */
  #change(make: (sources: ToolSources) => ToolSources): Promise<void> {
    const changed = this.#changing.then(async () => {
      const sources = make(this.#sources)
      await write(this.#path, sources)
      this.#sources = sources
    })
    this.#changing = changed.catch(() => {})
    return changed
  }
}

/** Whole or not at all. */
async function write(path: string, sources: ToolSources): Promise<void> {
  const beside = `${path}.new`
  await writeFile(beside, `${JSON.stringify(sources, undefined, 2)}\n`, { mode: 0o600, flush: true })
  await rename(beside, path)
}

async function read(path: string): Promise<ToolSources> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (reason) {
    if (AndonError.from(reason).code === 'not-found') return { modules: [], openapi: [], mcp: [] }
    throw reason
  }
  try {
    return toolSources.parse(JSON.parse(text))
  } catch (reason) {
    throw new AndonError('invalid', `${path} is not what "andon tools add" writes: correct it, or remove it.`, {
      cause: reason,
    })
  }
}
