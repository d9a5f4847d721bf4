// One search term and where it stands.

/**
 * `word` and `number` count whole; `part` (a word inside a longer one), `bigram` (two Chinese characters side by side)
 * and `joined` (`e-mail` as `email`) repeat text that another token covers and count half.
 */
export type TermKind = 'word' | 'number' | 'part' | 'bigram' | 'joined'

export interface Token {
  term: string
  /** Offsets (UTF-16 units) into the text that was analysed. */
  start: number
  end: number
  kind: TermKind
  /** The word before stemming, of words that are not Chinese. */
  raw?: string
}
