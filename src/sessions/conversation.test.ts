// A conversation is read and bounded before any work is done for its next turn.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Turn } from '../core/question.ts'
import { saidInBetween } from '../stores/session-limits.ts'
import type { SessionStore } from '../stores/store.ts'
import { readConversation, rememberTurn } from './conversation.ts'

const turns = ['1', '2', '3', '4'].flatMap((text) => [
  { role: 'user' as const, text, at: 0 },
  { role: 'assistant' as const, text, at: 0 },
])
const sessions = {
  read: async (_tenant, id) => ({ id, version: 4, turns, updatedAt: 0 }),
} as Partial<SessionStore> as SessionStore

test('the latest turns are read, oldest first', async () => {
  const limits = { historyTurns: 1, maxTurns: 10 }
  const conversation = await readConversation(sessions, 'ours', { text: 'And?', sessionId: 's' }, limits)
  assert.deepEqual(conversation.turns, turns.slice(-2))
})

test('a conversation without room for another turn is refused before the question is answered', async () => {
  const limits = { historyTurns: 1, maxTurns: 9 }
  await assert.rejects(readConversation(sessions, 'ours', { text: 'And?', sessionId: 's' }, limits), {
    code: 'too-large',
    message: /8 turns of at most 9/,
  })
})

/** A session that is kept here. */
function oneSession(): SessionStore {
  const kept: Turn[] = []
  let version = 0
  return {
    read: async (_tenant, id) => ({ id, version, turns: [...kept], updatedAt: 0 }),
    async append(_tenant, _id, _version, turns) {
      kept.push(...turns)
      return ++version
    },
  } as Partial<SessionStore> as SessionStore
}

const wide = { historyTurns: 8, maxTurns: 100 }

/** Asks once more in the session: what the question is understood from, and what is remembered of it. */
async function say(sessions: SessionStore, answerId: string, retryOf?: string): Promise<string> {
  const asked = { text: answerId, sessionId: 's', ...(retryOf === undefined ? {} : { retryOf }) }
  const conversation = await readConversation(sessions, 'ours', asked, wide)
  await rememberTurn(sessions, 'ours', conversation, [
    { role: 'user', text: answerId, at: 0, answerId },
    { role: 'assistant', text: answerId, at: 0, answerId },
  ])
  return conversation.turns
    .filter(({ role }) => role === 'user')
    .map(({ text }) => text)
    .join(' ')
}

test('another version of an answer hears what came before it; what follows hears the newest version', async () => {
  const sessions = oneSession()
  assert.equal(await say(sessions, 'a'), '')
  assert.equal(await say(sessions, 'b'), 'a')
  assert.equal(await say(sessions, 'b2', 'b'), 'a')
  assert.equal(await say(sessions, 'b3', 'b2'), 'a')
  assert.equal(await say(sessions, 'c'), 'a b3')
  assert.equal(await say(sessions, 'a2', 'a'), '')
  assert.equal(await say(sessions, 'd'), 'a2 b3 c')
  const { turns } = await sessions.read('ours', 's')
  assert.deepEqual(
    turns.filter(({ role }) => role === 'assistant').map(({ answerId, versionOf }) => [answerId, versionOf]),
    [
      ['a', undefined],
      ['b', undefined],
      ['b2', 'b'],
      ['b3', 'b'],
      ['c', undefined],
      ['a2', 'a'],
      ['d', undefined],
    ],
  )
  assert.ok(turns.every(({ answerId, versionOf }) => turns.some((turn) => turn.answerId === (versionOf ?? answerId))))
})

test('another version of an answer that was stopped before it was said is simply asked', async () => {
  const sessions = oneSession()
  await say(sessions, 'a')
  assert.equal(await say(sessions, 'b2', 'b'), 'a')
  assert.equal((await sessions.read('ours', 's')).turns.at(-1)?.versionOf, undefined)
})

test('another version of an answer needs its session', async () => {
  await assert.rejects(readConversation(oneSession(), 'ours', { text: 'a', retryOf: 'a' }, wide), { code: 'invalid' })
})

test('results of the caller’s tools open the question again that they are for', async () => {
  const calls = [{ id: 'c1', name: 'weather', arguments: '{}' }]
  const asking: Turn[] = [
    { role: 'user', text: 'Before?', at: 0 },
    { role: 'assistant', text: 'Before.', at: 0 },
    { role: 'user', text: 'Rain?', at: 0 },
    { role: 'assistant', text: '', at: 0, toolCalls: calls },
  ]
  const result: Turn = { role: 'tool', text: 'Yes.', callId: 'c1', at: 0 }
  const limits = { historyTurns: 1, maxTurns: 10 }
  const store = {
    read: async () => ({ id: 's', version: 1, updatedAt: 0, turns: asking }),
  } as Partial<SessionStore> as SessionStore
  for (const from of [{ sessionId: 's', history: [result] }, { history: [...asking, result] }]) {
    const { turns: before, open } = await readConversation(store, 'ours', { text: 'Rain?', ...from }, limits)
    assert.deepEqual(before, asking.slice(0, 2))
    assert.deepEqual(open, [asking[3], result])
  }
  // Whoever asks something else has left that question.
  const other = await readConversation(store, 'ours', { text: 'Snow?', sessionId: 's', history: [result] }, limits)
  assert.deepEqual(other.open, [])
  await assert.rejects(readConversation(store, 'ours', { text: 'Rain?', sessionId: 's', history: asking }, limits), {
    code: 'invalid',
    message: /only results of tools/,
  })
})

test('a first exchange behind which the session was erased is gone with it, whoever began it', async () => {
  const conversation = await readConversation(oneSession(), 'ours', { text: 'a', sessionId: 's' }, wide)
  let appended = 0
  const erased = {
    ...oneSession(),
    async append() {
      appended++
      throw saidInBetween('s', 1, 0)
    },
  }
  await rememberTurn(erased, 'ours', conversation, [{ role: 'user', text: 'a', at: 0, answerId: 'a' }])
  assert.equal(appended, 1)
})
