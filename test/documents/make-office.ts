// Makes small Office files for tests: the least that Word, PowerPoint and Excel write.

import { strToU8, zipSync } from 'fflate'

/** A zip archive of texts and bytes. */
export function zip(files: Record<string, string | Uint8Array>): Uint8Array {
  const entries = Object.entries(files).map(([name, content]): [string, Uint8Array] => [
    name,
    typeof content === 'string' ? strToU8(content) : content,
  ])
  return zipSync(Object.fromEntries(entries))
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
const officeRelations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

function relationships(targets: Record<string, [type: string, target: string]>): string {
  const items = Object.entries(targets).map(
    ([id, [type, target]]) => `<Relationship Id="${id}" Type="${officeRelations}/${type}" Target="${target}"/>`,
  )
  return `${declaration}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${items.join('')}</Relationships>`
}

function core(title: string): string {
  return `${declaration}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${title}</dc:title><dc:creator>A. Writer</dc:creator></cp:coreProperties>`
}

/** A Word file. `body` is WordprocessingML; {@link word} makes it. `more` adds or replaces parts. */
export function docx(body: string, more: Record<string, string | Uint8Array> = {}): Uint8Array {
  return zip({
    '[Content_Types].xml': `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    '_rels/.rels': relationships({ rId1: ['officeDocument', 'word/document.xml'] }),
    'docProps/core.xml': core('Handbook of the harbour'),
    'word/styles.xml': `${declaration}<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/></w:style></w:styles>`,
    'word/document.xml': `${declaration}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
    ...more,
  })
}

/** Pieces of WordprocessingML. */
export const word = {
  heading: (level: number, text: string): string =>
    `<w:p><w:pPr><w:pStyle w:val="Heading${level}"/></w:pPr><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`,
  paragraph: (text: string): string => `<w:p><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`,
  table: (rows: readonly (readonly string[])[]): string =>
    `<w:tbl>${rows.map((row) => `<w:tr>${row.map((cell) => `<w:tc>${word.paragraph(cell)}</w:tc>`).join('')}</w:tr>`).join('')}</w:tbl>`,
}

/** A PowerPoint file of slides in this order: a title, points, and what the speaker notes say. */
export function pptx(
  slides: readonly { title: string; points: readonly string[]; notes?: string; extra?: string }[],
): Uint8Array {
  const spaces =
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
  const paragraph = (text: string): string => `<a:p><a:r><a:t>${text}</a:t></a:r></a:p>`
  const shape = (type: string, texts: readonly string[]): string =>
    `<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:cNvSpPr/><p:nvPr><p:ph${type}/></p:nvPr></p:nvSpPr><p:txBody><a:bodyPr/>${texts.map(paragraph).join('')}</p:txBody></p:sp>`
  const files: Record<string, string> = {}
  const targets: Record<string, [string, string]> = {}
  for (const [place, slide] of slides.entries()) {
    // The file's name does not tell the order: the presentation does.
    const file = slides.length - place
    targets[`rId${place + 10}`] = ['slide', `slides/slide${file}.xml`]
    files[`ppt/slides/slide${file}.xml`] =
      `${declaration}<p:sld ${spaces}><p:cSld><p:spTree>${shape('', slide.points)}${slide.extra ?? ''}${shape(' type="title"', [slide.title])}${shape(' type="sldNum"', [`${place + 1}`])}</p:spTree></p:cSld></p:sld>`
    if (slide.notes === undefined) continue
    files[`ppt/slides/_rels/slide${file}.xml.rels`] = relationships({
      rId1: ['notesSlide', `../notesSlides/notesSlide${file}.xml`],
    })
    files[`ppt/notesSlides/notesSlide${file}.xml`] =
      `${declaration}<p:notes ${spaces}><p:cSld><p:spTree>${shape(' type="body"', [slide.notes])}</p:spTree></p:cSld></p:notes>`
  }
  const ids = slides.map((_, place) => `<p:sldId id="${256 + place}" r:id="rId${place + 10}"/>`).join('')
  return zip({
    '[Content_Types].xml': `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    'ppt/presentation.xml': `${declaration}<p:presentation ${spaces}><p:sldIdLst>${ids}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relationships(targets),
    'docProps/core.xml': core('PowerPoint Presentation'),
    ...files,
  })
}

/** A cell: a number or a text, or SpreadsheetML of its own. */
export type SheetCell = number | string | { xml: string }

/** An Excel file. Texts are shared strings. Style 1 is a date, style 2 a percentage with one decimal. */
export function xlsx(
  sheets: Record<string, readonly (readonly SheetCell[])[]>,
  more: { state?: Record<string, string>; parts?: Record<string, string> } = {},
): Uint8Array {
  const main =
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
  const strings: string[] = []
  const files: Record<string, string> = {}
  const targets: Record<string, [string, string]> = {}
  const list: string[] = []
  for (const [place, [name, rows]] of Object.entries(sheets).entries()) {
    targets[`rId${place + 1}`] = ['worksheet', `worksheets/sheet${place + 1}.xml`]
    const state = more.state?.[name]
    list.push(
      `<sheet name="${name}" sheetId="${place + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="rId${place + 1}"/>`,
    )
    const xml = rows.map((row, rowPlace) => {
      const cells = row.map((cell, column) => {
        const where = `r="${String.fromCharCode(65 + column)}${rowPlace + 1}"`
        if (typeof cell === 'object') return cell.xml.replace('<c', `<c ${where}`)
        if (typeof cell === 'number') return `<c ${where}><v>${cell}</v></c>`
        if (cell === '') return ''
        strings.push(`<si><t>${cell}</t></si>`)
        return `<c ${where} t="s"><v>${strings.length - 1}</v></c>`
      })
      return cells.join('') === '' ? '' : `<row r="${rowPlace + 1}">${cells.join('')}</row>`
    })
    files[`xl/worksheets/sheet${place + 1}.xml`] =
      `${declaration}<worksheet ${main}><sheetData>${xml.join('')}</sheetData></worksheet>`
  }
  return zip({
    '[Content_Types].xml': `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    'xl/workbook.xml': `${declaration}<workbook ${main}><sheets>${list.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships(targets),
    'xl/sharedStrings.xml': `${declaration}<sst ${main}>${strings.join('')}</sst>`,
    'xl/styles.xml': `${declaration}<styleSheet ${main}><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
    ...files,
    ...more.parts,
  })
}
