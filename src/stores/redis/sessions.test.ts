import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { noRedis, startRedis, type RedisServer } from '../../../test/servers/redis.ts'
import type { Turn } from '../../core/question.ts'
import { RedisConnection } from '../../redis/connection.ts'
import type { Speaking } from './sessions-process.fixture.ts'
import { openRedisSessions } from './sessions.ts'

const turn = (text: string): Turn => ({ role: 'user', text, at: 1 })
const pause = () => new Promise((resolve) => setTimeout(resolve, 10))
const unavailable = (says: RegExp) => ({ code: 'unavailable', message: says })

describe('conversations in Redis', { skip: noRedis }, () => {
  let server: RedisServer
  let redis: RedisConnection
  let node: RedisServer
  let cluster: RedisConnection
  before(async () => {
    ;[server, node] = await Promise.all([startRedis(), startRedis({ args: ['--cluster-enabled', 'yes'] })])
    redis = new RedisConnection({ url: server.url, timeoutMs: 1_000 })
    cluster = new RedisConnection({ url: node.url, timeoutMs: 2_000 })
    // It takes two seconds until it serves.
    await cluster.send(undefined, ['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
  })
  after(async () => {
    await cluster[Symbol.asyncDispose]()
    await node[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  it('stand in one order when four processes speak in one: no turn lost, doubled or moved', async () => {
    const turns = Number(process.env['ROUNDS'] ?? 800)
    const exchanges = turns / 8
    const fixture = new URL('./sessions-process.fixture.ts', import.meta.url)
    const names = ['ada', 'barbara', 'grace', 'margaret']
    const children = names.map((who) => {
      const task: Speaking = { url: server.url, who, exchanges, most: turns }
      return fork(fixture, [JSON.stringify(task)])
    })
    for (const [code] of await Promise.all(children.map((child) => once(child, 'exit')))) assert.equal(code, 0)
    await using sessions = await openRedisSessions({ redis })
    const session = await sessions.read('ours', 's')
    assert.equal(session.version, turns / 2)
    assert.equal(session.turns.length, turns)
    const next = new Map(names.map((who) => [who, 0]))
    for (let at = 0; at < turns; at += 2) {
      const [question, answer] = session.turns.slice(at, at + 2)
      const [who = '', said] = question?.text.split(' ') ?? []
      assert.equal(Number(said), next.get(who))
      assert.deepEqual([question?.role, answer?.role, answer?.text], ['user', 'assistant', question?.text])
      next.set(who, Number(said) + 1)
    }
    assert.deepEqual([...next.values()], Array(4).fill(exchanges))
  })

  it('end when nobody used them for their time, and begin anew without a trace in the lists', async () => {
    await using kept = await openRedisSessions({ redis, prefix: 'ttl', ttlDays: 1 })
    await kept.append('ours', 'stays', 0, [turn('q')])
    const keys = ['ttl:session:{ours:stays}', 'ttl:session:{ours:stays}:turns', 'ttl:sessions:{ours}:latest']
    const left = () => Promise.all(keys.map(async (key) => Number(await redis.send(key, ['PTTL', key]))))
    for (const key of keys) await redis.send(key, ['PEXPIRE', key, '60000'])
    await kept.read('ours', 'stays')
    for (const ms of await left()) assert.ok(ms > 80_000_000 && ms <= 86_400_000)

    for (const key of keys.slice(0, 2)) await redis.send(key, ['PEXPIRE', key, '0'])
    assert.deepEqual(await kept.read('ours', 'stays'), { id: 'stays', version: 0, turns: [], updatedAt: 0 })
    assert.deepEqual(await kept.list('ours'), [])
    assert.equal(await redis.send('', ['ZCARD', 'ttl:sessions:{ours}:latest']), 0)
  })

  it('of names that look alike are apart, and half a character is no name', async () => {
    await using sessions = await openRedisSessions({ redis, prefix: 'alike' })
    const names = [
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a}', '{c'],
      ['a%7D', '%7Bc'],
      ['a', '信号量'],
    ] as const
    for (const [tenant, id] of names) await sessions.append(tenant, id, 0, [turn(`${tenant} ${id}`)])
    for (const [tenant, id] of names) assert.equal((await sessions.read(tenant, id)).turns[0]?.text, `${tenant} ${id}`)
    await assert.rejects(sessions.append('a', '\ud83d', 0, [turn('q')]), { code: 'invalid' })
  })

  it('are not given to a database that forgets keys when it is full', async () => {
    await using cache = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] })
    await assert.rejects(openRedisSessions({ redis: cache.url }), {
      code: 'invalid',
      message: /maxmemory-policy allkeys-lru.*a Redis of its own, with maxmemory-policy noeviction/,
    })
  })

  it('are kept with a warning where Redis does not tell its policy', async () => {
    await using silent = await startRedis({ args: ['--rename-command', 'CONFIG', '', '--rename-command', 'INFO', ''] })
    const warnings: string[] = []
    await using sessions = await openRedisSessions({
      redis: silent.url,
      onWarning: (sentence) => warnings.push(sentence),
    })
    assert.equal(await sessions.append('ours', 's', 0, [turn('q')]), 1)
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', /does not tell its maxmemory-policy/)
  })

  it('are unavailable while Redis is full, and what was kept can be read and forgotten', async () => {
    await using full = await startRedis()
    await using own = new RedisConnection({ url: full.url, timeoutMs: 2_000 })
    await using sessions = await openRedisSessions({ redis: own })
    await sessions.append('ours', 's', 0, [turn('kept')])
    await own.send('', ['CONFIG', 'SET', 'maxmemory', '1'])
    await assert.rejects(sessions.append('ours', 's', 1, [turn('lost')]), unavailable(/has no memory left/))
    await assert.rejects(sessions.append('ours', 'new', 0, [turn('lost')]), unavailable(/has no memory left/))
    const { version, turns } = await sessions.read('ours', 's')
    assert.deepEqual([version, turns.map(({ text }) => text)], [1, ['kept']])
    assert.equal(await sessions.remove('ours', 's', { now: true }), true)
  })

  it('are unavailable while Redis hangs or is refused, and there again with it', async () => {
    await using mortal = await startRedis()
    await using own = new RedisConnection({ url: mortal.url, timeoutMs: 200, probeMs: 50 })
    await using sessions = await openRedisSessions({ redis: own })
    await sessions.append('ours', 's', 0, [turn('q')])
    process.kill(mortal.pid, 'SIGSTOP')
    await assert.rejects(sessions.append('ours', 's', 1, [turn('r')]), unavailable(/read the session before/))
    await assert.rejects(sessions.read('ours', 's'), unavailable(/does not answer/))
    process.kill(mortal.pid, 'SIGCONT')
    while (!own.up) await pause()
    assert.ok((await sessions.read('ours', 's')).version >= 1)
    await mortal.kill()
    for (const method of [
      () => sessions.read('ours', 's'),
      () => sessions.list('ours'),
      () => sessions.rename('ours', 's', 'a'),
      () => sessions.remove('ours', 's'),
      () => sessions.restore('ours', 's'),
      () => sessions.purge(1),
    ])
      await assert.rejects(method(), unavailable(/^\[unavailable\] Conversations are kept in Redis at 127/))
  })

  it('wait for a Redis that is not there yet, with a warning', async () => {
    const gone = await startRedis()
    await gone.kill()
    const warnings: string[] = []
    await using own = new RedisConnection({ url: gone.url, timeoutMs: 200, probeMs: 50 })
    await using sessions = await openRedisSessions({ redis: own, onWarning: (sentence) => warnings.push(sentence) })
    assert.match(warnings[0] ?? '', /does not answer/)
    await assert.rejects(sessions.read('ours', 's'), { code: 'unavailable' })
    await using _back = await startRedis({ port: gone.port, args: ['--maxmemory-policy', 'allkeys-lfu'] })
    while (!own.up) await pause()
    await assert.rejects(sessions.read('ours', 's'), unavailable(/forgets keys when it is full/))
  })

  it('can be spread over a cluster: what one step changes shares a slot', async () => {
    while (!String(await cluster.send(undefined, ['CLUSTER', 'INFO'])).includes('cluster_state:ok')) await pause()
    await using sessions = await openRedisSessions({ redis: cluster })
    for (const id of ['one', 'two', 'three']) await sessions.append('ours', id, 0, [turn(id)])
    assert.equal(await sessions.keepRecap('ours', 'two', 1, { text: 'It was said', turns: 1 }), true)
    await sessions.remove('ours', 'one')
    assert.equal(await sessions.purge(Date.now() + 60_000), 1)
    assert.deepEqual((await sessions.list('ours', 10, { search: 't' })).map(({ id }) => id).sort(), ['three', 'two'])
  })
})
