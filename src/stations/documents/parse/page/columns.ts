// The reading order of a page set in columns: what spans the page, then the left column, then the right one.

import { rowOf } from './lines.ts'
import type { Row, Segment } from './lines.ts'

/** The rows in groups, in reading order; a page of one column is one group. */
export function readingOrder(rows: readonly Row[], depth = 0): Row[][] {
  const gutter = depth < 3 ? gutterOf(rows) : undefined
  if (gutter === undefined) return [[...rows]]
  const groups: Row[][] = []
  let left: Row[] = []
  let right: Row[] = []
  let across: Row[] = []
  const endBand = (): void => {
    if (left.length > 0) groups.push(...readingOrder(left, depth + 1))
    if (right.length > 0) groups.push(...readingOrder(right, depth + 1))
    left = []
    right = []
  }
  for (const row of rows) {
    if (spans(row, gutter)) {
      endBand()
      across.push(row)
      continue
    }
    if (across.length > 0) groups.push(across)
    across = []
    const before = row.segments.filter((segment) => middle(segment) < gutter)
    const after = row.segments.filter((segment) => middle(segment) >= gutter)
    if (before.length > 0) left.push(rowOf(before))
    if (after.length > 0) right.push(rowOf(after))
  }
  endBand()
  if (across.length > 0) groups.push(across)
  return groups
}

/** A row belongs to both columns when a segment runs over the gutter, or when it is the row of a wide table. */
function spans(row: Row, gutter: number): boolean {
  if (row.segments.some((segment) => segment.left < gutter - 1 && segment.right > gutter + 1)) return true
  return row.segments.length >= 4
}

/**
 * Where the gap between two columns of prose runs, or undefined. On both sides there must be lines of words that
 * mostly fill their column: the cells of a table do not.
 */
function gutterOf(rows: readonly Row[]): number | undefined {
  const segments = rows.flatMap((row) => row.segments)
  const prose = segments.filter((segment) => segment.text.length >= 12 && letters(segment.text) >= 0.6)
  if (prose.length < 10) return undefined
  const from = Math.min(...prose.map((segment) => segment.left))
  const to = Math.max(...prose.map((segment) => segment.right))
  const size = prose[prose.length >> 1]?.size ?? 10
  let best: number | undefined
  let fewest = Number.POSITIVE_INFINITY
  // Where a segment begins is where a right column may begin.
  const starts = new Set(prose.map((segment) => Math.round(segment.left)))
  for (const start of starts) {
    const gutter = start - size * 0.4
    if (gutter < from + (to - from) * 0.2 || gutter > to - (to - from) * 0.2) continue
    const before = prose.filter((segment) => segment.right <= gutter)
    const after = prose.filter((segment) => segment.left >= gutter)
    const crossing = prose.length - before.length - after.length
    if (crossing > prose.length * 0.3 || crossing >= fewest) continue
    if (fillsColumn(before) && fillsColumn(after) && overlap(before, after)) {
      fewest = crossing
      best = gutter
    }
  }
  return best
}

/** At least five lines, of which half or more reach over four fifths of their column. */
function fillsColumn(segments: readonly Segment[]): boolean {
  if (segments.length < 5) return false
  const rights = segments.map((segment) => segment.right).sort((one, other) => one - other)
  const left = Math.min(...segments.map((segment) => segment.left))
  const right = rights[Math.floor(rights.length * 0.9)] ?? left
  const full = segments.filter((segment) => segment.right - segment.left >= (right - left) * 0.8).length
  const words = segments.reduce((sum, segment) => sum + segment.text.length, 0) / segments.length
  return full >= segments.length * 0.5 && words >= 18
}

/** Columns stand beside each other, not below each other. */
function overlap(before: readonly Segment[], after: readonly Segment[]): boolean {
  const top = (segments: readonly Segment[]): number => Math.min(...segments.map((segment) => segment.base))
  const bottom = (segments: readonly Segment[]): number => Math.max(...segments.map((segment) => segment.base))
  const shared = Math.min(bottom(before), bottom(after)) - Math.max(top(before), top(after))
  return shared > Math.min(bottom(before) - top(before), bottom(after) - top(after)) * 0.5
}

function middle(segment: Segment): number {
  return (segment.left + segment.right) / 2
}

/** The share of letters among the characters that are no spaces. Han characters weigh as the words they are. */
function letters(text: string): number {
  return (text.match(/\p{L}/gu)?.length ?? 0) / Math.max(1, text.replace(/\s/g, '').length)
}
