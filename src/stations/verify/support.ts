// Whether passages bear out a sentence: its numbers, dates and names must stand in them, and enough of its words. Words
// cannot tell whether a sentence is true; they tell whether it can have come from there.

import { periodsIn } from '../../calculate/periods.ts'
import type { PeriodFact } from '../../calculate/periods.ts'
import { analyse, isStopWord } from '../../text/analyse.ts'
import { factsIn, sameDate, sameNumber, statedScale } from '../../text/entities.ts'
import type { DateFact, Facts, NameFact, NumberFact } from '../../text/entities.ts'
import { foldHan } from '../../text/han-folding.ts'
import { splitSentences } from '../../text/sentences.ts'
import type { Passage } from '../../core/question.ts'

/** Share of a sentence's words that its passages must hold. Paraphrases keep about half of them. */
const enoughWords = 0.45
/** The same where Chinese is concerned, whose words have more forms. */
const enoughChineseWords = 0.4
/** The same where a figure was worked out: "growth", "in total" and the like are words of the sentence alone. */
const enoughSettledWords = 0.3
/** A passage that holds less than this, and none of the facts, has nothing to do with the sentence. */
const anyWords = 0.2

/** A passage taken apart for checking. */
export interface Source {
  passage: Passage
  /** Title, headings, table header and text, folded. */
  whole: string
  /** The same in lower case. */
  text: string
  terms: Set<string>
  facts: Facts
  /** Quarters, halves and fiscal years, in one notation. */
  periods: Set<string>
  years: Set<number>
  scale: number | undefined
  percent: boolean
  chinese: boolean
  sentences: { start: number; end: number; terms: Set<string>; text: string }[]
}

/** A sentence taken apart for checking. */
export interface Claim {
  facts: Facts
  periods: PeriodFact[]
  /** Words that say something, each once. */
  words: { term: string; text: string }[]
  rounded: boolean
  chinese: boolean
  latin: boolean
}

/** Facts of a claim that are borne out otherwise than by standing in a passage. */
export type Settled = ReadonlySet<NumberFact | DateFact>

export interface Support {
  /** Share of the words that the passages hold together; 1 when they are in another script. */
  coverage: number
  enough: boolean
  /** What no passage holds: "the number 42". */
  missing: string[]
  /** Of each passage: whether it takes part. */
  takesPart: boolean[]
}

/** Takes a passage apart. */
export function sourceOf(passage: Passage): Source {
  const context = [passage.title, passage.documentName, ...passage.headings, passage.prefix ?? ''].join('\n')
  const whole = foldHan(`${context}\n${passage.text}`)
  const facts = factsIn(whole)
  const { numbers } = facts
  const years = new Set(numbers.filter(({ value }) => value >= 1000 && value < 2200).map(({ value }) => value))
  for (const { year } of facts.dates) if (year !== undefined) years.add(year)
  return {
    passage,
    whole,
    text: whole.toLowerCase(),
    terms: new Set(analyse(whole).map(({ term }) => term)),
    facts,
    periods: new Set(periodsIn(whole).map(({ iso }) => iso)),
    years,
    scale: statedScale(whole),
    percent: /%|percent|per cent|百分/i.test(whole),
    chinese: /\p{Script=Han}/u.test(passage.text),
    sentences: splitSentences(passage.text).map(({ start, end }) => {
      const text = passage.text.slice(start, end)
      return { start, end, text: foldHan(text).toLowerCase(), terms: new Set(analyse(text).map(({ term }) => term)) }
    }),
  }
}

/** Takes a sentence apart; markers must have been taken out. */
export function claimOf(sentence: string): Claim {
  const folded = foldHan(sentence)
  const words = new Map<string, string>()
  for (const token of analyse(folded)) {
    if ((token.kind !== 'word' && token.kind !== 'number') || isStopWord(token)) continue
    words.set(token.term, folded.slice(token.start, token.end).toLowerCase())
  }
  return {
    facts: factsIn(folded),
    periods: periodsIn(folded),
    words: Array.from(words, ([term, text]) => ({ term, text })),
    rounded:
      /\b(?:about|around|approximately|roughly|nearly|almost|some|over|more than|less than|under)\b|~|约|大约|近|超过|将近|左右|多/i.test(
        folded,
      ),
    chinese: /\p{Script=Han}/u.test(folded),
    latin: /[A-Za-z]{3}/.test(folded),
  }
}

/** What the passages together say to a sentence. Facts that are `settled` need not stand there. */
export function supportOf(claim: Claim, sources: readonly Source[], settled: Settled = new Set()): Support {
  const comparable = sources.filter((source) => sameScript(claim, source))
  const held = sources.map((source) => claim.words.filter((word) => holds(source, word)))
  const together = new Set(held.flat())
  const foreign = sources.length > 0 && comparable.length === 0
  // A figure that was worked out, and some of the words that say so, stand nowhere.
  const own = settled.size > 0 ? claim.words.filter(({ text }) => !/^[\d.,%]+$/.test(text)) : claim.words
  const coverage = foreign || own.length === 0 ? 1 : own.filter((word) => together.has(word)).length / own.length
  const missing: string[] = []
  const factHolders = new Set<Source>()
  const look = (what: string, found: (source: Source) => boolean, weak = false): void => {
    const holders = sources.filter(found)
    for (const source of holders) factHolders.add(source)
    if (holders.length === 0 && !weak) missing.push(what)
  }
  for (const number of claim.facts.numbers)
    look(whatOf(number), (source) => hasNumber(source, number, claim.rounded), number.weak || settled.has(number))
  for (const date of claim.facts.dates)
    look(
      `the date ${date.text}`,
      (source) => source.facts.dates.some((other) => sameDate(date, other, source.years)),
      settled.has(date),
    )
  for (const name of claim.facts.names)
    look(
      `the name ${name.text}`,
      (source) =>
        hasName(source, name) || hasPeriod(source, claim, name) || (!sameScript(claim, source) && hasHan(name)),
    )
  return {
    coverage,
    enough: coverage >= (settled.size > 0 ? enoughSettledWords : claim.chinese ? enoughChineseWords : enoughWords),
    missing,
    takesPart: sources.map(
      (source, place) =>
        factHolders.has(source) ||
        !sameScript(claim, source) ||
        (held[place]?.length ?? 0) >= anyWords * claim.words.length,
    ),
  }
}

/** How a number that is missing is called. */
export function whatOf(number: NumberFact): string {
  return `the number ${number.text}`
}

/** The sentence of a passage that says most of a claim: offsets into the document's stored text. */
export function bestSpan(claim: Claim, { passage, sentences }: Source): { start: number; end: number } {
  let best = sentences[0]
  let most = -1
  for (const sentence of sentences) {
    let score = 0
    for (const { term, text } of claim.words) if (sentence.terms.has(term) || inChinese(sentence.text, text)) score++
    for (const { text } of claim.facts.numbers) if (sentence.text.includes(text.toLowerCase())) score++
    // Of two that say the same, the shorter one is the better quotation.
    score -= (sentence.end - sentence.start) / 10_000
    if (score > most) {
      most = score
      best = sentence
    }
  }
  return best
    ? { start: passage.start + best.start, end: passage.start + best.end }
    : { start: passage.start, end: passage.end }
}

function sameScript(claim: Claim, source: Source): boolean {
  return claim.chinese === source.chinese || (!claim.chinese && source.chinese && /[a-z]{3}/.test(source.text))
}

function holds(source: Source, { term, text }: { term: string; text: string }): boolean {
  return source.terms.has(term) || inChinese(source.text, text)
}

/** A Chinese word may be cut differently in the passage. */
function inChinese(where: string, text: string): boolean {
  return /^\p{Script=Han}+$/u.test(text) && where.includes(text)
}

/** Whether a figure stands in a passage, in any notation. */
export function hasNumber(source: Source, number: NumberFact, rounded: boolean): boolean {
  const options = { rounded, ...(source.scale === undefined ? {} : { scale: source.scale }) }
  const same = source.facts.numbers.some(
    (other) => sameNumber(number, other, options) && (!number.percent || other.percent || source.percent),
  )
  // A year, a day or a month of a date in the passage, or digits of a name in it.
  return (
    same ||
    source.facts.dates.some(({ year, month, day }) => [year, month, day].includes(number.value)) ||
    source.facts.names.some(({ words }) => words.includes(number.text.toLowerCase()))
  )
}

/** All of a name's words, or of a longer name most of them with the last; or the letters it is shortened to. */
function hasName(source: Source, name: NameFact): boolean {
  const found = name.words.map((word) => source.text.includes(word))
  const count = found.filter(Boolean).length
  if (count === found.length) return true
  if (found.length > 1 && count * 2 >= found.length && found.at(-1)) return true
  if (found.length > 1) {
    const initials = name.words.map((word) => word.charAt(0)).join('')
    return initials.length > 2 && source.terms.has(initials)
  }
  const letters = name.words[0] ?? ''
  return (
    /^[A-Z]{2,6}$/.test(name.text) &&
    source.facts.names.some(({ words }) => words.map((word) => word.charAt(0)).join('') === letters)
  )
}

/** "Q3" of "Q3 2023", where the passage has the third quarter of 2023. */
function hasPeriod(source: Source, claim: Claim, name: NameFact): boolean {
  return claim.periods.some(({ start, end, iso }) => start <= name.start && name.end <= end && source.periods.has(iso))
}

function hasHan(name: NameFact): boolean {
  return /\p{Script=Han}/u.test(name.text)
}
