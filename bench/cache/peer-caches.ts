// The caches of others as their pages say they are used, each with its own defaults. What is set: no limit of items below
// the keys that are asked for, and one hour.

import { createKeyv } from '@keyv/redis'
import { createCache as createDedupe } from 'async-cache-dedupe'
import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisDriver } from 'bentocache/drivers/redis'
import { createCache as createManager } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { Redis } from 'ioredis'
import { Keyv } from 'keyv'
import type { PeerCache, PeerOptions, Peers } from './peers.ts'

const hour = 3_600_000

async function bento({ make, url }: PeerOptions, memory: object | undefined): Promise<PeerCache> {
  let store = bentostore()
  if (memory) store = store.useL1Layer(memoryDriver({ maxItems: 100_000, ...memory }))
  if (url) {
    const connection = { host: '127.0.0.1', port: Number(new URL(url).port) }
    store = store.useL2Layer(redisDriver({ connection }))
  }
  const cache = new BentoCache({ default: 'one', stores: { one: store }, ttl: '1h' })
  return {
    get: (key) => cache.getOrSet({ key, factory: () => make(key) }),
    close: () => cache.disconnectAll(),
  }
}

async function cacheable({ make, url }: PeerOptions, level: 'primary' | 'secondary'): Promise<PeerCache> {
  const cache = new Cacheable({ ttl: hour, ...(url ? { [level]: createKeyv(url) } : {}) })
  cache.on('error', () => {})
  return { get: (key) => cache.getOrSet(key, () => make(key)), close: () => cache.disconnect() }
}

async function manager({ make, url }: PeerOptions): Promise<PeerCache> {
  const store = url ? createKeyv(url) : new Keyv()
  store.on('error', () => {})
  const cache = createManager({ ttl: hour, stores: [store] })
  return {
    get: (key) => cache.wrap(key, () => make(key)),
    close: async () => void (await cache.disconnect()),
  }
}

async function dedupe({ make, url }: PeerOptions): Promise<PeerCache> {
  const client = url ? new Redis(url) : undefined
  client?.on('error', () => {})
  const cache = createDedupe({
    ttl: 3_600,
    storage: client ? { type: 'redis', options: { client } } : { type: 'memory', options: { size: 100_000 } },
  }).define('made', (key: string) => make(key))
  return { get: (key) => cache.made(key), close: async () => client?.disconnect() }
}

export const peers: Peers = {
  memory: {
    BentoCache: (options) => bento(options, {}),
    'BentoCache serialize:false': (options) => bento(options, { serialize: false }),
    cacheable: (options) => cacheable(options, 'secondary'),
    'cache-manager': manager,
    'async-cache-dedupe': dedupe,
  },
  redis: {
    BentoCache: (options) => bento(options, undefined),
    cacheable: (options) => cacheable(options, 'primary'),
    'cache-manager': manager,
    'async-cache-dedupe': dedupe,
  },
  both: {
    BentoCache: (options) => bento(options, {}),
    cacheable: (options) => cacheable(options, 'secondary'),
    'cache-manager': manager,
    'async-cache-dedupe': dedupe,
  },
}
