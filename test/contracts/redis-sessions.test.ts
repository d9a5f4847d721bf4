// Conversations in Redis pass the suite of conversations.

import { after, before, describe } from 'node:test'
import { sessionContract } from '../../src/contracts/sessions.ts'
import { RedisConnection } from '../../src/redis/connection.ts'
import { openRedisSessions } from '../../src/stores/redis/sessions.ts'
import { noRedis, startRedis, type RedisServer } from '../servers/redis.ts'

describe('Redis', { skip: noRedis }, () => {
  let server: RedisServer
  let redis: RedisConnection
  let opened = 0
  before(async () => {
    server = await startRedis()
    // Thousands of commands are sent at once, to a machine that others use.
    redis = new RedisConnection({ url: server.url, timeoutMs: 5_000 })
  })
  after(async () => {
    await redis[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  sessionContract('Redis', async () => {
    const sessions = await openRedisSessions({ redis, prefix: `test${opened++}` })
    return { sessions, [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose]() }
  })
})
