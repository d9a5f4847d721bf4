// The words of each space, for the repair of typing errors. The writer remembers which ones it has written, because
// asking the table about every word of every document took longer than indexing them.

import type { Database } from './database.ts'

// Words that typing errors happen to: of letters only, in scripts whose words are typed letter by letter.
const plainWord = /^[a-z]{3,40}$/
const otherWord = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]{3,40}$/u

/** Words remembered over all spaces; when there are more, the writer begins to remember anew. */
const mostRemembered = 200_000

/** Which words the writer knows to be in the tables. */
export class KnownWords {
  readonly #spaces = new Map<number, Set<string>>()
  #size = 0

  /** Writes the words of these terms that are new to a space; remembers them once that is committed. */
  write(db: Database, space: number, terms: Iterable<string>, afterCommit: (effect: () => void) => void): void {
    const known = this.#spaces.get(space)
    const seen = new Set<string>()
    const written: string[] = []
    for (const line of terms) {
      for (const term of line.split(' ')) {
        // Nearly all are known: asked first, and nothing is remembered of them.
        if (known?.has(term) || seen.has(term)) continue
        seen.add(term)
        if (!plainWord.test(term) && !(term.charCodeAt(0) > 0x7f && otherWord.test(term))) continue
        db.run(`INSERT OR IGNORE INTO words_${space} (word) VALUES (?)`, term)
        written.push(term)
      }
    }
    if (written.length > 0) afterCommit(() => this.#remember(space, written))
  }

  /** Forgets a space, whose table is about to lose words. */
  forget(space: number): void {
    this.#size -= this.#spaces.get(space)?.size ?? 0
    this.#spaces.delete(space)
  }

  #remember(space: number, words: string[]): void {
    if (this.#size > mostRemembered) {
      this.#spaces.clear()
      this.#size = 0
    }
    const known = this.#spaces.get(space) ?? new Set()
    this.#spaces.set(space, known)
    const before = known.size
    for (const word of words) known.add(word)
    this.#size += known.size - before
  }
}
