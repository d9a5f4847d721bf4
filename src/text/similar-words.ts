// A vocabulary that finds the words an unknown one was probably meant to be: those that share enough letter pairs and
// are one or two slips of the finger away. An index of the pairs makes it quick for vocabularies of any size.

/** Share of common letter pairs (Jaccard) that a similar word must reach. */
const leastOverlap = 0.3
const mostFound = 3

/** Words by their letter pairs. Only ever grows; who forgets words tells so when asking. */
export class SimilarWords {
  readonly #words: string[] = []
  readonly #known = new Set<string>()
  readonly #pairCounts: number[] = []
  readonly #byPair = new Map<number, number[]>()
  /** How many pairs each word shares with the one asked for; zero between questions. */
  #shared = new Uint8Array(1_024)

  get size(): number {
    return this.#words.length
  }

  /** Adds a word of at most 100 letters; nothing happens when it is there. */
  add(word: string): void {
    if (this.#known.has(word)) return
    this.#known.add(word)
    const number = this.#words.length
    const pairs = letterPairs(word)
    this.#words.push(word)
    this.#pairCounts.push(pairs.length)
    for (const pair of pairs) {
      const holders = this.#byPair.get(pair)
      if (holders) holders.push(number)
      else this.#byPair.set(pair, [number])
    }
    if (number >= this.#shared.length) this.#shared = new Uint8Array(this.#shared.length * 2)
  }

  /**
   * The words nearest to an unknown one: only those with the fewest slips (1, or 2 from seven letters on), among them
   * those with most pairs in common first, at most 3. Words for which `isLive` says no are passed over.
   */
  find(word: string, isLive: (word: string) => boolean = () => true): string[] {
    const pairs = letterPairs(word)
    const most = word.length >= 7 ? 2 : 1
    const candidates: { word: string; slips: number; overlap: number }[] = []
    for (const number of this.#sharing(pairs)) {
      const shared = this.#shared[number] ?? 0
      this.#shared[number] = 0
      const overlap = shared / (pairs.length + (this.#pairCounts[number] ?? 0) - shared)
      const other = this.#words[number] ?? ''
      if (overlap < leastOverlap || other === word || Math.abs(other.length - word.length) > most) continue
      const slips = slipsBetween(word, other, most)
      if (slips <= most) candidates.push({ word: other, slips, overlap })
    }
    candidates.sort((a, b) => a.slips - b.slips || b.overlap - a.overlap || (a.word < b.word ? -1 : 1))
    const found: typeof candidates = []
    for (const candidate of candidates) {
      if (found.length === mostFound || candidate.slips > (found[0] ?? candidate).slips) break
      if (isLive(candidate.word)) found.push(candidate)
    }
    return found.map(({ word: each }) => each)
  }

  #sharing(pairs: number[]): number[] {
    const touched: number[] = []
    for (const pair of pairs) {
      for (const number of this.#byPair.get(pair) ?? []) {
        const before = this.#shared[number] ?? 0
        if (before === 0) touched.push(number)
        this.#shared[number] = before + 1
      }
    }
    return touched
  }
}

/** The different pairs of neighbouring letters, with the word's beginning and end: `cat` has ·c, ca, at, t·. */
function letterPairs(word: string): number[] {
  const pairs = new Set<number>()
  let before = 0
  for (let at = 0; at <= word.length; at++) {
    const code = at < word.length ? word.charCodeAt(at) : 0
    pairs.add(before * 65_536 + code)
    before = code
  }
  return [...pairs]
}

/**
 * Slips between two words: a letter missing, added or wrong, or two neighbours exchanged (optimal string alignment;
 * Damerau 1964). More than `most` is answered as `most + 1`.
 */
export function slipsBetween(left: string, right: string, most: number): number {
  if (Math.abs(left.length - right.length) > most) return most + 1
  let twoBack: number[] = []
  let before = Array.from({ length: right.length + 1 }, (_, at) => at)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= right.length; j++) {
      const wrong = left[i - 1] === right[j - 1] ? 0 : 1
      let slips = Math.min((before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (before[j - 1] ?? 0) + wrong)
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        slips = Math.min(slips, (twoBack[j - 2] ?? 0) + 1)
      }
      row.push(slips)
      if (slips < least) least = slips
    }
    if (least > most) return most + 1
    twoBack = before
    before = row
  }
  return Math.min(before[right.length] ?? most + 1, most + 1)
}
