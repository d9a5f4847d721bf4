// The words of a question as what they mean: one term for all ways of saying a thing, without the words that only say how
// it is asked.

import { cutChinese, isChineseWord } from '../text/chinese-words.ts'
import { stem } from '../text/stem.ts'
import { isChineseStopWord, isEnglishStopWord } from '../text/stop-words.ts'
import { chineseFillers, chineseWords } from './chinese.ts'
import { englishFillers, englishWords } from './english.ts'
import { readWording, type Thing, type Wording } from './wording.ts'

/** One thing that a question names. */
export interface Concept {
  /** A stem, a Chinese word, or the id of a thing of the tables. */
  term: string
  /** Things of one row exclude each other; absent for words that no table has. */
  row?: string
  /** Says how it is asked rather than what. */
  filler: boolean
  start: number
  end: number
}

interface Word {
  text: string
  start: number
  end: number
}

const latinWord = /[\p{L}\p{M}\d]+(?:['’][a-z]+|[-._&+][\p{L}\d]+)*\+*/giu
const english = readWording(englishWords, 'e', (way) => wordsOf(way).map(({ text }) => stem(text)))
const chinese = readWording(chineseWords, 'c', (way) => Array.from(way))
const fillers = new Set([...englishFillers.trim().split(/\s+/).map(stem), ...chineseFillers.trim().split(/\s+/)])
/** Stop words for search that make another question: "which other countries", "柜子上". */
const telling = new Set(
  'he him his she her hers they them their theirs most other both own 他 她 它 他们 她们 它们 上 下 里 前 后 最 还 又 再 某'.split(
    ' ',
  ),
)
const hanRun = /\p{Script=Han}+/gu

/** The concepts of a text in order. Expects it folded: lower case, Simplified characters, ordinary width. */
export function conceptsOf(folded: string): Concept[] {
  const concepts: Concept[] = []
  let from = 0
  for (const run of folded.matchAll(hanRun)) {
    concepts.push(...ofWords(folded.slice(from, run.index), from))
    concepts.push(...ofChinese(run[0], run.index))
    from = run.index + run[0].length
  }
  return [...concepts, ...ofWords(folded.slice(from), from)]
}

function wordsOf(text: string): Word[] {
  return Array.from(text.matchAll(latinWord), (match) => {
    const word = match[0].replace(/['’]s?$/, '')
    return { text: word, start: match.index, end: match.index + word.length }
  })
}

function ofWords(text: string, offset: number): Concept[] {
  const words = wordsOf(text)
  const stems = words.map((word) => stem(word.text))
  const concepts: Concept[] = []
  for (let at = 0; at < words.length;) {
    // "how high" names no height.
    const found = words[at - 1]?.text === 'how' ? undefined : longestThing(stems, at, english)
    const taken = words.slice(at, at + (found?.length ?? 1))
    const [first, last] = [taken[0], taken.at(-1)]
    if (!first || !last) break
    const span = { start: first.start + offset, end: last.end + offset }
    if (found) concepts.push({ term: found.id, row: found.row, filler: found.soft, ...span })
    else {
      const term = stems[at] ?? ''
      concepts.push({
        term,
        filler: isFiller(first.text, term, isEnglishStopWord) || words[at - 1]?.text === 'how',
        ...span,
      })
    }
    at += taken.length
  }
  return concepts
}

function ofChinese(run: string, offset: number): Concept[] {
  const characters = Array.from(run)
  // Where the word of each character begins and ends.
  const spans: { from: number; to: number }[] = []
  for (const word of cutChinese(run).flatMap(withoutParticles)) {
    const span = { from: spans.length, to: spans.length + Array.from(word).length }
    while (spans.length < span.to) spans.push(span)
  }
  const concepts: Concept[] = []
  let start = offset
  for (let at = 0; at < characters.length;) {
    const { from, to } = spans[at] ?? { from: at, to: at + 1 }
    let thing = longestThing(characters, at, chinese)
    // One character is a thing only where it is a word of its own.
    if (thing?.length === 1 && (from !== at || to !== at + 1)) thing = undefined
    let length = thing?.length ?? 1
    // Up to where a thing begins inside the word, or its end.
    if (!thing)
      while (at + length < to && (longestThing(characters, at + length, chinese)?.length ?? 0) < 2) length += 1
    const text = characters.slice(at, at + length).join('')
    const span = { start, end: start + text.length }
    if (thing) concepts.push({ term: thing.id, row: thing.row, filler: thing.soft, ...span })
    else concepts.push({ term: text, filler: isFiller(text, text, isChineseStopWord), ...span })
    at += length
    start = span.end
  }
  return concepts
}

function isFiller(word: string, term: string, isStopWord: (word: string) => boolean): boolean {
  return !telling.has(word) && (isStopWord(word) || fillers.has(term))
}

function longestThing(
  parts: readonly string[],
  at: number,
  { things, longest }: Wording,
): (Thing & { length: number }) | undefined {
  for (let length = Math.min(longest, parts.length - at); length > 0; length -= 1) {
    const thing = things.get(parts.slice(at, at + length).join(' '))
    if (thing) return { ...thing, length }
  }
  return undefined
}

/** Particles that are cut off a word which no dictionary has. */
const particles = /^[从把被将向给由在是的能]|[是向从到给在和把被比对的能]$/

/** Words that were guessed together with a particle beside them, apart. */
function withoutParticles(word: string): string[] {
  const found = word.length < 2 || word.length > 3 ? null : particles.exec(word)
  if (!found || isChineseWord(word.charCodeAt(0), word.charCodeAt(1), word.charCodeAt(2) || 0)) return [word]
  return found.index === 0 ? [word.slice(0, 1), word.slice(1)] : [word.slice(0, -1), word.slice(-1)]
}
