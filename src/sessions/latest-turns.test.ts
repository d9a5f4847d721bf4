import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Turn } from '../core/question.ts'
import type { SessionStore } from '../stores/store.ts'
import { readConversation } from './conversation.ts'

const limits = { historyTurns: 8, maxTurns: 2_000 }

/** A session of turns, and how many turns were read of it. */
function sessionOf(turns: Turn[]): { sessions: SessionStore; read: number[] } {
  const read: number[] = []
  const sessions = {
    async read(_tenant: string, id: string, { latest = turns.length }: { latest?: number } = {}) {
      const some = turns.slice(-latest)
      read.push(some.length)
      const earlier = turns.length - some.length
      return { id, version: 1, turns: some, ...(earlier > 0 ? { earlier } : {}), updatedAt: 0 }
    },
  } as Partial<SessionStore> as SessionStore
  return { sessions, read }
}

/** Questions, each with its answer. */
function exchanges(count: number): Turn[] {
  return Array.from({ length: count }, (_, at): Turn[] => [
    { role: 'user', text: `q${at}`, at, answerId: `a${at}` },
    { role: 'assistant', text: `r${at}`, at, answerId: `a${at}` },
  ]).flat()
}

test('the 500th question of a conversation reads what the 20th reads', async () => {
  for (const count of [20, 500]) {
    const turns = exchanges(count)
    const { sessions, read } = sessionOf(turns)
    const conversation = await readConversation(sessions, 'ours', { text: 'And?', sessionId: 's' }, limits)
    assert.deepEqual(conversation.turns, turns.slice(-16))
    assert.deepEqual(read, [40])
  }
  const { sessions } = sessionOf(exchanges(1_000))
  const full = readConversation(sessions, 'ours', { text: 'And?', sessionId: 's' }, limits)
  await assert.rejects(full, { code: 'too-large', message: /2000 turns of at most 2000/ })
})

test('latest turns that lean on earlier ones are read with all that there is', async () => {
  const long = exchanges(100)
  const version = (at: number): Turn[] => [
    { role: 'user', text: 'q0', at, answerId: `v${at}`, versionOf: 'a0' },
    { role: 'assistant', text: 'newer', at, answerId: `v${at}`, versionOf: 'a0' },
  ]
  const calls = Array.from({ length: 50 }, (_, at): Turn => ({ role: 'tool', text: `result ${at}`, at }))
  for (const turns of [
    [...long, ...version(1)],
    [...long, ...calls],
  ]) {
    const { sessions, read } = sessionOf(turns)
    const conversation = await readConversation(sessions, 'ours', { text: 'q99', sessionId: 's' }, limits)
    assert.deepEqual(read, [40, turns.length])
    assert.ok(conversation.turns.every(({ text }) => text !== 'newer'))
  }
  const { sessions, read } = sessionOf(long)
  await readConversation(sessions, 'ours', { text: 'q1', sessionId: 's', retryOf: 'a1' }, limits)
  assert.deepEqual(read, [long.length])
})
