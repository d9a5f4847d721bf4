// Walks a tree of HTML elements and adds what a reader sees to a part: HTML pages, Word files, mails and the HTML
// inside Markdown all come through here.

import { joinLines } from './lines.ts'
import { ListLines } from './list-lines.ts'
import { looksLikeHeader, tableRow } from './table.ts'
import type { PartBuilder } from './builder.ts'
import type { TreeElement, TreeNode } from './dom.ts'

/** Elements that say nothing to a reader. */
const silent = new Set(
  'SCRIPT STYLE NOSCRIPT TEMPLATE IFRAME OBJECT EMBED CANVAS SVG AUDIO VIDEO MAP HEAD TITLE META LINK BUTTON INPUT SELECT TEXTAREA DIALOG'.split(
    ' ',
  ),
)

/** Elements whose text runs on within a line; all others begin a new one. */
const inline = new Set(
  'A ABBR ACRONYM B BDI BDO BIG CITE CODE DATA DEL DFN EM FONT I INS KBD LABEL MARK Q RUBY RB RT RP S SAMP SMALL SPAN STRIKE STRONG SUB SUP TIME TT U VAR WBR BR IMG'.split(
    ' ',
  ),
)

/** Below this depth the text is kept, its structure is not: recursion must end before the stack does. */
const maxDepth = 200

/** How an HTML tree is read. */
export interface HtmlReading {
  /** Page, slide or sheet that all blocks belong to. */
  page?: number
  /** Leave out navigation, page headers, footers and side columns. Default false. */
  contentOnly?: boolean
}

/** The elements under `root`, as blocks. */
export function addHtml(builder: PartBuilder, root: TreeElement, reading: HtmlReading = {}): void {
  new Walk(builder, reading).children(root, 0)
}

class Walk {
  readonly #builder: PartBuilder
  readonly #page: { page?: number }
  readonly #contentOnly: boolean
  #line = ''
  #list: ListLines | undefined

  constructor(builder: PartBuilder, reading: HtmlReading) {
    this.#builder = builder
    this.#page = reading.page === undefined ? {} : { page: reading.page }
    this.#contentOnly = reading.contentOnly ?? false
  }

  children(element: TreeElement, depth: number): void {
    for (let node = element.firstChild; node !== null; node = node.nextSibling) this.#node(node, depth + 1)
    if (depth === 0) this.#endLine()
  }

  #node(node: TreeNode, depth: number): void {
    if (node.nodeType === 3) {
      this.#line += spaced(node.textContent ?? '')
      return
    }
    if (node.nodeType !== 1) return
    const element = node as TreeElement
    const name = element.tagName.toUpperCase()
    if (silent.has(name) || hidden(element)) return
    if (this.#contentOnly && furniture(element, name)) return
    if (depth > maxDepth) {
      this.#line += spaced(element.textContent ?? '')
      return
    }
    if (name === 'BR') this.#line += '\n'
    else if (name === 'SUP') this.#line += raised(this.#line, inlineText(element))
    else if (name === 'HR') this.#endLine()
    else if (/^H[1-6]$/.test(name)) this.#heading(element, Number(name.slice(1)))
    else if (name === 'PRE') this.#code(element)
    else if (name === 'TABLE') this.#table(element, depth)
    else if (name === 'UL' || name === 'OL' || name === 'DL' || name === 'MENU') this.#listElement(element, name, depth)
    else if (inline.has(name)) this.children(element, depth)
    else {
      this.#endLine()
      this.children(element, depth)
      this.#endLine()
    }
  }

  /** Ends the running line: it becomes a paragraph, or goes on in its list item. */
  #endLine(): void {
    const text = lines(this.#line)
    this.#line = ''
    if (text === '') return
    if (this.#list === undefined) this.#builder.add('paragraph', text, this.#page)
    else this.#list.text(text)
  }

  #heading(element: TreeElement, level: number): void {
    this.#endLine()
    if (this.#list !== undefined) {
      this.#list.text(inlineText(element))
      return
    }
    this.#builder.add('heading', inlineText(element), { level, ...this.#page })
  }

  #code(element: TreeElement): void {
    this.#endLine()
    const names = `${element.getAttribute('class') ?? ''} ${element.querySelector('code')?.getAttribute('class') ?? ''}`
    const language = /\b(?:language|lang|highlight-source)-([\w+#-]+)/.exec(names)?.[1]
    this.#list?.flush()
    const text = (element.textContent ?? '').replace(/\t/g, '    ')
    this.#builder.add('code', text, { ...(language === undefined ? {} : { language }), ...this.#page })
  }

  #table(table: TreeElement, depth: number): void {
    this.#endLine()
    const rows = rowsOf(table)
    const layout = table.querySelector('table') !== null || rows.every((row) => cellsOf(row).length < 2)
    if (layout) {
      for (const row of rows)
        for (const cell of cellsOf(row)) {
          this.children(cell, depth + 2)
          this.#endLine()
        }
      return
    }
    this.#list?.flush()
    const { lines: texts, headerLines } = tableLines(rows)
    const caption = [...table.children].find((child) => child.tagName.toUpperCase() === 'CAPTION')
    if (caption !== undefined) this.#builder.add('paragraph', inlineText(caption), this.#page)
    this.#builder.add('table', texts.join('\n'), { ...(headerLines > 0 ? { headerLines } : {}), ...this.#page })
  }

  #listElement(element: TreeElement, name: string, depth: number): void {
    this.#endLine()
    const outer = this.#list
    const list = outer ?? new ListLines(this.#builder, this.#page)
    this.#list = list
    list.open()
    let number = Number(element.getAttribute('start') ?? 1)
    for (let child = element.firstChild; child !== null; child = child.nextSibling) {
      if (child.nodeType === 1) {
        const tag = (child as TreeElement).tagName.toUpperCase()
        if (tag === 'LI' || tag === 'DT') list.item(name === 'OL' ? `${number++}.` : '-')
        // A definition stands under its term.
        else if (tag === 'DD') list.item('  ')
      }
      this.#node(child, depth + 1)
      this.#endLine()
    }
    list.close()
    this.#list = outer
    if (outer === undefined) list.flush()
  }
}

/** The text of an element on one line, as a reader sees it. */
export function inlineText(element: TreeElement): string {
  let text = ''
  const visit = (node: TreeNode, depth: number): void => {
    if (node.nodeType === 3) text += node.textContent ?? ''
    if (node.nodeType !== 1) return
    const child = node as TreeElement
    const name = child.tagName.toUpperCase()
    if (silent.has(name) || hidden(child)) return
    if (depth > maxDepth) {
      text += child.textContent ?? ''
      return
    }
    if (name === 'SUP') {
      text += raised(text, inlineText(child))
      return
    }
    const block = !inline.has(name) || name === 'BR'
    if (name === 'LI' && /\S/.test(text)) text += ';'
    if (block) text += ' '
    for (let inner = child.firstChild; inner !== null; inner = inner.nextSibling) visit(inner, depth + 1)
    if (block) text += ' '
  }
  for (let node = element.firstChild; node !== null; node = node.nextSibling) visit(node, 0)
  return text.replace(/\s+/g, ' ').replace(/ ;/g, ';').trim()
}

function rowsOf(table: TreeElement): TreeElement[] {
  return [...table.querySelectorAll('tr')].filter((row) => row.closest('table') === table)
}

function cellsOf(row: TreeElement): TreeElement[] {
  return [...row.children].filter((cell) => /^T[DH]$/i.test(cell.tagName))
}

/** The rows as lines. A short cell that spans rows is said in each of them, so that each row reads alone. */
function tableLines(rows: TreeElement[]): { lines: string[]; headerLines: number } {
  const lines: string[] = []
  const below: { text: string; left: number }[] = []
  let firstTexts: string[] = []
  let headerLines = 0
  for (const row of rows) {
    const texts: string[] = []
    const fill = (): void => {
      for (let span = below[texts.length]; span !== undefined && span.left > 0; span = below[texts.length]) {
        span.left--
        texts.push(span.text)
      }
    }
    const cells = cellsOf(row)
    for (const cell of cells) {
      fill()
      const text = inlineText(cell)
      const across = Math.min(Number(cell.getAttribute('colspan')) || 1, 50)
      const down = Math.min(Number(cell.getAttribute('rowspan')) || 1, 1000)
      for (let column = 0; column < across; column++) {
        below[texts.length] = { text: text.length <= 60 && column === 0 ? text : '', left: down - 1 }
        texts.push(column === 0 ? text : '')
      }
    }
    fill()
    if (texts.every((text) => text === '')) continue
    const head =
      row.parentElement?.tagName.toUpperCase() === 'THEAD' || cells.every((cell) => /^TH$/i.test(cell.tagName))
    if (head && headerLines === lines.length) headerLines++
    if (lines.length === 0) firstTexts = texts
    lines.push(tableRow(texts))
  }
  if (headerLines === 0 && lines.length > 1 && looksLikeHeader(firstTexts)) headerLines = 1
  return { lines, headerLines: headerLines === lines.length ? 0 : headerLines }
}

function hidden(element: TreeElement): boolean {
  if (element.hasAttribute('hidden') || element.getAttribute('aria-hidden') === 'true') return true
  const style = element.getAttribute('style')
  return style !== null && /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style)
}

/** Parts of a page that frame its content. */
function furniture(element: TreeElement, name: string): boolean {
  if (name === 'NAV' || name === 'FOOTER' || name === 'ASIDE' || name === 'FORM') return true
  if (name === 'HEADER') return element.closest('article, main') === null && element.querySelector('h1') === null
  const role = element.getAttribute('role')
  return role === 'navigation' || role === 'banner' || role === 'contentinfo' || role === 'search'
}

/** A raised number after a digit is a power, not another digit. */
function raised(before: string, text: string): string {
  return /\d$/.test(before) && /^[-−]?\d+$/.test(text) ? `^${text}` : text
}

function spaced(text: string): string {
  return text.replace(/\s+/g, ' ')
}

function lines(text: string): string {
  return joinLines(
    text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim()),
    '\n',
  )
}
