// PDF: text by its place on the page, a window of pages at a time.

import { AndonError } from '../../../core/errors.ts'
import { needsRecognition } from '../no-text-layer.ts'
import { PartBuilder } from './builder.ts'
import { blocksOf, usualOf } from './page/blocks.ts'
import { fragmentsOf, rowsOf, textOf } from './page/lines.ts'
import { runningLines, withoutRunning } from './page/running.ts'
import { joinSplitWords } from './page/split-words.ts'
import { openPdf } from './pdf-file.ts'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import type { Row, TextItem } from './page/lines.ts'
import type { Parser } from './parser.ts'

/** Running heads are told from at least this many pages, of the window or beside it. */
const pagesForRunning = 8

interface Page {
  number: number
  height: number
  rows: Row[]
  /** Rows of text that is turned; it is read after the rest. */
  turned: Row[][]
  error?: string
}

/** The parser for PDF files. Reads only `source.pages`, when given. */
export const pdf: Parser = async function* (source, { signal, maxCharacters }) {
  signal.throwIfAborted()
  await using opened = await openPdf(source)
  const { document } = opened
  const total = document.numPages
  if (total === 0)
    throw new AndonError('invalid', `${source.name} has no pages: it is damaged or was cut off. Fetch it again.`)
  const from = Math.max(1, source.pages?.from ?? 1)
  const to = Math.min(total, source.pages?.to ?? total)
  const builder = new PartBuilder(source.name, maxCharacters)
  builder.pages(total)
  const pages: Page[] = []
  for (let number = from; number <= to; number++) {
    signal.throwIfAborted()
    pages.push(await readPage(document, number))
  }
  const around: Page[] = []
  for (const number of neighbours(from, to, total)) {
    signal.throwIfAborted()
    around.push(await readPage(document, number))
  }
  const seen = [...pages, ...around].map((page) => page.rows)
  joinSplitWords(seen.flat())
  const running = runningLines([...pages, ...around])
  const usual = usualOf(seen)
  if (from === 1) {
    await addFacts(builder, document)
    builder.title(largestText(pages[0]?.rows ?? [], usual.size))
  }
  const empty: number[] = []
  const garbled: number[] = []
  for (const page of pages) {
    if (page.error !== undefined) builder.warn(`Page ${page.number} could not be read: ${page.error}`)
    else if (page.rows.length === 0) empty.push(page.number)
    else if (isGarbled(page.rows)) garbled.push(page.number)
    const rows = withoutRunning(page, running, total > 1)
    for (const group of [rows, ...page.turned])
      for (const block of blocksOf(group, usual))
        builder.add(block.kind, block.text, { ...block.facts, page: page.number })
    if (builder.full) yield builder.take()
  }
  if (empty.length === total) throw needsRecognition(source.name, total)
  if (empty.length > 0)
    builder.warn(`${pagesInWords(empty)} no text layer: what they show needs text recognition (OCR) to be found.`)
  if (garbled.length > 0)
    builder.warn(
      `${pagesInWords(garbled)} a text layer with unreadable characters: run text recognition (OCR) on them.`,
    )
  yield builder.take()
}

async function readPage(document: PDFDocumentProxy, number: number): Promise<Page> {
  try {
    const page = await document.getPage(number)
    const viewport = page.getViewport({ scale: 1 })
    const { items } = await page.getTextContent()
    page.cleanup()
    const texts = items.filter((item): item is typeof item & TextItem => 'str' in item)
    const [upright = [], ...turned] = fragmentsOf(texts, viewport.transform)
    return { number, height: viewport.height, rows: rowsOf(upright), turned: turned.map(rowsOf) }
  } catch (reason) {
    // One page that is damaged does not take the others with it.
    const error = AndonError.from(reason, 'invalid')
    return { number, height: 0, rows: [], turned: [], error: error.sentence }
  }
}

/** Pages beside a short window: after it, then before it. */
function neighbours(from: number, to: number, total: number): number[] {
  const numbers: number[] = []
  const missing = (): boolean => to - from + 1 + numbers.length < pagesForRunning
  for (let number = to + 1; number <= total && missing(); number++) numbers.push(number)
  for (let number = from - 1; number >= 1 && missing(); number--) numbers.push(number)
  return numbers
}

async function addFacts(builder: PartBuilder, document: PDFDocumentProxy): Promise<void> {
  const { info } = await document.getMetadata().catch(() => ({ info: {} }))
  const facts = info as Record<string, unknown>
  const text = (key: string): string | undefined => {
    const value = facts[key]
    return typeof value === 'string' && value.trim() !== '' ? value : undefined
  }
  const title = text('Title')
  // Word processors put the name of a file there.
  if (
    title !== undefined &&
    /\p{L}{3}|[\u4E00-\u9FFF]{2}/u.test(title) &&
    !/^(?:untitled|microsoft \w+ - )|\.(?:docx?|xlsx?|pptx?|pdf|html?|indd|qxd)$/i.test(title)
  )
    builder.title(title)
  builder.property('author', text('Author'))
  builder.property('subject', text('Subject'))
  builder.property(
    'created',
    /^D:(\d{4})(\d{2})(\d{2})/
      .exec(text('CreationDate') ?? '')
      ?.slice(1, 4)
      .join('-'),
  )
}

/** Without a title in its facts, a document's title is its first page's largest text, when that stands out. */
function largestText(rows: readonly Row[], usual: number): string | undefined {
  const largest = Math.max(...rows.map((row) => row.size), 0)
  if (largest < usual * 1.25) return undefined
  const first = rows.findIndex((row) => row.size === largest && /\p{L}{2}/u.test(textOf(row)))
  const lines = rows.slice(first, first + 3).filter((row) => Math.abs(row.size - largest) < 0.5)
  const text = first < 0 ? '' : lines.map(textOf).join(' ')
  return text.length >= 4 && text.length <= 200 ? text : undefined
}

/** Fonts that do not say which characters their shapes are leave private-use characters and replacements. */
function isGarbled(rows: readonly Row[]): boolean {
  const text = rows.flatMap((row) => row.segments.map((segment) => segment.text)).join('')
  return (text.match(/[\uE000-\uF8FF\uFFFD\u0000-\u001F]/g)?.length ?? 0) > text.length * 0.3 // oxlint-disable-line no-control-regex -- counted on purpose
}

/** "Pages 3-5 and 8 have". */
function pagesInWords(numbers: readonly number[]): string {
  const ranges: string[] = []
  for (let at = 0; at < numbers.length;) {
    const first = numbers[at] ?? 0
    let last = first
    while (numbers[at + 1] === last + 1) {
      last++
      at++
    }
    at++
    ranges.push(last === first ? `${first}` : `${first}-${last}`)
  }
  return numbers.length === 1 ? `Page ${ranges[0] ?? ''} has` : `Pages ${ranges.join(', ')} have`
}
