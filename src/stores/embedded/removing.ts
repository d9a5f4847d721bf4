// Removing hides a document at once; purging forgets it, and names the blobs nobody refers to any more.

import { existsSync, rmSync } from 'node:fs'
import type { DocumentInfo, DocumentStatus } from '../../core/document.ts'
import type { Quota } from '../quota.ts'
import { bringBack, markOrphan } from './accepting.ts'
import { blobPath } from './blob-path.ts'
import type { WriteContext } from './context.ts'
import { documentInfo, documentOf } from './document-rows.ts'
import { dropStaged, endEdition, retiredForMs, sweepRetired } from './editions.ts'
import { cancelJob } from './job-changes.ts'
import { withinQuota } from './quota-check.ts'
import { sweepWords } from './spaces.ts'
import { touchTenant } from './tenants.ts'

/** See {@link Library.remove}. */
export function remove(context: WriteContext, input: { tenant: string; id: string; now: boolean }): boolean {
  const { db, now } = context
  const row = documentOf(db, input.tenant, input.id)
  if (!row || (row.removed_at !== null && !input.now)) return false
  if (row.job !== null) cancelJob(context, row.job, 'The document was removed')
  dropStaged(context, row.number)
  db.run(
    "UPDATE documents SET status = 'removed', reason = NULL, removed_at = coalesce(removed_at, ?), updated_at = ? WHERE number = ?",
    now,
    now,
    row.number,
  )
  touchTenant(db, row.tenant)
  if (input.now) forget(context, row.number)
  return true
}

/** See {@link Library.restore}. A document that is not removed is answered as it is. */
export function restore(
  context: WriteContext,
  input: { tenant: string; id: string; quota: Quota | undefined },
): DocumentInfo | undefined {
  const row = documentOf(context.db, input.tenant, input.id)
  if (!row) return undefined
  const tenant = { name: input.tenant, number: row.tenant }
  const part = () => documentOf(context.db, input.tenant, input.id)
  if (row.removed_at !== null) withinQuota(context.db, tenant, input.quota, part, () => bringBack(context, row))
  const after = documentOf(context.db, input.tenant, input.id)
  return after && documentInfo(after)
}

/** See {@link Library.purge}. */
export function purge(
  context: WriteContext,
  input: { before: number },
): { documents: number; orphanedBlobs: string[] } {
  const { db, now } = context
  const removed = db.all<{ number: number }>('SELECT number FROM documents WHERE removed_at < ?', input.before)
  for (const { number } of removed) forget(context, number)
  sweepRetired(context, now - retiredForMs, 1_000)
  sweepWords(context)
  db.run(`DELETE FROM orphans WHERE hash IN (SELECT hash FROM documents)
    OR hash IN (SELECT published_hash FROM documents WHERE published_hash IS NOT NULL)`)
  const orphanedBlobs = db.all<{ hash: string }>('SELECT hash FROM orphans').map(({ hash }) => hash)
  db.run('DELETE FROM job_history WHERE job IN (SELECT number FROM jobs WHERE ended_at < ?)', input.before)
  db.run(
    'DELETE FROM jobs WHERE ended_at < ? AND id NOT IN (SELECT job FROM documents WHERE job IS NOT NULL)',
    input.before,
  )
  return { documents: removed.length, orphanedBlobs }
}

/**
 * Deletes a blob's file unless a document refers to it. It is decided here, where documents are accepted, so that a
 * blob cannot go while a document that needs it comes. Returns whether the file is gone.
 */
export function removeBlob(context: WriteContext, input: { hash: string }): boolean {
  const { db, blobs } = context
  const { hash } = input
  const path = blobPath(blobs, hash)
  if (db.get('SELECT 1 FROM documents WHERE hash = ? OR published_hash = ? LIMIT 1', hash, hash)) return false
  db.run('DELETE FROM orphans WHERE hash = ?', hash)
  if (!existsSync(path)) return true
  rmSync(path, { force: true })
  return true
}

/** See {@link Library.setStatus}. A removed document stays removed. */
export function setStatus(
  context: WriteContext,
  input: { tenant: string; id: string; status: DocumentStatus; reason: string | undefined },
): void {
  const row = documentOf(context.db, input.tenant, input.id)
  if (!row || row.removed_at !== null) return
  context.db.run(
    'UPDATE documents SET status = ?, reason = ?, updated_at = ? WHERE number = ?',
    input.status,
    input.reason,
    context.now,
    row.number,
  )
}

function forget(context: WriteContext, document: number): void {
  const { db } = context
  const editions = db.all<{ number: number }>('SELECT number FROM editions WHERE document = ?', document)
  for (const { number } of editions) endEdition(context, number, 'purge')
  const hashes = db.get<{ hash: string; published_hash: string | null }>(
    'SELECT hash, published_hash FROM documents WHERE number = ?',
    document,
  )
  if (hashes) {
    markOrphan(context, hashes.hash)
    if (hashes.published_hash !== null) markOrphan(context, hashes.published_hash)
  }
  db.run('DELETE FROM document_metadata WHERE document = ?', document)
  db.run('DELETE FROM job_history WHERE job IN (SELECT number FROM jobs WHERE document = ?)', document)
  db.run('DELETE FROM jobs WHERE document = ?', document)
  db.run('DELETE FROM documents WHERE number = ?', document)
}
