// Gathers the items of a list, one line each with its marker, nested items indented below.

import { joinsWithoutSpace } from './lines.ts'
import type { BlockFacts, PartBuilder } from './builder.ts'

/** A list under way. What interrupts it (a table, code) calls `flush`, and the list goes on in a new block. */
export class ListLines {
  readonly #builder: PartBuilder
  readonly #facts: BlockFacts
  #lines: string[] = []
  #depth = 0
  #marker: string | undefined

  constructor(builder: PartBuilder, facts: BlockFacts = {}) {
    this.#builder = builder
    this.#facts = facts
  }

  /** Goes one level down. */
  open(): void {
    this.#depth++
    this.#marker = undefined
  }

  /** Comes one level up. */
  close(): void {
    this.#depth--
    this.#marker = undefined
  }

  /** Begins an item; its line is made by the first text. */
  item(marker: string): void {
    this.#marker = marker
  }

  /** Text of the item: all of it stands on the item's one line. */
  text(text: string): void {
    const line = text
      .split('\n')
      .map((piece) => piece.trim())
      .join(' ')
      .trim()
    if (line === '') return
    const last = this.#lines.length - 1
    const before = this.#lines[last]
    if (this.#marker === undefined && before !== undefined) {
      this.#lines[last] = before + (joinsWithoutSpace(before, line) ? '' : ' ') + line
      return
    }
    // Deeper than ten levels the indentation says nothing more.
    const indentation = '  '.repeat(Math.min(Math.max(this.#depth - 1, 0), 10))
    this.#lines.push(`${indentation}${this.#marker === undefined ? '' : `${this.#marker} `}${line}`)
    this.#marker = undefined
  }

  /** What has come so far becomes a block. */
  flush(): void {
    const text = this.#lines.join('\n')
    this.#lines = []
    this.#builder.add('list', text, this.#facts)
  }
}
