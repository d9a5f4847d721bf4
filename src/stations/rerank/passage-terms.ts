// A passage taken apart for ranking and kept small: about 7 bytes a term instead of a map of strings, so that
// thousands can stay in memory between questions.

import type { Passage } from '../../core/question.ts'
import { analyse } from '../../text/analyse.ts'
import { splitSentences } from '../../text/sentences.ts'
import type { SentenceSpan } from '../../text/sentences.ts'
import { lettersOf } from './common-text.ts'

/** What ranking needs of a passage. */
export type RankedText = Pick<Passage, 'id' | 'title' | 'text'> & {
  headings?: string[]
  prefix?: string
  documentName?: string
}

/** The terms of one passage, sorted by hash; two terms with one hash (1 in 10 million pairs) count as the same. */
export interface PassageTerms {
  /** FNV-1a of each term of the text, ascending. */
  hashes: Uint32Array
  /** Beside each: its place among the words and numbers of the text, or -1 for what lies inside or across words. */
  places: Int16Array
  /** Beside each: which sentence it stands in. */
  sentenceOf: Uint16Array
  /** Hashes of the terms of title and headings, ascending. */
  titleHashes: Uint32Array
  /** Hashes of the terms of the document's title and name, ascending. */
  documentHashes: Uint32Array
  /** Number of terms of the text. */
  length: number
  sentences: SentenceSpan[]
  /** The text that the sentences are spans of: a table's header row first, when it is repeated. */
  text: string
  /** Title and text as letters and digits only. */
  letters: string
  /** Whether more than a fifth of the letters are Chinese. */
  chinese: boolean
}

/** Takes a passage apart. */
export function passageTerms(passage: RankedText): PassageTerms {
  const title = [passage.title, ...(passage.headings ?? [])].join(' ')
  const text = passage.prefix === undefined ? passage.text : `${passage.prefix}\n${passage.text}`
  const tokens = analyse(text)
  const sentences = splitSentences(text)
  const unsorted = new Float64Array(tokens.length)
  const places = new Int16Array(tokens.length)
  const sentenceOf = new Uint16Array(tokens.length)
  let sentence = 0
  let place = 0
  tokens.forEach(({ term, start, kind }, index) => {
    while (sentence + 1 < sentences.length && start >= (sentences[sentence]?.end ?? Infinity)) sentence++
    sentenceOf[index] = sentence
    places[index] = kind === 'word' || kind === 'number' ? Math.min(place++, 32_767) : -1
    // Hash and index in one number (53 bits), so that sorting numbers sorts both.
    unsorted[index] = hashTerm(term) * 2_097_152 + Math.min(index, 2_097_151)
  })
  const order = unsorted.sort()
  const letters = lettersOf(`${title} ${text}`)
  const terms: PassageTerms = {
    hashes: new Uint32Array(tokens.length),
    places: new Int16Array(tokens.length),
    sentenceOf: new Uint16Array(tokens.length),
    titleHashes: Uint32Array.from(analyse(title), ({ term }) => hashTerm(term)).sort(),
    documentHashes: Uint32Array.from(
      analyse(`${passage.title} ${wordsOfName(passage.documentName ?? '')}`),
      ({ term }) => hashTerm(term),
    ).sort(),
    length: tokens.length,
    sentences,
    text,
    letters,
    chinese: (letters.match(/\p{Script=Han}/gu)?.length ?? 0) > letters.length / 5,
  }
  for (let index = 0; index < order.length; index++) {
    const packed = order[index] ?? 0
    const hash = Math.floor(packed / 2_097_152)
    const token = packed - hash * 2_097_152
    terms.hashes[index] = hash
    terms.places[index] = places[token] ?? -1
    terms.sentenceOf[index] = sentenceOf[token] ?? 0
  }
  return terms
}

/** The 32-bit FNV-1a hash of a term, over its code units. */
export function hashTerm(term: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < term.length; index++) hash = Math.imul(hash ^ term.charCodeAt(index), 0x01000193)
  // FNV leaves short terms that differ in their last letter close together; this spreads them.
  hash ^= hash >>> 15
  return Math.imul(hash, 0x2c1b3c6d) >>> 0
}

/** Index of the first entry of sorted `hashes` that is not below `hash`. */
export function lowerBound(hashes: Uint32Array, hash: number): number {
  let low = 0
  let high = hashes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((hashes[middle] ?? 0) < hash) low = middle + 1
    else high = middle
  }
  return low
}

/** The passages used last, by id. Passages never change under their id, so what is here is never stale. */
export class PassageTermsCache {
  readonly #most: number
  readonly #held = new Map<string, PassageTerms>()

  /** Holds at most `most` passages; at 1,000 characters each takes about 8 kB. */
  constructor(most: number) {
    this.#most = most
  }

  of(passage: RankedText): PassageTerms {
    let terms = this.#held.get(passage.id)
    if (terms === undefined) terms = passageTerms(passage)
    else this.#held.delete(passage.id)
    this.#held.set(passage.id, terms)
    if (this.#held.size > this.#most)
      for (const oldest of this.#held.keys()) {
        this.#held.delete(oldest)
        break
      }
    return terms
  }
}

/** `reports/ACME_2021_10K.pdf` as `ACME 2021 10K`. */
function wordsOfName(name: string): string {
  return (name.split('/').at(-1) ?? '').replace(/\.[a-z0-9]{1,5}$/i, '').replace(/[^\p{L}\p{N}]+/gu, ' ')
}
