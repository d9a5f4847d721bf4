// Keys in a whole factory: the secret is told once, let in by, and no longer once it is revoked or over.

import assert from 'node:assert/strict'
import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openLibrary } from '../../test/journeys/library.ts'
import type { KeyInfo } from '../core/key.ts'
import { createFactory } from '../factory.ts'
import type { KeyStore } from '../stores/store.ts'
import { KnownKeys } from './known-keys.ts'

describe('A key', { timeout: 60_000 }, () => {
  it('lets its secret in, whoever asks, until it is revoked', async () => {
    await using factory = await openLibrary([])
    assert.equal(await factory.hasKeys(), false)
    const caller = { tenant: 'acme' }
    const { key, secret } = await factory.createKey({ name: ' ci ', scopes: ['ask', 'load', 'ask'] }, caller)
    assert.match(secret, /^andon_[A-Za-z0-9_-]{43}$/)
    assert.match(key.id, /^key_[0-9a-f]{20}$/)
    assert.deepEqual([key.name, key.tenant, key.scopes], ['ci', 'acme', ['ask', 'load']])
    assert.equal(await factory.hasKeys(), true)
    const found = await factory.keyOf(secret)
    assert.equal(found?.id, key.id)
    assert.ok(found.lastUsedAt !== undefined)
    assert.deepEqual(await factory.keys(), [], 'another tenant sees nothing')
    await assert.rejects(factory.revokeKey(key.id), { code: 'not-found' })
    assert.equal((await factory.keyOf(secret))?.id, key.id)
    assert.ok((await factory.revokeKey(key.id, caller)).revokedAt !== undefined)
    assert.equal(await factory.keyOf(secret), undefined)
    assert.equal((await factory.keys(caller))[0]?.id, key.id)
    assert.equal(await factory.hasKeys(), false)
  })

  it('may ask, when nothing else is said, and lives until it is over', async () => {
    await using factory = await openLibrary([])
    const { key, secret } = await factory.createKey({ name: 'short', expiresAt: Date.now() + 60_000 })
    assert.deepEqual(key.scopes, ['ask'])
    assert.equal((await factory.keyOf(secret))?.expiresAt, key.expiresAt)
  })

  it('is not made of what is none, and no other secret is one', async () => {
    await using factory = await openLibrary([])
    const wrong: [object, RegExp][] = [
      [{}, /name is missing/],
      [{ name: ' ' }, /name is empty/],
      [{ name: 'a\nb' }, /cannot be shown/],
      [{ name: 'a', scopes: [] }, /scopes needs at least 1/],
      [{ name: 'a', scopes: ['root'] }, /scopes\.0 must be "ask" or "load" or "admin"/],
      [{ name: 'a', expiresAt: 1_000 }, /expiresAt is over already/],
      [{ name: 'a', secret: 'mine' }, /secret: no such field/],
    ]
    for (const [key, message] of wrong)
      await assert.rejects(factory.createKey(key as { name: string }), { code: 'invalid', message })
    for (const secret of ['', 'andon_', `andon_${'x'.repeat(43)}`, `andon_${'x'.repeat(44)}`, 'x'.repeat(1_000)])
      assert.equal(await factory.keyOf(secret), undefined)
    assert.equal(await factory.hasKeys(), false)
  })

  it('is nowhere on the disk', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-keys-'))
    let secret = ''
    {
      await using factory = await createFactory({ handbook: false, dataDir: folder.path })
      secret = (await factory.createKey({ name: 'a' })).secret
      await factory.keyOf(secret)
    }
    const entries = await readdir(folder.path, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    assert.ok(files.length > 0)
    for (const { parentPath, name } of files)
      assert.equal((await readFile(join(parentPath, name))).includes(secret.slice(6)), false)
    await using factory = await createFactory({ handbook: false, dataDir: folder.path })
    assert.equal((await factory.keyOf(secret))?.name, 'a')
  })
})

describe('Known keys', () => {
  const key: KeyInfo = { id: 'k', name: 'k', tenant: 't', scopes: ['ask'], createdAt: 1 }

  it('look a key up once, and note its use once a minute', async () => {
    let looked = 0
    const uses: number[] = []
    const store = {
      find: async () => (looked++, { ...key }),
      used: async (some) => void uses.push(...some.map(({ at }) => at)),
    } as Partial<KeyStore> as KeyStore
    const known = new KnownKeys(store)
    for (let use = 0; use < 5; use++) assert.equal((await known.find('hash'))?.id, 'k')
    assert.deepEqual([looked, uses.length], [1, 1])
    known.forget()
    await known.find('hash')
    assert.equal(looked, 2)
  })

  it('do not keep what was read before a key was revoked', async () => {
    const first = Promise.withResolvers<KeyInfo>()
    let looked = 0
    const store = {
      find: () => (looked++ === 0 ? first.promise : Promise.resolve({ ...key, revokedAt: 5 })),
      used: async () => {},
    } as Partial<KeyStore> as KeyStore
    const known = new KnownKeys(store)
    const before = known.find('hash')
    known.forget()
    first.resolve(key)
    await before
    assert.equal(await known.find('hash'), undefined)
  })

  it('are over when their time is, also while they are known', async (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: 1_000 })
    const store = {
      find: async () => ({ ...key, expiresAt: 2_000 }),
      used: async () => {},
    } as Partial<KeyStore> as KeyStore
    const known = new KnownKeys(store)
    assert.equal((await known.find('hash'))?.id, 'k')
    context.mock.timers.tick(1_000)
    assert.equal(await known.find('hash'), undefined)
  })
})
