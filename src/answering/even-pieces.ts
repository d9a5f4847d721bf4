// Cuts a text that comes in pieces where the text says, and not where the network did: after each space, after each
// letter of a script that has none, and in what is longer than a word. The same text makes the same pieces.

const piece = /[\u2E80-\uFFFF]|[^\s\u2E80-\uFFFF]{32}|[^\s\u2E80-\uFFFF]*\s|[^\s\u2E80-\uFFFF]+(?=[\u2E80-\uFFFF])/guy

/** One text. What does not make a whole piece yet is held back. */
export class EvenPieces {
  #held = ''

  /** The whole pieces that there are now. */
  push(text: string): string[] {
    const all = this.#held + text
    const pieces = all.match(piece) ?? []
    this.#held = all.slice(pieces.reduce((length, each) => length + each.length, 0))
    return pieces
  }

  /** What is left, now that nothing more of it comes. */
  end(): string {
    const left = this.#held
    this.#held = ''
    return left
  }
}
