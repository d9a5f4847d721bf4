// Cuts what a program writes into lines, each within a limit.

/** Takes bytes, gives lines without their ends. A line that outgrows the limit is refused with `tooLong`. */
export class Lines {
  readonly #limitBytes: number
  readonly #onLine: (line: string) => void
  #parts: Buffer[] = []
  #bytes = 0

  constructor(limitBytes: number, onLine: (line: string) => void) {
    this.#limitBytes = limitBytes
    this.#onLine = onLine
  }

  /** Returns false when a line is longer than it may be: nothing is read any more. */
  take(chunk: Buffer): boolean {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const rest = chunk.subarray(from, end)
      from = end + 1
      if (this.#bytes + rest.length > this.#limitBytes) return false
      this.#onLine(this.#bytes === 0 ? rest.toString() : Buffer.concat([...this.#parts, rest]).toString())
      this.#parts = []
      this.#bytes = 0
    }
    if (from === chunk.length) return true
    this.#parts.push(from === 0 ? chunk : chunk.subarray(from))
    this.#bytes += chunk.length - from
    return this.#bytes <= this.#limitBytes
  }
}
