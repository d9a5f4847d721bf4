// PowerPoint files: each slide is a page, its title a heading, its notes a paragraph.

import { AndonError } from '../../../core/errors.ts'
import { PartBuilder } from './builder.ts'
import { addOfficeFacts } from './office-facts.ts'
import { looksLikeHeader, tableRow } from './table.ts'
import { descendants, first, relations, xmlPart } from './xml.ts'
import { openZip } from './zip.ts'
import type { Parser } from './parser.ts'
import type { XmlElement } from './xml.ts'

/** The parser for PPTX files. */
export const pptx: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  await using zip = await openZip(source.path, source.name)
  const presentation = await xmlPart(zip, 'ppt/presentation.xml', source.name)
  if (presentation === undefined)
    throw new AndonError(
      'invalid',
      `${source.name} is an archive without a presentation in it. Open it and save it as PPTX.`,
    )
  await addOfficeFacts(builder, zip, source.name)
  const targets = await relations(zip, 'ppt/presentation.xml', source.name)
  const slides = [...descendants(presentation, 'p:sldId')]
    .map((slide) => targets.get(slide.attributes['r:id'] ?? '')?.target)
    .filter((target) => target !== undefined)
  builder.pages(slides.length)
  for (const [place, part] of slides.entries()) {
    signal.throwIfAborted()
    const slide = await xmlPart(zip, part, source.name)
    if (slide === undefined) {
      builder.warn(`Slide ${place + 1} is missing from the file.`)
      continue
    }
    addSlide(builder, slide, place + 1)
    for (const { type, target } of (await relations(zip, part, source.name)).values()) {
      if (!type.endsWith('/notesSlide')) continue
      const notes = bodyText((await xmlPart(zip, target, source.name)) ?? [])
      if (notes !== '') builder.add('paragraph', `Notes: ${notes}`, { page: place + 1 })
    }
    if (builder.full) yield builder.take()
  }
  yield builder.take()
}

function addSlide(builder: PartBuilder, slide: readonly XmlElement[], page: number): void {
  const shapes = [...shapesOf(first(slide, 'p:spTree')?.children ?? [])]
  const isTitle = (shape: XmlElement): boolean =>
    /^(?:ctrT|t)itle$/.test(first([shape], 'p:ph')?.attributes['type'] ?? '')
  for (const shape of shapes.filter(isTitle)) {
    const text = paragraphs(shape)
      .map((paragraph) => paragraph.text.replaceAll('\n', ' '))
      .join(' ')
    builder.title(text)
    builder.add('heading', text, { level: 1, page })
  }
  // What stands higher on the slide is read first; placeholders without a place of their own keep their order.
  const others = shapes.filter((shape) => !isTitle(shape)).map((shape, place) => ({ shape, place, top: topOf(shape) }))
  others.sort((one, other) => (one.top ?? one.place) - (other.top ?? other.place) || one.place - other.place)
  const placed = others.every(({ top }) => top !== undefined)
  for (const { shape } of placed ? others : others.sort((one, other) => one.place - other.place)) {
    const table = first([shape], 'a:tbl')
    if (table === undefined) addParagraphs(builder, paragraphs(shape), page)
    else addTable(builder, table, page)
  }
}

/** Shapes in the order of the file, out of their groups. Numbers, dates and footers of the slide are left out. */
function* shapesOf(elements: readonly XmlElement[]): Iterable<XmlElement> {
  for (const element of elements) {
    if (element.name === 'p:grpSp') yield* shapesOf(element.children)
    else if (element.name === 'mc:AlternateContent')
      yield* shapesOf(first(element.children, 'mc:Choice')?.children ?? [])
    else if (element.name === 'p:sp' || element.name === 'p:graphicFrame') {
      const kind = first([element], 'p:ph')?.attributes['type']
      if (kind !== 'sldNum' && kind !== 'dt' && kind !== 'ftr') yield element
    }
  }
}

function topOf(shape: XmlElement): number | undefined {
  const place = first([shape], 'a:off')?.attributes
  const top = Number(place?.['y'])
  const left = Number(place?.['x'])
  // Shapes within half an inch (457,200 units) of the same height are read from left to right.
  return Number.isFinite(top) && Number.isFinite(left) ? Math.round(top / 457_200) * 1e9 + left : undefined
}

interface SlideParagraph {
  text: string
  depth: number
  listed: boolean
}

function paragraphs(shape: XmlElement): SlideParagraph[] {
  const body = first([shape], 'p:txBody')
  // Text in the body of a slide is a list unless a paragraph says otherwise; text in other shapes is not.
  const kind = first([shape], 'p:ph')?.attributes
  const bodyList =
    kind !== undefined && (kind['type'] === undefined || kind['type'] === 'body' || kind['type'] === 'obj')
  return [...descendants(body?.children ?? [], 'a:p')].map((paragraph) => {
    const properties = first(paragraph.children, 'a:pPr')
    const marked = ['a:buChar', 'a:buAutoNum'].some((mark) => first(properties?.children ?? [], mark) !== undefined)
    const unmarked = first(properties?.children ?? [], 'a:buNone') !== undefined
    return {
      text: runs(paragraph),
      depth: Math.min(Number(properties?.attributes['lvl'] ?? 0) || 0, 8),
      listed: marked || (bodyList && !unmarked),
    }
  })
}

function addParagraphs(builder: PartBuilder, all: readonly SlideParagraph[], page: number): void {
  const filled = all.filter(({ text }) => /\S/.test(text))
  // A single point is a sentence, not a list.
  const single = filled.length === 1
  let items: string[] = []
  const flush = (): void => {
    builder.add('list', items.join('\n'), { page })
    items = []
  }
  for (const { text, depth, listed } of filled) {
    if (listed && !single) items.push(`${'  '.repeat(depth)}- ${text.replace(/\s*\n\s*/g, ' ')}`)
    else {
      flush()
      builder.add('paragraph', text, { page })
    }
  }
  flush()
}

function addTable(builder: PartBuilder, table: XmlElement, page: number): void {
  const rows = [...descendants(table.children, 'a:tr')].map((row) =>
    [...descendants(row.children, 'a:tc')].map((cell) => [...descendants(cell.children, 'a:p')].map(runs).join(' ')),
  )
  const header = rows.length > 1 && looksLikeHeader(rows[0] ?? [])
  builder.add('table', rows.map(tableRow).join('\n'), { page, ...(header ? { headerLines: 1 } : {}) })
}

function runs(paragraph: XmlElement): string {
  let text = ''
  for (const child of paragraph.children) {
    if (child.name === 'a:br') text += '\n'
    else if (child.name === 'a:r' || child.name === 'a:fld') text += first(child.children, 'a:t')?.text ?? ''
  }
  return text.trim()
}

/** The notes of a slide: the text of their body, without the slide's number. */
function bodyText(notes: readonly XmlElement[]): string {
  return [...shapesOf(first(notes, 'p:spTree')?.children ?? [])]
    .filter((shape) => first([shape], 'p:ph')?.attributes['type'] === 'body')
    .flatMap((shape) => paragraphs(shape).map(({ text }) => text))
    .filter((text) => text !== '')
    .join('\n')
}
