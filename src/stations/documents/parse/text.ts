// Plain text: paragraphs between blank lines, with headings and lists only where they are plain to see.

import { PartBuilder } from './builder.ts'
import { readText } from './read-text.ts'
import type { ParsedPart } from '../../../core/document.ts'
import type { Parser } from './parser.ts'

/** Parses plain text that is already decoded. */
export function parseText(text: string, name = 'The document', maxCharacters?: number): ParsedPart {
  const builder = new PartBuilder(name, maxCharacters)
  addText(builder, text)
  return builder.take()
}

/** The parser for files of plain text. */
export const text: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  const whole = await readText(source, builder, signal)
  for (const lines of paragraphs(whole)) {
    addParagraph(builder, lines)
    if (!builder.full) continue
    yield builder.take()
    await new Promise(setImmediate)
    signal.throwIfAborted()
  }
  yield builder.take()
}

/** Adds plain text to a part. `page` is the page all of it stands on. */
export function addText(builder: PartBuilder, whole: string, page?: number): void {
  for (const lines of paragraphs(whole)) addParagraph(builder, lines, page)
}

const listItem = /^\s*(?:[-*+•·‣◦▪■●○–]|\(?(?:\d{1,3}|[a-zA-Z])[.)]|[（(][一二三四五六七八九十\d]{1,3}[)）])\s*\S/
const numbered = /^\s*(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVXLC]{1,6}\.|[A-Z]\.)\s+\p{Lu}/u
const chapter =
  /^\s*(?:chapter|part|section|appendix|article)\s+(?:\d+|[ivxlc]+|[a-z]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b/i
const chineseChapter = /^\s*第[一二三四五六七八九十百千零〇\d]{1,6}[章节回卷编篇部]/
const chineseNumbered = /^\s*[一二三四五六七八九十]{1,3}、\s*\S/
const underline = /^\s*(={3,}|-{3,}|~{3,})\s*$/

/** Blocks of lines between blank lines, and chapter lines alone. */
function* paragraphs(whole: string): Iterable<string[]> {
  const lineIsParagraph = everyLineIsParagraph(whole)
  let lines: string[] = []
  let at = 0
  while (at <= whole.length) {
    let end = nextLineEnd(whole, at)
    const line = whole.slice(at, end)
    if (whole.startsWith('\r\n', end)) end++
    at = end + 1
    const blank = !/\S/.test(line)
    const alone = lineIsParagraph || (chineseChapter.test(line) && headingLevel(line) !== undefined)
    if ((blank || alone) && lines.length > 0) {
      yield lines
      lines = []
    }
    if (alone && !blank) yield [line]
    else if (!blank) lines.push(line)
  }
  if (lines.length > 0) yield lines
}

function nextLineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from)
  const end = feed === -1 ? text.length : feed
  return end > from && text[end - 1] === '\r' ? end - 1 : end
}

/** Text without blank lines whose lines are long is not wrapped: each of its lines is a paragraph. */
function everyLineIsParagraph(whole: string): boolean {
  const head = whole.slice(0, 64 * 1024).split('\n')
  const filled = head.filter((line) => /\S/.test(line))
  if (filled.length < 5) return false
  const width = filled.reduce((sum, line) => sum + line.length, 0) / filled.length
  return (
    head.length - filled.length <= filled.length * 0.02 &&
    width > (/[\u3400-\u9FFF]/.test(whole.slice(0, 2000)) ? 60 : 140)
  )
}

function addParagraph(builder: PartBuilder, lines: string[], page?: number): void {
  const facts = page === undefined ? {} : { page }
  const [first = '', second = ''] = lines
  // A line with a rule drawn under it is a heading.
  if (lines.length >= 2 && underline.test(second) && first.trim().length <= 120 && !underline.test(first)) {
    builder.add('heading', first.trim(), { level: second.includes('=') ? 1 : 2, ...facts })
    if (lines.length > 2) addParagraph(builder, lines.slice(2), page)
    return
  }
  const level = lines.length === 1 ? headingLevel(first) : undefined
  if (level !== undefined) builder.add('heading', first.trim().replace(/^#+\s+/, ''), { level, ...facts })
  else if (isTable(lines)) builder.add('table', lines.join('\n'), facts)
  else if (
    lines.length >= 2 &&
    listItem.test(first) &&
    lines.every((line) => listItem.test(line) || /^\s{2,}/.test(line))
  )
    builder.add('list', itemsOnLines(lines), facts)
  else builder.add('paragraph', lines.join('\n'), facts)
}

/** The level of a line that stands alone and looks like a heading, else undefined. */
function headingLevel(line: string): number | undefined {
  const text = line.trim()
  if (text.length === 0 || text.length > 80 || /[.。!！?？;；,，:：]$/.test(text)) return undefined
  const hashes = /^(#{1,6})\s+\S/.exec(text)?.[1]
  if (hashes !== undefined) return hashes.length
  if (chineseChapter.test(text)) return text.length <= 40 ? 1 : undefined
  if (chineseNumbered.test(text)) return text.length <= 30 ? 2 : undefined
  if (chapter.test(text)) return 1
  // "1. Buy milk and bread on the way home" is an item; a heading is short, or counts its parents ("2.3").
  if (numbered.test(text) && (/^\d+\.\d/.test(text) || text.split(/\s+/).length <= 6))
    return 1 + (/^[\d.]+/.exec(text)?.[0].replace(/\.$/, '').split('.').length ?? 1)
  // Capitals only: at least two words, and no table of codes.
  if (/^[^\p{Ll}]*$/u.test(text) && (text.match(/\p{Lu}{2,}/gu)?.length ?? 0) >= 2 && !/\d{3}|\t| {3}/.test(text))
    return 2
  return undefined
}

/** At least two lines with the same number of tabs. */
function isTable(lines: string[]): boolean {
  const tabs = (line: string | undefined): number => (line?.trim().match(/\t+/g) ?? []).length
  const count = tabs(lines[0])
  return lines.length >= 2 && count > 0 && lines.every((line) => tabs(line) === count)
}

/** An indented line that begins no item goes on with the one before. */
function itemsOnLines(lines: string[]): string {
  const items: string[] = []
  for (const line of lines) {
    const last = items.length - 1
    if (listItem.test(line) || last < 0) items.push(line.trimEnd())
    else items[last] = `${items[last] ?? ''} ${line.trim()}`
  }
  return items.join('\n')
}
