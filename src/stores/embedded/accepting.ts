// Accepting documents: the row and the job that loads it, in one transaction.

import { existsSync } from 'node:fs'
import { AndonError } from '../../core/errors.ts'
import type { Accepted, AcceptedInput, JobState } from '../store.ts'
import { blobPath } from './blob-path.ts'
import type { WriteContext } from './context.ts'
import { canonicalJson, documentInfo, documentOf } from './document-rows.ts'
import type { DocumentRow } from './document-rows.ts'
import { endEdition } from './editions.ts'
import { cancelJob, insertJob } from './job-changes.ts'
import { newId } from './ids.ts'
import { withinQuota } from './quota-check.ts'
import type { Part } from './quota-check.ts'
import { ensureTenant, touchTenant } from './tenants.ts'

/** See {@link Library.accept}. */
export function accept(context: WriteContext, input: AcceptedInput): Accepted {
  const tenant = { name: input.tenant, number: ensureTenant(context.db, input.tenant) }
  const part = () =>
    context.db.get<Part>(
      'SELECT size, removed_at FROM documents WHERE tenant = ? AND collection = ? AND name = ?',
      tenant.number,
      input.collection,
      input.name,
    )
  return withinQuota(context.db, tenant, input.quota, part, () => acceptFor(context, input, tenant.number))
}

function acceptFor(context: WriteContext, input: AcceptedInput, tenant: number): Accepted {
  const { db, now } = context
  if (input.name === '' || input.name.length > 1_024) {
    throw new AndonError(
      'invalid',
      `The document name ${JSON.stringify(input.name.slice(0, 40))} must have 1 to 1,024 characters`,
    )
  }
  if (!existsSync(blobPath(context.blobs, input.hash))) {
    throw new AndonError(
      'conflict',
      `The bytes of ${input.name} (${input.hash.slice(0, 12)}…) are not in the store: put them there, then add it again`,
    )
  }
  const known = db.get<DocumentRow>(
    'SELECT * FROM documents WHERE tenant = ? AND collection = ? AND name = ?',
    tenant,
    input.collection,
    input.name,
  )
  const metadata = canonicalJson(input.metadata)
  if (!known) {
    const id = newId('doc', now)
    db.run(
      `INSERT INTO documents (id, tenant, collection, name, media_type, hash, size, given_title, metadata, status, added_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)`,
      id,
      tenant,
      input.collection,
      input.name,
      input.mediaType,
      input.hash,
      input.size,
      input.title,
      metadata,
      now,
      now,
    )
    return answer(context, input.tenant, id, 'added', startLoading(context, input.tenant, id, input.maxAttempts))
  }
  const same = known.hash === input.hash && known.given_title === (input.title ?? null) && known.metadata === metadata
  if (known.removed_at !== null) {
    if (same) return answer(context, input.tenant, known.id, 'restored', bringBack(context, known))
    // Removed under other bytes: what was removed stays removed, and the name begins anew.
    if (known.edition !== null) endEdition(context, known.edition, 'purge')
    db.run(
      `UPDATE documents SET edition = NULL, passages = 0, pages = NULL, warnings = '[]', published_hash = NULL,
       removed_at = NULL, added_at = ? WHERE number = ?`,
      now,
      known.number,
    )
    known.edition = null
  } else if (same) {
    const underWay = known.status === 'waiting' || known.status === 'loading'
    if ((known.status === 'ready' && isLoaded(context, known)) || underWay) {
      return answer(context, input.tenant, known.id, 'unchanged', underWay ? (known.job ?? undefined) : undefined)
    }
  }
  const cancelled = known.job !== null && cancelJob(context, known.job, 'Newer bytes of the document were added')
  if (known.hash !== input.hash) markOrphan(context, known.hash)
  if (known.published_hash !== null) markOrphan(context, known.published_hash)
  db.run(
    `UPDATE documents SET media_type = ?, hash = ?, size = ?, given_title = ?, metadata = ?, updated_at = ?
     WHERE number = ?`,
    input.mediaType,
    input.hash,
    input.size,
    input.title,
    metadata,
    now,
    known.number,
  )
  const jobId = startLoading(context, input.tenant, known.id, input.maxAttempts)
  const accepted = answer(context, input.tenant, known.id, known.edition === null ? 'added' : 'replacing', jobId)
  return { ...accepted, ...(cancelled && known.job !== null ? { cancelledJobId: known.job } : {}) }
}

/** Whether what was accepted last is what answers: a loading that was cancelled leaves the version before. */
function isLoaded({ db }: WriteContext, row: DocumentRow): boolean {
  if (row.edition === null || row.published_hash !== row.hash) return false
  const job = db.get<{ state: JobState }>('SELECT state FROM jobs WHERE id = ?', row.job ?? '')
  return job === undefined || job.state === 'done'
}

/** Gives the document a job that loads what was accepted last, with as many attempts as the job before. Returns its id. */
function startLoading(context: WriteContext, tenant: string, id: string, attempts?: number): string {
  const row = documentOf(context.db, tenant, id)
  if (!row) throw new AndonError('not-found', `There is no document ${id}`)
  const before = context.db.get<{ max_attempts: number }>('SELECT max_attempts FROM jobs WHERE id = ?', row.job ?? '')
  const maxAttempts = attempts ?? before?.max_attempts
  const job = insertJob(context, {
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    tenant: row.tenant,
    kind: 'load',
    document: row.number,
    input: {
      hash: row.hash,
      name: row.name,
      mediaType: row.media_type,
      size: row.size,
      ...(row.given_title === null ? {} : { title: row.given_title }),
    },
  })
  context.db.run("UPDATE documents SET job = ?, status = 'waiting', reason = NULL WHERE number = ?", job, row.number)
  return job
}

/** Undoes a removal. What never was loaded (or not to its newest bytes) gets a job, whose id is returned. */
export function bringBack(context: WriteContext, row: DocumentRow): string | undefined {
  const { db, now } = context
  db.run(
    "UPDATE documents SET removed_at = NULL, status = 'ready', reason = NULL, updated_at = ? WHERE number = ?",
    now,
    row.number,
  )
  touchTenant(db, row.tenant)
  if (isLoaded(context, row)) return undefined
  const name = db.get<{ name: string }>('SELECT name FROM tenants WHERE number = ?', row.tenant)?.name ?? ''
  return startLoading(context, name, row.id)
}

/** Notes that a blob may have lost its last document; `purge` looks whether it did. */
export function markOrphan(context: WriteContext, hash: string): void {
  context.db.run('INSERT OR IGNORE INTO orphans VALUES (?)', hash)
}

function answer(
  context: WriteContext,
  tenant: string,
  id: string,
  outcome: Accepted['outcome'],
  jobId: string | undefined,
): Accepted {
  const row = documentOf(context.db, tenant, id)
  if (!row) throw new AndonError('internal', `The document ${id} vanished while it was being accepted`)
  return { document: documentInfo(row), outcome, ...(jobId === undefined ? {} : { jobId }) }
}
