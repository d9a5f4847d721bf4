import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { noRedis, startRedis, type RedisServer } from '../../../test/servers/redis.ts'
import { Lock, RedisConnection, Semaphore } from './index.ts'
import type { Task } from './process.fixture.ts'

const fixture = new URL('./process.fixture.ts', import.meta.url)
const leaseMs = 300

describe('a lock and a semaphore in Redis', { skip: noRedis }, () => {
  let server: RedisServer
  let redis: RedisConnection
  before(async () => {
    server = await startRedis()
    redis = new RedisConnection({ url: server.url, timeoutMs: 500 })
  })
  after(async () => {
    await redis[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  it('never have two holders of a lock among several processes, and number them upwards', async () => {
    await redis.send('count', ['SET', 'count', '0'])
    const task: Task = { url: server.url, leaseMs: 5_000, count: { key: 'count', rounds: 100 } }
    const children = [start(task), start(task)]
    const ends = children.map((child) => once(child, 'exit'))
    for (const [code] of await Promise.all(ends)) assert.equal(code, 0)
    assert.equal(String(await redis.send('count', ['GET', 'count'])), '200')
    assert.deepEqual(await left(redis, '*ledger}:holders'), [])
  })

  it('are free again within the lease of a process that is killed', async () => {
    await using lock = new Lock('ledger', { redis, leaseMs })
    await using semaphore = new Semaphore('gpu', 4, { redis, leaseMs })
    const child = start({ url: server.url, leaseMs, hold: { weight: 3 } })
    const fence = Number(await said(child))
    await assert.rejects(lock.acquire({ timeoutMs: 5 }), /\[deadline\] The lock in Redis "ledger" was not free within/)
    const small = await semaphore.acquire()
    const both = Promise.all([lock.acquire(), semaphore.acquire({ weight: 2 })])
    child.kill('SIGKILL')
    await once(child, 'exit')
    // By the clock of the server, which alone counts: no lease ends later than this.
    const key = '{andon:lock:ledger}:holders'
    const [, ends = 0] = ((await redis.send(key, ['ZRANGE', key, '0', '-1', 'WITHSCORES'])) as unknown[]).flat()
    const [seconds] = (await redis.send(key, ['TIME'])) as unknown[]
    assert.ok(Number(ends) - Number(String(seconds)) * 1_000 <= leaseMs + 1_000)
    const [held, permits] = await both
    assert.ok(held.fence > fence)
    for (const each of [held, permits, small]) await each[Symbol.asyncDispose]()
  })

  it('are kept for longer than a lease by one that lives', async () => {
    await using lock = new Lock('kept', { redis, leaseMs: 150 })
    await using held = await lock.acquire()
    await assert.rejects(lock.acquire({ timeoutMs: 400 }), /\[deadline\]/)
    assert.equal(held.held, true)
    assert.equal(held.lost.aborted, false)
  })

  it('tell a holder that its lease is lost, and its fence is smaller than the next, even when Redis forgot all', async () => {
    await using lock = new Lock('forgotten', { redis, leaseMs })
    const first = await lock.acquire()
    await redis.send(undefined, ['FLUSHALL'])
    const second = await lock.acquire()
    assert.ok(second.fence > first.fence)
    if (!first.lost.aborted) await once(first.lost, 'abort')
    assert.match(String(first.lost.reason), /\[unavailable\] The lock "forgotten" in Redis with fence \d+ was lost/)
    assert.equal(first.held, false)
    await first[Symbol.asyncDispose]()
    assert.equal(second.held, true)
    await second[Symbol.asyncDispose]()
  })

  it('serve in order: a small one does not overtake a big one of another process, and who leaves is passed over', async () => {
    await using other = new RedisConnection({ url: server.url, timeoutMs: 500 })
    await using one = new Semaphore('order', 3, { redis })
    await using two = new Semaphore('order', 3, { redis: other })
    const busy = await one.acquire()
    const order: string[] = []
    const use = async (name: string, semaphore: Semaphore, weight: number): Promise<void> => {
      await using _held = await semaphore.acquire({ weight })
      order.push(name)
    }
    const big = use('big', one, 3)
    while ((await left(redis, '*order}:queue')).length === 0);
    const small = use('small', two, 1)
    const leaving = new AbortController()
    const never = two.acquire({ signal: leaving.signal })
    leaving.abort()
    await assert.rejects(never, /\[cancelled\]/)
    busy.release()
    await Promise.all([big, small])
    assert.deepEqual(order, ['big', 'small'])
    assert.deepEqual(await left(redis, '*order}:[hqsw]*'), [])
    await assert.rejects(one.acquire({ weight: 4 }), /\[invalid\].*from 1 to 3/)
  })

  it('end when they are disposed, and let who holds finish', async () => {
    const lock = new Lock('ends', { redis: server.url })
    const held = await lock.acquire()
    const waiting = lock.acquire()
    const ended = lock[Symbol.asyncDispose]()
    await assert.rejects(waiting, /\[unavailable\] The lock in Redis "ends" was closed/)
    await ended
    await held[Symbol.asyncDispose]()
    assert.deepEqual(await left(redis, '*ends}:[hqsw]*'), [])
    assert.throws(() => new Lock('ends', { redis, leaseMs: 5 }), /leaseMs of the lock "ends"/)
  })
})

describe('a lock in a Redis that fails', { skip: noRedis }, () => {
  it('is unavailable when Redis hangs, and what was held is lost within its lease', async () => {
    await using server = await startRedis()
    await using redis = new RedisConnection({ url: server.url, timeoutMs: 100 })
    await using lock = new Lock('ledger', { redis, leaseMs })
    const held = await lock.acquire()
    const waiting = lock.acquire()
    const lost = once(held.lost, 'abort')
    process.kill(server.pid, 'SIGSTOP')
    await assert.rejects(waiting, /\[unavailable\] The lock "ledger" in Redis cannot be asked for: Redis at/)
    await assert.rejects(lock.acquire(), /\[unavailable\]/)
    await lost
    assert.match(String(held.lost.reason), /could not be lengthened for 300 ms/)
  })

  it('is unavailable when Redis refuses, and available again when it is back', async () => {
    const first = await startRedis()
    await using redis = new RedisConnection({ url: first.url, timeoutMs: 200 })
    await using lock = new Lock('ledger', { redis, leaseMs })
    await (await lock.acquire())[Symbol.asyncDispose]()
    await first.kill()
    await assert.rejects(lock.acquire(), /\[unavailable\]/)
    await using _second = await startRedis({ port: first.port })
    for (;;) {
      const held = await lock.acquire().catch(() => undefined)
      if (held) break
      await new Promise(setImmediate)
    }
  })
})

async function left(redis: RedisConnection, pattern: string): Promise<string[]> {
  return ((await redis.send(undefined, ['KEYS', pattern])) as Buffer[]).map(String)
}

function start(task: Task): ChildProcess {
  const child = fork(fixture, [JSON.stringify(task)])
  after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}

async function said(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController()
  child.once('exit', () => gone.abort())
  for await (const [message] of on(child, 'message', { signal: gone.signal })) return message
  return undefined
}
