// Tables as text, read record by record. Cells are text: formulas and numbers stay as they are written.

import { Readable } from 'node:stream'
import { CsvError, parse as csvRecords } from 'csv-parse'
import { AndonError } from '../../../core/errors.ts'
import { extensionOf } from '../media-type.ts'
import { PartBuilder } from './builder.ts'
import { readText } from './read-text.ts'
import { TableRows } from './table.ts'
import type { Parser } from './parser.ts'

/** A record longer than this is none: a quote was never closed. */
const maxRecordCharacters = 1024 * 1024

/** The parser for CSV and its kin with another separator. */
export const csv: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  const text = await readText(source, builder, signal)
  const delimiter = delimiterOf(text, extensionOf(source.name))
  const records = csvRecords({
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: maxRecordCharacters,
  })
  Readable.from(chunks(text)).pipe(records)
  const table = new TableRows(builder)
  try {
    for await (const record of records as AsyncIterable<string[]>) {
      table.row(record)
      if (!builder.full) continue
      yield builder.take()
      signal.throwIfAborted()
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { lines } = error as CsvError & { lines?: number }
    throw new AndonError(
      'invalid',
      `${source.name} is no whole table: near line ${lines ?? '?'} a record does not end (${error.code}). Look for a quote that is never closed.`,
      { cause: error },
    )
  }
  table.end()
  yield builder.take()
}

function* chunks(text: string): Iterable<string> {
  const size = 64 * 1024
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

/** The separator that cuts the first lines most evenly into at least two cells. */
export function delimiterOf(text: string, extension: string): string {
  if (extension === 'tsv' || extension === 'tab') return '\t'
  const named = /^sep=(.)\r?\n/i.exec(text)?.[1]
  if (named !== undefined) return named
  const lines = text
    .slice(0, 32 * 1024)
    // What stands in quotes may hold any of them.
    .replace(/"(?:[^"]|"")*"/g, '')
    .split(/\r?\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, 30)
  let best = ','
  let most = 0
  for (const delimiter of [',', ';', '\t', '|']) {
    const counts = lines.map((line) => line.split(delimiter).length - 1)
    const usual = counts.toSorted((one, other) => one - other)[counts.length >> 1] ?? 0
    const even = counts.filter((count) => count === usual).length / Math.max(1, counts.length)
    const score = usual === 0 ? 0 : even * (1 + Math.min(usual, 20) / 100)
    if (score > most) {
      most = score
      best = delimiter
    }
  }
  return best
}
