// The page with its generated parts: what stands between `<!-- name: begin … -->` and `<!-- name: end -->` is written anew,
// and everything else is left as it was written by hand.

/** Puts the texts in their places. Throws when a place is missing: a part must not vanish unseen. */
export function fill(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const [begin, end] = [text.indexOf(`<!-- ${name}: begin`), text.indexOf(`<!-- ${name}: end -->`)]
    const from = text.indexOf('-->', begin) + 3
    if (begin === -1 || end < from) throw new Error(`The page has no place for ${name}: it needs its two marks.`)
    return `${text.slice(0, from)}\n\n${part.trim()}\n\n${text.slice(end)}`
  }, page)
}
