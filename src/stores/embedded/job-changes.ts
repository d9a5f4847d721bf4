// How jobs change: made, taken under a lease, told of progress, ended, cancelled and tried again.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Job, JobKind, JobState, Lease } from '../store.ts'
import type { WriteContext } from './context.ts'
import type { Database } from './database.ts'
import { dropStaged } from './editions.ts'
import { newId } from './ids.ts'
import { jobInfo, jobOf, selectJob } from './job-rows.ts'
import type { JobRow } from './job-rows.ts'
import { ensureTenant } from './tenants.ts'

/** Which kind goes first: what makes documents answer before what makes them answer better. */
export const lanes: Record<JobKind, number> = { load: 0, embed: 1, reindex: 2 }

const defaultAttempts = 3
/** A job whose worker vanished this often is taken to be the reason. */
const mostLosses = 10

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
  return jobInfo(existing(context.db, id))
}

/** See {@link JobStore.renew}. */
export function renew(context: WriteContext, input: { id: string; fence: number; leaseMs: number }): boolean {
  return (
    context.db.run(
      "UPDATE jobs SET lease_until = ? WHERE id = ? AND fence = ? AND state = 'running'",
      context.now + input.leaseMs,
      input.id,
      input.fence,
    ).changes > 0
  )
}

/** See {@link JobStore.progress}. A new stage is noted in the history. */
export function progress(
  context: WriteContext,
  input: { id: string; fence: number; stage: string; done: number; total: number },
): boolean {
  const { db } = context
  const row = db.get<JobRow>(
    "SELECT * FROM jobs WHERE id = ? AND fence = ? AND state = 'running'",
    input.id,
    input.fence,
  )
  if (!row) return false
  db.run(
    'UPDATE jobs SET stage = ?, done = ?, total = ? WHERE number = ?',
    input.stage,
    input.done,
    input.total,
    row.number,
  )
  if (row.stage !== input.stage) note(context, row.number, 'stage', input.stage)
  return true
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
    next: { retryAt?: number; dead?: boolean }
  },
): Job {
  const { db, now } = context
  const { error, next } = input
  const row = heldJob(db, input.id, input.fence)
  // An attempt that was called off says nothing about the job, so it does not count.
  const attempts = row.attempts - (error.code === 'cancelled' && next.retryAt !== undefined ? 1 : 0)
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
    const status = again ? 'waiting' : state === 'dead' ? 'quarantined' : 'failed'
    // A more telling reason that was set during this attempt stays.
    db.run(
      `UPDATE documents SET reason = CASE WHEN status = 'loading' OR reason IS NULL THEN ? ELSE reason END,
       status = CASE WHEN status = 'loading' OR (status = 'waiting' AND ?) THEN ? ELSE status END, updated_at = ?
       WHERE number = ? AND job = ? AND removed_at IS NULL`,
      error.message,
      !again,
      status,
      now,
      row.document,
      row.id,
    )
    if (!again) dropStaged(context, row.document)
  }
  return jobInfo(existing(db, row.id))
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
  return jobInfo(existing(context.db, row.id))
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
  return jobInfo(existing(db, row.id))
}

/** Gives a due job to a worker. Undefined when its workers vanished so often that it is set aside instead. */
export function lease(context: WriteContext, row: JobRow, worker: string, leaseMs: number): Lease | undefined {
  const { db, now } = context
  const lost = row.state === 'running'
  if (lost && row.losses + 1 >= mostLosses) {
    const message = `Its worker vanished ${row.losses + 1} times while it did this job; it was set aside so that others are not held up`
    db.run(
      `UPDATE jobs SET state = 'dead', losses = losses + 1, fence = fence + 1, lease_until = NULL, worker = NULL,
       error_code = 'unavailable', error_message = ?, ended_at = ? WHERE number = ?`,
      message,
      now,
      row.number,
    )
    note(context, row.number, 'dead', message)
    if (row.document !== null && row.kind === 'load') {
      db.run(
        "UPDATE documents SET status = 'quarantined', reason = ? WHERE number = ? AND job = ?",
        message,
        row.document,
        row.id,
      )
      dropStaged(context, row.document)
    }
    return undefined
  }
  // A lost lease is no attempt of its own: the process may have been stopped for reasons that are not the job's.
  db.run(
    `UPDATE jobs SET state = 'running', attempts = attempts + ?, losses = losses + ?, fence = fence + 1,
     lease_until = ?, worker = ?, started_at = coalesce(started_at, ?), stage = '', done = 0, total = 0
     WHERE number = ?`,
    lost ? 0 : 1,
    lost ? 1 : 0,
    now + leaseMs,
    worker,
    now,
    row.number,
  )
  if (row.kind === 'load') {
    db.run(
      "UPDATE documents SET status = 'loading' WHERE number = ? AND job = ? AND removed_at IS NULL",
      row.document,
      row.id,
    )
  }
  note(context, row.number, lost ? 'taken again' : 'taken', worker)
  const taken = existing(db, row.id)
  return { job: jobInfo(taken), fence: taken.fence, input: JSON.parse(taken.input) as Plain }
}

/** The job, when this fence still holds it; otherwise a conflict. */
export function heldJob(db: Database, id: string, fence: number): JobRow {
  const row = db.get<JobRow>('SELECT * FROM jobs WHERE id = ?', id)
  if (row && row.state === 'running' && row.fence === fence) return row
  const why = !row ? 'there is no such job' : row.state === 'running' ? 'another worker holds it' : `it is ${row.state}`
  throw new AndonError('conflict', `The lease ${fence} of job ${id} does not hold: ${why}. Stop working on it.`)
}

export function endJob(context: WriteContext, id: string, state: 'done'): void {
  const { db, now } = context
  const row = existing(db, id)
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

function existing(db: Database, id: string): JobRow {
  const row = db.get<JobRow>(`${selectJob} WHERE j.id = ?`, id)
  if (!row) throw new AndonError('not-found', `There is no job ${id}`)
  return row
}

function note(context: WriteContext, job: number, event: string, detail?: string): void {
  context.db.run(
    'INSERT INTO job_history (job, at, event, detail) VALUES (?, ?, ?, ?)',
    job,
    context.now,
    event,
    detail,
  )
}
