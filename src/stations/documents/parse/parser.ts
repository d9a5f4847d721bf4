// What every parser is: a file on disk in, parts of plain text with their blocks out.

import { open as openFile, stat } from 'node:fs/promises'
import { AndonError } from '../../../core/errors.ts'
import type { ParsedPart } from '../../../core/document.ts'

/** What a parser is given. Input and output of the station are plain data; this lives only inside it. */
export interface Source {
  /** The file that holds the bytes. */
  readonly path: string
  /** What the user calls it; only its extension and its last part are used. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Of source code and other text: its language, when known. */
  readonly language?: string
  /** Of documents with pages: only these, counted from 1, both ends included. Default: all. */
  readonly pages?: { readonly from: number; readonly to: number }
}

/** The bounds a parser works in. */
export interface Bounds {
  /** Checked between pages, rows, sections. */
  readonly signal: AbortSignal
  /** Characters (UTF-16 units) of plain text that one document may have. */
  readonly maxCharacters: number
  /**
   * Parses a file found inside this one (an attachment): told from its name and bytes like any other. Absent at the
   * depth where nothing more is opened.
   */
  readonly inner?: (path: string, name: string) => AsyncIterable<ParsedPart>
}

/**
 * Reads one format. Throws an AndonError: `invalid` for a damaged file, `unsupported` for one that cannot be read
 * as it is (encrypted, only pictures), `too-large` over a limit.
 */
export type Parser = (source: Source, bounds: Bounds) => AsyncIterable<ParsedPart>

/** The most bytes that a parser takes into memory at once. */
const maxBytesInMemory = 96 * 1024 * 1024

/** All bytes of the file, or `too-large` over 96 MiB. */
export async function readBytes(source: Source, signal: AbortSignal): Promise<Uint8Array> {
  signal.throwIfAborted()
  const { size } = await stat(source.path)
  if (size > maxBytesInMemory)
    throw new AndonError(
      'too-large',
      `${source.name} has ${size} bytes; a file of this kind is read whole and may have ${maxBytesInMemory}. Split it into smaller files.`,
    )
  await using file = await openFile(source.path)
  const bytes = new Uint8Array(size)
  let filled = 0
  while (filled < size) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(bytes, filled, Math.min(size - filled, 4 * 1024 * 1024))
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
