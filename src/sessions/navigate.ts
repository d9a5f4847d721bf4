// "And the next one?": from the place in a document that answered before, the neighbouring row, list item or section.

import type { Navigation } from './follow-up.ts'
import { ownWords } from './own-words.ts'
import type { Block } from '../core/document.ts'

/** Character span in the document's stored text. */
export interface Span {
  start: number
  end: number
}

export interface NavigateInput {
  /** The document that answered before. */
  text: string
  blocks: readonly Block[]
  /** What was cited in it. */
  cited: Span
  navigation: Navigation
  /** The question that was answered there: tells whether it asked about a row, or about the section it stands in. */
  question: string
}

/** No answer is longer than this. */
const longest = 400

/**
 * The neighbour that a follow-up points at, or undefined when there is none. Of a table or list: the row or item beside
 * the cited one. Where the question named a heading, or nothing but text was cited: the section beside this one, its
 * heading included. At most 400 characters, cut at the end of a line or sentence.
 */
export function neighbourOf({ text, blocks, cited, navigation, question }: NavigateInput): Span | undefined {
  const ordered = [...blocks].sort((one, other) => one.start - other.start)
  const at = ordered.findLastIndex((block) => block.start < Math.max(cited.end, cited.start + 1))
  const block = ordered[at]
  if (block === undefined) return undefined
  const rows = block.kind === 'list' || block.kind === 'table' ? rowsAround(text, ordered, at) : []
  const here = rows.findLastIndex((row) => row.start <= cited.start + leadingSpace(text, cited))
  const row = rows[here]
  const level = headingAbove(ordered, at)
  if (row && !namesHeading(question, text, row, level)) {
    const found = step(rows, here, navigation)
    if (found && found !== row) return shortened(text, found)
    // Behind the last row there is only the next section.
    if (navigation === 'last' || navigation === 'first') return undefined
  }
  const section = level && neighbourSection(text, ordered, level, navigation)
  if (section) return section
  if (row) return undefined
  const paragraphs = ordered.filter(({ kind }, place) => kind === 'paragraph' && headingAbove(ordered, place) === level)
  const paragraph = step(paragraphs, paragraphs.indexOf(block), navigation)
  return paragraph && paragraph !== block ? shortened(text, paragraph) : undefined
}

function leadingSpace(text: string, { start, end }: Span): number {
  return /^\s*/.exec(text.slice(start, end))?.[0].length ?? 0
}

/** The rows of the block and of blocks of its kind that it is continued in, without header rows and rules. */
function rowsAround(text: string, blocks: readonly Block[], at: number): Span[] {
  const kind = blocks[at]?.kind
  let first = at
  let last = at
  while (blocks[first - 1]?.kind === kind) first--
  while (blocks[last + 1]?.kind === kind) last++
  return blocks.slice(first, last + 1).flatMap((block) => {
    const rows: Span[] = []
    let line = 0
    for (const match of text.slice(block.start, block.end).matchAll(/[^\n]+/g)) {
      const header = line++ < (block.headerLines ?? 0)
      if (header || /^[\s|:-]*$/.test(match[0])) continue
      const lead = match[0].length - match[0].trimStart().length
      rows.push({ start: block.start + match.index + lead, end: block.start + match.index + match[0].trimEnd().length })
    }
    return rows
  })
}

function headingAbove(blocks: readonly Block[], at: number): Block | undefined {
  return blocks.slice(0, at + 1).findLast(({ kind }) => kind === 'heading')
}

/**
 * Whether the question asked about the whole section: what it asked for ("… for books?") stands in the heading, and not
 * more of it in the row.
 */
function namesHeading(question: string, text: string, row: Span, heading: Block | undefined): boolean {
  if (heading === undefined) return false
  const tail = /^.*\b(?:for|of|in|about|to)\b(.+)$/is.exec(question)?.[1] ?? question
  const words = ownWords(tail).map((word) => word.toLowerCase().replace(/(?:es|s)$/, ''))
  const held = ({ start, end }: Span): string[] => {
    const slice = text.slice(start, end).toLowerCase()
    return words.filter((word) => word.length > 1 && slice.includes(word))
  }
  const inRow = held(row)
  const inHeading = held(heading)
  return inHeading.length > inRow.length || (inRow.length > 0 && inRow.join(' ') === inHeading.join(' '))
}

function step<Item>(items: readonly Item[], here: number, navigation: Navigation): Item | undefined {
  if (here < 0) return undefined
  if (navigation === 'last') return items.at(-1)
  if (navigation === 'first') return items[0]
  return items[here + (navigation === 'next' ? 1 : -1)]
}

/** The section of the same depth beside that of `heading`, under the same parent: its heading and what comes first. */
function neighbourSection(
  text: string,
  blocks: readonly Block[],
  heading: Block,
  navigation: Navigation,
): Span | undefined {
  const depth = heading.level ?? 1
  const headings = blocks.filter(({ kind, level = 1 }) => kind === 'heading' && level <= depth)
  const here = headings.indexOf(heading)
  let first = here
  let last = here
  const isSibling = (block: Block | undefined): boolean => block !== undefined && (block.level ?? 1) === depth
  while (isSibling(headings[first - 1])) first--
  while (isSibling(headings[last + 1])) last++
  const found = step(headings.slice(first, last + 1), here - first, navigation)
  if (found === undefined || found === heading) return undefined
  const next = blocks[blocks.indexOf(found) + 1]
  const end = next === undefined || next.kind === 'heading' ? found.end : next.end
  return shortened(text, { start: found.start, end })
}

/** At most 400 characters, ending with a line or sentence where one ends late enough. */
function shortened(text: string, { start, end }: Span): Span {
  if (end - start <= longest) return { start, end }
  const slice = text.slice(start, start + longest)
  const at = Math.max(...['\n', '. ', '。', '；', '; '].map((mark) => slice.lastIndexOf(mark)))
  if (at > longest / 3) return { start, end: start + at + (slice[at] === '\n' ? 0 : 1) }
  const code = slice.charCodeAt(longest - 1)
  return { start, end: start + (code >= 0xd800 && code <= 0xdbff ? longest - 1 : longest) }
}
