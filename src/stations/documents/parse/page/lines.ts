// From the scattered text items of a page to rows: what stands on one line, cut where the gaps are wide.

import { joinsWithoutSpace } from '../lines.ts'

/** A piece of text with its place on the page, in points, `base` (the line it stands on) counted downwards. */
export interface Fragment {
  text: string
  left: number
  right: number
  base: number
  size: number
  font: string
}

/** Fragments that follow each other closely: a run of words, or the cell of a table. */
export type Segment = Fragment

/** Segments on one line, from left to right. */
export interface Row {
  segments: Segment[]
  base: number
  size: number
  /** The font of most of its characters. */
  font: string
  left: number
  right: number
}

/** What pdf.js says of a piece of text. */
export interface TextItem {
  str: string
  transform: readonly number[]
  width: number
  height: number
  fontName: string
}

/**
 * Places items on an upright page. Text that is turned by quarters comes as groups of its own, the group with most
 * text first; other angles (watermarks, mostly) are left out.
 */
export function fragmentsOf(items: readonly TextItem[], viewport: readonly number[]): Fragment[][] {
  const groups = new Map<number, Fragment[]>()
  for (const item of items) {
    const text = item.str.replace(/[\uFB00-\uFB06]/g, (ligature) => ligature.normalize('NFKC'))
    if (!/\S/.test(text)) continue
    const [a, b, c, d, x, y] = multiply(viewport, item.transform)
    const size = Math.hypot(c, d) || item.height
    if (!Number.isFinite(size) || size <= 0) continue
    const angle = Math.atan2(b, a) / (Math.PI / 2)
    const quarter = Math.round(angle)
    if (Math.abs(angle - quarter) > 0.1) continue
    // Turned back: what runs along the text is x, what runs across it is y.
    const turned = ((quarter % 4) + 4) % 4
    const along = turned === 0 ? x : turned === 1 ? y : turned === 2 ? -x : -y
    const across = turned === 0 ? y : turned === 1 ? -x : turned === 2 ? -y : x
    const spaceBefore = text.length - text.trimStart().length
    const advance = item.width / text.length
    const group = groups.get(turned) ?? []
    groups.set(turned, group)
    group.push({
      text: text.trim(),
      left: along + spaceBefore * advance,
      right: along + item.width - (text.length - spaceBefore - text.trim().length) * advance,
      base: across,
      size,
      font: item.fontName,
    })
  }
  return [...groups.values()].sort((one, other) => characters(other) - characters(one))
}

/** Groups fragments into rows, top first. */
export function rowsOf(fragments: readonly Fragment[]): Row[] {
  const lines: { fragments: Fragment[]; top: number; base: number }[] = []
  // Large text first within a line: small raised signs join it, not the other way round.
  for (const fragment of [...fragments].sort((one, other) => one.base - other.base || other.size - one.size)) {
    const top = fragment.base - fragment.size * 0.7
    let best: (typeof lines)[number] | undefined
    let most = 0.5
    for (let at = lines.length - 1; at >= 0 && at >= lines.length - 8; at--) {
      const line = lines[at]
      if (line === undefined) break
      const shared = Math.min(line.base, fragment.base) - Math.max(line.top, top)
      const share = shared / Math.min(line.base - line.top, fragment.base - top)
      if (share > most) {
        most = share
        best = line
      }
    }
    if (best === undefined) lines.push({ fragments: [fragment], top, base: fragment.base })
    else best.fragments.push(fragment)
  }
  return lines.map((line) => rowOf(segmentsOf(line.fragments))).sort((one, other) => one.base - other.base)
}

/** A row of segments on one line. */
export function rowOf(segments: readonly Segment[]): Row {
  const sorted = [...segments].sort((one, other) => one.left - other.left)
  const longest = sorted.reduce((one, other) => (other.text.length > one.text.length ? other : one))
  return {
    segments: sorted,
    base: longest.base,
    size: longest.size,
    font: longest.font,
    left: Math.min(...sorted.map((segment) => segment.left)),
    right: Math.max(...sorted.map((segment) => segment.right)),
  }
}

/** The words of a row. Wide gaps stay visible as two spaces. */
export function textOf(row: Row): string {
  let text = ''
  let before: Segment | undefined
  for (const segment of row.segments) {
    if (before !== undefined) text += segment.left - before.right > 2 * segment.size ? '  ' : ' '
    text += segment.text
    before = segment
  }
  return text
}

/** Wider than this many times the size of the text, a gap ends a segment. */
const wideGap = 1

function segmentsOf(fragments: readonly Fragment[]): Segment[] {
  const segments: Segment[] = []
  let main = 0
  for (const fragment of [...fragments].sort((one, other) => one.left - other.left)) {
    const last = segments.at(-1)
    const size = last === undefined ? fragment.size : Math.max(last.size, fragment.size)
    const gap = last === undefined ? Number.POSITIVE_INFINITY : fragment.left - last.right
    // The same words drawn twice, a little apart, make bold letters.
    if (last !== undefined && last.text === fragment.text && Math.abs(last.left - fragment.left) < size * 0.2) continue
    if (last === undefined || gap > size * wideGap) {
      segments.push({ ...fragment })
      main = fragment.text.length
      continue
    }
    const spaced = gap > size * (joinsWithoutSpace(last.text, fragment.text) ? 0.5 : 0.12)
    last.text += (spaced ? ' ' : '') + fragment.text
    last.right = Math.max(last.right, fragment.right)
    if (fragment.text.length > main) {
      main = fragment.text.length
      last.font = fragment.font
      last.size = fragment.size
      last.base = fragment.base
    }
  }
  return segments
}

function characters(fragments: readonly Fragment[]): number {
  return fragments.reduce((sum, fragment) => sum + fragment.text.length, 0)
}

type Matrix = [number, number, number, number, number, number]

function multiply(one: readonly number[], other: readonly number[]): Matrix {
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = one
  const [g = 1, h = 0, i = 0, j = 1, k = 0, l = 0] = other
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f]
}
