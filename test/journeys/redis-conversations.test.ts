// Several factories, each with a data directory of its own, and one Redis for what is said.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { noRedis, startRedis } from '../servers/redis.ts'
import { asked, openLibrary, travel } from './library.ts'

describe('Conversations in a Redis', { skip: noRedis, timeout: 60_000 }, () => {
  it('go on at another factory, and leave it only when they are brought along', async () => {
    await using redis = await startRedis()
    const sessions = { redisUrl: redis.url }
    await using one = await openLibrary([travel], { sessions })
    await using other = await openLibrary([travel], { sessions })
    await asked(one, { text: 'Who approves travel over 2,500 euros?', sessionId: 's' })
    const { end } = await asked(other, { text: 'And smaller trips?', sessionId: 's' })
    assert.match(end.text, /team lead/)
    const { turns } = await one.session('s')
    assert.deepEqual(
      turns.map(({ role }) => role),
      ['user', 'assistant', 'user', 'assistant'],
    )
    await one.removeSession('s')
    assert.deepEqual(await other.sessions(), [])
    await other.restoreSession('s')

    const folder = await mkdtemp(join(tmpdir(), 'andon-redis-export-'))
    await one.export(join(folder, 'out'))
    await using apart = await openLibrary([])
    await apart.import(join(folder, 'out'))
    assert.deepEqual((await apart.session('s')).turns, turns)
    await rm(folder, { recursive: true, force: true })
  })

  it('are unavailable when it dies, and nothing else is', async () => {
    await using redis = await startRedis()
    await using factory = await openLibrary([travel], { sessions: { redisUrl: redis.url } })
    await asked(factory, { text: 'Who approves travel?', sessionId: 's' })
    const told = async (): Promise<boolean | undefined> =>
      (await factory.health()).parts.find(({ name }) => name === 'conversations')?.ok
    assert.equal(await told(), true)
    await redis.kill()
    assert.equal(await told(), false)
    const failed = asked(factory, { text: 'And smaller trips?', sessionId: 's' })
    await assert.rejects(failed, { code: 'unavailable', message: /Conversations are kept in Redis at 127/ })
    assert.match((await asked(factory, { text: 'Who approves smaller trips?' })).end.text, /team lead/)
  })
})
