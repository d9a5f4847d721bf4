// What can be read of jobs, and why one waits, who works on it and what comes next, in sentences.

import { pageLimit } from '../page-limit.ts'
import type { Job, JobExplanation, JobState } from '../store.ts'
import type { ReadContext } from './context.ts'
import type { Database, Value } from './database.ts'
import { jobInfo, jobOf, selectJob } from './job-rows.ts'
import type { JobRow } from './job-rows.ts'
import { tenantNumber } from './tenants.ts'

export function getJob({ db }: ReadContext, input: { tenant: string; id: string }): Job | undefined {
  const row = jobOf(db, input.tenant, input.id)
  return row && jobInfo(row)
}

/** Newest first. */
export function listJobs(
  { db }: ReadContext,
  {
    tenant,
    query,
  }: {
    tenant: string
    query: { state?: JobState; documentId?: string; limit?: number; after?: string }
  },
): Job[] {
  const number = tenantNumber(db, tenant)
  if (number === undefined) return []
  const conditions = ['j.tenant = ?']
  const values: Value[] = [number]
  const add = (condition: string, value: Value) => {
    conditions.push(condition)
    values.push(value)
  }
  if (query.state !== undefined) add('j.state = ?', query.state)
  if (query.documentId !== undefined) add('d.id = ?', query.documentId)
  if (query.after !== undefined) add('j.id < ?', query.after)
  return db
    .all<JobRow>(
      `${selectJob} WHERE ${conditions.join(' AND ')} ORDER BY j.id DESC LIMIT ?`,
      ...values,
      pageLimit(query.limit),
    )
    .map(jobInfo)
}

/** See {@link JobStore.nextDue}. */
export function nextDue({ db }: ReadContext, _input: null): number | undefined {
  const row = db.get<{ due: number | null }>(
    `SELECT min(due) AS due FROM (
       SELECT min(run_at) AS due FROM jobs WHERE state = 'waiting'
       UNION ALL SELECT min(lease_until) FROM jobs WHERE state = 'running')`,
  )
  return row?.due ?? undefined
}

/** See {@link JobStore.explain}. */
export function explainJob(
  { db }: ReadContext,
  input: { tenant: string; id: string; now: number },
): JobExplanation | undefined {
  return db.snapshot(() => {
    const row = jobOf(db, input.tenant, input.id)
    if (!row) return undefined
    const before = row.state === 'waiting' ? jobsBefore(db, row) : { tenant: 0, all: 0 }
    const history = db
      .all<{ at: number; event: string; detail: string | null }>(
        'SELECT at, event, detail FROM job_history WHERE job = ? ORDER BY number',
        row.number,
      )
      .map(({ at, event, detail }) => ({ at, event, ...(detail === null ? {} : { detail }) }))
    return { job: jobInfo(row), before, sentences: sentencesOf(db, row, before, input.now), history }
  })
}

/** Counts what will be taken first: earlier lanes whole, and in its own lane each tenant's turns up to this job's. */
function jobsBefore(db: Database, row: JobRow): { tenant: number; all: number } {
  const waiting = db.all<{ lane: number; tenant: number; jobs: number; served: number }>(
    `SELECT j.lane, j.tenant, count(*) AS jobs, t.served FROM jobs j JOIN tenants t ON t.number = j.tenant
     WHERE j.state = 'waiting' AND j.lane <= ? GROUP BY j.lane, j.tenant`,
    row.lane,
  )
  const place =
    db.get<{ jobs: number }>(
      "SELECT count(*) AS jobs FROM jobs WHERE state = 'waiting' AND lane = ? AND tenant = ? AND number < ?",
      row.lane,
      row.tenant,
      row.number,
    )?.jobs ?? 0
  const served = waiting.find(({ lane, tenant }) => lane === row.lane && tenant === row.tenant)?.served ?? 0
  let own = place
  let others = 0
  for (const group of waiting) {
    if (group.lane < row.lane) {
      if (group.tenant === row.tenant) own += group.jobs
      else others += group.jobs
    } else if (group.tenant !== row.tenant) {
      const first = group.served < served || (group.served === served && group.tenant < row.tenant)
      others += Math.min(group.jobs, place + (first ? 1 : 0))
    }
  }
  return { tenant: own, all: own + others }
}

const doing: Record<JobRow['kind'], string> = { load: 'loads', embed: 'makes vectors for', reindex: 'indexes anew' }

function sentencesOf(db: Database, row: JobRow, before: { tenant: number; all: number }, now: number): string[] {
  const said = [`This job ${doing[row.kind]} ${row.document_name ?? 'passages'}.`]
  const error = row.error_message === null ? undefined : row.error_message.replace(/\.$/, '')
  switch (row.state) {
    case 'waiting': {
      if (row.run_at > now) {
        said.push(`It waits ${seconds(row.run_at - now)} before it is tried again.`)
      } else {
        const running = db.get<{ jobs: number }>("SELECT count(*) AS jobs FROM jobs WHERE state = 'running'")?.jobs ?? 0
        said.push(
          before.all === 0
            ? 'It is the next to be taken.'
            : `It waits for ${count(before.all, 'job')} to be taken before it, ${before.tenant} of them of the same tenant; tenants take turns.`,
          running === 0 ? 'No worker is busy now.' : `Workers are busy with ${count(running, 'job')}.`,
        )
      }
      if (error !== undefined) said.push(`The last attempt failed: ${error}.`)
      said.push(attemptsLeft(row))
      break
    }
    case 'running': {
      const left = (row.lease_until ?? 0) - now
      said.push(
        left > 0
          ? `${row.worker ?? 'A worker'} works on it since ${seconds(now - (row.started_at ?? now))}: ${row.stage === '' ? 'starting' : row.stage}${row.total > 0 ? `, ${row.done} of ${row.total}` : ''}.`
          : `${row.worker ?? 'Its worker'} was not heard of for too long; another worker takes it next.`,
      )
      if (left > 0) said.push(`Its lease ends in ${seconds(left)} unless it is renewed; then another worker takes it.`)
      break
    }
    case 'done':
      said.push(`It is done, after ${count(row.attempts, 'attempt')}.`)
      break
    case 'failed':
      said.push(
        `It failed: ${error ?? 'no reason was given'}.`,
        'Trying again by itself would not help. Retry it after you changed something.',
      )
      break
    case 'dead':
      said.push(
        `It was set aside after ${count(row.attempts, 'attempt')}: ${error ?? 'no reason was given'}.`,
        'Nothing happens to it by itself. Retry it when the reason is gone, or remove the document.',
      )
      break
    case 'cancelled':
      said.push('It was cancelled. Retry it to go on.')
  }
  return said
}

function attemptsLeft(row: JobRow): string {
  const left = row.max_attempts - row.attempts
  return row.attempts === 0
    ? `It has not been tried yet and has ${count(left, 'attempt')}.`
    : `It was tried ${row.attempts === 1 ? 'once' : `${row.attempts} times`} and has ${count(left, 'attempt')} left.`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function seconds(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1_000))
  return whole < 120 ? count(whole, 'second') : count(Math.round(whole / 60), 'minute')
}
