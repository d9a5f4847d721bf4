// Markdown as a reader sees it: headings without #, links as their text, one line per list item and table row.

import { Lexer } from 'marked'
import type { Token, Tokens } from 'marked'
import { PartBuilder } from './builder.ts'
import { decodeEntities } from './entities.ts'
import { splitFrontMatter } from './front-matter.ts'
import { htmlDocument } from './dom.ts'
import { addHtml } from './html-blocks.ts'
import { joinLines, unwrap } from './lines.ts'
import { ListLines } from './list-lines.ts'
import { outsideCode, dropShortcodes } from './shortcodes.ts'
import { tableRow } from './table.ts'
import { addText } from './text.ts'
import { readText } from './read-text.ts'
import type { ParsedPart } from '../../../core/document.ts'
import type { Parser } from './parser.ts'

/** Text is lexed in sections of about this many characters, so that a signal is heard in between. */
const sectionCharacters = 128 * 1024
/** A paragraph longer than this is taken as it stands: nobody wrote it by hand, and its marks cost too much to find. */
const maxInline = 64 * 1024

/** Parses Markdown (CommonMark with GitHub's tables) that is already text. `name` is used in errors. */
export function parseMarkdown(markdown: string, name = 'The document', maxCharacters?: number): ParsedPart {
  const builder = new PartBuilder(name, maxCharacters)
  for (const section of begin(builder, markdown)) addSection(builder, section)
  return builder.take()
}

/** The parser for files of Markdown. */
export const markdown: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  const text = await readText(source, builder, signal)
  for (const section of begin(builder, text)) {
    signal.throwIfAborted()
    addSection(builder, section)
    if (builder.full) {
      yield builder.take()
      await new Promise(setImmediate)
    }
  }
  yield builder.take()
}

/** Adds Markdown that is part of something else. */
export function addMarkdown(builder: PartBuilder, markdown: string): void {
  for (const section of sections(dropShortcodes(markdown.replace(/\r\n?/g, '\n')))) addSection(builder, section)
}

function begin(builder: PartBuilder, markdown: string): string[] {
  const { facts, body } = splitFrontMatter(markdown)
  builder.title(facts['title'])
  for (const [key, value] of Object.entries(facts)) if (key !== 'title') builder.property(key, value)
  return sections(dropShortcodes(body.replace(/\r\n?/g, '\n')))
}

/** Cuts before top headings, never inside a fence. */
function sections(markdown: string): string[] {
  if (markdown.length <= sectionCharacters) return [markdown]
  const found: string[] = []
  let from = 0
  let at = 0
  let fence: string | undefined
  let blankBefore = true
  while (at < markdown.length) {
    const next = markdown.indexOf('\n', at)
    const end = next === -1 ? markdown.length : next + 1
    const line = markdown.slice(at, Math.min(end, at + 200))
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (
      fence === undefined &&
      at - from >= sectionCharacters &&
      (/^#{1,3} /.test(line) || (blankBefore && /^\S/.test(line)))
    ) {
      found.push(markdown.slice(from, at))
      from = at
    }
    if (mark !== undefined) {
      if (fence === undefined) fence = mark
      else if (mark.startsWith(fence)) fence = undefined
    }
    blankBefore = line.trim() === ''
    at = end
  }
  found.push(markdown.slice(from))
  return found
}

function addSection(builder: PartBuilder, section: string): void {
  let tokens: Token[]
  try {
    const lexer = new Lexer({ gfm: true })
    tokens = lexer.blockTokens(wrapTables(section))
    for (const { src, tokens: inline } of lexer.inlineQueue.splice(0)) {
      if (src.length > maxInline) inline.push({ type: 'text', raw: src, text: src, escaped: false })
      else lexer.inlineTokens(src, inline)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    builder.warn('A section is nested too deeply to be read as Markdown; it is kept as plain text.')
    addText(builder, section)
    return
  }
  new MarkdownBlocks(builder).add(tokens)
}

/** An HTML table ends at its closing tag: without blank lines in it, it stays one block. */
function wrapTables(section: string): string {
  if (!/<table[\s>]/i.test(section)) return section
  return outsideCode(section, (text) => {
    let result = ''
    let from = 0
    const lower = text.toLowerCase()
    for (let open = lower.indexOf('<table'); open !== -1; open = lower.indexOf('<table', from)) {
      const close = lower.indexOf('</table>', open)
      if (close === -1) break
      const end = close + '</table>'.length
      const rows = text.slice(open, end).split('\n')
      result += `${text.slice(from, open)}\n\n${joinLines(
        rows.map((line) => line.trim()),
        '\n',
      )}\n\n`
      from = end
    }
    return result + text.slice(from)
  })
}

class MarkdownBlocks {
  readonly #builder: PartBuilder
  #list: ListLines | undefined

  constructor(builder: PartBuilder) {
    this.#builder = builder
  }

  add(tokens: readonly Token[]): void {
    for (const token of tokens) this.#token(token)
  }

  #token(token: Token): void {
    switch (token.type) {
      case 'heading': {
        const { depth, tokens } = token as Tokens.Heading
        const text = plain(tokens).replace(/\s+/g, ' ').trim()
        if (depth === 1) this.#builder.title(text)
        if (this.#list === undefined) this.#builder.add('heading', text, { level: depth })
        else this.#list.text(text)
        return
      }
      case 'paragraph':
      case 'text':
        this.#paragraph(plain((token as Tokens.Paragraph).tokens ?? [token]))
        return
      case 'code': {
        const { text, lang } = token as Tokens.Code
        const language = /^[\w+#.-]+/.exec(lang ?? '')?.[0]
        this.#list?.flush()
        this.#builder.add('code', text, language === undefined ? {} : { language })
        return
      }
      case 'table': {
        const { header, rows } = token as Tokens.Table
        this.#list?.flush()
        const lines = [header, ...rows].map((row) => tableRow(row.map((cell) => plain(cell.tokens))))
        this.#builder.add('table', lines.join('\n'), { headerLines: 1 })
        return
      }
      case 'list':
        this.#listToken(token as Tokens.List)
        return
      case 'blockquote':
        this.add((token as Tokens.Blockquote).tokens)
        return
      case 'html':
        this.#html((token as Tokens.HTML).text)
        return
      default:
        return
    }
  }

  #paragraph(text: string): void {
    const lines = text
      .replace(/^\[!\w+\]\s*/, '')
      .split('\u2028')
      .map(unwrap)
      .filter((line) => line !== '')
    if (this.#list === undefined) this.#builder.add('paragraph', lines.join('\n'))
    else this.#list.text(lines.join(' '))
  }

  #listToken(token: Tokens.List): void {
    const outer = this.#list
    const list = outer ?? new ListLines(this.#builder)
    this.#list = list
    list.open()
    let number = typeof token.start === 'number' ? token.start : 1
    for (const item of token.items) {
      list.item(token.ordered ? `${number++}.` : '-')
      this.add(item.tokens)
    }
    list.close()
    this.#list = outer
    if (outer === undefined) list.flush()
  }

  #html(html: string): void {
    const text = html.replace(/<!--[\s\S]*?-->/g, '')
    if (!/[^\s<>]/.test(text.replace(/<[^<>]*>/g, ''))) return
    // A tag that opens in one block and closes in another is no tree; what lies between is text all the same.
    const { body } = htmlDocument(text)
    if (this.#list !== undefined) this.#list.text(body.textContent ?? '')
    else addHtml(this.#builder, body)
  }
}

/** The text of inline tokens. Hard breaks come out as U+2028, soft ones as they are. */
function plain(tokens: readonly Token[]): string {
  let text = ''
  for (const token of tokens) {
    switch (token.type) {
      case 'br':
        text += '\u2028'
        break
      case 'codespan':
        text += (token as Tokens.Codespan).text
        break
      case 'escape':
        text += (token as Tokens.Escape).text
        break
      case 'html':
        text += /^<br\s*\/?>$/i.test(token.raw.trim()) ? '\u2028' : ''
        break
      case 'checkbox':
        text += (token as Tokens.Checkbox).checked ? '[x] ' : '[ ] '
        break
      case 'image':
        text += decodeEntities((token as Tokens.Image).text)
        break
      case 'text':
        text +=
          'tokens' in token && token.tokens !== undefined
            ? plain(token.tokens)
            : decodeEntities((token as Tokens.Text).text)
        break
      default:
        text += 'tokens' in token && token.tokens !== undefined ? plain(token.tokens) : decodeEntities(token.raw)
    }
  }
  return text
}
