// Whether a passage holds a snippet: by the share of the snippet's 5-grams, so that markup, line breaks and quotes
// between the two do not matter.

/** Lower-case words and Chinese characters, without Markdown's marks. */
export function plainWords(text: string): string[] {
  const bare = text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`#|>~]+/g, ' ')
    .normalize('NFKC')
    .toLowerCase()
  return bare.match(/\p{Script=Han}|[\p{L}\p{M}\p{N}]+/gu) ?? []
}

/** The share of the snippet's runs of five words (of all its words, when it has fewer) that stand in the text. */
export function snippetShare(snippet: string, text: string): number {
  const words = plainWords(snippet)
  if (words.length === 0) return 0
  const size = Math.min(5, words.length)
  const held = ` ${plainWords(text).join(' ')} `
  let found = 0
  const total = words.length - size + 1
  for (let start = 0; start < total; start++) {
    if (held.includes(` ${words.slice(start, start + size).join(' ')} `)) found++
  }
  return found / total
}
