// A conversation is read and bounded before any work is done for its next turn.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SessionStore } from '../stores/store.ts'
import { readConversation } from './conversation.ts'

const turns = ['1', '2', '3', '4'].flatMap((text) => [
  { role: 'user' as const, text, at: 0 },
  { role: 'assistant' as const, text, at: 0 },
])
const sessions = {
  read: async (_tenant, id) => ({ id, version: 4, turns, updatedAt: 0 }),
} as Partial<SessionStore> as SessionStore

test('the latest turns are read, oldest first', async () => {
  const limits = { historyTurns: 1, maxTurns: 10 }
  const conversation = await readConversation(sessions, 'ours', { sessionId: 's' }, limits)
  assert.deepEqual(conversation.turns, turns.slice(-2))
})

test('a conversation without room for another turn is refused before the question is answered', async () => {
  const limits = { historyTurns: 1, maxTurns: 9 }
  await assert.rejects(readConversation(sessions, 'ours', { sessionId: 's' }, limits), {
    code: 'too-large',
    message: /8 turns of at most 9/,
  })
})
