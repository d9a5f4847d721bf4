import { deepEqual, rejects } from 'node:assert/strict'
import { suite, test } from 'node:test'
import { noRedis, startRedis } from '../../test/servers/redis.ts'
import { RedisConnection } from './connection.ts'

suite('a connection to Redis', { skip: noRedis }, () => {
  test('a channel that could not be heard in time is never heard', async () => {
    await using server = await startRedis()
    await using redis = new RedisConnection({ url: server.url, timeoutMs: 200, probeMs: 20 })
    const heard: string[] = []
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<void>()
    await redis.subscribe('one', () => first.resolve())
    process.kill(server.pid, 'SIGSTOP')
    const late = redis.subscribe('two', (message) => heard.push(`late: ${message}`))
    await rejects(late, { code: 'deadline' })
    await rejects(redis.send(undefined, ['PING']), { code: 'deadline' })
    const refused = redis.subscribe('two', (message) => heard.push(`refused: ${message}`))
    await rejects(refused, { code: 'unavailable' })
    process.kill(server.pid, 'SIGCONT')
    while (!redis.up) await new Promise((resolve) => setImmediate(resolve))
    await redis.subscribe('two', (message) => {
      heard.push(message)
      second.resolve()
    })
    await redis.send(undefined, ['PUBLISH', 'two', 'news'])
    await redis.send(undefined, ['PUBLISH', 'one', 'news'])
    await Promise.all([first.promise, second.promise])
    deepEqual(heard, ['news'])
  })
})
