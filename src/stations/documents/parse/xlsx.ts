// Spreadsheets: each sheet is a page with tables, read row by row. Formulas show the value they had when saved.

import { AndonError } from '../../../core/errors.ts'
import { PartBuilder } from './builder.ts'
import { cellFormats, showNumber } from './cell-values.ts'
import { addOfficeFacts } from './office-facts.ts'
import { TableRows } from './table.ts'
import { parseXml, relations, xmlPart, xmlText } from './xml.ts'
import { openZip } from './zip.ts'
import type { CellFormat } from './cell-values.ts'
import type { Parser } from './parser.ts'
import type { XmlElement } from './xml.ts'

/** Unpacked bytes of one sheet: about a million cells. */
const maxSheetBytes = 96 * 1024 * 1024
/** Columns beyond this are no table that anybody reads. */
const maxColumns = 512

interface Workbook {
  name: string
  strings: string[]
  formats: CellFormat[]
  since1904: boolean
}

/** The parser for XLSX files. */
export const xlsx: Parser = async function* (source, { signal, maxCharacters }) {
  const { name } = source
  const builder = new PartBuilder(name, maxCharacters)
  await using zip = await openZip(source.path, name, { entryBytes: maxSheetBytes, totalBytes: 512 << 20 })
  const book = await xmlPart(zip, 'xl/workbook.xml', name)
  if (book === undefined)
    throw new AndonError('invalid', `${name} is an archive without a workbook in it. Open it and save it as XLSX.`)
  await addOfficeFacts(builder, zip, name)
  const plain = (element: string): string => element.replace(/^\w+:/, '')
  const sheets = [...everyElement(book)].filter((element) => plain(element.name) === 'sheet')
  const properties = [...everyElement(book)].find((element) => plain(element.name) === 'workbookPr')
  const styles = await xmlPart(zip, 'xl/styles.xml', name)
  const workbook: Workbook = {
    name,
    strings: sharedStrings((await xmlText(zip, 'xl/sharedStrings.xml', name)) ?? '', name),
    formats: styles === undefined ? [] : cellFormats(styles),
    since1904: /^(?:1|true)$/.test(properties?.attributes['date1904'] ?? ''),
  }
  const targets = await relations(zip, 'xl/workbook.xml', name)
  builder.pages(sheets.length)
  for (const [place, { attributes }] of sheets.entries()) {
    signal.throwIfAborted()
    const title = attributes['name'] ?? `Sheet ${place + 1}`
    if (attributes['state'] !== undefined && attributes['state'] !== 'visible') {
      builder.warn(`The sheet "${title}" is hidden in the file; it was left out.`)
      continue
    }
    const xml = await xmlText(zip, targets.get(attributes['r:id'] ?? '')?.target ?? '', name)
    if (xml === undefined) continue
    const page = place + 1
    const table = new TableRows(builder, { page })
    let begun = false
    let lastRow = 0
    for (const row of slices(xml, 'row')) {
      const { number, cells } = cellsOf(row, lastRow + 1, workbook)
      if (cells.every((cell) => cell === '')) continue
      if (!begun) builder.add('heading', title, { level: 1, page })
      // A gap between rows separates tables.
      if (begun && number > lastRow + 1) table.end()
      begun = true
      lastRow = number
      const filled = cells.filter((cell) => cell !== '')
      if (filled.length === 1 && (filled[0] ?? '').length > 0 && /\p{L}/u.test(filled[0] ?? '')) {
        table.end()
        builder.add('paragraph', filled[0] ?? '', { page })
      } else table.row(cells)
      if (!builder.full) continue
      yield builder.take()
      await new Promise(setImmediate)
      signal.throwIfAborted()
    }
    table.end()
  }
  yield builder.take()
}

/** The elements of one name as pieces of text, so that a large sheet is never one tree. Prefixes are allowed. */
function* slices(xml: string, element: string): Iterable<string> {
  const open = new RegExp(`<(\\w+:)?${element}(?=[\\s>/])[^<>]*>`, 'g')
  for (let match = open.exec(xml); match !== null; match = open.exec(xml)) {
    if (match[0].endsWith('/>')) {
      yield match[0]
      continue
    }
    const close = `</${match[1] ?? ''}${element}>`
    const end = xml.indexOf(close, open.lastIndex)
    if (end === -1) return
    yield xml.slice(match.index, end + close.length)
    open.lastIndex = end + close.length
  }
}

/** An empty string (`<si/>`) counts too: the numbers of those behind it depend on it. */
function sharedStrings(xml: string, name: string): string[] {
  return [...slices(xml, 'si')].map((one) => stringOf(parseXml(one, name)))
}

/** The runs of a string, without readings for East Asian names (`rPh`). */
function stringOf(elements: readonly XmlElement[]): string {
  let text = ''
  for (const element of elements) {
    const name = element.name.replace(/^\w+:/, '')
    if (name === 't') text += element.text
    else if (name !== 'rPh') text += stringOf(element.children)
  }
  return text
}

function cellsOf(xml: string, expected: number, workbook: Workbook): { number: number; cells: string[] } {
  const [row] = parseXml(xml, workbook.name)
  const number = Number(row?.attributes['r'] ?? expected)
  const cells: string[] = []
  for (const cell of row?.children ?? []) {
    const { r: place, t: type, s: style } = cell.attributes
    const column = place === undefined ? cells.length : columnOf(place)
    if (column >= maxColumns) continue
    while (cells.length < column) cells.push('')
    const value = cell.children.find((child) => /^(?:\w+:)?v$/.test(child.name))?.text ?? ''
    cells[column] = shown(cell, type, value, workbook.formats[Number(style ?? 0)] ?? 'number', workbook)
  }
  return { number, cells }
}

function shown(
  cell: XmlElement,
  type: string | undefined,
  value: string,
  format: CellFormat,
  workbook: Workbook,
): string {
  if (type === 's') return workbook.strings[Number(value)] ?? ''
  if (type === 'inlineStr') return stringOf(cell.children)
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE'
  if (type === 'str' || type === 'e' || type === 'd') return value
  return showNumber(value, format, workbook.since1904)
}

/** "AB12" is column 27, counted from 0. */
function columnOf(place: string): number {
  let column = 0
  for (const letter of /^[A-Z]{1,3}/.exec(place)?.[0] ?? 'A') column = column * 26 + letter.charCodeAt(0) - 64
  return column - 1
}

function* everyElement(from: readonly XmlElement[]): Iterable<XmlElement> {
  for (const element of from) {
    yield element
    yield* everyElement(element.children)
  }
}
