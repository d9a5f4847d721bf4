// Makes PDF files for tests: with pdf-lib where it can, by hand where it cannot (Chinese without a font, encryption).

import { PDFDocument, StandardFonts } from 'pdf-lib'

/** Text at a place, in points from the top left corner of an A4 page. */
export interface Placed {
  text: string
  x: number
  y: number
  size?: number
  bold?: boolean
}

/** Width and height of the pages, in points. */
export const paper = { width: 595, height: 842 }

/** A PDF of pages of placed text. A page without any has no text layer. */
export async function pdf(pages: readonly (readonly Placed[])[], title?: string): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  if (title !== undefined) document.setTitle(title)
  const plain = await document.embedFont(StandardFonts.Helvetica)
  const bold = await document.embedFont(StandardFonts.HelveticaBold)
  for (const placed of pages) {
    const page = document.addPage([paper.width, paper.height])
    for (const { text, x, y, size = 10, bold: isBold = false } of placed)
      page.drawText(text, { x, y: paper.height - y, size, font: isBold ? bold : plain })
  }
  return document.save()
}

/** Lines below each other, 12 points apart, from `y` on. */
export function lines(texts: readonly string[], x: number, y: number, more: Partial<Placed> = {}): Placed[] {
  return texts.map((text, place) => ({ text, x, y: y + place * 12, ...more }))
}

/** The rows of a table: each cell at the x of its column. */
export function rows(cells: readonly (readonly string[])[], columns: readonly number[], y: number): Placed[] {
  return cells.flatMap((row, place) =>
    row.flatMap((text, column): Placed[] =>
      text === '' ? [] : [{ text, x: columns[column] ?? 0, y: y + place * 12 }],
    ),
  )
}

/** A PDF put together from the bodies of its objects; the first one is the catalogue. `trailer` adds entries to the trailer. */
export function rawPdf(objects: readonly string[], trailer = ''): Uint8Array {
  let text = '%PDF-1.7\n'
  const offsets: number[] = []
  for (const [place, body] of objects.entries()) {
    offsets.push(text.length)
    text += `${place + 1} 0 obj\n${body}\nendobj\n`
  }
  const start = text.length
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer}>>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(text, 'latin1')
}

/**
 * A PDF of lines of Chinese in a font that is not embedded and has no table of characters: only the tables of
 * predefined encodings (UniGB-UCS2-H) tell what the codes mean.
 */
export function chinesePdf(texts: readonly string[]): Uint8Array {
  const shown = texts.map((text, place) => `1 0 0 1 60 ${780 - place * 20} Tm <${hex(text)}> Tj`).join('\n')
  const content = `BT /F1 12 Tf ${shown} ET`
  return rawPdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /FontDescriptor 7 0 R >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>',
  ])
}

/** A PDF that asks for a password: what its keys are checked against fits none. */
export function encryptedPdf(): Uint8Array {
  const key = '5a'.repeat(32)
  return rawPdf(
    [
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>',
      `<< /Filter /Standard /V 1 /R 2 /O <${key}> /U <${key}> /P -4 >>`,
    ],
    `/Encrypt 4 0 R /ID [<${'00'.repeat(16)}> <${'00'.repeat(16)}>] `,
  )
}

function hex(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('hex')
}
