// Conversations: read whole, appended with a version check, bounded in number of turns and in length; named, removed
// and restored. How they are listed and searched stands in session-list.ts, what was said first in session-recap.ts.

import type { Turn } from '../../core/question.ts'
import { checkSessionId, firstOf, noRoom, saidInBetween, sessionLimits, writtenTurns } from '../session-limits.ts'
import type { Session } from '../store.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { Database } from './database.ts'
import { forgetWholly } from './forgetting.ts'
import { dropRecap, recapOf } from './session-recap.ts'
import { namedOrRemoved, sessionOf, type OneSession, type SessionRow } from './session-rows.ts'
import { ensureTenant } from './tenants.ts'

/** See {@link SessionStore.read}. */
export function readSession({ db }: ReadContext, input: OneSession & { latest?: number | undefined }): Session {
  return db.snapshot(() => {
    const row = sessionOf(db, input)
    if (!row) return { id: input.id, version: 0, turns: [], updatedAt: 0 }
    const earlier = Math.max(0, row.turns - (input.latest ?? row.turns))
    const turns = db
      .all<{ data: string }>(
        'SELECT data FROM turns WHERE session = ? AND position >= ? ORDER BY position',
        row.number,
        earlier,
      )
      .map(({ data }) => JSON.parse(data) as Turn)
    const { id, version, updated_at: updatedAt } = row
    const recap = recapOf(db, row.number)
    return {
      id,
      version,
      turns,
      ...(earlier > 0 ? { earlier } : {}),
      ...(recap ? { recap } : {}),
      updatedAt,
      ...namedOrRemoved(row),
    }
  })
}

/** See {@link SessionStore.append}. */
export function appendTurns(
  { db, now }: WriteContext,
  input: { tenant: string; id: string; version: number; turns: Turn[] },
): number {
  const { id, version, turns } = input
  checkSessionId(id)
  const tenant = ensureTenant(db, input.tenant)
  const row = db.get<SessionRow>('SELECT * FROM sessions WHERE tenant = ? AND id = ?', tenant, id)
  const known = row?.version ?? 0
  if (known !== version) throw saidInBetween(id, known, version)
  const before = row?.turns ?? 0
  if (before + turns.length > sessionLimits.turns) throw noRoom(id, before, 'turns')
  const written = writtenTurns(id, turns)
  const bytes = row ? bytesOf(db, row.number) : 0
  const more = written.reduce((sum, data) => sum + Buffer.byteLength(data), 0)
  if (bytes + more > sessionLimits.bytes) throw noRoom(id, bytes, 'bytes')
  const number =
    row?.number ??
    db.run(
      'INSERT INTO sessions (tenant, id, version, turns, first, updated_at) VALUES (?, ?, 0, 0, ?, ?)',
      tenant,
      id,
      firstOf(turns),
      now,
    ).lastRow
  for (const original of new Set(turns.flatMap(({ versionOf }) => versionOf ?? []))) dropRecap(db, number, original)
  for (const [index, data] of written.entries())
    db.run('INSERT INTO turns VALUES (?, ?, ?)', number, before + index, data)
  db.run(
    'UPDATE sessions SET version = version + 1, turns = turns + ?, updated_at = ?, removed_at = NULL WHERE number = ?',
    turns.length,
    now,
    number,
  )
  return version + 1
}

/** See {@link SessionStore.rename}. One that is removed is not there to be renamed. */
export function renameSession({ db }: WriteContext, input: OneSession & { title: string }): boolean {
  const row = sessionOf(db, input)
  if (!row || row.removed_at !== null) return false
  db.run('UPDATE sessions SET title = ? WHERE number = ?', input.title, row.number)
  return true
}

/** See {@link SessionStore.remove}. */
export function removeSession({ db, now }: WriteContext, input: OneSession & { now: boolean }): boolean {
  const row = sessionOf(db, input)
  if (!row || (row.removed_at !== null && !input.now)) return false
  if (input.now) forgetWholly(db, () => forget(db, row.number))
  else db.run('UPDATE sessions SET removed_at = ? WHERE number = ?', now, row.number)
  return true
}

/** See {@link SessionStore.restore}. One that is not removed stays as it is. */
export function restoreSession({ db }: WriteContext, input: OneSession): boolean {
  const row = sessionOf(db, input)
  if (!row) return false
  db.run('UPDATE sessions SET removed_at = NULL WHERE number = ?', row.number)
  return true
}

/** See {@link SessionStore.purge}. */
export function purgeSessions({ db }: WriteContext, { before }: { before: number }): number {
  const removed = db.all<{ number: number }>('SELECT number FROM sessions WHERE removed_at < ?', before)
  for (const { number } of removed) forget(db, number)
  return removed.length
}

function bytesOf(db: Database, session: number): number {
  return (
    db.get<{ bytes: number }>('SELECT sum(octet_length(data)) AS bytes FROM turns WHERE session = ?', session)?.bytes ??
    0
  )
}

function forget(db: Database, session: number): void {
  db.run('DELETE FROM recaps WHERE session = ?', session)
  db.run('DELETE FROM turns WHERE session = ?', session)
  db.run('DELETE FROM sessions WHERE number = ?', session)
}
