// Conversations over HTTP, with a real factory behind the door.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { openHouseDoor, problemFrom, replyOf, type HouseDoor } from '../../test/house-door.ts'
import { sessionExport, sessionInfo, sessionView } from './replies.ts'

const list = z.strictObject({ sessions: z.array(sessionInfo), next: z.string().optional() })

async function ask(house: HouseDoor, question: string, sessionId: string): Promise<void> {
  const body = { question, session_id: sessionId }
  const response = await house.send('POST', '/v1/ask', body, { accept: 'application/json' })
  assert.equal(response.status, 200, await response.text())
}

describe('Conversations', () => {
  it('are listed, searched, read, renamed, removed and restored', async () => {
    await using house = await openHouseDoor()
    await house.load('lock.md', 'A lock lets one in at a time. A semaphore lets several in.')
    await ask(house, 'What does a lock do?', 'one')
    await ask(house, 'What does a semaphore do?', 'two')
    const titles = async (query = ''): Promise<string[]> =>
      (await replyOf(list, house.send('GET', `/v1/sessions${query}`))).sessions.map(({ id }) => id)
    assert.deepEqual(await titles(), ['two', 'one'])
    assert.deepEqual(await titles('?search=semaphore'), ['two'])
    const { sessions, next } = await replyOf(list, house.send('GET', '/v1/sessions?limit=1'))
    const rest = await replyOf(list, house.send('GET', `/v1/sessions?limit=1&before=${next ?? ''}`))
    assert.deepEqual([rest.sessions.map(({ id }) => id), rest.next], [['one'], undefined])
    assert.deepEqual(await titles(`?before=${sessions[0]?.updatedAt ?? 0}`), ['one'])
    const view = await replyOf(sessionView, house.send('GET', '/v1/sessions/one'))
    assert.deepEqual(
      view.turns.map(({ role }) => role),
      ['user', 'assistant'],
    )
    const renamed = await replyOf(sessionInfo, house.send('PATCH', '/v1/sessions/one', { title: 'Locks' }))
    assert.equal(renamed.title, 'Locks')
    assert.equal((await house.send('DELETE', '/v1/sessions/one')).status, 204)
    assert.deepEqual(await titles(), ['two'])
    assert.equal((await replyOf(sessionInfo, house.send('POST', '/v1/sessions/one/restore'))).title, 'Locks')
    assert.equal((await titles()).length, 2)
    const file = await house.send('GET', '/v1/sessions/one/export')
    assert.match(file.headers.get('content-disposition') ?? '', /^attachment; filename="one\.json"/)
    const taken = await replyOf(sessionExport, Promise.resolve(file))
    assert.deepEqual([taken.session.title, taken.turns], ['Locks', view.turns])
    const { answerId = '' } = view.turns[0] ?? {}
    assert.equal((await house.send('GET', `/v1/answers/${answerId}`)).status, 200)
    assert.equal((await house.send('DELETE', '/v1/sessions/one?now=true')).status, 204)
    for (const path of ['/v1/sessions/one', '/v1/sessions/one/export', `/v1/answers/${answerId}`])
      await problemFrom(house.send('GET', path), 404)
    await problemFrom(house.send('POST', '/v1/sessions/one/restore'), 404)
    assert.deepEqual(await titles(), ['two'])
  })

  it('say what is wrong with a request', async () => {
    await using house = await openHouseDoor()
    await problemFrom(house.send('GET', '/v1/sessions/none'), 404)
    await problemFrom(house.send('DELETE', '/v1/sessions/none'), 404)
    await problemFrom(house.send('POST', '/v1/sessions/none/restore'), 404)
    await problemFrom(house.send('PATCH', '/v1/sessions/none', { title: 'x' }), 404)
    await problemFrom(house.send('PATCH', '/v1/sessions/none', { title: '' }), 400)
    await problemFrom(house.send('PATCH', '/v1/sessions/none', { name: 'x' }), 400)
    await problemFrom(house.send('GET', '/v1/sessions?limit=many'), 400)
    await problemFrom(house.send('GET', '/v1/sessions?before=yesterday'), 400)
    await problemFrom(house.send('GET', '/v1/sessions/none/export'), 404)
    await problemFrom(house.send('DELETE', '/v1/sessions/none?now=true'), 404)
    await problemFrom(house.send('DELETE', '/v1/sessions/none?now=soon'), 400)
  })
})
