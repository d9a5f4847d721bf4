// Vector generations: the vectors of one embedder, kept beside those of another until the new ones are complete.

import { AndonError } from '../../core/errors.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { Database } from './database.ts'
import { editionOf, rowRange } from './rows.ts'
import { quantise } from './vectors/quantise.ts'

export interface GenerationRow {
  number: number
  name: string
  /** Null until the first vector came. */
  dimensions: number | null
  wanted: number
}

/** Vectors of up to this many dimensions can be kept. */
const mostDimensions = 4_096

export function generationsOf(db: Database): GenerationRow[] {
  return db.all<GenerationRow>('SELECT * FROM generations')
}

/** Says that passages should have vectors of this generation: those without count as missing from now on. */
export function wantGeneration(context: WriteContext, input: { generation: string }): void {
  const { db } = context
  db.run('INSERT OR IGNORE INTO generations (name) VALUES (?)', input.generation)
  const known = db.get<GenerationRow>('SELECT * FROM generations WHERE name = ?', input.generation)
  if (known?.wanted === 1) return
  db.run('UPDATE generations SET wanted = (name = ?)', input.generation)
  db.run('DELETE FROM vector_gaps')
  db.run(
    `INSERT INTO vector_gaps SELECT d.edition FROM documents d
     LEFT JOIN edition_vectors v ON v.generation = ? AND v.edition = d.edition
     WHERE d.edition IS NOT NULL AND coalesce(v.vectors, 0) < d.passages`,
    known?.number,
  )
}

/** See {@link Library.withoutVectors}. The text is what an embedder should read: title and headings before the text. */
export function withoutVectors(
  { db }: ReadContext,
  { generation, limit }: { generation: string; limit: number },
): { tenant: string; rowId: number; text: string }[] {
  return db.snapshot(() => {
    const known = db.get<GenerationRow>('SELECT * FROM generations WHERE name = ?', generation)
    // Gaps are kept for the wanted generation only; for another, every edition may be one.
    const source = known?.wanted === 1 ? 'vector_gaps g CROSS JOIN documents d ON d.edition = g.edition' : 'documents d'
    const lacking = db.all<{ edition: number; tenant: string; title: string }>(
      `SELECT d.edition, t.name AS tenant, d.title FROM ${source} JOIN tenants t ON t.number = d.tenant
       LEFT JOIN edition_vectors v ON v.generation = ? AND v.edition = d.edition
       WHERE d.edition IS NOT NULL AND d.removed_at IS NULL AND coalesce(v.vectors, 0) < d.passages
       ORDER BY d.edition LIMIT ?`,
      known?.number ?? 0,
      limit,
    )
    const found: { tenant: string; rowId: number; text: string }[] = []
    for (const { edition, tenant, title } of lacking) {
      const missing = known?.dimensions
        ? `AND row NOT IN (SELECT row FROM quantised_${known.number} WHERE row BETWEEN ?1 AND ?2)`
        : ''
      const rows = db.all<{ row: number; headings: string; prefix: string | null; text: string }>(
        `SELECT row, headings, prefix, text FROM passages WHERE row BETWEEN ?1 AND ?2 ${missing} ORDER BY row LIMIT ?3`,
        ...rowRange(edition),
        limit - found.length,
      )
      for (const row of rows) {
        const place = [title, ...(JSON.parse(row.headings) as string[])].filter((part) => part !== '').join(' › ')
        const text = [place, row.prefix ?? '', row.text].filter((part) => part !== '').join('\n')
        found.push({ tenant, rowId: row.row, text })
      }
      if (found.length >= limit) break
    }
    return found
  })
}

/** See {@link Library.putVectors}. Rows that are gone are passed over; a row's vector is kept once, the newest. */
export function putVectors(
  context: WriteContext,
  input: { generation: string; vectors: { rowId: number; vector: Float32Array }[] },
): void {
  const { db } = context
  const first = input.vectors[0]
  if (!first) return
  const generation = openGeneration(db, input.generation, first.vector.length)
  const touched = new Set<number>()
  for (const { rowId, vector } of input.vectors) {
    checkVector(vector, generation)
    const edition = editionOf(rowId)
    const passage = db.get<{ tenant: number }>(
      "SELECT e.tenant FROM editions e JOIN passages p ON p.row = ? WHERE e.number = ? AND e.state = 'published'",
      rowId,
      edition,
    )
    if (!passage) continue
    const { values, scale } = quantise(vector)
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
    const { changes } = db.run(
      `INSERT OR IGNORE INTO quantised_${generation.number} VALUES (?, ?, ?)`,
      rowId,
      scale,
      values,
    )
    if (changes === 0) {
      db.run(`UPDATE quantised_${generation.number} SET scale = ?, data = ? WHERE row = ?`, scale, values, rowId)
    } else {
      db.run(
        `INSERT INTO edition_vectors VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET vectors = vectors + 1`,
        generation.number,
        edition,
      )
    }
    db.run(`INSERT OR REPLACE INTO vectors_${generation.number} VALUES (?, ?)`, rowId, bytes)
    touched.add(edition)
    const replaced = changes === 0
    context.afterCommit(() => context.vectors?.put(passage.tenant, generation.number, rowId, values, scale, replaced))
  }
  if (generation.wanted !== 1) return
  for (const edition of touched) {
    db.run(
      `DELETE FROM vector_gaps WHERE edition = ?1 AND (SELECT passages FROM editions WHERE number = ?1)
       <= (SELECT vectors FROM edition_vectors WHERE generation = ?2 AND edition = ?1)`,
      edition,
      generation.number,
    )
  }
}

/** Forgets every generation but this one. Returns how many went. */
export function keepGeneration(context: WriteContext, input: { generation: string }): number {
  const { db } = context
  let dropped = 0
  for (const { number, name, dimensions } of generationsOf(db)) {
    if (name === input.generation) continue
    if (dimensions !== null) db.exec(`DROP TABLE vectors_${number}; DROP TABLE quantised_${number}`)
    db.run('DELETE FROM edition_vectors WHERE generation = ?', number)
    db.run('DELETE FROM generations WHERE number = ?', number)
    context.afterCommit(() => context.vectors?.removeGeneration(number))
    dropped++
  }
  return dropped
}

function openGeneration(db: Database, name: string, dimensions: number): GenerationRow & { dimensions: number } {
  db.run('INSERT OR IGNORE INTO generations (name) VALUES (?)', name)
  const row = db.get<GenerationRow>('SELECT * FROM generations WHERE name = ?', name)
  if (!row) throw new AndonError('internal', `The generation ${name} vanished while it was being opened`)
  if (row.dimensions !== null) return { ...row, dimensions: row.dimensions }
  if (dimensions < 1 || dimensions > mostDimensions) {
    throw new AndonError(
      'invalid',
      `Vectors of ${name} have ${dimensions} dimensions; from 1 to ${mostDimensions} can be kept`,
    )
  }
  db.exec(`CREATE TABLE vectors_${row.number} (row INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE quantised_${row.number} (row INTEGER PRIMARY KEY, scale REAL NOT NULL, data BLOB NOT NULL)`)
  db.run('UPDATE generations SET dimensions = ? WHERE number = ?', dimensions, row.number)
  return { ...row, dimensions }
}

function checkVector(vector: Float32Array, generation: { name: string; dimensions: number }): void {
  if (vector.length !== generation.dimensions) {
    throw new AndonError(
      'invalid',
      `A vector of ${generation.name} has ${vector.length} dimensions where the others have ${generation.dimensions}. Give another model another generation name.`,
    )
  }
  if (!vector.every(Number.isFinite)) {
    throw new AndonError('invalid', `A vector of ${generation.name} holds a value that is no finite number`)
  }
}
