// Conversations in a whole factory: listed, searched, named, removed and restored.

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Factory } from '../core/factory.ts'
import { asked, openLibrary, travel } from '../../test/journeys/library.ts'
import { Dictated } from '../../test/servers/dictated-model.ts'

describe('A conversation', { timeout: 60_000 }, () => {
  let factory: Factory
  before(async () => (factory = await openLibrary([travel])))
  afterEach(async () => {
    for (const { id } of await factory.sessions()) await factory.removeSession(id, { now: true })
  })
  after(() => factory[Symbol.asyncDispose]())

  it('is called by how it began, until it is given a name', async () => {
    const { end } = await asked(factory, { text: 'Who approves travel?', sessionId: 's' })
    await asked(factory, { text: 'When are flights booked?', sessionId: 'other' })
    const listed = await factory.sessions({ search: 'TRAVEL' })
    assert.deepEqual(
      listed.map(({ id, title, turns }) => [id, title, turns]),
      [['s', 'Who approves travel?', 2]],
    )
    const { session, turns } = await factory.session('s')
    assert.deepEqual(session, listed[0])
    assert.deepEqual(
      turns.map(({ role, answerId }) => [role, answerId]),
      [
        ['user', end.id],
        ['assistant', end.id],
      ],
    )
    assert.equal((await factory.renameSession('s', ' Approval ')).title, 'Approval')
    assert.deepEqual(
      (await factory.sessions({ limit: 1, search: 'approval' })).map(({ title }) => title),
      ['Approval'],
    )
  })

  it('is hidden when it is removed, and comes back when it is restored', async () => {
    await asked(factory, { text: 'Who approves travel?', sessionId: 's' })
    await factory.removeSession('s')
    assert.deepEqual(await factory.sessions(), [])
    assert.ok((await factory.session('s')).session.removedAt !== undefined)
    await assert.rejects(factory.removeSession('s'), { code: 'not-found' })
    await assert.rejects(factory.renameSession('s', 'x'), { code: 'not-found' })
    assert.equal((await factory.restoreSession('s')).removedAt, undefined)
    assert.equal((await factory.sessions()).length, 1)
  })

  it('is taken away whole, and erased with the records of its answers: nothing brings it back', async () => {
    const { end } = await asked(factory, { text: 'Who approves travel?', sessionId: 's' })
    const other = await asked(factory, { text: 'Who approves travel?', sessionId: 'other' })
    assert.deepEqual(await factory.exportSession('s'), await factory.session('s'))
    await factory.removeSession('s', { now: true })
    await assert.rejects(factory.exportSession('s'), { code: 'not-found' })
    await assert.rejects(factory.restoreSession('s'), { code: 'not-found' })
    await assert.rejects(factory.record(end.id), { code: 'not-found' })
    await assert.rejects(factory.removeSession('s', { now: true }), { code: 'not-found' })
    assert.equal((await factory.record(other.end.id)).state, 'done')
    await factory.removeSession('other')
    await factory.removeSession('other', { now: true })
    await assert.rejects(factory.restoreSession('other'), { code: 'not-found' })
    await assert.rejects(factory.record(other.end.id), { code: 'not-found' })
  })

  it('that is erased while it is answered stays so, and its answer ends', async () => {
    const model = new Dictated()
    await using factory = await openLibrary([travel], {}, { model })
    await asked(factory, { text: 'Who approves travel?', sessionId: 's', mode: 'extractive' })
    const answer = assert.rejects(asked(factory, { text: 'Who approves trips?', sessionId: 's', resumable: true }), {
      code: 'cancelled',
      message: /conversation was erased/,
    })
    model.say('The team lead [1]. ')
    await model.asked.promise
    await factory.removeSession('s', { now: true })
    await answer
    await model.left.promise
    assert.deepEqual(await factory.sessions(), [])
    await assert.rejects(factory.session('s'), { code: 'not-found' })
  })

  it('that is erased before its first answer is written down is not begun by it', async () => {
    const reader = factory.ask({ text: 'Who approves travel?', sessionId: 's' })[Symbol.asyncIterator]()
    for (;;) {
      const { value, done } = await reader.next()
      assert.ok(done !== true)
      if (value.type === 'stage-end' && value.stage === 'extract') break
    }
    await factory.removeSession('s', { now: true })
    await assert.rejects(async () => reader.next(), { code: 'cancelled' })
    assert.deepEqual(await factory.sessions(), [])
  })

  it('of another tenant, or none at all, is not found', async () => {
    await asked(factory, { text: 'Who approves travel?', sessionId: 's' })
    const caller = { tenant: 'other' }
    assert.deepEqual(await factory.sessions({}, caller), [])
    await assert.rejects(factory.session('s', caller), { code: 'not-found', message: /no session s/ })
    await assert.rejects(factory.renameSession('s', 'x', caller), { code: 'not-found' })
    await assert.rejects(factory.exportSession('s', caller), { code: 'not-found' })
    for (const now of [false, true])
      await assert.rejects(factory.removeSession('s', { now }, caller), { code: 'not-found' })
    assert.equal((await factory.session('s')).turns.length, 2)
    await assert.rejects(factory.restoreSession('nothing'), { code: 'not-found' })
  })

  it('is not asked for with what is no id, no title and no query', async () => {
    await assert.rejects(factory.session(' '), { code: 'invalid', message: /session is empty/ })
    await assert.rejects(factory.session('x'.repeat(201)), { code: 'invalid' })
    await assert.rejects(factory.renameSession('s', ''), { code: 'invalid', message: /title is empty/ })
    await assert.rejects(factory.renameSession('s', 'x'.repeat(201)), { code: 'invalid', message: /201 characters/ })
    await assert.rejects(factory.sessions({ limit: 0 }), { code: 'invalid', message: /limit/ })
    await assert.rejects(factory.sessions({ before: -1 }), { code: 'invalid', message: /before/ })
  })
})
