// What odd descriptions of documents get.

import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { holds, openHouse, refuses } from './house.ts'
import { nameRows, sourceOf } from './name-rows.ts'

const house = await openHouse()
after(() => house[Symbol.asyncDispose]())

for (const row of nameRows) {
  it(`${row.given}: ${row.gets}`, async () => {
    if (row.code !== undefined) {
      await refuses(() => house.factory.add(sourceOf(row)), row.code, row.says)
      assert.equal(Reflect.get({}, 'polluted'), undefined)
      return
    }
    const document = await house.load(sourceOf(row))
    assert.equal(document.status, 'ready', document.reason)
    const { name, title, metadata } = row.kept ?? {}
    if (name !== undefined) {
      assert.equal(document.name, name)
      assert.deepEqual(
        (await house.factory.list({ name })).map((each) => each.id),
        [document.id],
      )
    }
    if (title !== undefined) assert.equal(document.title, title)
    if (metadata !== undefined) assert.deepEqual({ ...document.metadata }, metadata)
    holds(await house.factory.text(document.id), [`Words about ${row.given}`])
  })
}

it('two ways to write one name are one document', async () => {
  const composed = await house.factory.add({ name: 'se\u00f1al.md', text: 'one' })
  const decomposed = await house.factory.add({ name: 'sen\u0303al.md', text: 'one' })
  assert.equal(decomposed.document.id, composed.document.id)
  assert.equal(decomposed.outcome, 'unchanged')
})

it('and after all of them an ordinary document and question get what they always get', () => house.ordinary())
