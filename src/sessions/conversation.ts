// A conversation as an answer sees it: what was said before, and the place for what is said now. Nothing of it stays in
// the process; the version check keeps two turns at once from interleaving.

import { AndonError } from '../core/errors.ts'
import type { Turn } from '../core/question.ts'
import type { SessionStore } from '../stores/store.ts'

export interface Conversation {
  id: string | undefined
  version: number
  /** The latest turns, oldest first. */
  turns: Turn[]
}

const idLimit = 200

/** Reads a conversation; without an id it is one that leaves nothing behind. */
export async function readConversation(
  sessions: SessionStore,
  tenant: string,
  id: string | undefined,
  most: number,
): Promise<Conversation> {
  if (id === undefined) return { id, version: 0, turns: [] }
  if (id.trim() === '' || id.length > idLimit)
    throw new AndonError('invalid', `The session id «${id.slice(0, 40)}» has ${id.length} characters: use 1 to ${idLimit}`)
  const { version, turns } = await sessions.read(tenant, id)
  return { id, version, turns: most === 0 ? [] : turns.slice(-most * 2) }
}

/** Attempts to append before the conversation is told to be busy. */
const attempts = 5

/**
 * Appends a question and its answer, always together. When another turn came first, it goes behind that one.
 * Throws a conflict when others keep coming first.
 */
export async function rememberTurn(
  sessions: SessionStore,
  tenant: string,
  conversation: Conversation,
  turns: Turn[],
): Promise<void> {
  const { id } = conversation
  if (id === undefined) return
  let version = conversation.version
  for (let attempt = 1; ; attempt++) {
    try {
      await sessions.append(tenant, id, version, turns)
      return
    } catch (reason) {
      const error = AndonError.from(reason)
      if (error.code !== 'conflict' || attempt === attempts) throw error
      version = (await sessions.read(tenant, id)).version
    }
  }
}
