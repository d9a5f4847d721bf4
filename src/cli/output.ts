// What a command prints: its result to standard output, everything about the way there to standard error.

import { AndonError } from '../core/errors.ts'

/** Where a command writes to. In JSON mode standard output gets one JSON value and nothing else. */
export class Output {
  readonly json: boolean
  /** Whether progress can be drawn: a terminal, and no JSON mode. */
  readonly interactive: boolean

  constructor(json: boolean) {
    this.json = json
    this.interactive = !json && process.stderr.isTTY && process.env['CI'] === undefined
  }

  /** A line of the result, for people. Nothing in JSON mode. */
  line(text = ''): void {
    if (!this.json) process.stdout.write(`${text}\n`)
  }

  /** A piece of the result as it comes, without a line end. Nothing in JSON mode. */
  piece(text: string): void {
    if (!this.json) process.stdout.write(text)
  }

  /** The result, for programs. Nothing outside JSON mode. */
  result(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
  }

  /** A line about what happens or what to know, for people, on standard error. */
  note(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  /** An error: its sentence for people; in JSON mode `{ "error": … }` as the result. */
  error(error: AndonError): void {
    if (this.json) this.result({ error: error.toWire() })
    else this.note(error.sentence)
  }
}

/** Lines of a table with aligned columns, two spaces apart. The last column is not padded. */
export function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, column) => Math.max(width(title), ...rows.map((row) => width(row[column] ?? ''))))
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
      )
      .join('  ')
      .trimEnd(),
  )
}

/** Columns that a text takes in a terminal: East Asian wide characters take two. */
function width(text: string): number {
  let columns = 0
  for (const character of text)
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      character,
    )
      ? 2
      : 1
  return columns
}

/** Bytes for people: `3.1 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = count
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `1 document`, `2 documents`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A local date and time for people: `2026-11-21 14:03`. */
export function when(unixMs: number | undefined): string {
  if (unixMs === undefined) return ''
  const date = new Date(unixMs)
  const two = (number: number): string => String(number).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}
