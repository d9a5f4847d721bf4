// The station that parses one file. It runs in a child process whose memory and time are capped, because a file from
// outside can make any parser grow, spin or crash.

import { stat } from 'node:fs/promises'
import { AndonError } from '../../../core/errors.ts'
import { kindOfFile } from '../media-type.ts'
import { inPieces } from './builder.ts'
import type { ParsedPart } from '../../../core/document.ts'
import type { Call, Station } from '../../../core/station.ts'
import type { Format } from '../media-type.ts'
import type { Parser } from './parser.ts'

/** What to parse. */
export interface ParseInput {
  /** The file that holds the bytes. */
  path: string
  /** What the user calls it: its extension helps to tell the format, and errors name it. */
  name: string
  /** What somebody declared it to be. Default: told from the name and the first bytes. */
  mediaType?: string
  /** Of a PDF: only these pages, counted from 1, both ends included. Other formats are parsed whole. */
  pages?: { from: number; to: number }
}

/** Options of the parse station. */
export type ParseOptions = {
  /** Characters of plain text that one call may give. Default 20,000,000. */
  maxCharacters?: number
}

/** The default of `maxCharacters`, also for a document put together from several calls. */
export const defaultMaxCharacters = 20_000_000

// Loaded when first needed: a process that reads only Markdown never pays for the PDF reader.
const parsers: Record<Format, () => Promise<Parser>> = {
  markdown: async () => (await import('./markdown.ts')).markdown,
  text: async () => (await import('./text.ts')).text,
  html: async () => (await import('./html.ts')).html,
  pdf: async () => (await import('./pdf.ts')).pdf,
  docx: async () => (await import('./docx.ts')).docx,
  pptx: async () => (await import('./pptx.ts')).pptx,
  xlsx: async () => (await import('./xlsx.ts')).xlsx,
  csv: async () => (await import('./csv.ts')).csv,
  json: async () => (await import('./json.ts')).json,
  jsonl: async () => (await import('./json.ts')).jsonl,
  eml: async () => (await import('./eml.ts')).eml,
  code: async () => (await import('./code.ts')).code,
}

/** Files within files are opened this deep: an attachment, and an attachment of an attached mail. */
const mostDepth = 2

/** Makes the station `parse`. Its items are parts in reading order; a file without any text is refused as `invalid`. */
export function open(options: ParseOptions | null = null): Station<ParseInput, ParsedPart> {
  const maxCharacters = options?.maxCharacters ?? defaultMaxCharacters
  return {
    name: 'parse',
    async *run(input: ParseInput, call: Call): AsyncIterable<ParsedPart> {
      call.signal.throwIfAborted()
      let blocks = 0
      let pages: number | undefined
      try {
        for await (const part of parseFile(input, call.signal, maxCharacters, 0)) {
          call.signal.throwIfAborted()
          blocks += part.blocks.length
          pages = part.pages ?? pages
          yield* inPieces(part)
        }
      } catch (error) {
        throw understood(error, input.name, call.signal)
      }
      // A window of pages may be empty; a whole document may not.
      if (blocks === 0 && (input.pages === undefined || pages === undefined))
        throw new AndonError('invalid', `${input.name} has no text in it.`)
    },
  }
}

async function* parseFile(
  input: ParseInput,
  signal: AbortSignal,
  maxCharacters: number,
  depth: number,
): AsyncIterable<ParsedPart> {
  const kind = await kindOfFile(input.path, input.name, input.mediaType)
  const parse = await parsers[kind.format]()
  const source = {
    path: input.path,
    name: input.name,
    size: (await stat(input.path)).size,
    ...(kind.language === undefined ? {} : { language: kind.language }),
    ...(input.pages === undefined ? {} : { pages: input.pages }),
  }
  yield* parse(source, {
    signal,
    maxCharacters,
    ...(depth >= mostDepth
      ? {}
      : { inner: (path: string, name: string) => parseFile({ path, name }, signal, maxCharacters, depth + 1) }),
  })
}

/** What a parser throws, as a sentence about the file. */
function understood(error: unknown, name: string, signal: AbortSignal): AndonError {
  if (signal.aborted) return AndonError.from(signal.reason, 'cancelled')
  if (error instanceof AndonError) return error
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return new AndonError('invalid', `${name} is nested too deeply to be read. Flatten it.`, { cause: error })
  if (error instanceof RangeError && /string length|array buffer|array length/i.test(error.message))
    return new AndonError('too-large', `${name} is too large to be read in one piece. Split it into smaller files.`, {
      cause: error,
    })
  if (error instanceof Error && 'syscall' in error) return AndonError.from(error, 'unavailable')
  const reason = error instanceof Error ? error.message : String(error)
  return new AndonError(
    'invalid',
    `${name} could not be read: ${reason}. It may be damaged: open it and save it again.`,
    {
      cause: error,
    },
  )
}
