// Where the factory's caches keep what was made once: a Redis or several that processes share, or without one a folder
// of the data directory, which lasts over restarts.

import { join, resolve } from 'node:path'
import { cached } from './cache/cache.ts'
import { measureFolder } from './cache/folder-files.ts'
import { folderLevel } from './cache/folder-level.ts'
import type { Level } from './cache/level.ts'
import { redisLevel } from './cache/redis-level.ts'
import { ring } from './cache/ring.ts'
import type { CacheCounts } from './cache/statistics.ts'
import { cacheNames, type CacheName, type CachesView, type CacheView } from './core/caches.ts'
import { AndonError } from './core/errors.ts'
import type { Options } from './options.ts'
import { nodeName, redisAddresses } from './options-cache.ts'

/** What is known of one of the caches: any function of andon/cache fits. */
export interface KeptCache {
  stats(): CacheCounts
  clear(): Promise<void>
}

/** The second level of all caches of a factory, and the list of them. Disposing closes the level. */
export interface Caching extends AsyncDisposable {
  /** Given as `l2` to every cache. Never fails because a Redis is down: what is asked of it fails, and its caches go on without. */
  readonly level: Level
  /**
   * Whether other processes have this level too. Where they have not (a data directory has one process), say
   * `flight: { across: 'process' }`: nobody else could be making the same.
   */
  readonly shared: boolean
  /** Where it keeps, for people: a folder, or hosts without their passwords. */
  readonly where: string
  /** Lists a cache under its name, which is its name in the level too. Returns it; several of one name count together. */
  add<Cache extends KeptCache>(name: CacheName, cache: Cache): Cache
  /** See {@link CachesView}. */
  view(query?: { measured?: boolean }): Promise<CachesView>
  /** Forgets all that a cache keeps, also when nothing here uses it. Rejects when the level cannot be reached. */
  clear(name: CacheName): Promise<void>
}

/** In front of every key and channel: conversations in a Redis have `andon`, and neither is in the other's way. */
const prefix = 'andon-cache'

/** Longest wait for a Redis, once, in milliseconds: a busy one is worth it, because an answer or a vector costs more. */
const timeoutMs = 250

/** Opens it. A Redis is not waited for. Throws `unavailable` when the folder cannot be used. */
export async function openCaching({
  dataDir,
  cache,
  sessions,
}: Pick<Options, 'dataDir' | 'cache' | 'sessions'>): Promise<Caching> {
  const urls = redisAddresses(cache.redisUrl ?? '')
  if (urls.length > 0) {
    const nodes = urls.map((url) => ({ name: nodeName(url), level: redisLevel({ url, prefix, timeoutMs }) }))
    const [only] = nodes
    const where = nodes.map(({ name }) => name).join(', ')
    return new Kept(
      only && nodes.length === 1 ? only.level : ring(nodes),
      nodes.map(({ level }) => level),
      { where, ...adviceOn(urls, sessions.redisUrl) },
    )
  }
  const folder = join(resolve(dataDir), 'cache')
  const maxBytes = cache.maxMb * 2 ** 20
  const level = await folderLevel({ folder, maxBytes, alone: true })
  return new Kept(level, [level], { where: folder, maxBytes })
}

interface Place {
  readonly where: string
  /** Only of a folder. */
  readonly maxBytes?: number
  readonly advice?: string
}

/** What is to be said when conversations are on a server that caches may fill. */
function adviceOn(urls: readonly string[], sessionsUrl: string | undefined): { advice?: string } {
  const server = (url: string): string => nodeName(url).replace(/\/.*$/, '')
  if (sessionsUrl === undefined || !urls.some((url) => server(url) === server(sessionsUrl))) return {}
  return {
    advice:
      'Conversations are in the same Redis: full of what may be forgotten, it has no room for them. Give sessions.redisUrl and cache.redisUrl a server each.',
  }
}

class Kept implements Caching {
  readonly level: Level
  readonly shared: boolean
  readonly where: string
  readonly #place: Omit<Place, 'where'>
  readonly #nodes: readonly Level[]
  readonly #caches = new Map<CacheName, KeptCache[]>()

  constructor(level: Level, nodes: readonly Level[], { where, ...place }: Place) {
    this.level = level
    this.shared = place.maxBytes === undefined
    this.where = where
    this.#place = place
    this.#nodes = nodes
  }

  add<Cache extends KeptCache>(name: CacheName, cache: Cache): Cache {
    const listed = this.#caches.get(name)
    if (listed) listed.push(cache)
    else this.#caches.set(name, [cache])
    return cache
  }

  async view({ measured = false }: { measured?: boolean } = {}): Promise<CachesView> {
    const { where } = this
    const [trouble, kept] = await Promise.all([
      this.#trouble(),
      measured && !this.shared ? measureFolder(where) : undefined,
    ])
    const none = { values: 0, bytes: 0 }
    return {
      where,
      shared: this.shared,
      ...(trouble ? { trouble: trouble.sentence } : {}),
      ...this.#place,
      caches: cacheNames.map((name) => ({
        ...this.#counted(name),
        ...(kept ? { kept: kept.get(name) ?? none } : {}),
      })),
    }
  }

  #counted(name: CacheName): CacheView {
    const all = (this.#caches.get(name) ?? []).map((cache) => cache.stats())
    const sum = (...counts: (keyof CacheCounts)[]): number =>
      all.reduce((sum, each) => sum + counts.reduce((own, count) => own + each[count], 0), 0)
    return {
      name,
      on: all.length > 0,
      memoryHits: sum('memoryHits'),
      levelHits: sum('levelHits'),
      joined: sum('joined'),
      misses: sum('misses'),
      failures: sum('failures'),
      stored: sum('stored'),
      troubles: sum('levelErrors', 'levelTimeouts', 'levelSkipped', 'garbage'),
      values: sum('size'),
      bytes: sum('bytes'),
    }
  }

  /** Why one of the nodes does not answer: asked now, because a connection may only just be made. */
  async #trouble(): Promise<AndonError | undefined> {
    const asked = await Promise.allSettled(this.#nodes.map((node) => node.get('anybody:there')))
    for (const answer of asked) if (answer.status === 'rejected') return AndonError.from(answer.reason)
    return undefined
  }

  async clear(name: CacheName): Promise<void> {
    const listed = this.#caches.get(name)
    if (listed) return void (await Promise.all(listed.map((cache) => cache.clear())))
    using unused = cached(() => undefined, { name, l2: this.level })
    await unused.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.level[Symbol.asyncDispose]()
  }
}
