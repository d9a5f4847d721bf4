// What a sentence states that can be looked up in a source: numbers, dates and names, each with its place in the text.

import { datesIn } from './date-facts.ts'
import type { DateFact } from './date-facts.ts'
import { numbersIn } from './number-facts.ts'
import type { NumberFact } from './number-facts.ts'

export { sameDate } from './date-facts.ts'
export type { DateFact } from './date-facts.ts'
export { sameNumber, statedScale } from './number-facts.ts'
export type { NumberFact } from './number-facts.ts'

/** A name: of a person, place, product, work. Offsets count UTF-16 units. */
export interface NameFact {
  start: number
  end: number
  text: string
  /** Its words in lower case, without those that any name may have ("the", "of"). */
  words: string[]
}

/** Everything in a text that can be compared with a source. Numbers inside a date or a name are not repeated. */
export interface Facts {
  numbers: NumberFact[]
  dates: DateFact[]
  names: NameFact[]
}

/** Capitals that start a sentence or stand in it for other reasons than naming. */
const ordinary = new Set(
  `a an the this that these those it its he she they we you i his her their our your my there here in on at by for from
  of to with without as if when while where why how what which who whose and or but nor so yet not no yes both each
  every all any some many most more other others such one two three first second third next last finally however
  therefore thus hence also moreover furthermore although though because since after before during until once under
  over between among about according based additionally instead overall note see please only then than both either
  neither january february march april may june july august september october november december monday tuesday
  wednesday thursday friday saturday sunday is are was were be been do does did can could will would should may might
  must have has had let use using given passage passages document documents source sources section table figure
  unfortunately sorry answer question`.split(/\s+/),
)

const inner = '(?:\\s+(?:of|the|de|la|le|van|von|der|den|di|da|del|al|bin|ibn|and|&)(?=\\s+[\\p{Lu}]))*'
const capital = "(?<![\\p{L}\\d_])[\\p{Lu}][\\p{L}\\p{M}\\d]*(?:['’.&+/-][\\p{L}\\d]+)*"
const namePattern = new RegExp(`${capital}(?:${inner}\\s+[\\p{Lu}][\\p{L}\\p{M}\\d]*(?:['’.&+/-][\\p{L}\\d]+)*)*`, 'gu')
const codePattern =
  /(?<![\p{L}\d_])(?=[\w.-]*\d)(?=[\w.-]*[A-Za-z])[A-Za-z\d]+(?:[._-][A-Za-z\d]+)*|\b\d+(?:\.\d+){2,}\b/gu
const hanTitle = /《([^》\n]{1,40})》|〈([^〉\n]{1,40})〉/g
// Only the characters around the dots: nothing tells where a transliterated name ends (约翰·史密斯写了…).
const hanForeign = /[\u4e00-\u9fff]{1,2}(?:[·・•‧][\u4e00-\u9fff]{1,8})*[·・•‧][\u4e00-\u9fff]{1,2}/g
const scaleOrUnit = /^(?:\d+(?:[.,]\d+)*(?:st|nd|rd|th|s|k|m|b|bn|mn|km|cm|mm|kg|g|gb|mb|tb|kb|ms|h|hz|am|pm)|\d+x)$/i

/** Names of a text in order: capitalised words, words with digits in them, 《titles》 and 约翰·史密斯. */
export function namesIn(text: string): NameFact[] {
  const found: NameFact[] = []
  const add = (start: number, name: string): void => {
    const words = nameWords(name)
    const end = start + name.length
    if (words.length === 0 || found.some((other) => other.start < end && start < other.end)) return
    found.push({ start, end, text: name, words })
  }
  for (const match of text.matchAll(hanTitle)) add(match.index + 1, match[1] ?? match[2] ?? '')
  for (const match of text.matchAll(hanForeign)) add(match.index, match[0])
  for (const match of text.matchAll(codePattern)) if (!scaleOrUnit.test(match[0])) add(match.index, match[0])
  for (const match of text.matchAll(namePattern)) {
    // What starts a sentence has a capital anyway: a single word there is taken for a name only when it could not be
    // an ordinary word (all capitals).
    const opens = /(?:^|[.!?:;。！？：\n>"“*_#-]|\d\.)\s*$/u.test(text.slice(Math.max(0, match.index - 4), match.index))
    let start = match.index
    let name = match[0]
    for (let first = /^([\p{L}'’]+)\s+/u.exec(name); first; first = /^([\p{L}'’]+)\s+/u.exec(name)) {
      if (!ordinary.has((first[1] ?? '').toLowerCase())) break
      start += first[0].length
      name = name.slice(first[0].length)
    }
    const single = !/\s/.test(name)
    if (single && ordinary.has(name.toLowerCase())) continue
    if (single && opens && start === match.index && !/^[\p{Lu}\d&-]{2,}$/u.test(name)) continue
    add(start, name)
  }
  return found.sort((one, other) => one.start - other.start)
}

/** All facts of a text. Fold Chinese (`foldHan`) before, so that both scripts read the same. */
export function factsIn(text: string): Facts {
  const dates = datesIn(text)
  const names = namesIn(text)
  const inside = (fact: { start: number; end: number }, spans: { start: number; end: number }[]): boolean =>
    spans.some((span) => span.start <= fact.start && fact.end <= span.end)
  return {
    dates,
    names: names.filter((name) => !inside(name, dates)),
    numbers: numbersIn(text).filter((number) => !inside(number, dates) && !inside(number, names)),
  }
}

/** The words of a name that tell it: lower case, no possessive, no ordinary ones. Chinese stays whole. */
function nameWords(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[\s/&]+/u)
    .map((word) => word.replace(/['’]s?$/u, '').replace(/^[^\p{L}\d]+|[^\p{L}\d]+$/gu, ''))
    .filter(
      (word) =>
        word.length > 0 && !ordinary.has(word) && !/^(?:de|la|le|van|von|der|den|di|da|del|al|bin|ibn)$/.test(word),
    )
}
