// The handbook is part of the library without ever getting in its owner's way.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { standInFactory } from '../../test/stand-in-factory.ts'
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
    add: async (source, caller) => {
      if (source.name?.startsWith('handbook/zh/')) throw refused
      return factory.add(source, caller)
    },
  })
  assert.ok(failures.length > 10 && failures.every((failure) => failure === refused))
  assert.ok((await factory.list({ limit: 1_000 })).length > 10)
})
