// The suite of every KeyStore: keys are found by the hash of their secret, and a revoked one says so.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KeyInfo } from '../core/key.ts'
import type { OpenStores } from './fixtures.ts'

export function keyContract(name: string, open: OpenStores): void {
  const key = (id: string, tenant = 't'): KeyInfo => ({ id, name: `of ${id}`, tenant, scopes: ['ask'], createdAt: 5 })

  describe(`${name} keeps keys`, () => {
    it('finds a key by its hash, whoever asks, and only by that', async () => {
      await using stores = await open()
      const whole: KeyInfo = { ...key('k'), scopes: ['ask', 'load'], expiresAt: 99 }
      await stores.keys.create(whole, 'hash-of-k')
      assert.deepEqual(await stores.keys.find('hash-of-k'), whole)
      assert.equal(await stores.keys.find('k'), undefined)
      assert.equal(await stores.keys.find(''), undefined)
    })

    it('refuses an id or a hash that is taken, of any tenant', async () => {
      await using stores = await open()
      await stores.keys.create(key('k'), 'hash')
      await assert.rejects(stores.keys.create(key('k', 'u'), 'other'), { code: 'conflict' })
      await assert.rejects(stores.keys.create(key('l', 'u'), 'hash'), { code: 'conflict' })
      assert.equal(await stores.keys.count(), 1)
    })

    it('lists the newest first, revoked ones too, of the tenant alone', async () => {
      await using stores = await open()
      for (const id of ['a', 'b', 'c']) await stores.keys.create(key(id), `hash-${id}`)
      await stores.keys.create(key('d', 'theirs'), 'hash-d')
      await stores.keys.revoke('t', 'b', 50)
      assert.deepEqual(
        (await stores.keys.list('t')).map(({ id, revokedAt }) => [id, revokedAt]),
        [
          ['c', undefined],
          ['b', 50],
          ['a', undefined],
        ],
      )
      assert.deepEqual(await stores.keys.list('nobody'), [])
    })

    it('revokes for good, since the first time, and only what is the tenant’s', async () => {
      await using stores = await open()
      await stores.keys.create(key('k'), 'hash')
      assert.equal(await stores.keys.revoke('theirs', 'k', 40), undefined)
      assert.equal((await stores.keys.find('hash'))?.revokedAt, undefined)
      assert.deepEqual(await stores.keys.revoke('t', 'k', 50), { ...key('k'), revokedAt: 50 })
      assert.equal((await stores.keys.revoke('t', 'k', 60))?.revokedAt, 50)
      assert.equal((await stores.keys.find('hash'))?.revokedAt, 50)
      assert.equal(await stores.keys.revoke('t', 'nothing', 60), undefined)
    })

    it('counts what is not revoked', async () => {
      await using stores = await open()
      assert.equal(await stores.keys.count(), 0)
      await stores.keys.create(key('a'), 'hash-a')
      await stores.keys.create(key('b', 'u'), 'hash-b')
      await stores.keys.revoke('u', 'b', 1)
      assert.equal(await stores.keys.count(), 1)
    })

    it('notes the latest use, in whatever order it hears of them', async () => {
      await using stores = await open()
      await stores.keys.create(key('k'), 'hash')
      await stores.keys.used([
        { id: 'k', at: 300 },
        { id: 'k', at: 200 },
        { id: 'gone', at: 400 },
      ])
      assert.equal((await stores.keys.find('hash'))?.lastUsedAt, 300)
    })
  })
}
