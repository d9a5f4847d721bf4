// The suite of every AnswerStore: what began is known whatever happens, an end is written once and read back whole.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AnswerRecord } from '../core/answer-record.ts'
import type { AnswerEvent } from '../core/question.ts'
import type { OpenStores } from './fixtures.ts'

export function answerContract(name: string, open: OpenStores): void {
  const begun = (id: string, startedAt = 1_000): AnswerRecord => ({
    id,
    question: 'What is a lock? 什么是锁？',
    sessionId: 's',
    filter: { collections: ['c'] },
    state: 'running',
    startedAt,
    events: [],
    spans: [],
  })
  const ended = (id: string, events: AnswerEvent[], startedAt = 1_000): AnswerRecord => ({
    ...begun(id, startedAt),
    state: 'done',
    endedAt: startedAt + 90,
    firstTextMs: 30,
    totalMs: 90,
    events,
    spans: [{ station: 'search', startMs: 1, waitMs: 0, workMs: 4, outcome: 'ok', note: 'Six passages' }],
  })
  const text = (length: number): AnswerEvent => ({ type: 'text-delta', text: 'x'.repeat(length) })

  describe(`${name} keeps records of answers`, () => {
    it('knows an answer from its beginning', async () => {
      await using stores = await open()
      await stores.answers.begin('t', begun('a'))
      assert.deepEqual(await stores.answers.get('t', 'a'), begun('a'))
      await assert.rejects(stores.answers.begin('t', begun('a')), { code: 'conflict' })
    })

    it('gives back all that happened, in order', async () => {
      await using stores = await open()
      const record = ended('a', [{ type: 'answer-start', id: 'a', question: 'q' }, text(10), text(20)])
      await stores.answers.begin('t', begun('a'))
      await stores.answers.end('t', record)
      assert.deepEqual(await stores.answers.get('t', 'a'), record)
    })

    it('writes down an end once', async () => {
      await using stores = await open()
      await stores.answers.begin('t', begun('a'))
      await stores.answers.end('t', ended('a', [text(1)]))
      await stores.answers.end('t', { ...ended('a', []), state: 'failed' })
      assert.deepEqual(await stores.answers.get('t', 'a'), ended('a', [text(1)]))
    })

    it('keeps an end whose beginning could not be written', async () => {
      await using stores = await open()
      await stores.answers.end('t', ended('a', [text(1)]))
      assert.equal((await stores.answers.get('t', 'a'))?.state, 'done')
    })

    it('cuts a record that is too long, keeps how it ended, and says so', async () => {
      await using stores = await open()
      const events = [...Array.from({ length: 12 }, () => text(1_000_000)), text(7)]
      await stores.answers.end('t', ended('a', events))
      const kept = await stores.answers.get('t', 'a')
      assert.ok(kept && kept.events.length < events.length)
      assert.deepEqual(kept.events[0], events[0])
      assert.deepEqual(kept.events.at(-1), text(7))
      assert.match(kept.spans.at(-1)?.note ?? '', new RegExp(`^${events.length - kept.events.length} events`))
    })

    it('calls what nobody is making any more interrupted, and leaves what had ended', async () => {
      await using stores = await open()
      await stores.answers.begin('t', begun('done'))
      await stores.answers.end('t', ended('done', []))
      await stores.answers.begin('t', begun('lost'))
      await stores.answers.begin('u', begun('lost'))
      assert.equal(await stores.answers.interruptAll(), 2)
      assert.equal(await stores.answers.interruptAll(), 0)
      assert.equal((await stores.answers.get('t', 'lost'))?.state, 'interrupted')
      assert.equal((await stores.answers.get('t', 'done'))?.state, 'done')
    })

    it('forgets what began before a time, many at once, and nothing that is under way', async () => {
      await using stores = await open()
      const ids = Array.from({ length: 4_100 }, (_, at) => `a${at}`)
      await Promise.all(ids.map((id) => stores.answers.end('t', ended(id, [], 10))))
      await stores.answers.begin('t', begun('running', 10))
      await stores.answers.end('t', ended('young', [], 20))
      assert.equal(await stores.answers.purge(20), ids.length)
      assert.equal(await stores.answers.get('t', 'a7'), undefined)
      assert.equal((await stores.answers.get('t', 'young'))?.state, 'done')
      assert.equal((await stores.answers.get('t', 'running'))?.state, 'running')
    })

    it('forgets a conversation: what ended and what is under way, of one tenant', async () => {
      await using stores = await open()
      const { answers } = stores
      await answers.begin('t', begun('running'))
      await answers.end('t', ended('done', [text(1)]))
      const { sessionId: _, ...alone } = ended('alone', [text(1)])
      await answers.end('t', alone)
      await answers.end('t', { ...ended('other', [text(1)]), sessionId: 'S' })
      await answers.end('u', ended('theirs', [text(1)]))
      assert.equal(await answers.forgetSession('t', 's'), 2)
      assert.equal(await answers.forgetSession('t', 's'), 0)
      for (const id of ['running', 'done']) assert.equal(await answers.get('t', id), undefined)
      for (const id of ['alone', 'other']) assert.equal((await answers.get('t', id))?.state, 'done')
      assert.equal((await answers.get('u', 'theirs'))?.state, 'done')
    })

    it('shows a tenant nothing of another, under the same id', async () => {
      await using stores = await open()
      await stores.answers.begin('theirs', begun('a'))
      assert.equal(await stores.answers.get('ours', 'a'), undefined)
      await stores.answers.end('ours', ended('a', [text(3)]))
      assert.equal((await stores.answers.get('theirs', 'a'))?.state, 'running')
    })
  })
}
