// Another analyser's terms, made beside those that answer. A tenant's new space takes over in the moment it is whole.

import type { GenerationStatus, PassageTerms, PassageToAnalyse } from '../store.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { rowRange } from './rows.ts'
import { dropSpace, ensureSpace, addTerms } from './spaces.ts'
import type { SpaceRow, TermRow } from './spaces.ts'
import { touchTenant } from './tenants.ts'

interface BuildingRow extends SpaceRow {
  tenant_name: string
}

/**
 * The next passages whose terms this analyser has to make, oldest first. Makes the new spaces on the way, and lets
 * those that are whole take over. Empty when every tenant is answered by this analyser.
 */
export function reindexBatch(context: WriteContext, input: { analyser: string; limit: number }): PassageToAnalyse[] {
  const { db } = context
  const behind = db.all<{ number: number }>(
    'SELECT t.number FROM tenants t JOIN spaces s ON s.number = t.space WHERE s.analyser <> ? ORDER BY t.number',
    input.analyser,
  )
  const found: PassageToAnalyse[] = []
  for (const { number: tenant } of behind) {
    const space = ensureSpace(context, tenant, input.analyser)
    const rows = passagesLacking(context, space.number, input.limit - found.length)
    if (rows.length === 0) takeOver(context, tenant, space.number)
    found.push(...rows)
    if (found.length >= input.limit) break
  }
  return found
}

/** Writes the terms of a batch, given in the order it came. Passages that went in between are passed over. */
export function putTerms(context: WriteContext, input: { analyser: string; passages: PassageTerms[] }): void {
  const { db } = context
  const groups = new Map<string, { space: number; edition: number; rows: TermRow[] }>()
  for (const { rowId, titleTerms, bodyTerms, length } of [...input.passages].sort((a, b) => a.rowId - b.rowId)) {
    const place = db.get<{ space: number; edition: number; length: number }>(
      `SELECT s.number AS space, e.number AS edition, p.length FROM passages p
       JOIN editions e ON e.number = p.row >> 20 JOIN spaces s ON s.tenant = e.tenant AND s.analyser = ?
       LEFT JOIN edition_terms c ON c.edition = e.number AND c.space = s.number
       WHERE p.row = ? AND e.state = 'published' AND p.row > coalesce(c.carried, -1)`,
      input.analyser,
      rowId,
    )
    if (!place) continue
    const { space, edition } = place
    // A passage has one length, so the space that answers now takes over the new count with it.
    db.run('UPDATE passages SET length = ? WHERE row = ?', length, rowId)
    db.run(
      `UPDATE spaces SET terms = terms + ? WHERE number IN (
         SELECT space FROM edition_terms WHERE edition = ? AND space <> ? AND carried >= ?)`,
      length - place.length,
      edition,
      space,
      rowId,
    )
    const group = groups.get(`${space} ${edition}`) ?? { space, edition, rows: [] }
    group.rows.push({ row: rowId, title: titleTerms, body: bodyTerms, length })
    groups.set(`${space} ${edition}`, group)
  }
  for (const { space, edition, rows } of groups.values()) {
    const [, last] = rowRange(edition)
    const carried = rows.at(-1)?.row ?? 0
    const more = db.get('SELECT 1 FROM passages WHERE row > ? AND row <= ? LIMIT 1', carried, last)
    addTerms(context, space, edition, more === undefined ? last : carried, rows)
  }
}

/** See {@link GenerationStatus}. */
export function generationStatus({ db }: ReadContext, _input: null): GenerationStatus {
  const analysers = db.all<{ analyser: string; answers: number; building: number }>(
    `SELECT s.analyser, sum(t.space = s.number) AS answers, sum(t.space <> s.number) AS building
     FROM spaces s JOIN tenants t ON t.number = s.tenant GROUP BY s.analyser ORDER BY s.analyser`,
  )
  const passages =
    db.get<{ passages: number }>(
      'SELECT coalesce(sum(passages), 0) AS passages FROM documents WHERE removed_at IS NULL',
    )?.passages ?? 0
  const embedders = db.all<{ name: string; dimensions: number | null; wanted: number; vectors: number }>(
    `SELECT g.name, g.dimensions, g.wanted, coalesce((
       SELECT sum(v.vectors) FROM edition_vectors v JOIN documents d ON d.edition = v.edition
       WHERE v.generation = g.number AND d.removed_at IS NULL), 0) AS vectors
     FROM generations g ORDER BY g.number`,
  )
  return {
    analysers: analysers.map((row) => ({ ...row })),
    embedders: embedders.map(({ name, dimensions, wanted, vectors }) => ({
      generation: name,
      ...(dimensions === null ? {} : { dimensions }),
      vectors,
      passages,
      wanted: wanted === 1,
    })),
  }
}

function passagesLacking(context: WriteContext, space: number, limit: number): PassageToAnalyse[] {
  const building = context.db.get<BuildingRow>(
    'SELECT s.*, t.name AS tenant_name FROM spaces s JOIN tenants t ON t.number = s.tenant WHERE s.number = ?',
    space,
  )
  if (!building) return []
  const editions = context.db.all<{ edition: number; title: string; carried: number | null }>(
    `SELECT d.edition, d.title, c.carried FROM documents d
     LEFT JOIN edition_terms c ON c.edition = d.edition AND c.space = ?
     WHERE d.tenant = ? AND d.edition IS NOT NULL AND d.passages > 0
       AND coalesce(c.carried, 0) < ((d.edition << 20) | 1048575) ORDER BY d.edition LIMIT ?`,
    space,
    building.tenant,
    limit,
  )
  const found: PassageToAnalyse[] = []
  for (const { edition, title, carried } of editions) {
    const [first, last] = rowRange(edition)
    const rows = context.db.all<{ row: number; headings: string; prefix: string | null; text: string }>(
      'SELECT row, headings, prefix, text FROM passages WHERE row BETWEEN ? AND ? ORDER BY row LIMIT ?',
      carried === null ? first : carried + 1,
      last,
      limit - found.length,
    )
    for (const { row, headings, prefix, text } of rows) {
      found.push({
        tenant: building.tenant_name,
        rowId: row,
        title,
        headings: JSON.parse(headings) as string[],
        ...(prefix === null ? {} : { prefix }),
        text,
      })
    }
    if (found.length >= limit) break
  }
  return found
}

function takeOver(context: WriteContext, tenant: number, space: number): void {
  const { db } = context
  db.run('UPDATE tenants SET space = ? WHERE number = ?', space, tenant)
  for (const { number } of db.all<{ number: number }>(
    'SELECT number FROM spaces WHERE tenant = ? AND number <> ?',
    tenant,
    space,
  )) {
    dropSpace(context, number)
  }
  touchTenant(db, tenant)
}
