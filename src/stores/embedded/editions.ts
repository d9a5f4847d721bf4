// Editions come and go whole: their terms, vectors, passages, text and blocks.

import type { WriteContext } from './context.ts'
import { rowRange } from './rows.ts'
import { removeTerms } from './spaces.ts'
import { generationsOf } from './generations.ts'

export interface EditionRow {
  number: number
  document: number
  tenant: number
  version: number
  state: 'staged' | 'published' | 'retired'
  job: string | null
  fence: number
  passages: number
  retired_at: number | null
}

/**
 * Takes an edition out of every index. `retire` keeps its passages for a while, so that an answer under way can still
 * show what it found; `purge` forgets it.
 */
export function endEdition(context: WriteContext, edition: number, how: 'retire' | 'purge'): void {
  const { db, now } = context
  const row = db.get<EditionRow>('SELECT * FROM editions WHERE number = ?', edition)
  if (!row) return
  const [first, last] = rowRange(edition)
  if (row.state === 'published') {
    removeTerms(db, edition)
    for (const generation of generationsOf(db)) {
      if (generation.dimensions !== null) {
        db.run(`DELETE FROM vectors_${generation.number} WHERE row BETWEEN ? AND ?`, first, last)
        db.run(`DELETE FROM quantised_${generation.number} WHERE row BETWEEN ? AND ?`, first, last)
      }
      context.afterCommit(() => context.vectors?.removeEdition(row.tenant, generation.number, edition))
    }
    db.run('DELETE FROM edition_vectors WHERE edition = ?', edition)
    db.run('DELETE FROM vector_gaps WHERE edition = ?', edition)
  }
  if (how === 'retire') {
    db.run("UPDATE editions SET state = 'retired', retired_at = ? WHERE number = ?", now, edition)
    return
  }
  db.run('DELETE FROM staged_terms WHERE row BETWEEN ? AND ?', first, last)
  db.run('DELETE FROM passages WHERE row BETWEEN ? AND ?', first, last)
  db.run('DELETE FROM texts WHERE row BETWEEN ? AND ?', first, last)
  db.run('DELETE FROM blocks WHERE edition = ?', edition)
  db.run('DELETE FROM editions WHERE number = ?', edition)
}

/** How long passages of a replaced version can still be read by their row, in milliseconds. */
export const retiredForMs = 120_000

/** Forgets editions that retired long enough ago, a few at a time. */
export function sweepRetired(context: WriteContext, before: number, limit: number): void {
  const rows = context.db.all<{ number: number }>(
    'SELECT number FROM editions WHERE retired_at < ? ORDER BY retired_at LIMIT ?',
    before,
    limit,
  )
  for (const { number } of rows) endEdition(context, number, 'purge')
}

/** Forgets what was staged for a document and never published. */
export function dropStaged(context: WriteContext, document: number): void {
  const rows = context.db.all<{ number: number }>(
    "SELECT number FROM editions WHERE document = ? AND state = 'staged'",
    document,
  )
  for (const { number } of rows) endEdition(context, number, 'purge')
}
