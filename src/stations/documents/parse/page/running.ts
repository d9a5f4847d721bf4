// Running heads, feet and page numbers: lines at the edge of most pages. They say nothing about the page they are on.

import { textOf } from './lines.ts'
import type { Row } from './lines.ts'

/** How many rows at each edge may be running lines. */
const edgeRows = 4

/** The share of the page's height, at each edge, in which running lines stand. */
const edgeShare = 0.1

/** A page as far as running lines go: its rows from the top, and its height in points. */
export interface PageRows {
  readonly rows: readonly Row[]
  readonly height: number
}

const pageNumber =
  /^(?:[-–—|\s]*(?:page|seite|第)?\s*(?:[A-Z]{1,2}-)?(?:\d{1,4}|[ivxlc]{1,6})\s*(?:页|頁)?(?:\s*(?:of|\/|von|共)\s*\d{1,4}\s*(?:页|頁)?)?[-–—|\s]*)$/i

/** The lines that repeat at the top and at the bottom of pages: digits count as equal. */
export function runningLines(pages: readonly PageRows[]): Set<string> {
  const counts = new Map<string, number>()
  for (const page of pages)
    for (const key of new Set([...edge(page, 'top'), ...edge(page, 'bottom')]))
      counts.set(key, (counts.get(key) ?? 0) + 1)
  // Left and right pages may have different heads: a third of the pages is enough.
  const least = Math.max(3, pages.length * 0.3)
  return new Set([...counts].filter(([, count]) => count >= least).map(([key]) => key))
}

/** The rows of a page without its running lines, and without its number when the document has several pages. */
export function withoutRunning(page: PageRows, running: ReadonlySet<string>, severalPages: boolean): Row[] {
  const { rows } = page
  let from = 0
  let to = rows.length
  const drops = (row: Row | undefined, side: Side): boolean => {
    if (row === undefined || !(atEdge(row, page, side) || isNumberAlone(row, page, side))) return false
    const numbered = severalPages && atEdge(row, page, side) && pageNumber.test(textOf(row).trim())
    return numbered || running.has(keyOf(row, side))
  }
  while (from < Math.min(edgeRows, to) && drops(rows[from], 'top')) from++
  while (to > from && to > rows.length - edgeRows && drops(rows[to - 1], 'bottom')) to--
  return rows.slice(from, to)
}

type Side = 'top' | 'bottom'

function edge(page: PageRows, side: Side): string[] {
  const some = side === 'top' ? page.rows.slice(0, edgeRows) : page.rows.slice(-edgeRows)
  return some.filter((row) => atEdge(row, page, side) || isNumberAlone(row, page, side)).map((row) => keyOf(row, side))
}

function atEdge(row: Row, page: PageRows, side: Side): boolean {
  return side === 'top' ? row.base < page.height * edgeShare : row.base > page.height * (1 - edgeShare)
}

/** Where pages are as long as their text, a page number follows the last line, wherever that is. */
function isNumberAlone(row: Row, page: PageRows, side: Side): boolean {
  return side === 'bottom' && row === page.rows.at(-1) && pageNumber.test(textOf(row).trim())
}

function keyOf(row: Row, side: Side): string {
  return `${side} ${textOf(row).toLowerCase().replace(/\d+/g, '#').replace(/\s+/g, ' ').trim()}`
}
