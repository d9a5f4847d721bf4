// Conversations in a whole factory: listed, searched, named, removed and restored.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asked, openLibrary, travel } from '../../test/journeys/library.ts'

describe('A conversation', { timeout: 60_000 }, () => {
  it('is called by how it began, until it is given a name', async () => {
    await using factory = await openLibrary([travel])
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
    await using factory = await openLibrary([travel])
    await asked(factory, { text: 'Who approves travel?', sessionId: 's' })
    await factory.removeSession('s')
    assert.deepEqual(await factory.sessions(), [])
    assert.ok((await factory.session('s')).session.removedAt !== undefined)
    await assert.rejects(factory.removeSession('s'), { code: 'not-found' })
    await assert.rejects(factory.renameSession('s', 'x'), { code: 'not-found' })
    assert.equal((await factory.restoreSession('s')).removedAt, undefined)
    assert.equal((await factory.sessions()).length, 1)
  })

  it('of another tenant, or none at all, is not found', async () => {
    await using factory = await openLibrary([travel])
    await asked(factory, { text: 'Who approves travel?', sessionId: 's' })
    const caller = { tenant: 'other' }
    assert.deepEqual(await factory.sessions({}, caller), [])
    await assert.rejects(factory.session('s', caller), { code: 'not-found', message: /no session s/ })
    await assert.rejects(factory.renameSession('s', 'x', caller), { code: 'not-found' })
    await assert.rejects(factory.removeSession('s', caller), { code: 'not-found' })
    await assert.rejects(factory.restoreSession('nothing'), { code: 'not-found' })
  })

  it('is not asked for with what is no id, no title and no query', async () => {
    await using factory = await openLibrary([])
    await assert.rejects(factory.session(' '), { code: 'invalid', message: /session is empty/ })
    await assert.rejects(factory.session('x'.repeat(201)), { code: 'invalid' })
    await assert.rejects(factory.renameSession('s', ''), { code: 'invalid', message: /title is empty/ })
    await assert.rejects(factory.renameSession('s', 'x'.repeat(201)), { code: 'invalid', message: /201 characters/ })
    await assert.rejects(factory.sessions({ limit: 0 }), { code: 'invalid', message: /limit/ })
    await assert.rejects(factory.sessions({ before: -1 }), { code: 'invalid', message: /before/ })
  })
})
