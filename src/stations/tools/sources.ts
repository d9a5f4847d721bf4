// The sources of a registry: modules, services and servers that give it tools. One that cannot be reached says why, and
// is tried again; it holds up nobody.

import { AndonError } from '../../core/errors.ts'
import type { ToolSources } from '../../core/tooling.ts'
import type { SourceState } from './contract.ts'

/** A source, as {@link Sources} looks after it. */
export interface Source {
  name: string
  kind: SourceState['kind']
  from: string
  /** What it was configured as: another text is another source. */
  key: string
  /** Registers its tools. */
  open(): Promise<void>
}

/** What sources are registered in. */
export interface SourceRegistry {
  /** Takes away all that a source brought. */
  close(source: Source): Promise<void>
  /** How many tools it has there. */
  count(source: Source): number
}

interface Kept {
  source: Source
  problem: string | undefined
  attempts: number
  timer: NodeJS.Timeout | undefined
  trying: Promise<void> | undefined
}

/** Milliseconds before a source is tried again; doubles to the longest. */
const firstMs = 1_000
const longestMs = 60_000

/** How long one is waited for by whoever changes the sources, in milliseconds: the top level of a module may never end. */
const openingMs = 90_000
/** How long who asks for tools waits for sources that are new, in milliseconds. */
const patienceMs = 3_000

export class Sources implements Disposable {
  readonly #registry: SourceRegistry
  readonly #kept = new Map<string, Kept>()
  #changing: Promise<void> = Promise.resolve()
  #patientUntil = 0
  #closed = false

  constructor(registry: SourceRegistry) {
    this.#registry = registry
  }

  /** From now on these and no others. Resolves when each was tried once; those that stay are left alone. */
  set(sources: readonly Source[]): Promise<void> {
    this.#patientUntil = performance.now() + patienceMs
    this.#changing = this.#changing.then(() => this.#change(sources))
    return this.#changing
  }

  /** By name. */
  get states(): SourceState[] {
    return [...this.#kept.values()]
      .map(({ source, problem }) => ({
        name: source.name,
        kind: source.kind,
        from: source.from,
        tools: this.#registry.count(source),
        ...(problem === undefined ? {} : { problem }),
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** Resolves when none is being tried for the first time, or when that takes too long to be waited for. */
  async settled(): Promise<void> {
    const left = this.#patientUntil - performance.now()
    if (left <= 0) return
    const over = Promise.withResolvers<void>()
    const timer = setTimeout(over.resolve, left)
    await Promise.race([this.#changing, over.promise])
    clearTimeout(timer)
  }

  /** No source is tried any more. One that is just being tried ends with its registry. */
  [Symbol.dispose](): void {
    this.#closed = true
    for (const { timer } of this.#kept.values()) clearTimeout(timer)
  }

  async #change(sources: readonly Source[]): Promise<void> {
    const wanted = new Map(sources.map((source) => [source.name, source]))
    for (const [name, kept] of this.#kept) {
      if (wanted.get(name)?.key === kept.source.key) continue
      this.#kept.delete(name)
      clearTimeout(kept.timer)
      await kept.trying
      await this.#registry.close(kept.source)
    }
    const coming = sources.filter(({ name }) => !this.#kept.has(name))
    await Promise.all(
      coming.map((source) => {
        const kept: Kept = { source, problem: undefined, attempts: 0, timer: undefined, trying: undefined }
        this.#kept.set(source.name, kept)
        return this.#try(kept)
      }),
    )
  }

  #try(kept: Kept): Promise<void> {
    kept.attempts++
    const trying = this.#inTime(kept, this.#open(kept))
    kept.trying = trying
    return trying
  }

  /** What comes later than that is taken when it comes. */
  async #inTime(kept: Kept, opening: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      kept.problem = `It did not say within ${openingMs / 1_000} s which tools it has, and is waited for`
      late.resolve()
    }, openingMs).unref()
    await Promise.race([opening, late.promise])
    clearTimeout(timer)
  }

  async #open(kept: Kept): Promise<void> {
    try {
      await kept.source.open()
      kept.problem = undefined
      // Taken away while it was waited for.
      if (!this.#closed && this.#kept.get(kept.source.name) !== kept) await this.#registry.close(kept.source)
    } catch (reason) {
      kept.problem = shortened(AndonError.from(reason).sentence)
      if (this.#closed || this.#kept.get(kept.source.name) !== kept) return
      const waitMs = Math.min(longestMs, firstMs * 2 ** (kept.attempts - 1))
      kept.timer = setTimeout(() => void this.#try(kept), waitMs).unref()
    }
  }
}

/** Names of sources, each once: a name that stands twice is refused. */
export function namesOf({ modules, openapi, mcp }: ToolSources): string[] {
  const names = [...modules, ...openapi, ...mcp].map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) {
    throw new AndonError('invalid', `Two sources of tools are called ${twice}: give each a name of its own`)
  }
  return names
}

/** What a program said as it ended may be long. */
function shortened(sentence: string): string {
  const line = sentence.replaceAll(/\s+/g, ' ').trim()
  return line.length > 400 ? `${line.slice(0, 399)}…` : line
}
