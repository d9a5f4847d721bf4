// How a search of conversations reads words: in any case and any width, each anywhere in a name or in what was asked.

/** The words of a search. */
export function searchWords(search: string): string[] {
  return foldForSearch(search)
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** The words that do not stand in a text that is folded. */
export function missingWords(folded: string, words: string[]): string[] {
  return words.filter((word) => !folded.includes(word))
}

/** A text as it is compared: compatible forms are one, and so are capitals and small letters. */
export function foldForSearch(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
