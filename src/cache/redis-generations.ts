// The generations of tags in a Redis, and those that are known without asking: as long as every change of one is heard.

import { LRUCache } from 'lru-cache'
import type { RedisConnection } from '../redis/connection.ts'
import * as scripts from './scripts.ts'

/** How long the generation of a tag is kept, in milliseconds: one that is lost invalidates what had it. */
const keptMs = 40 * 86_400_000

export class RedisGenerations {
  readonly #redis: RedisConnection
  readonly #prefix: string
  readonly #heard: () => boolean
  readonly #known = new LRUCache<string, string>({ max: 100_000 })
  /** How often all was forgotten: what was asked before may be old. */
  #forgotten = 0

  /** `heard` says whether every change is heard now. */
  constructor(redis: RedisConnection, prefix: string, heard: () => boolean) {
    this.#redis = redis
    this.#prefix = prefix
    this.#heard = heard
  }

  /** Changes may have been missed. */
  forget(): void {
    this.#known.clear()
    this.#forgotten++
  }

  /** As a level gives them: see level.ts. */
  async of(tags: readonly string[], startedAt: string): Promise<string[] | undefined> {
    const trusted = startedAt === '' && this.#heard()
    const all = await Promise.all(
      tags.map(async (tag) => (trusted ? this.#known.get(tag) : undefined) ?? this.#ask(tag, startedAt)),
    )
    return startedAt !== '' && all.some((generation) => Number(generation) > Number(startedAt)) ? undefined : all
  }

  /** Whether the tags have these, where that is known without asking. */
  are(generations: readonly (readonly [tag: string, generation: string])[]): boolean | undefined {
    if (!this.#heard()) return undefined
    for (const [tag, generation] of generations) {
      const known = this.#known.get(tag)
      if (known !== generation) return known === undefined ? undefined : false
    }
    return true
  }

  /** Gives the tags new ones. */
  renew(tags: readonly string[]): Promise<string[]> {
    return Promise.all(tags.map((tag) => this.#run(scripts.renewGeneration, tag)))
  }

  /** Tags were given these. */
  renewed(tags: readonly string[], generations: readonly string[]): void {
    for (const [at, tag] of tags.entries()) {
      const generation = generations[at] ?? ''
      if (Number(generation) > Number(this.#known.get(tag) ?? 0)) this.#known.set(tag, generation)
    }
  }

  async #ask(tag: string, startedAt: string): Promise<string> {
    const heard = this.#heard()
    const forgotten = this.#forgotten
    const generation = await this.#run(scripts.generation, tag, startedAt)
    // News that came while the answer was under way is newer.
    if (heard && forgotten === this.#forgotten && !this.#known.has(tag)) this.#known.set(tag, generation)
    return this.#known.get(tag) ?? generation
  }

  async #run(script: typeof scripts.generation, tag: string, ...before: string[]): Promise<string> {
    return String(await this.#redis.run(script, [`${this.#prefix}:tag:${tag}`], [...before, String(keptMs)]))
  }
}
