// Of a long conversation only its latest turns are read, so that a late question costs what an early one costs.

import type { Turn } from '../core/question.ts'
import type { Session, SessionStore } from '../stores/store.ts'

/**
 * Reads as much of a session as the latest `exchanges` of it need: its latest turns, or all of it where these lean on
 * what was said earlier.
 */
export async function readLatest(
  sessions: SessionStore,
  tenant: string,
  id: string,
  exchanges: number,
): Promise<Session> {
  // Twice the turns of a question and an answer each: calls of tools and versions of answers are turns too.
  const latest = await sessions.read(tenant, id, { latest: Math.max(40, exchanges * 4) })
  if (latest.earlier === undefined || standsAlone(latest.turns, exchanges)) return latest
  return sessions.read(tenant, id)
}

/** Whether turns hold these many exchanges, and the first version of each answer. */
function standsAlone(turns: readonly Turn[], exchanges: number): boolean {
  const answers = new Set(turns.map(({ answerId }) => answerId))
  return (
    turns.some(({ role }) => role === 'user') &&
    turns.every(({ versionOf }) => versionOf === undefined || answers.has(versionOf)) &&
    turns.filter(({ versionOf }) => versionOf === undefined).length >= exchanges * 2
  )
}
