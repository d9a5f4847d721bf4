// English stems (Porter 1980), remembered, because a language uses few words often.

import { stemmer } from 'stemmer'

const stems = new Map<string, string>()
const stemmable = /^[a-z]{3,}$/

/** The stem of a lower-case word. Words of fewer than three letters or with anything but a to z stay as they are. */
export function stem(word: string): string {
  const known = stems.get(word)
  if (known !== undefined) return known
  const found = stemmable.test(word) && word.length <= 40 ? stemmer(word) : word
  // Forgetting all at once is crude and cheap; a text of more than 50,000 different words is rare.
  if (stems.size >= 50_000) stems.clear()
  stems.set(word, found)
  return found
}
