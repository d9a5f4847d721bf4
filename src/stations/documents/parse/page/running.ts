// Running heads, feet and page numbers: lines at the edge of most pages. They say nothing about the page they are on.

import { textOf } from './lines.ts'
import type { Row } from './lines.ts'

/** How many rows at each edge may be running lines. */
const edgeRows = 4

const pageNumber =
  /^(?:[-–—|\s]*(?:page|seite|第)?\s*(?:[A-Z]{1,2}-)?(?:\d{1,4}|[ivxlc]{1,6})\s*(?:页|頁)?(?:\s*(?:of|\/|von|共)\s*\d{1,4}\s*(?:页|頁)?)?[-–—|\s]*)$/i

/** The lines that repeat at the top and at the bottom of pages: digits count as equal. */
export function runningLines(pages: readonly (readonly Row[])[]): Set<string> {
  const counts = new Map<string, number>()
  for (const rows of pages)
    for (const key of new Set([...edge(rows, 'top'), ...edge(rows, 'bottom')]))
      counts.set(key, (counts.get(key) ?? 0) + 1)
  // Left and right pages may have different heads: a third of the pages is enough.
  const least = Math.max(3, pages.length * 0.3)
  return new Set([...counts].filter(([, count]) => count >= least).map(([key]) => key))
}

/** The rows of a page without its running lines. `height` is the page's, in points. */
export function withoutRunning(
  rows: readonly Row[],
  running: ReadonlySet<string>,
  height: number,
  severalPages: boolean,
): Row[] {
  let from = 0
  let to = rows.length
  const drops = (row: Row | undefined, side: 'top' | 'bottom'): boolean => {
    if (row === undefined) return false
    if (running.has(keyOf(row, side))) return true
    const atEdge = side === 'top' ? row.base < height * 0.08 : row.base > height * 0.92
    return severalPages && atEdge && pageNumber.test(textOf(row).trim())
  }
  while (from < Math.min(edgeRows, to) && drops(rows[from], 'top')) from++
  while (to > from && to > rows.length - edgeRows && drops(rows[to - 1], 'bottom')) to--
  return rows.slice(from, to)
}

function edge(rows: readonly Row[], side: 'top' | 'bottom'): string[] {
  const some = side === 'top' ? rows.slice(0, edgeRows) : rows.slice(-edgeRows)
  return some.map((row) => keyOf(row, side))
}

function keyOf(row: Row, side: string): string {
  return `${side} ${textOf(row).toLowerCase().replace(/\d+/g, '#').replace(/\s+/g, ' ').trim()}`
}
