// How the door is: told at once, to those who may know, whatever hangs behind it.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonOf, openDoor } from '../../test/door.ts'
import { standInFactory } from '../../test/stand-in-factory.ts'
import type { Health } from '../core/factory.ts'
import { HealthWatch } from './health-watch.ts'

describe('A watch of health', () => {
  it('asks once for many, and again when it is no longer fresh', async () => {
    const factory = standInFactory()
    let asked = 0
    const counting = { health: async (): Promise<Health> => ((asked += 1), factory.health()) }
    const watch = new HealthWatch(counting, { freshMs: 60_000 })
    await Promise.all([watch.read(), watch.read()])
    await watch.read()
    assert.equal(asked, 1)
    const hurried = new HealthWatch(counting, { freshMs: 0 })
    await hurried.read()
    await hurried.read()
    assert.equal(asked, 3)
  })

  it('says that a factory hangs, at once from the second time on, and hears when it is back', async () => {
    const factory = standInFactory()
    const hold = Promise.withResolvers<void>()
    let asked = 0
    const slow = { health: async (): Promise<Health> => ((asked += 1), await hold.promise, factory.health()) }
    const watch = new HealthWatch(slow, { freshMs: 0, limitMs: 1 })
    const first = await watch.read()
    assert.equal(first.ready, false)
    assert.match(first.parts[0]?.message ?? '', /has not said how it is for \d+ ms/)
    assert.equal((await watch.read()).ready, false)
    assert.equal(asked, 1)
    hold.resolve()
    await hold.promise
    assert.equal((await new HealthWatch(slow, { limitMs: 60_000 }).read()).ready, true)
  })
})

describe('GET /health/ready', () => {
  it('says that the door is starting until what comes first is done, even when that fails', async () => {
    const startup = Promise.withResolvers<void>()
    await using door = await openDoor({ startup: startup.promise })
    const early = await door.get('/health/ready')
    assert.equal(early.status, 503)
    assert.equal((await jsonOf(early))['status'], 'starting')
    assert.equal((await door.get('/v1/models')).status, 200)
    startup.reject(new Error('One page could not be read.'))
    await startup.promise.catch(() => {})
    assert.equal((await jsonOf(await door.get('/health/ready')))['status'], 'ready')
  })

  it('tells who comes through a proxy no more than whether it is ready', async () => {
    await using door = await openDoor()
    const response = await fetch(`${door.gateway.url}/health/ready`, { headers: { 'x-forwarded-for': '192.0.2.1' } })
    assert.deepEqual(await response.json(), { status: 'ready', ready: true })
  })
})
