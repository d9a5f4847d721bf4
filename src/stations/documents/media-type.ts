// Tells what a file is from its name and its bytes. The bytes win: a name can be wrong by accident or on purpose.

import { open } from 'node:fs/promises'
import { AndonError } from '../../core/errors.ts'
import { languageOf } from './languages.ts'

/** The formats that Andon reads: one parser each. */
export type Format =
  | 'markdown'
  | 'text'
  | 'html'
  | 'pdf'
  | 'docx'
  | 'pptx'
  | 'xlsx'
  | 'csv'
  | 'json'
  | 'jsonl'
  | 'eml'
  | 'code'

/** What a file is. */
export interface Kind {
  format: Format
  /** As it is written in HTTP: `text/markdown`. Code is `text/x-<language>`. */
  mediaType: string
  /** Of code: its language, in lower case. */
  language?: string
}

/** Formats that have a media type of their own. */
type NamedFormat = Exclude<Format, 'code'>

const mediaTypes: Record<NamedFormat, string> = {
  markdown: 'text/markdown',
  text: 'text/plain',
  html: 'text/html',
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonl',
  eml: 'message/rfc822',
}

const extensions = new Map<string, NamedFormat>(
  Object.entries({
    md: 'markdown',
    markdown: 'markdown',
    mdx: 'markdown',
    mkd: 'markdown',
    txt: 'text',
    text: 'text',
    log: 'text',
    rst: 'text',
    adoc: 'text',
    org: 'text',
    tex: 'text',
    srt: 'text',
    vtt: 'text',
    html: 'html',
    htm: 'html',
    xhtml: 'html',
    pdf: 'pdf',
    docx: 'docx',
    docm: 'docx',
    dotx: 'docx',
    pptx: 'pptx',
    pptm: 'pptx',
    ppsx: 'pptx',
    xlsx: 'xlsx',
    xlsm: 'xlsx',
    csv: 'csv',
    tsv: 'csv',
    tab: 'csv',
    json: 'json',
    jsonc: 'json',
    geojson: 'json',
    ipynb: 'json',
    webmanifest: 'json',
    jsonl: 'jsonl',
    ndjson: 'jsonl',
    eml: 'eml',
  } as const),
)

/** Other names under which a format is declared, by HTTP or in a mail. */
const declaredAs = new Map<string, NamedFormat>([
  ...Object.entries(mediaTypes).map(([format, type]): [string, NamedFormat] => [type, format as NamedFormat]),
  ['text/x-markdown', 'markdown'],
  ['application/xhtml+xml', 'html'],
  ['text/tab-separated-values', 'csv'],
  ['application/csv', 'csv'],
  ['application/x-ndjson', 'jsonl'],
  ['application/jsonlines', 'jsonl'],
  ['text/json', 'json'],
])

/** Files that are no text, by their first bytes, and what to do about them. */
const unreadable: { magic: (number | undefined)[]; what: string; remedy: string }[] = [
  { magic: [0x89, 0x50, 0x4e, 0x47], what: 'a PNG image', remedy: 'Its text needs recognition (OCR) first.' },
  { magic: [0xff, 0xd8, 0xff], what: 'a JPEG image', remedy: 'Its text needs recognition (OCR) first.' },
  { magic: [0x47, 0x49, 0x46, 0x38], what: 'a GIF image', remedy: 'Its text needs recognition (OCR) first.' },
  { magic: [0x49, 0x49, 0x2a, 0x00], what: 'a TIFF image', remedy: 'Its text needs recognition (OCR) first.' },
  { magic: [0x4d, 0x4d, 0x00, 0x2a], what: 'a TIFF image', remedy: 'Its text needs recognition (OCR) first.' },
  { magic: [0x1f, 0x8b], what: 'a gzip archive', remedy: 'Unpack it and add the files in it.' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], what: 'a zstd archive', remedy: 'Unpack it and add the files in it.' },
  { magic: [0x42, 0x5a, 0x68], what: 'a bzip2 archive', remedy: 'Unpack it and add the files in it.' },
  { magic: [0x37, 0x7a, 0xbc, 0xaf], what: 'a 7z archive', remedy: 'Unpack it and add the files in it.' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'an xz archive', remedy: 'Unpack it and add the files in it.' },
  { magic: [0x52, 0x61, 0x72, 0x21], what: 'a RAR archive', remedy: 'Unpack it and add the files in it.' },
  { magic: [0x7f, 0x45, 0x4c, 0x46], what: 'a program', remedy: 'Add the documents that describe it.' },
  { magic: [0x4d, 0x5a, undefined, 0x00], what: 'a program', remedy: 'Add the documents that describe it.' },
  { magic: [0x00, 0x61, 0x73, 0x6d], what: 'a WebAssembly module', remedy: 'Add the documents that describe it.' },
  { magic: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], what: 'an SQLite database', remedy: 'Export its tables as CSV.' },
]

/** How many bytes of a file are needed to tell what it is. */
export const headBytes = 64 * 1024

/**
 * Tells what a file is. `head` are its first {@link headBytes} bytes (all of them when it has fewer); `declared` a media
 * type somebody gave, which may choose among text formats but never contradict the bytes.
 * Throws `invalid` for an empty file and `unsupported`, with what to do, for one that Andon does not read.
 */
export function kindOf(name: string, head: Uint8Array, declared?: string): Kind {
  if (head.length === 0) throw new AndonError('invalid', `${name} is empty: it has 0 bytes.`)
  const extension = extensionOf(name)
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06]))
    return packed(name, head, extension, declared)
  if (contains(head.subarray(0, 1024), '%PDF-')) return kind('pdf')
  if (startsWith(head, [0xd0, 0xcf, 0x11, 0xe0])) throw oldOffice(name, head)
  for (const { magic, what, remedy } of unreadable)
    if (startsWith(head, magic)) throw unsupported(name, `is ${what}`, remedy)
  if (startsWith(head, [0x7b, 0x5c, 0x72, 0x74, 0x66]))
    throw unsupported(name, 'is rich text (RTF)', 'Save it as DOCX or PDF.')
  const byType = declared === undefined ? undefined : declaredAs.get(baseType(declared))
  const byName = extensions.get(extension)
  const wanted = byType === undefined || (byType === 'text' && byName !== undefined) ? byName : byType
  if (wanted === 'pdf' || wanted === 'docx' || wanted === 'pptx' || wanted === 'xlsx')
    throw new AndonError(
      'invalid',
      `${name} is called ${wanted.toUpperCase()} but its bytes are not: it is damaged, or has the wrong name. Open it and save it again.`,
    )
  const binary = binaryReason(head)
  if (binary !== undefined)
    throw unsupported(
      name,
      `is no text although it is taken for ${wanted ?? 'text'}: ${binary}`,
      'Andon reads text, Markdown, HTML, PDF, DOCX, PPTX, XLSX, CSV, JSON, EML and source code.',
    )
  if (wanted !== undefined && wanted !== 'text') return kind(wanted)
  const language = languageOf(name)
  if (language !== undefined && byType === undefined)
    return { format: 'code', mediaType: `text/x-${language}`, language }
  const declaredLanguage = /^text\/x-([\w+#.-]+)$/.exec(baseType(declared ?? ''))?.[1]
  if (declaredLanguage !== undefined)
    return { format: 'code', mediaType: `text/x-${declaredLanguage}`, language: declaredLanguage }
  if (wanted === undefined && /^\s*(?:<!doctype html|<html[\s>])/i.test(latin(head.subarray(0, 1024))))
    return kind('html')
  return kind('text')
}

/** {@link kindOf} for a file on this machine; `name` is what the user calls it. */
export async function kindOfFile(path: string, name: string, declared?: string): Promise<Kind> {
  await using file = await open(path)
  const head = new Uint8Array(headBytes)
  const { bytesRead } = await file.read(head, 0, headBytes, 0)
  return kindOf(name, head.subarray(0, bytesRead), declared)
}

/** The extension in lower case, without its dot: of the last part of the name. */
export function extensionOf(name: string): string {
  return /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

function kind(format: NamedFormat): Kind {
  return { format, mediaType: mediaTypes[format] }
}

/** Office files are zip archives; which one stands in the names of their entries. */
function packed(name: string, head: Uint8Array, extension: string, declared: string | undefined): Kind {
  for (const [format, entry] of [
    ['docx', 'word/'],
    ['pptx', 'ppt/'],
    ['xlsx', 'xl/'],
  ] as const)
    if (contains(head, entry) && contains(head, '[Content_Types].xml')) return kind(format)
  const named = extensions.get(extension) ?? (declared === undefined ? undefined : declaredAs.get(baseType(declared)))
  if (named === 'docx' || named === 'pptx' || named === 'xlsx') return kind(named)
  throw unsupported(name, 'is a zip archive', 'Unpack it and add the files in it.')
}

function oldOffice(name: string, head: Uint8Array): AndonError {
  // An encrypted DOCX, PPTX or XLSX is a package inside the old container. Its names are UTF-16.
  if (contains(head, 'E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0') || extensionOf(name).endsWith('x'))
    return unsupported(name, 'is protected by a password', 'Open it, remove the password, and add it again.')
  return unsupported(name, 'is an Office file of before 2007', 'Save it as DOCX, PPTX or XLSX, or as PDF.')
}

/** Why bytes cannot be text, if they cannot. */
function binaryReason(head: Uint8Array): string | undefined {
  let zeros = 0
  let evenZeros = 0
  let controls = 0
  for (let at = 0; at < head.length; at++) {
    const byte = head[at] ?? 0
    if (byte === 0) {
      zeros++
      if (at % 2 === 0) evenZeros++
    } else if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c && byte !== 0x1b)
      controls++
  }
  const marked = startsWith(head, [0xff, 0xfe]) || startsWith(head, [0xfe, 0xff])
  // UTF-16 has zeros on one side only, and hardly a control character beside them.
  const oneSided = Math.min(evenZeros, zeros - evenZeros) <= zeros * 0.05 && zeros >= 2
  const wide = marked || (oneSided && (zeros > head.length * 0.1 || head.length < 64))
  if (zeros > 0 && !wide && zeros > head.length * 0.001) return `${zeros} of its first ${head.length} bytes are zero`
  if (!wide && controls > head.length * 0.02 + 2)
    return `${controls} of its first ${head.length} bytes are control characters`
  return undefined
}

function unsupported(name: string, what: string, remedy: string): AndonError {
  return new AndonError('unsupported', `${name} ${what}. ${remedy}`)
}

function baseType(declared: string): string {
  return (declared.split(';')[0] ?? '').trim().toLowerCase()
}

function startsWith(bytes: Uint8Array, magic: readonly (number | undefined)[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, at) => byte === undefined || bytes[at] === byte)
}

function contains(bytes: Uint8Array, ascii: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(ascii, 0, 'latin1')
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
