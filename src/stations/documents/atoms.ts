// A document's blocks taken apart into the smallest pieces that a passage is made of: headings, sentences, list items,
// table rows and lines of code, each knowing its section.

import type { Block, BlockKind } from '../../core/document.ts'
import { splitSentences } from '../../text/sentences.ts'
import { estimateTokens } from '../../text/tokens.ts'

/** A piece that is never cut: a span of the text without white space around it. */
export interface Atom {
  start: number
  end: number
  kind: BlockKind
  /** Which block it comes from, counted over the whole document. */
  block: number
  /** Which section it stands in; a heading opens one and is its first piece. */
  section: number
  tokens: number
  page?: number
  /** Of a table's row: the table's header row, unless the piece is or follows it directly. */
  header?: string
}

/** The headings above a piece of text, and whether there is anything under the last of them. */
export interface Section {
  headings: string[]
  onlyHeading: boolean
}

export interface Atoms {
  atoms: Atom[]
  sections: Section[]
}

/** A repeated header row may take this share of a passage. */
const headerShare = 0.3

/**
 * Takes blocks apart. Text that no block covers counts as a paragraph, so that nothing is lost when a parser leaves
 * something out. No piece is longer than `maxCharacters`.
 */
export function atomsOf(text: string, blocks: readonly Block[], maxCharacters: number): Atoms {
  const atoms: Atom[] = []
  const sections: Section[] = [{ headings: [], onlyHeading: false }]
  const path: { level: number; text: string }[] = []
  for (const [index, block] of wholeCover(text, blocks).entries()) {
    if (block.kind === 'heading') {
      const level = block.level ?? 1
      while (path.length > 0 && (path.at(-1)?.level ?? 0) >= level) path.pop()
      path.push({ level, text: text.slice(block.start, block.end).trim() })
      sections.push({ headings: path.map((heading) => heading.text), onlyHeading: true })
    } else {
      const section = sections.at(-1)
      if (section !== undefined) section.onlyHeading = false
    }
    for (const span of spansOf(text, block, maxCharacters)) {
      atoms.push({
        ...span,
        kind: block.kind,
        block: index,
        section: sections.length - 1,
        tokens: estimateTokens(text.slice(span.start, span.end)),
        ...(block.page === undefined ? {} : { page: block.page }),
      })
    }
  }
  return { atoms, sections }
}

/** The blocks in order, none overlapping another, with paragraphs where none was. */
function wholeCover(text: string, blocks: readonly Block[]): Block[] {
  const cover: Block[] = []
  let until = 0
  const fill = (to: number) => {
    if (to > until && text.slice(until, to).trim() !== '') cover.push({ kind: 'paragraph', start: until, end: to })
  }
  for (const block of [...blocks].sort((left, right) => left.start - right.start)) {
    const start = Math.max(block.start, until)
    const end = Math.min(block.end, text.length)
    if (end <= start) continue
    fill(start)
    cover.push(start === block.start && end === block.end ? block : { ...block, start, end })
    until = end
  }
  fill(text.length)
  return cover
}

interface Span {
  start: number
  end: number
  header?: string
}

function spansOf(text: string, block: Block, maxCharacters: number): Span[] {
  if (block.kind === 'table') return rowsOf(text, block, maxCharacters)
  if (block.kind === 'list' || block.kind === 'code') return linesOf(text, block.start, block.end, maxCharacters)
  return sentencesOf(text, block.start, block.end, maxCharacters)
}

function sentencesOf(text: string, start: number, end: number, maxCharacters: number): Span[] {
  return splitSentences(text.slice(start, end), { maxLength: Math.min(400, maxCharacters) }).map((span) => ({
    start: start + span.start,
    end: start + span.end,
  }))
}

/** Lines that are not blank; what is longer than a passage is cut like a sentence. */
function linesOf(text: string, start: number, end: number, maxCharacters: number): Span[] {
  const spans: Span[] = []
  let lineStart = start
  while (lineStart < end) {
    const lineBreak = text.indexOf('\n', lineStart)
    const lineEnd = lineBreak < 0 || lineBreak >= end ? end : lineBreak
    const line = text.slice(lineStart, lineEnd)
    const trimmed = line.trim()
    if (trimmed !== '') {
      const from = lineStart + line.indexOf(trimmed)
      if (trimmed.length <= maxCharacters) spans.push({ start: from, end: from + trimmed.length })
      else spans.push(...sentencesOf(text, from, from + trimmed.length, maxCharacters))
    }
    lineStart = lineEnd + 1
  }
  return spans
}

function rowsOf(text: string, table: Block, maxCharacters: number): Span[] {
  const headerEnd = endOfLines(text, table, table.headerLines ?? 0)
  const header = text
    .slice(table.start, headerEnd)
    .trim()
    .slice(0, Math.floor(maxCharacters * headerShare))
  const most = header === '' ? maxCharacters : maxCharacters - header.length - 1
  const head = linesOf(text, table.start, headerEnd, maxCharacters)
  const rows = linesOf(text, headerEnd, table.end, most)
  if (header === '') return [...head, ...rows]
  return [...head, ...rows.map((row) => ({ ...row, header }))]
}

function endOfLines(text: string, block: Block, lines: number): number {
  let end = block.start
  for (let line = 0; line < lines && end < block.end; line++) {
    const lineBreak = text.indexOf('\n', end)
    end = lineBreak < 0 || lineBreak >= block.end ? block.end : lineBreak + 1
  }
  return end
}
