// A document's row and what a user sees of it.

import type { DocumentInfo, DocumentStatus } from '../../core/document.ts'
import type { Metadata } from '../../core/question.ts'
import type { Database } from './database.ts'

export interface DocumentRow {
  number: number
  id: string
  tenant: number
  tenant_name: string
  collection: string
  name: string
  media_type: string
  hash: string
  size: number
  given_title: string | null
  metadata: string
  status: DocumentStatus
  reason: string | null
  job: string | null
  edition: number | null
  version: number
  title: string
  passages: number
  pages: number | null
  warnings: string
  published_hash: string | null
  added_at: number
  updated_at: number
  removed_at: number | null
  vectors_missing: number
  /** JSON, or null. */
  same_as: string | null
}

/** The columns of a {@link DocumentRow}, to be followed by conditions. */
export const selectDocument = `
SELECT d.*, t.name AS tenant_name, coalesce((
  SELECT d.passages - coalesce((
    SELECT vectors FROM edition_vectors v WHERE v.generation = g.number AND v.edition = d.edition), 0)
  FROM generations g WHERE g.wanted = 1 LIMIT 1), 0) AS vectors_missing, (
  SELECT json_object('id', s.id, 'name', s.name, 'collection', s.collection)
  FROM documents s INDEXED BY documents_same
  WHERE s.tenant = d.tenant AND s.hash = d.hash AND s.number <> d.number AND s.removed_at IS NULL
  ORDER BY s.number LIMIT 1) AS same_as
FROM documents d JOIN tenants t ON t.number = d.tenant`

/** A document of this tenant, removed or not. */
export function documentOf(db: Database, tenant: string, id: string): DocumentRow | undefined {
  return db.get<DocumentRow>(`${selectDocument} WHERE d.id = ? AND t.name = ?`, id, tenant)
}

export function documentInfo(row: DocumentRow): DocumentInfo {
  // While other bytes are on their way, a title found in the old ones says nothing about them.
  const title = row.given_title ?? (row.published_hash === row.hash ? row.title : '')
  return {
    id: row.id,
    tenant: row.tenant_name,
    collection: row.collection,
    name: row.name,
    title,
    mediaType: row.media_type,
    hash: row.hash,
    size: row.size,
    status: row.status,
    ...(row.reason === null ? {} : { reason: row.reason }),
    metadata: JSON.parse(row.metadata) as Metadata,
    version: row.version,
    passages: row.passages,
    ...(row.pages === null ? {} : { pages: row.pages }),
    vectorsMissing: row.vectors_missing,
    warnings: JSON.parse(row.warnings) as string[],
    ...(row.same_as === null
      ? {}
      : { sameAs: JSON.parse(row.same_as) as { id: string; name: string; collection: string } }),
    addedAt: row.added_at,
    updatedAt: row.updated_at,
    ...(row.removed_at === null ? {} : { removedAt: row.removed_at }),
  }
}

/** JSON with sorted keys, so that equal metadata is equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  )
}
