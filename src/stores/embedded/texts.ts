// A document's stored plain text, kept in compressed pieces so that a span is read without the whole.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Block } from '../../core/document.ts'
import type { Database } from './database.ts'
import { rowOf, rowRange } from './rows.ts'

/** Characters in a piece. */
const pieceLength = 32_768

export function writeText(db: Database, edition: number, text: string): void {
  let piece = 0
  for (let start = 0; start < text.length;) {
    let end = Math.min(start + pieceLength, text.length)
    // Half of a surrogate pair has no UTF-8.
    if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--
    const data = zstdCompressSync(text.slice(start, end))
    db.run('INSERT INTO texts VALUES (?, ?, ?, ?)', rowOf(edition, piece++), start, end, data)
    start = end
  }
}

/** The text of an edition between two offsets, which are cut to what there is. */
export function readText(db: Database, edition: number, start: number, end: number): string {
  const [first, last] = rowRange(edition)
  const pieces = db.all<{ start: number; end: number; data: Uint8Array }>(
    'SELECT start, "end", data FROM texts WHERE row BETWEEN ? AND ? AND "end" > ? AND start < ? ORDER BY row',
    first,
    last,
    start,
    Math.min(end, Number.MAX_SAFE_INTEGER),
  )
  return pieces
    .map((piece) => {
      const text = zstdDecompressSync(piece.data).toString('utf8')
      return text.slice(Math.max(0, start - piece.start), Math.max(0, end - piece.start))
    })
    .join('')
}

/** Characters of an edition's text. */
export function lengthOfText(db: Database, edition: number): number {
  const [first, last] = rowRange(edition)
  const piece = db.get<{ end: number }>(
    'SELECT "end" FROM texts WHERE row BETWEEN ? AND ? ORDER BY row DESC LIMIT 1',
    first,
    last,
  )
  return piece?.end ?? 0
}

export function writeBlocks(db: Database, edition: number, blocks: Block[]): void {
  db.run('INSERT INTO blocks VALUES (?, ?)', edition, zstdCompressSync(JSON.stringify(blocks)))
}

export function readBlocks(db: Database, edition: number): Block[] {
  const row = db.get<{ data: Uint8Array }>('SELECT data FROM blocks WHERE edition = ?', edition)
  return row ? (JSON.parse(zstdDecompressSync(row.data).toString('utf8')) as Block[]) : []
}
