// Unknown ids and other tenants' ids: nothing is told and nothing is changed.

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { argumentRows } from './argument-rows.ts'
import { idRows, idTable, noIds, sessionRow, type Ids } from './id-rows.ts'
import { openHouse, refuses } from './house.ts'

const house = await openHouse()
after(() => house[Symbol.asyncDispose]())
const { factory } = house

const owner = 'owner'
const stranger = 'stranger'
const text = '# Beacon\n\nThe beacon of the owner is painted green.\n'
const beacon = await house.load({ name: 'beacon.md', text }, owner)
const [job] = await factory.jobs({ documentId: beacon.id }, { tenant: owner })
assert.ok(job)
await house.load({ name: 'own.md', text: 'A stranger has words as well.' }, stranger)
const theirs: Ids = { document: beacon.id, job: job.id }
const nobodys: Ids = { document: 'doc_0000000000nobody0000000000', job: 'job_0000000000nobody0000000000' }

for (const [place, row] of idRows.entries()) {
  for (const [which, ids] of [nobodys, theirs].entries()) {
    const documented = idTable[place * 2 + which]
    it(`${documented?.given}: ${documented?.gets}`, { timeout: 20_000 }, async () => {
      if (row.gives === 'not-found')
        await refuses(() => row.call(factory, ids, stranger), 'not-found', ['There is no '])
      else assert.deepEqual(await row.call(factory, ids, stranger), [])
      assert.deepEqual(await factory.document(beacon.id, { tenant: owner }), beacon)
      assert.deepEqual(await factory.jobs({ documentId: beacon.id }, { tenant: owner }), [job])
      assert.match(await factory.text(beacon.id, undefined, { tenant: owner }), /painted green/)
    })
  }
}

it('a refusal says nothing that tells another tenant’s id from one that nobody has', async () => {
  const said = async (ids: Ids): Promise<string> =>
    factory.document(ids.document, { tenant: stranger }).then(
      () => 'found',
      (reason: Error) => reason.message.replace(ids.document, 'ID'),
    )
  assert.equal(await said(theirs), await said(nobodys))
})

describe('Ids that are none', () => {
  const methods: [string, (id: string) => unknown][] = [
    ['document', (id) => factory.document(id)],
    ['text', (id) => factory.text(id)],
    ['remove', (id) => factory.remove(id)],
    ['restore', (id) => factory.restore(id)],
    ['explain', (id) => factory.explain(id)],
    ['cancel', (id) => factory.cancel(id)],
    ['retry', (id) => factory.retry(id)],
    ['watch', (id) => Array.fromAsync(factory.watch([id]))],
    ['backup', (id) => factory.backup(id)],
    ['export', (id) => factory.export(id)],
    ['import', (id) => factory.import(id)],
  ]
  for (const row of noIds) {
    it(`${row.given}: ${row.gets}`, async () => {
      for (const [, call] of methods) await refuses(() => call(row.id as string), 'invalid', row.says)
    })
  }
})

describe('Another tenant’s conversation', () => {
  it(`${sessionRow.given}: ${sessionRow.gets}`, async () => {
    const sessionId = 'one-and-the-same'
    await house.ask({ text: 'What colour is the beacon?', sessionId }, owner)
    const events = await Array.fromAsync(
      factory.ask({ text: 'And what else about it?', sessionId }, { tenant: stranger }),
    )
    assert.doesNotMatch(JSON.stringify(events), /beacon|green/i)
  })
})

describe('Other arguments of the wrong shape', () => {
  for (const row of argumentRows)
    it(`${row.given}: ${row.gets}`, () => refuses(() => row.call(factory, house.folder), row.code, row.says))
})

it('and after all of them an ordinary document and question get what they always get', () => house.ordinary())
