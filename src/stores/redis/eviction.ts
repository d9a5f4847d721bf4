// Whether a database forgets keys by itself when it is full, as a cache does: no place for what must not be lost.

import { AndonError } from '../../core/errors.ts'
import type { RedisConnection } from '../../redis/connection.ts'

/**
 * Throws `invalid` when the database evicts keys. Returns false when Redis does not tell, as where CONFIG is forbidden.
 * Throws `unavailable` or `deadline` when it does not answer.
 */
export async function refuseEviction(redis: RedisConnection): Promise<boolean> {
  const policy = await evictionPolicy(redis)
  if (policy === undefined) return false
  if (policy !== 'noeviction')
    throw new AndonError(
      'invalid',
      `Redis at ${redis.name} forgets keys when it is full (maxmemory-policy ${policy}), and conversations with them: give sessions.redisUrl a Redis of its own, with maxmemory-policy noeviction`,
    )
  return true
}

async function evictionPolicy(redis: RedisConnection): Promise<string | undefined> {
  // A managed Redis often forbids CONFIG; some say it among the figures of their memory.
  const configured = await told(redis, ['CONFIG', 'GET', 'maxmemory-policy'])
  if (typeof configured === 'object' && configured !== null) {
    const policy = Object.values(configured).at(-1)
    if (policy !== undefined) return String(policy)
  }
  const memory = await told(redis, ['INFO', 'memory'])
  return /^maxmemory_policy:(\S+)/m.exec(memory instanceof Buffer ? String(memory) : '')?.[1]
}

/** The reply, or undefined when the command is not allowed. */
async function told(redis: RedisConnection, command: string[]): Promise<unknown> {
  try {
    return await redis.send(undefined, command, true)
  } catch (reason) {
    if (AndonError.from(reason).code === 'invalid') return undefined
    throw reason
  }
}
