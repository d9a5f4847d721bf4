// Where the factory's caches keep what was made once: a Redis or several that processes share, or without one a folder
// of the data directory, which lasts over restarts.

import { join, resolve } from 'node:path'
import { folderLevel } from './cache/folder-level.ts'
import type { Level } from './cache/level.ts'
import { redisLevel } from './cache/redis-level.ts'
import { ring } from './cache/ring.ts'
import type { CacheCounts } from './cache/statistics.ts'
import type { Options } from './options.ts'
import { nodeName, redisAddresses } from './options-cache.ts'

/** What the factory knows of one of its caches: any function of andon/cache fits. */
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
  /** Lists a cache under its name for statistics, metrics and clearing. Returns it; several of one name count together. */
  add<Cache extends KeptCache>(name: CacheName, cache: Cache): Cache
  /** The caches listed so far, by name. */
  readonly caches: ReadonlyMap<CacheName, readonly KeptCache[]>
}

/** The caches that a factory has. */
export const cacheNames = ['embeddings', 'answers'] as const
export type CacheName = (typeof cacheNames)[number]

/** In front of every key and channel: conversations in a Redis have `andon`, and neither is in the other's way. */
const prefix = 'andon-cache'

/** Opens it. A Redis is not waited for. Throws `unavailable` when the folder cannot be used. */
export async function openCaching({ dataDir, cache }: Pick<Options, 'dataDir' | 'cache'>): Promise<Caching> {
  const urls = redisAddresses(cache.redisUrl ?? '')
  const folder = join(resolve(dataDir), 'cache')
  const caches = new Map<CacheName, KeptCache[]>()
  const level =
    urls.length === 0 ? await folderLevel({ folder, maxBytes: cache.maxMb * 2 ** 20, alone: true }) : levelOf(urls)
  return {
    level,
    shared: urls.length > 0,
    where: urls.length === 0 ? folder : urls.map(nodeName).join(', '),
    caches,
    add(name, added) {
      caches.set(name, [...(caches.get(name) ?? []), added])
      return added
    },
    [Symbol.asyncDispose]: () => level[Symbol.asyncDispose](),
  }
}

function levelOf(urls: readonly string[]): Level {
  const nodes = urls.map((url) => ({ name: nodeName(url), level: redisLevel({ url, prefix }) }))
  const [only] = nodes
  return only && nodes.length === 1 ? only.level : ring(nodes)
}
