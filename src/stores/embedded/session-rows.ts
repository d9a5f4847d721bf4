// A conversation as a row: found by its tenant and id, removed or not.

import type { Session } from '../store.ts'
import type { Database } from './database.ts'
import { tenantNumber } from './tenants.ts'

/** Which session. */
export interface OneSession {
  tenant: string
  id: string
}

export interface SessionRow {
  number: number
  id: string
  version: number
  turns: number
  first: string
  updated_at: number
  title: string | null
  removed_at: number | null
}

/** Its row, removed or not. */
export function sessionOf(db: Database, { tenant, id }: OneSession): SessionRow | undefined {
  return db.get<SessionRow>('SELECT * FROM sessions WHERE tenant = ? AND id = ?', tenantNumber(db, tenant), id)
}

/** What may be there besides: a name, and since when it is removed. */
export function namedOrRemoved(row: SessionRow): Pick<Session, 'title' | 'removedAt'> {
  return {
    ...(row.title === null ? {} : { title: row.title }),
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
  }
}
