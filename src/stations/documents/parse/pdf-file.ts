// Opens a PDF with pdf.js, reading only the parts of a large file that are needed, and says what is wrong with one
// that cannot be opened.

import { createRequire } from 'node:module'
import { open, readFile } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { getDocument, PDFDataRangeTransport } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { AndonError } from '../../../core/errors.ts'
import type { PDFDocumentProxy } from 'pdfjs-dist'
import type { Source } from './parser.ts'

/** Files up to this size are read whole: that is faster than asking for ranges. */
const wholeBytes = 8 * 1024 * 1024

/** A PDF under way. Disposal frees what pdf.js holds and closes the file. */
export interface OpenPdf extends AsyncDisposable {
  readonly document: PDFDocumentProxy
}

/** Opens a PDF. Throws `unsupported` when it asks for a password and `invalid` when it is damaged. */
export async function openPdf(source: Source, whole = wholeBytes): Promise<OpenPdf> {
  // pdf.js has tables for the encodings of Chinese, Japanese and Korean fonts, and the metrics of standard fonts.
  const home = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))
  const settings = {
    cMapUrl: join(home, 'cmaps') + sep,
    cMapPacked: true,
    standardFontDataUrl: join(home, 'standard_fonts') + sep,
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    stopAtErrors: false,
  }
  const file = source.size > whole ? await open(source.path) : undefined
  try {
    const task =
      file === undefined
        ? getDocument({ ...settings, data: new Uint8Array(await readFile(source.path)) })
        : getDocument({
            ...settings,
            range: new FileRanges(file, source.size),
            disableAutoFetch: true,
            disableStream: true,
            rangeChunkSize: 256 * 1024,
          })
    const document = await task.promise.catch((error: unknown) => {
      throw openError(error, source.name)
    })
    return {
      document,
      async [Symbol.asyncDispose]() {
        await task.destroy()
        await file?.close()
      },
    }
  } catch (error) {
    await file?.close()
    throw error
  }
}

/** Hands pdf.js the byte ranges it asks for. */
class FileRanges extends PDFDataRangeTransport {
  readonly #file: Awaited<ReturnType<typeof open>>

  constructor(file: Awaited<ReturnType<typeof open>>, size: number) {
    super(size, null)
    this.#file = file
  }

  override requestDataRange(begin: number, end: number): void {
    const bytes = new Uint8Array(end - begin)
    this.#file.read(bytes, 0, bytes.length, begin).then(
      ({ bytesRead }) => this.onDataRange(begin, bytes.subarray(0, bytesRead)),
      // A closed file means that nobody waits for the bytes any more.
      () => this.abort(),
    )
  }
}

function openError(error: unknown, name: string): AndonError {
  const kind = error instanceof Error ? error.name : ''
  if (kind === 'PasswordException')
    return new AndonError(
      'unsupported',
      `${name} is protected by a password. Save a copy without one (print it to PDF, or use qpdf --decrypt) and add that.`,
    )
  const reason = error instanceof Error ? error.message : String(error)
  return new AndonError('invalid', `${name} is no whole PDF: ${reason} It may be cut off: fetch it again.`, {
    cause: error,
  })
}
