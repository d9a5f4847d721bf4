// Which known words an unknown one was probably meant to be: those that share enough letter pairs and are one or two
// slips of the finger away. Pure functions; a store calls them with the words of one tenant.

/** Whether a term that no passage holds may be repaired: a Latin word of 4 to 40 letters. */
export function isRepairable(term: string): boolean {
  return /^[a-z]{4,40}$/.test(term)
}

/** Whether a term of the vocabulary may replace a typo: a Latin word of three letters or more. */
export function isReplacement(term: string): boolean {
  return /^[a-z]{3,40}$/.test(term)
}

/** The different pairs of neighbouring letters, with the word's beginning and end marked: `cat` has ^c, ca, at, t$. */
export function letterPairs(word: string): string[] {
  const marked = `^${word}$`
  const pairs = new Set<string>()
  for (let index = 0; index + 2 <= marked.length; index++) pairs.add(marked.slice(index, index + 2))
  return [...pairs]
}

/** Share of common letter pairs that a replacement must reach (Jaccard). */
export const leastOverlap = 0.3

/** How many slips are forgiven: one, from seven letters on two. */
export function slipsAllowed(term: string): number {
  return term.length >= 7 ? 2 : 1
}

/**
 * The number of slips between two words – a letter missing, added, wrong, or two neighbours exchanged – or `most + 1`
 * when there are more than `most` (optimal string alignment; Damerau 1964).
 */
export function slipsBetween(left: string, right: string, most: number): number {
  if (left === right) return 0
  if (Math.abs(left.length - right.length) > most) return most + 1
  const width = right.length + 1
  let twoBack = new Uint8Array(width)
  let before = Uint8Array.from({ length: width }, (_, index) => index)
  let row = new Uint8Array(width)
  for (let i = 1; i <= left.length; i++) {
    row[0] = i
    let least = i
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1
      let cost = Math.min((before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (before[j - 1] ?? 0) + same)
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        cost = Math.min(cost, (twoBack[j - 2] ?? 0) + 1)
      }
      row[j] = cost
      if (cost < least) least = cost
    }
    if (least > most) return most + 1
    ;[twoBack, before, row] = [before, row, twoBack]
  }
  return Math.min(before[right.length] ?? 0, most + 1)
}

/**
 * The vocabulary's words nearest to an unknown one, best first, at most `count`: only those with the fewest slips, and
 * among them those with most letter pairs in common.
 */
export function nearest(term: string, vocabulary: Iterable<string>, count = 3): string[] {
  const pairs = new Set(letterPairs(term))
  const most = slipsAllowed(term)
  let fewest = most
  let found: { word: string; slips: number; overlap: number }[] = []
  for (const word of vocabulary) {
    if (!isReplacement(word) || Math.abs(word.length - term.length) > most) continue
    const slips = slipsBetween(term, word, fewest)
    if (slips > fewest || slips === 0) continue
    const overlap = overlapOf(pairs, letterPairs(word))
    if (overlap < leastOverlap) continue
    if (slips < fewest) {
      fewest = slips
      found = []
    }
    found.push({ word, slips, overlap })
  }
  return found
    .filter((candidate) => candidate.slips === fewest)
    .sort((left, right) => right.overlap - left.overlap || (left.word < right.word ? -1 : 1))
    .slice(0, count)
    .map((candidate) => candidate.word)
}

function overlapOf(pairs: Set<string>, others: string[]): number {
  let common = 0
  for (const pair of others) if (pairs.has(pair)) common++
  return common / (pairs.size + others.length - common)
}
