// Answers that outlive their readers keep their place in the lane, whenever the reader leaves, and give it back.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { jsonOf, openDoor, type Door } from '../../test/door.ts'
import { AndonError } from '../core/errors.ts'
import type { AnswerEvent } from '../core/question.ts'
import { gatewayChannel } from './channel.ts'

/** Who leaves, and how: each begins to ask and leaves when told to. */
const readers: Record<string, (door: Door, leave: AbortSignal) => Promise<unknown>> = {
  '/v1/ask, resumable': (door, signal) => door.post('/v1/ask', { question: 'lock?', resumable: true }, { signal }),
  '/v1/ask, under a key': (door, signal) =>
    door.post('/v1/ask', { question: 'lock?' }, { signal, headers: { 'idempotency-key': 'k' } }),
  '/v1/responses, in the background': (door, signal) =>
    door.post('/v1/responses', { model: 'andon', input: 'lock?', background: true }, { signal }),
  '/v1/ui/messages, resumable': (door, signal) => {
    const messages = [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'lock?' }] }]
    return door.post('/v1/ui/messages', { id: 'c', messages, resumable: true }, { signal })
  },
  '/v1/ws, resumable': async (door, signal) => {
    const socket = new WebSocket(`${door.gateway.url.replace('http', 'ws')}/v1/ws`)
    signal.addEventListener('abort', () => socket.terminate())
    await once(socket, 'open')
    socket.send(JSON.stringify({ type: 'ask', ref: 'a', question: 'lock?', resumable: true }))
    await once(socket, 'close')
    throw new Error('It was left.')
  },
}

async function running(door: Door): Promise<unknown> {
  const status = await jsonOf(await door.get('/v1/status'))
  return status['limits']?.['now']?.['question']?.['running']
}

describe('An answer that outlives its reader', () => {
  for (const [where, read] of Object.entries(readers))
    it(`keeps its place at ${where}, when the reader leaves before it begins`, async () => {
      await using door = await openDoor()
      const leaving = new AbortController()
      const [left, followed, over, ended] = [0, 1, 2, 3].map(() => Promise.withResolvers<void>())
      using _told = {
        [Symbol.dispose]: gatewayChannel.subscribe((it) => it.event === 'request-ended' && it.left && left?.resolve()),
      }
      const socket = where.startsWith('/v1/ws')
      door.factory.ask = async function* ask(_question, caller): AsyncGenerator<AnswerEvent> {
        leaving.abort()
        if (!socket) await left?.promise
        assert.equal(caller?.signal, undefined)
        yield { type: 'answer-start', id: 'x', question: 'lock?' }
      }
      door.factory.follow = async function* follow(_id, from) {
        if (!from?.after) return
        followed?.resolve()
        await over?.promise
        yield { number: 1, event: { type: 'text-delta', text: 'over' } }
        ended?.resolve()
      }
      await assert.rejects(read(door, leaving.signal))
      await followed?.promise
      assert.equal(await running(door), 1)
      over?.resolve()
      await ended?.promise
      assert.equal(await running(door), 0)
    })

  it('that fails is told to who asked as it failed, and to who asks again as a conflict', async () => {
    await using door = await openDoor()
    door.factory.follow = async function* follow() {
      yield {
        number: 1,
        event: { type: 'answer-failed', error: { code: 'unavailable', message: 'The store is gone.' } },
      }
    }
    const headers = { accept: 'application/json', 'idempotency-key': 'k' }
    const first = await door.post('/v1/ask', { question: 'lock?' }, { headers })
    assert.equal(first.status, 503)
    assert.match(await first.text(), /The store is gone/)
    const again = await door.post('/v1/ask', { question: 'lock?' }, { headers })
    assert.equal(again.status, 409)
    assert.match(await again.text(), /under another key/)
  })

  it('is not begun, and takes no place, when it is refused', async () => {
    await using door = await openDoor()
    door.factory.fail = new AndonError('overloaded', 'Enough.', { retryAfterMs: 1000 })
    const refused = await door.post('/v1/ask', { question: 'lock?', resumable: true })
    assert.equal(refused.status, 429)
    await refused.text()
    door.factory.fail = undefined
    assert.equal(await running(door), 0)
  })
})
