// Some servers leave a reasoning model's thoughts in its text, between <think> and </think> at the very beginning.
// This tells the two apart as the text streams in, however the tags are cut.

export interface Piece {
  kind: 'text' | 'reasoning'
  text: string
}

const open = /^\s*<(think|thinking|thought)>/
const closed = /<\/(think|thinking|thought)>\s*/
/** Longest opening with some white space before it: beyond this, text that could still become one is just text. */
const openLength = 32
const closeLength = '</thinking>'.length

export class ThinkingFilter {
  #state: 'start' | 'thinking' | 'after' | 'text' = 'start'
  #held = ''

  push(text: string): Piece[] {
    if (this.#state === 'text') return text === '' ? [] : [{ kind: 'text', text }]
    this.#held += text
    return this.#pieces()
  }

  /** What was held back, when the stream has ended. */
  end(): Piece[] {
    const kind = this.#state === 'thinking' ? 'reasoning' : 'text'
    const text = this.#held
    this.#held = ''
    return text === '' ? [] : [{ kind, text }]
  }

  #pieces(): Piece[] {
    const pieces: Piece[] = []
    const give = (kind: Piece['kind'], text: string): void => {
      if (text !== '') pieces.push({ kind, text })
    }
    if (this.#state === 'start') {
      const found = open.exec(this.#held)
      if (found === null) {
        if (this.#held.length < openLength && /^\s*(<[a-z]*)?$/.test(this.#held)) return pieces
        this.#state = 'text'
        give('text', this.#held)
        this.#held = ''
        return pieces
      }
      this.#state = 'thinking'
      this.#held = this.#held.slice(found[0].length)
    }
    if (this.#state === 'thinking') {
      const found = closed.exec(this.#held)
      if (found === null) {
        // Keep back only what may be the beginning of the closing tag.
        const tag = this.#held.lastIndexOf('<')
        const keep = tag !== -1 && this.#held.length - tag < closeLength ? tag : this.#held.length
        give('reasoning', this.#held.slice(0, keep))
        this.#held = this.#held.slice(keep)
        return pieces
      }
      give('reasoning', this.#held.slice(0, found.index))
      this.#held = this.#held.slice(found.index + found[0].length)
      this.#state = 'after'
    }
    // The blank lines between thoughts and answer may come in later pieces.
    const text = this.#held.trimStart()
    this.#held = ''
    if (text !== '') {
      this.#state = 'text'
      give('text', text)
    }
    return pieces
  }
}
