// Whether a tenant has room for what a command has just made of its documents. A command that is refused here is undone.

import { overQuota } from '../quota.ts'
import type { Quota } from '../quota.ts'
import type { Database } from './database.ts'

/** A document's part in what its tenant keeps. */
export interface Part {
  size: number
  removed_at: number | null
}

/**
 * Does `change` to one document, and refuses it when the tenant then has more than its quota, and more than before.
 * `part` reads the document, before and after.
 */
export function withinQuota<Result>(
  db: Database,
  tenant: { name: string; number: number },
  quota: Quota | undefined,
  part: () => Part | undefined,
  change: () => Result,
): Result {
  if (quota?.documents === undefined && quota?.bytes === undefined) return change()
  const before = keptOf(part())
  const result = change()
  const after = keptOf(part())
  const all = keptOfAll(db, tenant.number)
  for (const what of ['documents', 'bytes'] as const) {
    const limit = quota[what]
    if (limit !== undefined && all[what] > limit && after[what] > before[what])
      throw overQuota(tenant.name, what, all[what], limit)
  }
  return result
}

type Kept = Record<keyof Quota, number>

function keptOf(part: Part | undefined): Kept {
  return part && part.removed_at === null ? { documents: 1, bytes: part.size } : { documents: 0, bytes: 0 }
}

function keptOfAll(db: Database, tenant: number): Kept {
  const row = db.get<Kept>(
    `SELECT count(*) AS documents, coalesce(sum(size), 0) AS bytes FROM documents INDEXED BY documents_kept
     WHERE tenant = ? AND removed_at IS NULL`,
    tenant,
  )
  return { documents: row?.documents ?? 0, bytes: row?.bytes ?? 0 }
}
