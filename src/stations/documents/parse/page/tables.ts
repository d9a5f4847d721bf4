// Rows with several cells become tables: each row one line, each number under the heading of its column.

import { tableRow } from '../table.ts'
import { textOf } from './lines.ts'
import type { Row, Segment } from './lines.ts'

/** A table found among the rows of a page. */
export interface PageTable {
  /** The first row, and the one after the last. */
  from: number
  to: number
  lines: string[]
  headerLines: number
}

interface Cell {
  text: string
  left: number
  right: number
}

const currency = /^[$€£¥₹]|^(?:US|A|C|HK|NT)\$|^(?:USD|EUR|GBP|CNY|RMB)$/
const bullet =
  /^(?:[•·‣◦▪■●○❖➢✓*–—-]|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)]|[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳])$/
const number = /^[($€£¥+\-−–—]*(?:US|A|C|HK|NT)?[$€£¥]?\s*\(?[\d.,]*\d[\d.,]*\)?\s*[%)xX]*$|^[$]?\s*[—–-]+\s*%?$/
const year = /^(?:FY\s?)?(?:19|20)\d{2}[A-Z]?$/

/** Rows of one cell between rows of many that a table may have: section labels, and labels that are wrapped. */
const mostLabels = 4

/** Finds the tables among the rows of one column of text. */
export function tablesOf(rows: readonly Row[]): PageTable[] {
  const cells = rows.map(cellsOf)
  const tables: PageTable[] = []
  let at = 0
  while (at < rows.length) {
    const to = endOfRun(rows, cells, at)
    const from = headerAbove(rows, cells, at, to, tables.at(-1)?.to ?? 0)
    const many = cells.slice(at, to).filter((row) => row.length > 1)
    // One row alone is a line with a gap in it, unless it has three cells or more.
    if (many.length >= 2 || (many.length === 1 && (many[0]?.length ?? 0) >= 3)) {
      tables.push({ from, to, ...linesOf(cells.slice(from, to), rows.slice(from, to)) })
      at = to
    } else at++
  }
  return tables
}

/** The cells of a row: signs of currency and percent joined with their number, bullets with their text. */
export function cellsOf(row: Row): Cell[] {
  const cells: Cell[] = []
  const segments = row.segments.flatMap(withoutLeaders)
  for (const [place, segment] of segments.entries()) {
    const last = cells.at(-1)
    const closes = /^[)%]+\s*$|^\)\s*%$/.test(segment.text)
    const opened = last !== undefined && currency.test(last.text) && !/\d|[—–]\s*$/.test(last.text)
    const listed = place === 1 && last !== undefined && bullet.test(last.text) && segments.length === 2
    if (last !== undefined && (closes || (opened && last.text.length <= 4) || listed)) {
      last.text += listed ? ` ${segment.text}` : segment.text
      last.right = segment.right
    } else
      cells.push({
        text: segment.text.replace(/^([$€£¥])\s+(?=[\d(—–-])/, '$1'),
        left: segment.left,
        right: segment.right,
      })
  }
  return cells
}

/** "Title ........ 39" are two cells, and so are "100.0% $ 2,729". */
function withoutLeaders(segment: Segment): Segment[] {
  const parts = segment.text.split(
    /\s*(?:\.\s?){4,}\s*|\s*…{2,}\s*|\s*·{4,}\s*|(?<=[\d)%—])\s+(?=[$€£¥](?:\s*[\d(—–-]|$))/,
  )
  if (parts.length === 1) return [segment]
  const kept = parts.filter((part) => part !== '')
  const width = (segment.right - segment.left) / Math.max(1, segment.text.length)
  return kept.map((text, place) => {
    const last = place === kept.length - 1 && place > 0
    const left = last ? segment.right - text.length * width : segment.left
    return { ...segment, text, left, right: last ? segment.right : left + text.length * width }
  })
}

/** Where a run of table rows that begins at `from` ends; `from` itself when none begins there. */
function endOfRun(rows: readonly Row[], cells: readonly Cell[][], from: number): number {
  if ((cells[from]?.length ?? 0) < 2) return from
  let end = from + 1
  let labels = 0
  const left = Math.min(...rows.map((row) => row.left))
  const right = Math.max(...rows.map((row) => row.right))
  const second = (row: readonly Cell[]): number => row[1]?.left ?? Number.POSITIVE_INFINITY
  let valuesFrom = second(cells[from] ?? [])
  for (let at = from + 1; at < rows.length; at++) {
    const row = rows[at]
    const before = rows[at - 1]
    const own = cells[at]
    if (row === undefined || before === undefined || own === undefined) break
    if (row.base - before.base > 4.5 * Math.max(row.size, before.size)) break
    if (own.length > 1) {
      end = at + 1
      labels = 0
      valuesFrom = Math.min(valuesFrom, second(own))
    } else {
      labels++
      const label = own[0]
      const inLabels = label !== undefined && label.right <= valuesFrom + row.size * 2
      const inValues = label !== undefined && label.left >= valuesFrom - row.size * 2
      // A unit or a name over the columns stands in the middle, whatever the first row's cells are.
      const centred = label !== undefined && label.left > left + (right - left) * 0.3 && label.text.length <= 60
      if (labels > mostLabels || !(inLabels || inValues || centred)) break
    }
  }
  return end
}

/** A name that stands over several columns ("Year ended December 31,") is alone on its row, right of the labels. */
function headerAbove(rows: readonly Row[], cells: readonly Cell[][], at: number, to: number, least: number): number {
  const table = rows.slice(at, to)
  const left = Math.min(...table.map((row) => row.left))
  const right = Math.max(...table.map((row) => row.right))
  let from = at
  while (from > least && at - from < 3) {
    const row = rows[from]
    const above = rows[from - 1]
    if (row === undefined || above === undefined || cells[from - 1]?.length !== 1) break
    if (row.base - above.base > 3 * Math.max(row.size, above.size)) break
    if (above.left < left + (right - left) * 0.3 || above.right > right + row.size * 2) break
    from--
  }
  return from
}

function linesOf(cells: readonly Cell[][], rows: readonly Row[]): { lines: string[]; headerLines: number } {
  const columns = columnsOf(cells)
  const table: string[][] = []
  for (const [place, row] of cells.entries()) {
    const texts: string[] =
      columns === undefined ? row.map((cell) => cell.text) : Array.from({ length: columns.length }, () => '')
    let last = -1
    if (columns !== undefined)
      for (const [order, cell] of row.entries()) {
        // Each cell stands right of the one before it, even where the columns of two tables do not agree.
        const column = order === 0 ? columnFor(cell, columns) : Math.max(columnFor(cell, columns), last + 1)
        texts[column] = cell.text
        last = column
      }
    const before = table.at(-1)
    const gap = (rows[place]?.base ?? 0) - (rows[place - 1]?.base ?? 0)
    const size = rows[place]?.size ?? 10
    if (before !== undefined && gap < size * 1.6 && continues(before, texts))
      table[table.length - 1] = texts.map((text, column) => (column === 0 ? `${before[0] ?? ''} ${text}` : text))
    // Figures may stand a little higher or lower than their label.
    else if (before !== undefined && gap < size * 0.9 && completes(before, texts))
      table[table.length - 1] = texts.map((text, column) => text || (before[column] ?? ''))
    else table.push(Array.from(texts, (text) => text ?? ''))
  }
  return { lines: table.map(tableRow), headerLines: headerLines(table) }
}

/** A label without values goes on in the next row when that one begins in lower case, or when it ends in the middle. */
function continues(before: readonly string[], texts: readonly string[]): boolean {
  const label = before[0] ?? ''
  if (before.slice(1).some((text) => text !== '') || (texts[0] ?? '') === '') return false
  if (/(?:,|\b(?:and|or|of|the|to|in|for|from|at|on|by|with))$/.test(label)) return true
  return (
    label !== '' &&
    before.slice(1).every((text) => text === '') &&
    /^[\p{Ll}(&]/u.test(texts[0] ?? '') &&
    !label.endsWith(':')
  )
}

/** One row has only the label, the other only the values. */
function completes(before: readonly string[], texts: readonly string[]): boolean {
  const only = (row: readonly string[]): boolean => row[0] !== '' && row.slice(1).every((text) => text === '')
  return (only(before) && texts[0] === '') || (before[0] === '' && only(texts))
}

/** The columns, told from the rows that have them all; undefined when these rows do not agree. */
function columnsOf(cells: readonly Cell[][]): { left: number; right: number }[] | undefined {
  const counts = new Map<number, number>()
  const many = cells.filter((row) => row.length > 1)
  for (const row of many) counts.set(row.length, (counts.get(row.length) ?? 0) + 1)
  const sizes = [...counts].sort((one, other) => other[0] - one[0])
  for (const [size, count] of sizes) {
    if (count < Math.max(2, many.length * 0.15)) continue
    const columns: { left: number; right: number }[] = []
    for (const row of many) {
      if (row.length !== size) continue
      for (const [place, cell] of row.entries()) {
        const column = columns[place]
        if (column === undefined) columns.push({ left: cell.left, right: cell.right })
        else {
          column.left = Math.min(column.left, cell.left)
          column.right = Math.max(column.right, cell.right)
        }
      }
    }
    if (columns.every((column, place) => place === 0 || (columns[place - 1]?.right ?? 0) <= column.left + 2))
      return columns
  }
  return undefined
}

/** The column that a cell overlaps most, or the nearest one. */
function columnFor(cell: Cell, columns: readonly { left: number; right: number }[]): number {
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (const [place, column] of columns.entries()) {
    const shared = Math.min(cell.right, column.right) - Math.max(cell.left, column.left)
    if (shared > most) {
      most = shared
      best = place
    }
  }
  return best
}

/** How many rows at the top hold no figures: names of columns, years, units. */
function headerLines(table: readonly string[][]): number {
  let count = 0
  for (const row of table) {
    const values = row.slice(1).filter((text) => text !== '')
    if (values.length === 0 && count > 0) break
    if (values.some((text) => number.test(text) && !year.test(text))) break
    count++
  }
  return count === table.length ? 0 : count
}

/** The text of a row that is no table's: leaders gone, cells two spaces apart. */
export function looseText(row: Row): string {
  return textOf(row).replace(/(?:\s?\.){5,}\s*/g, '  ')
}
