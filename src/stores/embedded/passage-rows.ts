// Reading passages by row or by id.

import type { BlockKind } from '../../core/document.ts'
import type { Passage } from '../../core/question.ts'
import type { Database } from './database.ts'
import { rowOf } from './rows.ts'

interface PassageRow {
  row: number
  start: number
  end: number
  kind: BlockKind
  page: number | null
  page_end: number | null
  headings: string
  prefix: string | null
  text: string
  version: number
  id: string
  name: string
  title: string
  collection: string
}

// Of a replaced edition too, while it is kept: an answer under way may still show what it found a moment ago.
const selectPassage = `
SELECT p.*, e.version, d.id, d.name, d.title, d.collection
FROM passages p JOIN editions e ON e.number = p.row >> 20 JOIN documents d ON d.number = e.document
WHERE p.row = ? AND d.tenant = ? AND d.removed_at IS NULL AND e.state <> 'staged'`

/** A passage of this tenant, unless it is gone, hidden or not published yet. */
export function passageAt(db: Database, tenant: number, row: number): (Passage & { rowId: number }) | undefined {
  const found = db.get<PassageRow>(selectPassage, row, tenant)
  if (!found) return undefined
  const ordinal = row - rowOf(Math.floor(row / rowOf(1, 0)), 0)
  return {
    rowId: row,
    id: `${found.id}.${found.version}.${ordinal}`,
    documentId: found.id,
    documentName: found.name,
    title: found.title,
    collection: found.collection,
    headings: JSON.parse(found.headings) as string[],
    kind: found.kind,
    ...(found.page === null ? {} : { page: found.page }),
    ...(found.page_end === null ? {} : { pageEnd: found.page_end }),
    ordinal,
    start: found.start,
    end: found.end,
    text: found.text,
    ...(found.prefix === null ? {} : { prefix: found.prefix }),
  }
}

/** The row of a passage id `<document id>.<version>.<ordinal>`. */
export function rowOfPassage(db: Database, tenant: number, id: string): number | undefined {
  const parts = /^([^.]+)\.(\d{1,9})\.(\d{1,7})$/.exec(id)
  if (!parts) return undefined
  const edition = db.get<{ number: number }>(
    `SELECT e.number FROM documents d JOIN editions e ON e.document = d.number AND e.version = ?
     WHERE d.id = ? AND d.tenant = ? AND e.state <> 'staged' ORDER BY e.number DESC LIMIT 1`,
    Number(parts[2]),
    parts[1],
    tenant,
  )
  return edition && rowOf(edition.number, Number(parts[3]))
}
