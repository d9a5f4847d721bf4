// How conversations are listed, and searched in what they are called and in what was asked.

import { pageLimit } from '../page-limit.ts'
import { foldForSearch, missingWords, searchWords } from '../session-search.ts'
import type { SessionStore, SessionSummary } from '../store.ts'
import type { ReadContext } from './context.ts'
import type { Database, Value } from './database.ts'
import { namedOrRemoved, type SessionRow } from './session-rows.ts'
import { tenantNumber } from './tenants.ts'

/** Conversations are listed whole, for an export. */
const mostListed = 1_000_000

type Query = NonNullable<Parameters<SessionStore['list']>[2]>

/** See {@link SessionStore.list}. */
export function listSessions(
  { db }: ReadContext,
  { tenant, limit, query }: { tenant: string; limit: number | undefined; query: Query },
): SessionSummary[] {
  const most = pageLimit(limit, mostListed)
  const words = searchWords(query.search ?? '')
  const number: Value = tenantNumber(db, tenant)
  const [behind, ...values] = behindOf(query.before, number)
  const sql = `SELECT * FROM sessions WHERE tenant = ? AND removed_at IS NULL ${behind}
    ORDER BY updated_at DESC, number DESC`
  return db.snapshot(() => {
    if (words.length === 0) return db.all<SessionRow>(`${sql} LIMIT ?`, number, ...values, most).map(summary)
    const found: SessionSummary[] = []
    for (const row of db.each<SessionRow>(sql, number, ...values)) {
      if (holds(db, row, words)) found.push(summary(row))
      if (found.length === most) break
    }
    return found
  })
}

/** Which come after a place, as a condition and its values. One that is forgotten meanwhile is only its time. */
function behindOf(before: Query['before'], tenant: Value): [condition: string, ...values: Value[]] {
  if (before === undefined) return ['']
  if (typeof before === 'number') return ['AND updated_at < ?', before]
  return [
    `AND (updated_at, number) < (?, coalesce((SELECT number FROM sessions WHERE tenant = ? AND id = ?), 0))`,
    before.updatedAt,
    tenant,
    before.id,
  ]
}

/** Whether every word stands in the name of a conversation or in a question of it. */
function holds(db: Database, row: SessionRow, words: string[]): boolean {
  let left = missingWords(foldForSearch(`${row.title ?? ''}\n${row.first}`), words)
  if (left.length === 0) return true
  const asked = db.all<{ text: string }>(
    "SELECT data ->> '$.text' AS text FROM turns WHERE session = ? AND data ->> '$.role' = 'user' ORDER BY position",
    row.number,
  )
  for (const { text } of asked) {
    left = missingWords(foldForSearch(text), left)
    if (left.length === 0) return true
  }
  return false
}

function summary(row: SessionRow): SessionSummary {
  const { id, updated_at: updatedAt, turns, first } = row
  return { id, updatedAt, turns, first, ...namedOrRemoved(row) }
}
