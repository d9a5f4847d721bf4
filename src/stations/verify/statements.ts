// Sentences that say outright what a figure is worked out from: "from 100 to 112.3, an increase of 12.3 %", "the sum of
// 3 and 4 is 7", "12 × 7 = 84", 从100增长到112.3，增长12.3%. Only these may be found wrong.

import { calculate } from '../../calculate/calculate.ts'
import { Rational } from '../../calculate/rational.ts'
import { AndonError } from '../../core/errors.ts'
import type { Figure } from './figure.ts'
import type { Kind } from './operations.ts'

/** A figure, and what the sentence says it follows from. */
export interface Statement {
  figure: Figure
  kind: Kind
  from: Figure[]
}

/** Where figures stand while patterns look at the sentence. */
const firstMark = 0xe000
const N = '[\\ue000-\\uf8fe]'
/** Words between, without another figure, and not into the next sentence. */
const gap = (most: number): string => `[^\\ue000-\\uf8fe;；。]{0,${most}}?`
/** Up to the first comma: with one way to read a list, a long one is refused as quickly as it is read. */
const toComma = '[^\\ue000-\\uf8fe;；。,、]{0,24}'
const list = `${N}(?:${toComma}(?:,|、)${gap(24)}${N}){0,6}${gap(24)}(?:,?\\s*and\\b|和|与|及|、|加上?)${gap(24)}${N}`
const moved =
  '(?:increas|decreas|grew|grow|ris[ei]|rose|fell|fall|declin|drop|gain|improv|reduc|jump|surg|climb|up\\b|down\\b|chang|增|降|升|减|涨|跌|变化)'
const is = '(?:\\b(?:is|was|are|were|equals|makes|of|comes to|came to|amounts to)\\b|=|:|：|为|是|等于)'

/** In each, the names say which figures: a to b, or a list; `f` is what follows from them. */
const patterns: readonly { kind: Kind; needs?: RegExp; pattern: RegExp }[] = [
  {
    kind: 'change',
    needs: new RegExp(moved, 'i'),
    pattern: new RegExp(`\\bfrom${gap(24)}(?<a>${N})${gap(40)}\\bto${gap(24)}(?<b>${N})${gap(50)}(?<f>${N})`, 'gi'),
  },
  {
    kind: 'change',
    needs: new RegExp(moved, 'i'),
    pattern: new RegExp(`(?<f>${N})${gap(30)}\\bfrom${gap(24)}(?<a>${N})${gap(40)}\\bto${gap(24)}(?<b>${N})`, 'gi'),
  },
  {
    kind: 'change',
    needs: new RegExp(moved, 'i'),
    pattern: new RegExp(
      `\\bby${gap(20)}(?<f>${N})${gap(20)}\\bto${gap(24)}(?<b>${N})${gap(40)}\\bfrom${gap(24)}(?<a>${N})`,
      'gi',
    ),
  },
  {
    kind: 'change',
    needs: new RegExp(moved, 'i'),
    pattern: new RegExp(
      `从${gap(20)}(?<a>${N})${gap(20)}(?:到|至)${gap(12)}(?<b>${N})${gap(30)}(?:增|降|升|减|涨|跌|幅)${gap(12)}(?<f>${N})`,
      'g',
    ),
  },
  {
    kind: 'difference',
    pattern: new RegExp(
      `\\bdifference between${gap(40)}(?<a>${N})${gap(40)}\\band${gap(40)}(?<b>${N})${gap(30)}${is}${gap(12)}(?<f>${N})`,
      'gi',
    ),
  },
  {
    kind: 'difference',
    pattern: new RegExp(
      `(?<a>${N})${gap(12)}(?:与|和|跟)${gap(12)}(?<b>${N})${gap(12)}(?:相差|之差为|差额为|的差为|的差是)${gap(4)}(?<f>${N})`,
      'g',
    ),
  },
  {
    kind: 'sum',
    pattern: new RegExp(`\\b(?:sum|total) of${gap(30)}(?<list>${list})${gap(24)}${is}${gap(12)}(?<f>${N})`, 'gi'),
  },
  {
    kind: 'sum',
    pattern: new RegExp(
      `^${gap(60)}(?<list>${list})${gap(40)}\\b(?:a total of|totall?ing|adds? up to|sums? up to|sum to|adding up to|for a combined|a combined)${gap(12)}(?<f>${N})`,
      'gi',
    ),
  },
  {
    kind: 'sum',
    pattern: new RegExp(
      `^${gap(40)}(?<list>${list})${gap(12)}(?:合计|总计|共计|之和为|总和为|一共是?|相加为|相加得)${gap(4)}(?<f>${N})`,
      'g',
    ),
  },
  {
    kind: 'average',
    pattern: new RegExp(`\\b(?:average|mean) of${gap(30)}(?<list>${list})${gap(24)}${is}${gap(12)}(?<f>${N})`, 'gi'),
  },
  {
    kind: 'average',
    pattern: new RegExp(`^${gap(40)}(?<list>${list})的平均(?:值|数)?(?:为|是)${gap(4)}(?<f>${N})`, 'g'),
  },
  {
    kind: 'share',
    pattern: new RegExp(`(?<a>${N})\\s*out of\\s*(?:a total of\\s*)?(?<b>${N})${gap(40)}(?<f>${N})`, 'gi'),
  },
]
/** Words after which a percentage is about something else. */
const elsewhere = /\b(?:while|whereas|but|margin|share|rate|ratio|respectively)\b|而|率/i
const marks = new RegExp(N, 'g')
/** `12 × 7 + 1 =` before a figure, in signs or words. Each space belongs to one part only: else tries would multiply. */
const amount = '(?:[$€£¥]\\s?)?\\d[\\d,.]*(?:\\s?%)?'
const operator = '(?:[-+*/×÷−–]|x(?=\\s*[\\d(])|plus|minus|times|multiplied by|divided by|加上?|减去?|乘以?|除以)'
const opening = '(?:\\(\\s*){0,9}'
const closing = '(?:\\s*\\)){0,9}'
const equation = new RegExp(
  `(?<left>${opening}${amount}(?:${closing}\\s*${operator}\\s*${opening}${amount}){1,20}${closing})\\s*(?:=|≈|\\bis\\b|\\bequals\\b|等于|是|得)\\s*(?:about|约)?\\s*$`,
  'i',
)

/** What a sentence says outright. Figures that read like years take no part. */
export function statementsIn(sentence: string, figures: readonly Figure[]): Statement[] {
  const usable = figures.filter((figure) => figure.class !== 'year')
  // Two, and what follows from them.
  if (usable.length < 3) return []
  let marked = ''
  let at = 0
  for (const [place, { fact }] of usable.entries()) {
    if (fact.start < at) continue
    marked += sentence.slice(at, fact.start) + String.fromCharCode(firstMark + place)
    at = fact.end
  }
  marked += sentence.slice(at)
  const figureAt = (mark: string | undefined): Figure | undefined =>
    mark === undefined ? undefined : usable[mark.charCodeAt(0) - firstMark]
  const found: Statement[] = []
  for (const { kind, needs, pattern } of patterns) {
    if (needs && !needs.test(marked)) continue
    for (const { groups = {} } of marked.matchAll(pattern)) {
      const figure = figureAt(groups.f)
      const named = groups.list === undefined ? [groups.a, groups.b] : (groups.list.match(marks) ?? [])
      const from = named.flatMap((mark) => figureAt(mark) ?? [])
      if (!figure || from.length !== named.length || found.some((other) => other.figure === figure)) continue
      // From 3 % to 5 % is two points, or two thirds more: then nothing is said outright.
      const asPercent = figure.class === 'percent' || figure.class === 'points'
      const kindHere = kind === 'change' && !asPercent ? 'difference' : kind
      const percents = from.filter((one) => one.class === 'percent' || one.class === 'points').length
      if (percents > 0 && (asPercent ? kindHere !== 'sum' && kindHere !== 'average' : true)) continue
      if (kindHere === 'share' && !asPercent) continue
      if (kind === 'change' && !isAbout(figure, sentence, asPercent)) continue
      found.push({ figure, kind: kindHere, from })
    }
  }
  return found
}

/** Whether the words right before a figure tie it to the movement: "…, an increase of 12.3 %", "by 12.3". */
function isAbout(figure: Figure, sentence: string, asPercent: boolean): boolean {
  const before = sentence.slice(Math.max(0, figure.fact.start - 32), figure.fact.start)
  if (!asPercent) return /(?:\b(?:by|of)|了|幅为?)\s*[$€£¥]?\s*$/i.test(before)
  return /\(\s*$/.test(before) || (new RegExp(`\\bby\\b|${moved}|growth`, 'i').test(before) && !elsewhere.test(before))
}

/** The value of an equation's left side, where the sentence has one that ends in this figure. */
export function equationFor(figure: Figure, sentence: string): { value: Rational; sum: string } | undefined {
  const before = sentence.slice(Math.max(0, figure.fact.start - 200), figure.fact.start).replace(/[$€£¥]\s*$/, '')
  const left = equation.exec(before)?.groups?.left?.trim()
  // A range is no difference, and 3/4 is a date or a share as often as a division.
  if (/(?:is|是|得)\s*(?:about|约)?\s*$/i.test(before) && /\d[-–/]\d/.test(left ?? '')) return undefined
  if (left === undefined || /^\s*[$€£¥]?\s?[\d,.]+\s?[-–]\s?[\d,.]+\s*$/.test(left)) return undefined
  try {
    const { value, unit } = calculate(left.replace(/[$€£¥]\s?/g, '').replace(/multiplied by/gi, '*'))
    const worth = Rational.parse(value).times(unit === undefined ? Rational.one : Rational.of(1, 100))
    return { value: figure.class === 'percent' ? worth.times(Rational.of(100)) : worth, sum: left }
  } catch (reason) {
    // Not every sign between digits is arithmetic.
    if (reason instanceof AndonError) return undefined
    throw reason
  }
}
