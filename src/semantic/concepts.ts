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
const chinese = readWording(chineseWords, 'c', (way) => [...way])
const fillers = new Set([...englishFillers.trim().split(/\s+/).map(stem), ...chineseFillers.trim().split(/\s+/)])
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
        filler: isEnglishStopWord(first.text) || fillers.has(term) || words[at - 1]?.text === 'how',
        ...span,
      })
    }
    at += taken.length
  }
  return concepts
}

function ofChinese(run: string, offset: number): Concept[] {
  const characters = [...run]
  const words = cutChinese(run).flatMap(withoutParticles)
  const concepts: Concept[] = []
  let at = 0
  let within = 0
  for (let index = 0; index < words.length;) {
    const word = [...(words[index] ?? '')]
    const found = longestThing(characters, at, chinese)
    const whole = word.length - within
    // One character is a thing only where it is a word of its own.
    if (found && (found.length > 1 || (within === 0 && whole === 1))) {
      const length = characters.slice(at, at + found.length).join('').length
      concepts.push({ term: found.id, row: found.row, filler: found.soft, start: offset, end: offset + length })
      offset += length
      at += found.length
      let left = found.length
      while (left > 0 && index < words.length) {
        const rest = [...(words[index] ?? '')].length - within
        if (left < rest) {
          within += left
          left = 0
        } else {
          left -= rest
          index += 1
          within = 0
        }
      }
      continue
    }
    // Up to where a thing begins inside the word, or its end.
    let length = 1
    while (length < whole && (longestThing(characters, at + length, chinese)?.length ?? 0) < 2) length += 1
    const term = characters.slice(at, at + length).join('')
    concepts.push({
      term,
      filler: isChineseStopWord(term) || fillers.has(term),
      start: offset,
      end: offset + term.length,
    })
    offset += term.length
    at += length
    if (length === whole) {
      index += 1
      within = 0
    } else within += length
  }
  return concepts
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
