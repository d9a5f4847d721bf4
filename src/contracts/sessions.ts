// The suite of every SessionStore: appended with a version check, bounded, and nobody else's.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Turn } from '../core/question.ts'
import type { OpenStores } from './fixtures.ts'

export function sessionContract(name: string, open: OpenStores): void {
  const turn = (text: string, role: Turn['role'] = 'user'): Turn => ({ role, text, at: 1 })

  describe(`${name} keeps conversations`, () => {
    it('begins a conversation that nobody knows, empty', async () => {
      await using stores = await open()
      assert.deepEqual(await stores.sessions.read('t', 's'), { id: 's', version: 0, turns: [], updatedAt: 0 })
    })

    it('appends in order and keeps all that was said', async () => {
      await using stores = await open()
      const { sessions } = stores
      const first = await sessions.append('t', 's', 0, [
        turn('What is a lock?'),
        { ...turn('A thing', 'assistant'), cited: ['d.1.0'] },
      ])
      const second = await sessions.append('t', 's', first, [
        { ...turn('And a semaphore?'), resolved: 'What is a semaphore?' },
      ])
      const session = await sessions.read('t', 's')
      assert.equal(session.version, second)
      assert.deepEqual(
        session.turns.map(({ text }) => text),
        ['What is a lock?', 'A thing', 'And a semaphore?'],
      )
      assert.deepEqual(session.turns[1]?.cited, ['d.1.0'])
      assert.equal(session.turns[2]?.resolved, 'What is a semaphore?')
    })

    it('lets one of two turns at once through, and tells the other', async () => {
      await using stores = await open()
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, at) => stores.sessions.append('t', 's', 0, [turn(`${at}`)])),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      assert.equal(refused.length, 7)
      assert.ok(refused.every(({ reason }) => (reason as { code?: string }).code === 'conflict'))
      assert.equal((await stores.sessions.read('t', 's')).turns.length, 1)
    })

    it('refuses what is too much, and keeps what there was', async () => {
      await using stores = await open()
      await stores.sessions.append('t', 's', 0, [turn('small')])
      const long = turn('x'.repeat(1_000_000))
      await assert.rejects(stores.sessions.append('t', 's', 1, [turn('fine'), long]), { code: 'too-large' })
      assert.deepEqual(
        (await stores.sessions.read('t', 's')).turns.map(({ text }) => text),
        ['small'],
      )
      await assert.rejects(stores.sessions.append('t', 'x'.repeat(300), 0, [turn('a')]), { code: 'invalid' })
      await assert.rejects(
        stores.sessions.append(
          't',
          's',
          1,
          Array.from({ length: 3_000 }, () => turn('a')),
        ),
        { code: 'too-large' },
      )
    })

    it('lists the latest first with how each began, and removes', async () => {
      await using stores = await open()
      const { sessions } = stores
      await sessions.append('t', 'one', 0, [turn('first question')])
      await sessions.append('t', 'two', 0, [turn('second question')])
      const listed = await sessions.list('t')
      assert.deepEqual(
        listed.map(({ id, turns, first }) => [id, turns, first]),
        [
          ['two', 1, 'second question'],
          ['one', 1, 'first question'],
        ],
      )
      assert.equal((await sessions.list('t', 1)).length, 1)
      assert.equal(await sessions.remove('t', 'one'), true)
      assert.equal(await sessions.remove('t', 'one'), false)
      assert.equal((await sessions.read('t', 'one')).version, 0)
    })

    it('lists as many as are asked for, so that an export is whole', async () => {
      await using stores = await open()
      const count = 10_001
      const ids = Array.from({ length: count }, (_, at) => `s${at}`)
      await Promise.all(ids.map((id) => stores.sessions.append('t', id, 0, [turn('q')])))
      assert.equal((await stores.sessions.list('t', 1_000_000)).length, count)
    })

    it('shows a tenant nothing of another, under the same id', async () => {
      await using stores = await open()
      const { sessions } = stores
      await sessions.append('theirs', 's', 0, [turn('secret')])
      assert.equal((await sessions.read('ours', 's')).version, 0)
      assert.deepEqual(await sessions.list('ours'), [])
      assert.equal(await sessions.remove('ours', 's'), false)
      await sessions.append('ours', 's', 0, [turn('mine')])
      assert.deepEqual(
        (await sessions.read('theirs', 's')).turns.map(({ text }) => text),
        ['secret'],
      )
    })
  })
}
