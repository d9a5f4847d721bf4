// Where passages stand in their documents: the headings above each part of a passage, and its page.

import type { Block, Place } from '../../core/document.ts'
import type { Passage } from '../../core/question.ts'
import type { ReadContext } from './context.ts'
import { tenantNumber } from './tenants.ts'
import { readBlocks, readText } from './texts.ts'

type Span = Pick<Passage, 'start' | 'end'>

/** See {@link import('../store.ts').Library.places}. */
export function passagePlaces(
  { db }: ReadContext,
  { tenant, passages }: { tenant: string; passages: (Span & Pick<Passage, 'id'>)[] },
): Place[][] {
  return db.snapshot(() => {
    const number = tenantNumber(db, tenant)
    const blocks = new Map<number, Block[]>()
    const titles = new Map<Block, string>()
    return passages.map(({ id, ...span }) => {
      const [, document, version] = /^([^.]+)\.(\d{1,9})\./.exec(id) ?? []
      const edition = db.get<{ number: number }>(
        `SELECT e.number FROM documents d JOIN editions e ON e.document = d.number AND e.version = ?
         WHERE d.id = ? AND d.tenant = ? AND d.removed_at IS NULL AND e.state <> 'staged'
         ORDER BY e.number DESC LIMIT 1`,
        Number(version ?? 0),
        document ?? '',
        number ?? 0,
      )?.number
      if (number === undefined || edition === undefined) return []
      const known = blocks.get(edition) ?? readBlocks(db, edition).sort((one, other) => one.start - other.start)
      blocks.set(edition, known)
      return placesIn(known, span, (heading) => {
        const title = titles.get(heading) ?? readText(db, edition, heading.start, heading.end).trim()
        titles.set(heading, title)
        return title
      })
    })
  })
}

/** One place for each heading and each page that a span has a part of. */
function placesIn(blocks: readonly Block[], span: Span, titleOf: (heading: Block) => string): Place[] {
  const path: Block[] = []
  const places: Place[] = []
  for (const block of blocks) {
    if (block.start >= span.end) break
    if (block.kind === 'heading') {
      while (path.length > 0 && (path.at(-1)?.level ?? 1) >= (block.level ?? 1)) path.pop()
      path.push(block)
    }
    const last = places.at(-1)
    if (block.end <= span.start || (last && block.kind !== 'heading' && last.page === block.page)) continue
    places.push({
      start: Math.max(block.start, span.start),
      headings: path.map(titleOf),
      ...(block.page === undefined ? {} : { page: block.page }),
    })
  }
  return places
}
