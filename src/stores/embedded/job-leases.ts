// A worker holds a job by a lease with a fence: a number that grows each time the job is taken, so that whoever lost
// the job cannot write to it any more.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Lease } from '../store.ts'
import type { WriteContext } from './context.ts'
import type { Database } from './database.ts'
import { dropStaged } from './editions.ts'
import { jobInfo, selectJob } from './job-rows.ts'
import type { JobRow } from './job-rows.ts'

/** A job whose worker vanished this often is taken to be the reason. */
const mostLosses = 10

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
  const taken = existingJob(db, row.id)
  return { job: jobInfo(taken), fence: taken.fence, input: JSON.parse(taken.input) as Plain }
}

/** The job, when this fence still holds it; otherwise a conflict. */
export function heldJob(db: Database, id: string, fence: number): JobRow {
  const row = db.get<JobRow>('SELECT * FROM jobs WHERE id = ?', id)
  if (row && row.state === 'running' && row.fence === fence) return row
  const why = !row ? 'there is no such job' : row.state === 'running' ? 'another worker holds it' : `it is ${row.state}`
  throw new AndonError('conflict', `The lease ${fence} of job ${id} does not hold: ${why}. Stop working on it.`)
}

/** A job that must be there. */
export function existingJob(db: Database, id: string): JobRow {
  const row = db.get<JobRow>(`${selectJob} WHERE j.id = ?`, id)
  if (!row) throw new AndonError('not-found', `There is no job ${id}`)
  return row
}

/** Writes a line of the job's history. */
export function note(context: WriteContext, job: number, event: string, detail?: string): void {
  context.db.run(
    'INSERT INTO job_history (job, at, event, detail) VALUES (?, ?, ?, ?)',
    job,
    context.now,
    event,
    detail,
  )
}
