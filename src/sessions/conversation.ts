// A conversation as an answer sees it: what was said before, and the place for what is said now. Nothing of it stays in
// the process; the version check keeps two turns at once from interleaving.

import { AndonError } from '../core/errors.ts'
import type { Question, Turn } from '../core/question.ts'
import type { SessionStore } from '../stores/store.ts'
import { readLatest } from './latest-turns.ts'
import { areResults, openExchange } from './open-exchange.ts'
import { extractRecap } from './recap.ts'
import { newestVersions, originalOf, turnsBefore } from './versions.ts'

export interface Conversation {
  id: string | undefined
  version: number
  /** The latest turns, oldest first; of an answer with several versions, the newest. */
  turns: Turn[]
  /** What was said before them, in short. It may tell of the first of them too. */
  recap?: string
  /** Calls of the caller's own tools for this very question, and what came of them. */
  open: Turn[]
  /** The answer that this one is another version of: the first of them. */
  versionOf?: string
}

const idLimit = 200

/** What of a question names its conversation. */
export type Continues = Pick<Question, 'text' | 'sessionId' | 'history' | 'retryOf'>

/** How much of a conversation is read and kept. */
export interface ConversationLimits {
  /** Questions, each with its answer, that are read. */
  historyTurns: number
  /** Turns that a session may hold: a question is one and its answer another. */
  maxTurns: number
  /** Whether what was said before the turns that are read is told in short. Default true. */
  summaries?: boolean
  /** Tokens of that. Default 400. */
  summaryTokens?: number
}

/**
 * Reads the latest of a conversation; without an id it leaves nothing behind. Another version of an answer hears what
 * came before that one. Throws `too-large` when there is no room for another question and its answer.
 */
export async function readConversation(
  sessions: SessionStore,
  tenant: string,
  { text: asked, sessionId: id, history = [], retryOf }: Continues,
  { historyTurns, maxTurns, summaries = true, summaryTokens = 400 }: ConversationLimits,
): Promise<Conversation> {
  const latest = (turns: Turn[]): Pick<Conversation, 'turns' | 'open'> => {
    const { before, open } = openExchange(turns, asked)
    return { turns: historyTurns === 0 ? [] : before.slice(-historyTurns * 2), open }
  }
  if (id !== undefined && !areResults(history))
    throw new AndonError(
      'invalid',
      'A question continues a session or brings its history, not both: leave one out (with a session, history holds only results of tools)',
    )
  if (id === undefined && retryOf !== undefined)
    throw new AndonError(
      'invalid',
      `Another version of the answer ${retryOf} needs the session it stands in: give its id`,
    )
  if (id === undefined) return { id, version: 0, ...latest(newestVersions(history)) }
  if (id.trim() === '' || id.length > idLimit)
    throw new AndonError(
      'invalid',
      `The session id «${id.slice(0, 40)}» has ${id.length} characters: use 1 to ${idLimit}`,
    )
  const {
    version,
    turns,
    earlier = 0,
    recap,
  } = retryOf === undefined ? await readLatest(sessions, tenant, id, historyTurns) : await sessions.read(tenant, id)
  if (earlier + turns.length + 2 > maxTurns)
    throw new AndonError(
      'too-large',
      `The session ${id} has ${earlier + turns.length} turns of at most ${maxTurns}: begin a new one, or raise sessions.maxTurns`,
    )
  // An answer that was stopped left nothing here: its question is simply asked again.
  const versionOf = retryOf === undefined ? undefined : originalOf(turns, retryOf)
  const before = (text: string | undefined): Pick<Conversation, 'recap'> =>
    summaries && historyTurns > 0 && text !== undefined && text !== '' ? { recap: text } : {}
  if (versionOf === undefined)
    return { id, version, ...latest([...newestVersions(turns), ...history]), ...before(recap?.text) }
  const earlierTurns = turnsBefore(turns, versionOf)
  const heard = latest(earlierTurns)
  // A recap that tells of this answer, or of what came after it, is not for its other versions.
  const isOlder = turns.findIndex(({ answerId }) => answerId === versionOf) >= (recap?.turns ?? Infinity)
  const older = earlierTurns.slice(0, Math.max(0, earlierTurns.length - heard.turns.length))
  const text = isOlder ? recap?.text : extractRecap({ before: '', turns: older }, summaryTokens)
  return { id, version, ...heard, ...before(text), versionOf }
}

/** What is remembered of the asking: the question, or the results of calls that it was asked again with. */
export function askedTurns({ history = [] }: Continues, { open }: Conversation, turn: Turn): Turn[] {
  const { at, answerId } = turn
  const results = history.map((result) => ({ ...result, at, ...(answerId === undefined ? {} : { answerId }) }))
  return open.length > 0 ? results : [...results, turn]
}

/** Attempts to append before the conversation is told to be busy. */
const attempts = 5

/**
 * Appends a question and its answer, always together, and marks them as the version they are. When another turn came
 * first, they go behind that one; when the session was erased, they are gone with it. Throws a conflict when others keep
 * coming first.
 */
export async function rememberTurn(
  sessions: SessionStore,
  tenant: string,
  conversation: Conversation,
  turns: Turn[],
): Promise<void> {
  const { id, versionOf } = conversation
  if (id === undefined) return
  const said = versionOf === undefined ? turns : turns.map((turn) => ({ ...turn, versionOf }))
  let version = conversation.version
  for (let attempt = 1; ; attempt++) {
    try {
      await sessions.append(tenant, id, version, said)
      return
    } catch (reason) {
      const error = AndonError.from(reason)
      if (error.code !== 'conflict' || attempt === attempts) throw error
      const now = (await sessions.read(tenant, id, { latest: 1 })).version
      // It was erased while this was said, and this with it: who appends first makes the version higher.
      if (now <= version) return
      version = now
    }
  }
}
