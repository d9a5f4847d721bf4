// A job's row and what its owner sees of it.

import type { Job, JobKind, JobState } from '../store.ts'
import type { Database } from './database.ts'

export interface JobRow {
  number: number
  id: string
  tenant: number
  tenant_name: string
  kind: JobKind
  lane: number
  document: number | null
  document_id: string | null
  document_name: string | null
  input: string
  state: JobState
  stage: string
  done: number
  total: number
  attempts: number
  losses: number
  max_attempts: number
  run_at: number
  lease_until: number | null
  worker: string | null
  fence: number
  error_code: string | null
  error_message: string | null
  created_at: number
  started_at: number | null
  ended_at: number | null
}

/** The columns of a {@link JobRow}, to be followed by conditions. */
export const selectJob = `
SELECT j.*, t.name AS tenant_name, d.id AS document_id, d.name AS document_name
FROM jobs j JOIN tenants t ON t.number = j.tenant LEFT JOIN documents d ON d.number = j.document`

export function jobOf(db: Database, tenant: string, id: string): JobRow | undefined {
  return db.get<JobRow>(`${selectJob} WHERE j.id = ? AND t.name = ?`, id, tenant)
}

export function jobInfo(row: JobRow): Job {
  return {
    id: row.id,
    tenant: row.tenant_name,
    kind: row.kind,
    ...(row.document_id === null ? {} : { documentId: row.document_id }),
    ...(row.document_name === null ? {} : { documentName: row.document_name }),
    state: row.state,
    stage: row.stage,
    progress: { done: row.done, total: row.total },
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    runAt: row.run_at,
    ...(row.lease_until === null ? {} : { leaseUntil: row.lease_until }),
    ...(row.worker === null ? {} : { worker: row.worker }),
    ...(row.error_code === null ? {} : { error: { code: row.error_code, message: row.error_message ?? '' } }),
    createdAt: row.created_at,
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  }
}
