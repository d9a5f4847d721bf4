// What of the prompt must not come out again: the code of its fences.

/** Takes the prompt's fences out of an answer that repeats them, however they are cut. */
export class BoundaryWatch {
  readonly #boundary: string
  #held = ''

  constructor(boundary: string) {
    this.#boundary = boundary
  }

  push(text: string): string {
    this.#held = (this.#held + text).replaceAll(this.#boundary, '')
    let keep = Math.min(this.#held.length, this.#boundary.length - 1)
    while (keep > 0 && !this.#boundary.startsWith(this.#held.slice(-keep))) keep--
    const out = this.#held.slice(0, this.#held.length - keep)
    this.#held = this.#held.slice(this.#held.length - keep)
    return out
  }

  end(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}
