// The handbook is part of the library without ever getting in its owner's way.

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { standInFactory } from '../../test/stand-in-factory.ts'
import { createFactory } from '../factory.ts'
import { handbookCollection, loadHandbook } from './handbook.ts'

test('a page that somebody removed stays removed', async () => {
  const factory = standInFactory()
  await loadHandbook(factory)
  const query = { collection: handbookCollection, limit: 1_000 }
  const [page, ...others] = await factory.list(query)
  assert.ok(page && others.length > 20)
  await factory.remove(page.id)
  await loadHandbook(factory)
  assert.deepEqual(
    (await factory.list(query)).map(({ name }) => name),
    others.map(({ name }) => name),
  )
})

test('a page that cannot be taken in keeps neither the others nor the start', async () => {
  const factory = standInFactory()
  const refused = new AndonError('too-large', 'It is too large')
  const failures = await loadHandbook({
    list: factory.list.bind(factory),
    restore: factory.restore.bind(factory),
    describe: factory.describe.bind(factory),
    add: async (source, caller) => {
      if (source.name?.startsWith('handbook/zh/')) throw refused
      return factory.add(source, caller)
    },
  })
  assert.ok(failures.length > 10 && failures.every((failure) => failure === refused))
  assert.ok((await factory.list({ limit: 1_000 })).length > 10)
})

test('switched off its pages are gone; switched on they are back, but those that somebody removed', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-handbook-'))
  const query = { collection: handbookCollection, limit: 1_000 }
  async function pages(handbook: boolean, change?: (ids: string[]) => string): Promise<string[]> {
    await using factory = await createFactory({ dataDir: folder.path, handbook })
    const there = await factory.list(query)
    assert.ok(there.every(({ metadata }) => !('handbook' in metadata)))
    if (change) await factory.remove(change(there.map(({ id }) => id)))
    return there.map(({ name }) => name).sort()
  }
  {
    await using factory = await createFactory({ dataDir: folder.path, handbook: false })
    await factory.add({ name: 'own.txt', text: 'It is mine.', collection: handbookCollection })
  }
  let removed = ''
  const all = await pages(true, (ids) => (removed = ids.at(-1) ?? ''))
  assert.ok(removed !== '' && all.length > 20)
  assert.deepEqual(await pages(false), ['own.txt'])
  assert.deepEqual(await pages(false), ['own.txt'])
  const again = await pages(true)
  assert.equal(again.length, all.length - 1)
  assert.ok(again.includes('own.txt'))
})
