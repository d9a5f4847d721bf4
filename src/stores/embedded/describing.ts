// Changing what is said about a document, without loading it again.

import type { DocumentInfo } from '../../core/document.ts'
import type { Plain } from '../../core/plain.ts'
import type { WriteContext } from './context.ts'
import { canonicalJson, documentInfo, documentOf } from './document-rows.ts'
import type { DocumentRow } from './document-rows.ts'
import { touchTenant } from './tenants.ts'

/** See {@link Library.describe}. The words of a new title are searched with once the document is loaded again. */
export function describe(
  context: WriteContext,
  input: { tenant: string; id: string; change: { title?: string; metadata?: Record<string, Plain | null> } },
): DocumentInfo | undefined {
  const { db, now } = context
  const row = documentOf(db, input.tenant, input.id)
  if (!row || row.removed_at !== null) return undefined
  const { title, metadata = {} } = input.change
  const kept = changed(row.metadata, metadata)
  db.run('UPDATE documents SET metadata = ?, updated_at = ? WHERE number = ?', kept, now, row.number)
  if (title !== undefined)
    db.run(
      `UPDATE documents SET given_title = ?1, title = CASE WHEN edition IS NULL THEN title ELSE ?1 END
       WHERE number = ?2`,
      title,
      row.number,
    )
  // Of what is not published yet, filters find nothing; publishing writes it.
  if (row.edition !== null) writeMetadata(context, { ...row, metadata: kept })
  touchTenant(db, row.tenant)
  const described = documentOf(db, input.tenant, input.id)
  return described && documentInfo(described)
}

function changed(metadata: string, change: Record<string, Plain | null>): string {
  const entries = new Map(Object.entries(JSON.parse(metadata) as Record<string, Plain>))
  for (const [name, value] of Object.entries(change)) {
    if (value === null) entries.delete(name)
    else entries.set(name, value)
  }
  return canonicalJson(Object.fromEntries(entries))
}

/** Puts the scalar values of the metadata where filters look; of a list, each of its scalars. */
export function writeMetadata(
  { db }: WriteContext,
  document: Pick<DocumentRow, 'number' | 'tenant' | 'metadata'>,
): void {
  db.run('DELETE FROM document_metadata WHERE document = ?', document.number)
  for (const [name, value] of Object.entries(JSON.parse(document.metadata) as Record<string, unknown>)) {
    for (const part of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof part !== 'string' && typeof part !== 'number' && typeof part !== 'boolean') continue
      db.run(
        'INSERT OR IGNORE INTO document_metadata VALUES (?, ?, ?, ?)',
        document.tenant,
        name,
        JSON.stringify(part),
        document.number,
      )
    }
  }
}
