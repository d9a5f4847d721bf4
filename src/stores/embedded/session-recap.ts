// What was said first in a conversation, in short: beside its turns, and gone with them.

import { checkRecap } from '../session-limits.ts'
import type { Recap } from '../store.ts'
import type { WriteContext } from './context.ts'
import type { Database } from './database.ts'
import { sessionOf, type OneSession } from './session-rows.ts'

/** The recap of a session, if there is one. */
export function recapOf(db: Database, session: number): Recap | undefined {
  const row = db.get<Recap>('SELECT text, turns FROM recaps WHERE session = ?', session)
  return row && { ...row }
}

/** See {@link SessionStore.keepRecap}. */
export function keepRecap({ db }: WriteContext, input: OneSession & { version: number; recap: Recap }): boolean {
  const { id, version, recap } = input
  checkRecap(id, recap)
  const row = sessionOf(db, input)
  if (!row || row.version !== version || row.removed_at !== null || recap.turns > row.turns) return false
  if (recap.turns <= (recapOf(db, row.number)?.turns ?? 0)) return false
  db.run('INSERT OR REPLACE INTO recaps VALUES (?, ?, ?)', row.number, recap.turns, recap.text)
  return true
}

/** Takes the recap away when it tells of this answer, of which there is another version now. */
export function dropRecap(db: Database, session: number, original: string): void {
  db.run(
    `DELETE FROM recaps WHERE session = ?1 AND EXISTS (
       SELECT 1 FROM turns WHERE session = ?1 AND position < recaps.turns AND data ->> '$.answerId' = ?2)`,
    session,
    original,
  )
}
