// What two questions are compared by, read from each of them once.

import { foldHan } from '../text/analyse.ts'
import { namesIn } from '../text/entities.ts'
import { fold } from '../text/fold.ts'
import { isEnglishStopWord } from '../text/stop-words.ts'
import { askedOf, type Asked } from './asked.ts'
import { chineseNegations, chineseNoNegation, chineseWhether } from './chinese.ts'
import { conceptsOf, type Concept } from './concepts.ts'
import { directionOf, type Direction } from './direction.ts'
import { englishNegations } from './english.ts'
import { figuresOf } from './figures.ts'
import { roleOf, type Role } from './role.ts'

/** A question, taken apart. */
export interface Reading {
  /** Lower case, Simplified characters, ordinary width, and blanks for figures: what spans of concepts point into. */
  folded: string
  /** The script it is written in; languages of one script are not told apart. */
  script: string
  concepts: readonly Concept[]
  /** What it names, without the words that say how it is asked, in order. */
  named: readonly string[]
  /** The same, each once. */
  terms: ReadonlySet<string>
  /** How many words turn it round. */
  negations: number
  /** Sorted. */
  figures: readonly string[]
  /** Words of names, codes and quoted terms, in lower case, in order. */
  names: readonly string[]
  /** Every word, in lower case. */
  words: ReadonlySet<string>
  asked: Asked | undefined
  role: Role | undefined
  tense: Tense
  direction: Direction
}

/** Times that the verbs name. */
export interface Tense {
  past: boolean
  present: boolean
  future: boolean
}

const scripts: readonly (readonly [string, RegExp])[] = [
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['Korean', /\p{Script=Hangul}/u],
  ['Chinese', /\p{Script=Han}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Thai', /\p{Script=Thai}/u],
  ['Devanagari', /\p{Script=Devanagari}/u],
]
const quoted = /[“"«「『`]([^”"»」』`\n]{1,80})[”"»」』`]/g
const besideHan = /(?<=\p{Script=Han})(?=[A-Za-z\d])|(?<=[A-Za-z\d])(?=\p{Script=Han})/gu

const chineseHow = /有?多[高远大长重深宽快厚]/g

const past =
  /\b(?:was|were|did|had|used to|previously|formerly|wasn['’]t|weren['’]t|didn['’]t)\b|曾|以往|上次|之前是|以前的?/i
const present = /\b(?:is|are|am|do|does|isn['’]t|aren['’]t|don['’]t|doesn['’]t|currently|now)\b|现在|目前|当前/i
const future =
  /\b(?:will|shall|going to|won['’]t|upcoming|in future)\b|将会(?!话|议|员|计|费|场|谈)|将要|即将|时候将|何时将|会在|未来|下次/i

/** Reads a question. */
export function read(question: string): Reading {
  const text = foldHan(question)
  const { figures, rest } = figuresOf(text)
  const folded = fold(rest).text
  const concepts = conceptsOf(folded.replace(chineseWhether, blank).replace(chineseHow, blank))
  const named = concepts.flatMap(({ term, filler }) => (filler ? [] : [term]))
  // A question of nothing but how it is asked is compared by all its words.
  const kept = [...(named.length > 0 ? named : concepts.map(({ term }) => term)), ...figures]
  return {
    folded,
    script: scripts.find(([, pattern]) => pattern.test(text))?.[0] ?? 'Latin',
    concepts,
    named: kept,
    terms: new Set(kept),
    negations: negationsIn(folded),
    figures,
    names: namesOf(rest),
    words: new Set(fold(text.replace(besideHan, ' ')).text.match(/[\p{L}\p{M}\d]+/gu)),
    asked: askedOf(text),
    role: roleOf(text),
    tense: tenseOf(text),
    direction: directionOf(folded, concepts),
  }
}

/** That a reason is asked for now says nothing of when it was. */
function tenseOf(text: string): Tense {
  const told = text.replace(/\bwhat (?:is|are|was|were) the (?:reason|cause)s?\b/i, ' ')
  return { past: past.test(told), present: present.test(told), future: future.test(told) }
}

/** Blanks in the place of how something is asked, but for the word that the question repeats. */
function blank(asked: string): string {
  const [first, last] = [asked.charAt(0), asked.slice(-1)]
  return ' '.repeat(asked.length - 1) + (asked.length === 3 && first === last ? last : ' ')
}

function negationsIn(folded: string): number {
  const chinese = folded.replace(chineseWhether, ' ').replace(chineseNoNegation, ' ')
  return (folded.match(englishNegations)?.length ?? 0) + (chinese.match(chineseNegations)?.length ?? 0)
}

function namesOf(text: string): string[] {
  // Between two scripts a word ends, though nothing stands there.
  const spaced = text.replace(besideHan, ' ')
  const named = namesIn(spaced).flatMap(({ words }) =>
    words.filter((word) => !isEnglishStopWord(word) && word !== 'am'),
  )
  const terms = Array.from(text.matchAll(quoted), ([, term = '']) => term.toLowerCase().trim())
  return [...named, ...terms]
}
