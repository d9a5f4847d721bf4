// How tables are written: `| a | b |`, one row per line, in blocks that each begin with the header row.

import type { BlockFacts, PartBuilder } from './builder.ts'

/** The cells as one line. Line breaks and runs of white space within a cell become a space. */
export function tableRow(cells: readonly string[]): string {
  const texts = cells.map((cell) => cell.replace(/\s+/g, ' ').trim())
  // Empty cells at the end carry nothing; those in the middle keep the columns apart.
  while (texts.length > 1 && texts.at(-1) === '') texts.pop()
  return `| ${texts.join(' | ')} |`
}

/** Whether a first row names columns: all its cells are filled with short texts that are no figures. */
export function looksLikeHeader(cells: readonly string[]): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '')
  return (
    filled.length >= Math.max(2, cells.length * 0.6) &&
    filled.every(
      (cell) =>
        cell.length <= 80 && (!/^[\s$€£¥(+-]*[\d.,]+[\s%)]*$/.test(cell) || /^(?:19|20)\d{2}$/.test(cell.trim())),
    )
  )
}

/** Rows per block: a table of any length becomes blocks that can be read alone. */
const rowsPerBlock = 100

/** Takes the rows of one table as they come. */
export class TableRows {
  readonly #builder: PartBuilder
  readonly #facts: BlockFacts
  #header: string | undefined
  #lines: string[] = []
  #seen = 0

  constructor(builder: PartBuilder, facts: BlockFacts = {}) {
    this.#builder = builder
    this.#facts = facts
  }

  /** Adds a row. The first one is the header when it looks like one. Blank rows are left out. */
  row(cells: readonly string[]): void {
    if (cells.every((cell) => cell.trim() === '')) return
    const line = tableRow(cells)
    if (this.#seen === 0 && looksLikeHeader(cells)) this.#header = line
    else this.#lines.push(line)
    this.#seen++
    if (this.#lines.length >= rowsPerBlock) this.#flush()
  }

  /** Ends the table; the next row begins another. */
  end(): void {
    // A header without rows is a row.
    if (this.#header !== undefined && this.#seen === 1) this.#builder.add('table', this.#header, this.#facts)
    else if (this.#lines.length > 0) this.#flush()
    this.#header = undefined
    this.#seen = 0
  }

  #flush(): void {
    const header = this.#header
    if (header === undefined) this.#builder.add('table', this.#lines.join('\n'), this.#facts)
    else this.#builder.add('table', [header, ...this.#lines].join('\n'), { ...this.#facts, headerLines: 1 })
    this.#lines = []
  }
}
