// Whether a tenant has room for what a command has just made of its documents. A command that is refused here is undone.

import { overQuota } from '../quota.ts'
import type { Quota } from '../quota.ts'
import type { Database } from './database.ts'

/** Documents and bytes that a tenant has, without removed ones. */
export interface Kept {
  documents: number
  bytes: number
}

/** What the tenant has now. */
export function kept(db: Database, tenant: number): Kept {
  const row = db.get<Kept>(
    `SELECT count(*) AS documents, coalesce(sum(size), 0) AS bytes FROM documents INDEXED BY documents_kept
     WHERE tenant = ? AND removed_at IS NULL`,
    tenant,
  )
  return { documents: row?.documents ?? 0, bytes: row?.bytes ?? 0 }
}

/** Does `change`, and refuses it when the tenant then has more than before and more than its quota. */
export function withinQuota<Result>(
  db: Database,
  tenant: { name: string; number: number },
  quota: Quota | undefined,
  change: () => Result,
): Result {
  if (quota?.documents === undefined && quota?.bytes === undefined) return change()
  const before = kept(db, tenant.number)
  const result = change()
  const after = kept(db, tenant.number)
  for (const what of ['documents', 'bytes'] as const) {
    const limit = quota[what]
    if (limit !== undefined && after[what] > limit && after[what] > before[what])
      throw overQuota(tenant.name, what, after[what], limit)
  }
  return result
}
