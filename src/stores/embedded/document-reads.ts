// What can be read of documents.

import type { Block, DocumentInfo, DocumentText } from '../../core/document.ts'
import { AndonError } from '../../core/errors.ts'
import { pageLimit } from '../page-limit.ts'
import type { DocumentQuery, Library } from '../store.ts'
import type { ReadContext } from './context.ts'
import type { Value } from './database.ts'
import { documentInfo, documentOf, selectDocument } from './document-rows.ts'
import type { DocumentRow } from './document-rows.ts'
import { tenantNumber } from './tenants.ts'
import { lengthOfText, readBlocks, readText } from './texts.ts'

interface OneDocument {
  tenant: string
  id: string
}

/** Also answers removed documents: until they are purged they can be restored. */
export function getDocument({ db }: ReadContext, { tenant, id }: OneDocument): DocumentInfo | undefined {
  const row = documentOf(db, tenant, id)
  return row && documentInfo(row)
}

/** Oldest first. Removed documents only when asked for by status. */
export function listDocuments(
  { db }: ReadContext,
  { tenant, query }: { tenant: string; query: DocumentQuery },
): DocumentInfo[] {
  const number = tenantNumber(db, tenant)
  if (number === undefined) return []
  const conditions = ['d.tenant = ?']
  const values: Value[] = [number]
  const add = (condition: string, value: Value) => {
    conditions.push(condition)
    values.push(value)
  }
  if (query.collection !== undefined) add('d.collection = ?', query.collection)
  if (query.name !== undefined) add('d.name = ?', query.name)
  if (query.status === undefined) conditions.push('d.removed_at IS NULL')
  else add('d.status = ?', query.status)
  if (query.after !== undefined) add('d.id > ?', query.after)
  const sql = `${selectDocument} WHERE ${conditions.join(' AND ')} ORDER BY d.id LIMIT ?`
  return db.all<DocumentRow>(sql, ...values, pageLimit(query.limit)).map(documentInfo)
}

export function collections(
  { db }: ReadContext,
  { tenant }: { tenant: string },
): { collection: string; documents: number; passages: number }[] {
  const number = tenantNumber(db, tenant)
  return db
    .all<{ collection: string; documents: number; passages: number }>(
      `SELECT collection, count(*) AS documents, sum(passages) AS passages FROM documents
       WHERE tenant = ? AND removed_at IS NULL GROUP BY collection ORDER BY collection`,
      number,
    )
    .map((row) => ({ ...row }))
}

/** Of a document that has text and is not removed. */
export function documentText(
  { db }: ReadContext,
  { tenant, id, span }: OneDocument & { span: { start: number; end: number } | undefined },
): string | undefined {
  return db.snapshot(() => {
    const row = documentOf(db, tenant, id)
    if (!row || row.edition === null || row.removed_at !== null) return undefined
    const { start, end } = checkedSpan(span)
    return readText(db, row.edition, start, end)
  })
}

type Span = { start: number; end: number }

function checkedSpan(span: Span | undefined): Span {
  const { start, end } = span ?? { start: 0, end: Number.MAX_SAFE_INTEGER }
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start) {
    throw new AndonError('invalid', `A span of text needs whole numbers with 0 <= start <= end, not ${start} to ${end}`)
  }
  return { start, end }
}

/** See {@link Library.read}. */
export function readDocument(
  { db }: ReadContext,
  { tenant, id, span }: OneDocument & { span: Span | undefined },
): DocumentText | undefined {
  return db.snapshot(() => {
    const row = documentOf(db, tenant, id)
    if (!row || row.edition === null || row.removed_at !== null) return undefined
    const wanted = checkedSpan(span)
    const length = lengthOfText(db, row.edition)
    const start = Math.min(wanted.start, length)
    const end = Math.min(wanted.end, length)
    return {
      document: documentInfo(row),
      text: readText(db, row.edition, start, end),
      start,
      end,
      length,
      blocks: readBlocks(db, row.edition).filter((block) => block.start < end && block.end > start),
    }
  })
}

export function documentBlocks({ db }: ReadContext, { tenant, id }: OneDocument): Block[] | undefined {
  return db.snapshot(() => {
    const row = documentOf(db, tenant, id)
    if (!row || row.edition === null || row.removed_at !== null) return undefined
    return readBlocks(db, row.edition)
  })
}

type Totals = Awaited<ReturnType<Library['totals']>>

/** Of what is not removed. */
export function totals({ db }: ReadContext, { tenant }: { tenant: string | undefined }): Totals {
  const row = db.get<Totals>(
    `SELECT count(*) AS documents, coalesce(sum(passages), 0) AS passages, coalesce(sum(size), 0) AS bytes,
     count(DISTINCT tenant) AS tenants, coalesce(sum(status IN ('waiting', 'loading')), 0) AS waiting FROM documents WHERE removed_at IS NULL
     ${tenant === undefined ? '' : 'AND tenant = ?'}`,
    ...(tenant === undefined ? [] : [tenantNumber(db, tenant)]),
  )
  return row ? { ...row } : { documents: 0, passages: 0, bytes: 0, tenants: 0, waiting: 0 }
}

/** Hashes of every blob that a document refers to. */
export function referencedBlobs({ db }: ReadContext, _input: null): string[] {
  return db
    .all<{ hash: string }>(
      'SELECT hash FROM documents UNION SELECT published_hash FROM documents WHERE published_hash IS NOT NULL',
    )
    .map(({ hash }) => hash)
}
