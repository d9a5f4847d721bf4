// From the rows of a page to headings, paragraphs, lists and tables.

import { joinsWithoutSpace } from '../lines.ts'
import { readingOrder } from './columns.ts'
import { cellsOf, looseText, tablesOf } from './tables.ts'
import type { BlockKind } from '../../../../core/document.ts'
import type { BlockFacts } from '../builder.ts'
import type { Row } from './lines.ts'

/** What is usual in the document, so that the unusual can be seen. */
export interface Usual {
  /** The size and the font of most of its text. */
  size: number
  font: string
  /** Whether a word occurs in the document, in lower case: decides what a hyphen at a line's end was. */
  knows(word: string): boolean
}

/** A block before it has its place in the text. */
export interface PageBlock {
  kind: BlockKind
  text: string
  facts: BlockFacts
}

/** Counts sizes, fonts and words of the document's rows. */
export function usualOf(pages: readonly (readonly Row[])[]): Usual {
  const sizes = new Map<number, number>()
  const fonts = new Map<string, number>()
  const words = new Set<string>()
  for (const rows of pages)
    for (const row of rows)
      for (const segment of row.segments) {
        const size = Math.round(segment.size * 2) / 2
        sizes.set(size, (sizes.get(size) ?? 0) + segment.text.length)
        fonts.set(segment.font, (fonts.get(segment.font) ?? 0) + segment.text.length)
        for (const [word] of segment.text.toLowerCase().matchAll(/\p{L}+(?:-\p{L}+)*/gu)) words.add(word)
      }
  return { size: most(sizes) ?? 10, font: most(fonts) ?? '', knows: (word) => words.has(word) }
}

/** The blocks of a page in reading order. */
export function blocksOf(rows: readonly Row[], usual: Usual): PageBlock[] {
  return readingOrder(rows).flatMap((group) => groupBlocks(group, usual))
}

function groupBlocks(rows: readonly Row[], usual: Usual): PageBlock[] {
  const blocks: PageBlock[] = []
  const tables = tablesOf(rows)
  let at = 0
  for (const table of [...tables, undefined]) {
    blocks.push(...flow(rows.slice(at, table?.from), usual))
    if (table === undefined) break
    const facts = table.headerLines > 0 ? { headerLines: table.headerLines } : {}
    blocks.push({ kind: 'table', text: table.lines.join('\n'), facts })
    at = table.to
  }
  return blocks
}

const itemStart =
  /^(?:[•·‣◦▪■●○❖➢✓*]|[–—-](?=\s)|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)](?=\s)|[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳])\s*\S/
const bulletStart = /^[•·‣◦▪■●○❖➢✓*–—-]/
const sentenceEnd = /[.!?:;。！？：；”"')）]$/

/** Rows of running text: grouped into headings, paragraphs and lists by size, font, gaps and indentation. */
function flow(rows: readonly Row[], usual: Usual): PageBlock[] {
  const blocks: PageBlock[] = []
  const spacing = lineSpacing(rows, usual)
  const right = Math.max(...rows.map((row) => row.right))
  const left = Math.min(...rows.map((row) => row.left))
  let group: Row[] = []
  const end = (): void => {
    if (group.length > 0) addFlow(blocks, group, usual)
    group = []
  }
  for (const row of rows) {
    const before = group.at(-1)
    if (before !== undefined) {
      const gap = row.base - before.base
      const wide = gap > spacing * 1.3 || gap < 0
      const other = Math.abs(row.size - before.size) > before.size * 0.12
      const font =
        (row.font === usual.font) !== (before.font === usual.font) &&
        isHeading(group, usual) !== isHeading([row], usual)
      const short = before.right < right - (right - left) * 0.2 && sentenceEnd.test(textOfEnd(before))
      const indented =
        row.left > before.left + row.size * 0.8 && before.left <= left + row.size && sentenceEnd.test(textOfEnd(before))
      const item = itemStart.test(itemText(row))
      if (wide || other || font || (!isItem(group) && (short || indented)) || item) {
        // Items of one list stay together, each on its line.
        if (!(item && isItem(group) && !wide)) end()
      }
    }
    group.push(row)
  }
  end()
  return blocks
}

function addFlow(blocks: PageBlock[], rows: readonly Row[], usual: Usual): void {
  if (isItem(rows) && !isHeading(rows, usual)) {
    const items: Row[][] = []
    for (const row of rows)
      if (itemStart.test(itemText(row)) || items.length === 0) items.push([row])
      else items.at(-1)?.push(row)
    const text = items.map((item) => joined(item, usual)).join('\n')
    const before = blocks.at(-1)
    if (before?.kind === 'list') before.text += `\n${text}`
    else blocks.push({ kind: 'list', text, facts: {} })
    return
  }
  const text = joined(rows, usual)
  if (isHeading(rows, usual)) blocks.push({ kind: 'heading', text, facts: { level: levelOf(rows, usual) } })
  else blocks.push({ kind: 'paragraph', text, facts: {} })
}

/** Large text, or a few short lines in another font than the body's, without the end of a sentence. */
function isHeading(rows: readonly Row[], usual: Usual): boolean {
  const [first] = rows
  if (first === undefined || rows.length > 4) return false
  const text = rows.map(looseText).join(' ')
  if (text.length > 160 || !/\p{L}{2}|[\u4E00-\u9FFF]/u.test(text) || bulletStart.test(text)) return false
  if (first.size >= usual.size * 1.15) return !/[,;，；]$/.test(text)
  const distinct = rows.every(
    (row) => row.font !== usual.font && row.segments.every((segment) => segment.font !== usual.font),
  )
  return (
    distinct &&
    first.size >= usual.size * 0.95 &&
    text.length <= 120 &&
    /^[\p{Lu}\p{N}\p{Lo}"“(]/u.test(text) &&
    (!/[.,;:。，；：]$/.test(text) || (/\w\.$/.test(text) && text.length <= 60 && text.split(' ').length <= 6))
  )
}

function levelOf(rows: readonly Row[], usual: Usual): number {
  const ratio = (rows[0]?.size ?? usual.size) / usual.size
  return ratio >= 1.8 ? 1 : ratio >= 1.4 ? 2 : ratio >= 1.15 ? 3 : 4
}

function isItem(rows: readonly Row[]): boolean {
  const [first] = rows
  return first !== undefined && itemStart.test(itemText(first))
}

function itemText(row: Row): string {
  return cellsOf(row)
    .map((cell) => cell.text)
    .join(' ')
}

function textOfEnd(row: Row): string {
  return row.segments.at(-1)?.text ?? ''
}

/** The lines as one, hyphens at their ends undone. */
function joined(rows: readonly Row[], usual: Usual): string {
  let text = ''
  for (const row of rows) {
    const line = looseText(row).trim()
    // Only the end is looked at: the text before it grows with every line.
    const broken = /(\p{L}+)[-\u2010]$/u.exec(text.slice(-40))
    const next = /^\p{Ll}+/u.exec(line)?.[0]
    if (text === '') text = line
    else if (broken !== null && next !== undefined) {
      const first = broken[1] ?? ''
      const whole = `${first}-${next}`.toLowerCase()
      // "long-" + "term" keeps its hyphen when the document writes it so elsewhere and never without.
      const keeps = usual.knows(whole) && !usual.knows((first + next).toLowerCase())
      text = (keeps ? text : text.slice(0, -1)) + line
    } else text += (joinsWithoutSpace(text, line) ? '' : ' ') + line
  }
  return text
}

/** The usual distance between lines: the median of those that are no gaps between paragraphs. */
function lineSpacing(rows: readonly Row[], usual: Usual): number {
  const gaps: number[] = []
  for (let at = 1; at < rows.length; at++) {
    const gap = (rows[at]?.base ?? 0) - (rows[at - 1]?.base ?? 0)
    if (gap > usual.size * 0.8 && gap < usual.size * 2.2) gaps.push(gap)
  }
  gaps.sort((one, other) => one - other)
  return Math.min(gaps[gaps.length >> 1] ?? usual.size * 1.3, usual.size * 2)
}

function most<Key>(counts: ReadonlyMap<Key, number>): Key | undefined {
  let best: Key | undefined
  let count = 0
  for (const [key, value] of counts)
    if (value > count) {
      count = value
      best = key
    }
  return best
}
