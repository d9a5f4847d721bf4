// What is counted of the caches, in Prometheus' terms: read from the factory when somebody asks.

import { Counter, Gauge, type Registry } from 'prom-client'
import type { CacheView } from '../core/caches.ts'
import type { Factory } from '../core/factory.ts'

export interface CacheMeters {
  /** Reads what is now; before the registry is written. Never rejects. */
  look(): Promise<void>
}

/** How calls of a cache ended, and where they stand in its view. */
const outcomes = [
  ['memory', 'memoryHits'],
  ['level', 'levelHits'],
  ['joined', 'joined'],
  ['miss', 'misses'],
] as const

/** Adds the instruments of a factory's caches to a registry. */
export function addCacheMeters(registry: Registry, factory: Pick<Factory, 'caches'>): CacheMeters {
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> =>
    new Counter({ name: `andon_cache_${name}`, help, labelNames, registers })
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name: `andon_cache_${name}`, help, labelNames, registers })
  const lookups = counter('lookups_total', 'What was asked of a cache, by where it came from', ['cache', 'from'])
  const counters = [
    [counter('failures_total', 'Work for a cache that failed', ['cache']), 'failures'],
    [counter('stored_total', 'Values that were kept', ['cache']), 'stored'],
    [counter('level_troubles_total', 'Times that the level failed, was late or gave garbage', ['cache']), 'troubles'],
  ] as const
  const bytes = gauge('memory_bytes', 'What a cache has in memory', ['cache'])
  const values = gauge('memory_values', 'Values that a cache has in memory', ['cache'])
  const up = gauge('level_up', 'Whether the level of the caches answers', [])

  /** What is told is a sum; a counter takes what was added since. A factory that began anew begins at 0. */
  const before = new Map<string, CacheView>()
  const added = (cache: CacheView, count: (typeof outcomes)[number][1] | (typeof counters)[number][1]): number => {
    const last = before.get(cache.name)?.[count] ?? 0
    return cache[count] >= last ? cache[count] - last : cache[count]
  }
  return {
    async look() {
      try {
        const { trouble, caches } = await factory.caches()
        up.set(trouble === undefined ? 1 : 0)
        for (const cache of caches.filter(({ on }) => on)) {
          for (const [from, count] of outcomes) lookups.inc({ cache: cache.name, from }, added(cache, count))
          for (const [meter, count] of counters) meter.inc({ cache: cache.name }, added(cache, count))
          bytes.set({ cache: cache.name }, cache.bytes)
          values.set({ cache: cache.name }, cache.values)
          before.set(cache.name, cache)
        }
      } catch {
        // A factory that does not answer has told so elsewhere.
        up.set(0)
      }
    },
  }
}
