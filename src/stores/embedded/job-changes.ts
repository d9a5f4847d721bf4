// How jobs begin and end: made, finished, failed, cancelled and tried again.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Job, JobKind, JobState, Next } from '../store.ts'
import type { WriteContext } from './context.ts'
import { dropStaged } from './editions.ts'
import { newId } from './ids.ts'
import { existingJob, heldJob, note } from './job-leases.ts'
import { jobInfo, jobOf } from './job-rows.ts'
import type { JobRow } from './job-rows.ts'
import { ensureTenant } from './tenants.ts'

/** Which kind goes first: what makes documents answer before what makes them answer better. */
export const lanes: Record<JobKind, number> = { load: 0, embed: 1, reindex: 2 }

const defaultAttempts = 3

/** Writes a job that is due at once. Returns its id. */
export function insertJob(
  context: WriteContext,
  job: { tenant: number; kind: JobKind; document?: number; input: Plain; maxAttempts?: number },
): string {
  const { db, now } = context
  const id = newId('job', now)
  const { lastRow } = db.run(
    `INSERT INTO jobs (id, tenant, kind, lane, document, input, state, max_attempts, run_at, created_at)
     VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?)`,
    id,
    job.tenant,
    job.kind,
    lanes[job.kind],
    job.document,
    JSON.stringify(job.input),
    job.maxAttempts ?? defaultAttempts,
    now,
    now,
  )
  note(context, lastRow, 'accepted')
  return id
}

/** See {@link JobStore.enqueue}. */
export function enqueue(
  context: WriteContext,
  input: { tenant: string; kind: JobKind; documentId?: string; input?: Plain; maxAttempts?: number },
): Job {
  const tenant = ensureTenant(context.db, input.tenant)
  const document =
    input.documentId === undefined
      ? undefined
      : context.db.get<{ number: number }>(
          'SELECT number FROM documents WHERE id = ? AND tenant = ?',
          input.documentId,
          tenant,
        )
  if (input.documentId !== undefined && !document) {
    throw new AndonError('not-found', `There is no document ${input.documentId} to make a job for`)
  }
  const id = insertJob(context, {
    tenant,
    kind: input.kind,
    ...(document ? { document: document.number } : {}),
    input: input.input ?? null,
    ...(input.maxAttempts === undefined ? {} : { maxAttempts: input.maxAttempts }),
  })
  return jobInfo(existingJob(context.db, id))
}

/** See {@link JobStore.finish}. Finishing what this lease already finished does nothing. */
export function finish(context: WriteContext, input: { id: string; fence: number }): void {
  const row = context.db.get<JobRow>('SELECT * FROM jobs WHERE id = ?', input.id)
  if (row && row.state === 'done' && row.fence === input.fence) return
  heldJob(context.db, input.id, input.fence)
  endJob(context, input.id, 'done')
}

/** See {@link JobStore.fail}. The document of a `load` job gets the status that belongs to the outcome. */
export function fail(
  context: WriteContext,
  input: {
    id: string
    fence: number
    error: { code: string; message: string }
    next: Next
  },
): Job {
  const { db, now } = context
  const { error, next } = input
  const row = heldJob(db, input.id, input.fence)
  // An attempt that was called off says nothing about the job, so it does not count.
  const counts = next.counts !== false && error.code !== 'cancelled'
  const attempts = row.attempts - (counts || next.retryAt === undefined ? 0 : 1)
  const again = next.retryAt !== undefined && attempts < row.max_attempts && next.dead !== true
  const state: JobState = again ? 'waiting' : next.dead === true || next.retryAt !== undefined ? 'dead' : 'failed'
  db.run(
    `UPDATE jobs SET state = ?, attempts = ?, run_at = ?, lease_until = NULL, worker = NULL, error_code = ?,
     error_message = ?, ended_at = ? WHERE number = ?`,
    state,
    attempts,
    next.retryAt ?? row.run_at,
    error.code,
    error.message,
    again ? undefined : now,
    row.number,
  )
  note(context, row.number, again ? 'will try again' : state, error.message)
  if (row.kind === 'load' && row.document !== null) {
    const said = again ? undefined : next.document
    const status = again ? 'waiting' : (said?.status ?? (state === 'dead' ? 'quarantined' : 'failed'))
    // A more telling reason that was set during this attempt stays.
    db.run(
      `UPDATE documents SET reason = CASE WHEN ?1 OR status = 'loading' OR reason IS NULL THEN ?2 ELSE reason END,
       status = CASE WHEN ?1 OR status = 'loading' OR (status = 'waiting' AND ?3) THEN ?4 ELSE status END,
       updated_at = ?5 WHERE number = ?6 AND job = ?7 AND removed_at IS NULL`,
      said !== undefined,
      said?.reason ?? error.message,
      !again,
      status,
      now,
      row.document,
      row.id,
    )
    if (!again) dropStaged(context, row.document)
  }
  return jobInfo(existingJob(db, row.id))
}

/** See {@link JobStore.cancel}. A job that has ended is answered as it is. */
export function cancel(context: WriteContext, input: { tenant: string; id: string }): Job | undefined {
  const row = jobOf(context.db, input.tenant, input.id)
  if (!row) return undefined
  if (cancelJob(context, row.id, 'Cancelled by its owner') && row.kind === 'load' && row.document !== null) {
    context.db.run(
      `UPDATE documents SET status = CASE WHEN edition IS NOT NULL THEN 'ready' ELSE 'failed' END,
       reason = 'Its loading was cancelled. Retry the job, or add the document again.', updated_at = ?
       WHERE number = ? AND job = ? AND removed_at IS NULL`,
      context.now,
      row.document,
      row.id,
    )
  }
  return jobInfo(existingJob(context.db, row.id))
}

/** See {@link JobStore.retry}. A job that has not ended is answered as it is. */
export function retry(context: WriteContext, input: { tenant: string; id: string }): Job | undefined {
  const { db, now } = context
  const row = jobOf(db, input.tenant, input.id)
  if (!row) return undefined
  if (row.state === 'failed' || row.state === 'dead' || row.state === 'cancelled') {
    if (row.kind === 'load') {
      const { changes } = db.run(
        `UPDATE documents SET status = 'waiting', reason = NULL, updated_at = ?
         WHERE number = ? AND job = ? AND removed_at IS NULL`,
        now,
        row.document,
        row.id,
      )
      if (changes === 0) {
        throw new AndonError(
          'conflict',
          `The job ${row.id} cannot be tried again: its document was removed, or added again since. Look for the newer job.`,
        )
      }
    }
    db.run(
      `UPDATE jobs SET state = 'waiting', attempts = 0, losses = 0, run_at = ?, error_code = NULL,
       error_message = NULL, ended_at = NULL, stage = '', done = 0, total = 0 WHERE number = ?`,
      now,
      row.number,
    )
    note(context, row.number, 'retried by its owner')
  }
  return jobInfo(existingJob(db, row.id))
}

/** Ends a job that its lease holder finished. */
export function endJob(context: WriteContext, id: string, state: 'done'): void {
  const { db, now } = context
  const row = existingJob(db, id)
  db.run(
    `UPDATE jobs SET state = ?, stage = 'done', lease_until = NULL, worker = NULL, error_code = NULL,
     error_message = NULL, ended_at = ? WHERE number = ?`,
    state,
    now,
    row.number,
  )
  note(context, row.number, state)
}

/** Ends a job that waits or runs. Returns whether it did. */
export function cancelJob(context: WriteContext, id: string, why: string): boolean {
  const { db, now } = context
  const row = db.get<JobRow>('SELECT * FROM jobs WHERE id = ?', id)
  if (!row || (row.state !== 'waiting' && row.state !== 'running')) return false
  db.run(
    `UPDATE jobs SET state = 'cancelled', fence = fence + 1, lease_until = NULL, worker = NULL, ended_at = ?
     WHERE number = ?`,
    now,
    row.number,
  )
  note(context, row.number, 'cancelled', why)
  if (row.document !== null && row.kind === 'load') dropStaged(context, row.document)
  return true
}
