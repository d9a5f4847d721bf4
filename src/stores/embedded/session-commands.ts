// Conversations: read whole, appended with a version check, bounded in number of turns and in length.

import { AndonError } from '../../core/errors.ts'
import type { Turn } from '../../core/question.ts'
import type { Session } from '../store.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { pageLimit } from './document-reads.ts'
import { ensureTenant, tenantNumber } from './tenants.ts'

/** What one conversation may hold. */
const sessionLimits = { idLength: 200, turns: 2_000, turnBytes: 256 * 1024 } as const

/** Conversations are listed whole, for an export: their list has no pages. */
const mostListed = 1_000_000

interface SessionRow {
  number: number
  id: string
  version: number
  turns: number
  first: string
  updated_at: number
}

/** See {@link SessionStore.read}. */
export function readSession({ db }: ReadContext, input: { tenant: string; id: string }): Session {
  return db.snapshot(() => {
    const row = db.get<SessionRow>(
      'SELECT * FROM sessions WHERE tenant = ? AND id = ?',
      tenantNumber(db, input.tenant),
      input.id,
    )
    if (!row) return { id: input.id, version: 0, turns: [], updatedAt: 0 }
    const turns = db
      .all<{ data: string }>('SELECT data FROM turns WHERE session = ? ORDER BY position', row.number)
      .map(({ data }) => JSON.parse(data) as Turn)
    return { id: row.id, version: row.version, turns, updatedAt: row.updated_at }
  })
}

/** See {@link SessionStore.append}. */
export function appendTurns(
  { db, now }: WriteContext,
  input: { tenant: string; id: string; version: number; turns: Turn[] },
): number {
  const { id, version, turns } = input
  if (id === '' || id.length > sessionLimits.idLength) {
    throw new AndonError(
      'invalid',
      `The session id ${JSON.stringify(id.slice(0, 40))} must have 1 to ${sessionLimits.idLength} characters`,
    )
  }
  const tenant = ensureTenant(db, input.tenant)
  const row = db.get<SessionRow>('SELECT * FROM sessions WHERE tenant = ? AND id = ?', tenant, id)
  const known = row?.version ?? 0
  if (known !== version) {
    throw new AndonError(
      'conflict',
      `The session ${id} is at version ${known}, not ${version}: somebody else said something in between. Read it again, then append.`,
      { detail: { version: known } },
    )
  }
  if ((row?.turns ?? 0) + turns.length > sessionLimits.turns) {
    throw new AndonError(
      'too-large',
      `The session ${id} has ${row?.turns ?? 0} turns of at most ${sessionLimits.turns}. Begin a new one.`,
    )
  }
  const first = turns.find(({ role }) => role === 'user')?.text.slice(0, 200) ?? ''
  const number =
    row?.number ??
    db.run(
      'INSERT INTO sessions (tenant, id, version, turns, first, updated_at) VALUES (?, ?, 0, 0, ?, ?)',
      tenant,
      id,
      first,
      now,
    ).lastRow
  for (const [index, turn] of turns.entries()) {
    const data = JSON.stringify(turn)
    if (Buffer.byteLength(data) > sessionLimits.turnBytes) {
      throw new AndonError(
        'too-large',
        `A turn of session ${id} has ${Buffer.byteLength(data)} bytes; at most ${sessionLimits.turnBytes} are kept`,
      )
    }
    db.run('INSERT INTO turns VALUES (?, ?, ?)', number, (row?.turns ?? 0) + index, data)
  }
  db.run(
    'UPDATE sessions SET version = version + 1, turns = turns + ?, updated_at = ? WHERE number = ?',
    turns.length,
    now,
    number,
  )
  return version + 1
}

/** See {@link SessionStore.list}. Latest first. */
export function listSessions(
  { db }: ReadContext,
  input: { tenant: string; limit: number | undefined },
): { id: string; updatedAt: number; turns: number; first: string }[] {
  return db
    .all<SessionRow>(
      'SELECT * FROM sessions WHERE tenant = ? ORDER BY updated_at DESC, number DESC LIMIT ?',
      tenantNumber(db, input.tenant),
      pageLimit(input.limit, mostListed),
    )
    .map(({ id, updated_at: updatedAt, turns, first }) => ({ id, updatedAt, turns, first }))
}

/** See {@link SessionStore.remove}. */
export function removeSession({ db }: WriteContext, input: { tenant: string; id: string }): boolean {
  const row = db.get<SessionRow>(
    'SELECT * FROM sessions WHERE tenant = ? AND id = ?',
    tenantNumber(db, input.tenant),
    input.id,
  )
  if (!row) return false
  db.run('DELETE FROM turns WHERE session = ?', row.number)
  db.run('DELETE FROM sessions WHERE number = ?', row.number)
  return true
}
