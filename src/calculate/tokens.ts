// Cuts an expression into numbers, words and signs. English and Chinese words for the operations become their signs.

import { AndonError } from '../core/errors.ts'
import { digitsValue, hanValue, isHanNumeral, scaleNamed } from './numerals.ts'
import { powerOfTen, Rational } from './rational.ts'
import { unitNamed } from './units.ts'

/** `at` is the place in the expression. */
export type Token =
  | { kind: 'number'; value: Rational; at: number; text: string }
  | { kind: 'word'; text: string; at: number }
  | { kind: 'sign'; text: string; at: number }
  | { kind: 'end'; text: string; at: number }

/** An expression of more characters is refused. */
const longest = 4_000

const signs: Record<string, string> = {
  '×': '*',
  '·': '*',
  '⋅': '*',
  '✕': '*',
  '∙': '*',
  '÷': '/',
  '∕': '/',
  '−': '-',
  '–': '-',
  '—': '-',
  '【': '(',
  '】': ')',
  '[': '(',
  ']': ')',
  '，': ',',
  '、': ',',
  '；': ';',
}
const operations: Record<string, string> = {
  plus: '+',
  minus: '-',
  times: '*',
  x: '*',
  of: 'of',
  mod: 'mod',
  modulo: 'mod',
  in: 'in',
  to: 'in',
  as: 'in',
  加: '+',
  加上: '+',
  减: '-',
  减去: '-',
  乘: '*',
  乘以: '*',
  除以: '/',
  的: 'of',
  换算成: 'in',
  转换为: 'in',
  等于多少: 'in',
}
/** Longest first, so that 乘以 is not 乘. */
const hanOperations = Object.keys(operations)
  .filter((word) => /\p{Script=Han}/u.test(word))
  .sort((one, other) => other.length - one.length)
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

const figure =
  /(?:\d{1,3}(?:[,_\u00a0\u2009\u202f]\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+(?![\w.]))?|\.\d+(?:[eE][+-]?\d+)?/y
const figureOfArgument =
  /\d+(?:[_\u00a0\u2009\u202f]\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+(?![\w.]))?|\.\d+(?:[eE][+-]?\d+)?/y
const word = /[A-Za-zµμ°%‰℃℉Ω][A-Za-z0-9_µμ°$]*|%|‰|US\$|[\p{Sc}]/uy
const hanWord = /\p{Script=Han}+/uy

/** The tokens of an expression, with an end. Throws `invalid` for what is none, and `too-large` beyond 4,000 characters. */
export function tokensOf(expression: string): Token[] {
  if (expression.length > longest)
    throw new AndonError('too-large', `The expression has ${expression.length} characters: give at most ${longest}.`)
  const text = prepared(expression)
  const tokens: Token[] = []
  // Whether each open bracket is that of a function: there a comma separates, and not thousands.
  const brackets: boolean[] = []
  let at = 0
  while (at < text.length) {
    const character = text.charAt(at)
    if (/\s/.test(character)) {
      at++
      continue
    }
    const rest = text.slice(at)
    if (/[\d.]/.test(character) && /^\.?\d/.test(rest)) {
      const commas = brackets.at(-1) !== true || separatedBySemicolons(text, at)
      const found = matchAt(commas ? figure : figureOfArgument, text, at) ?? character
      const { value, length } = scaled(digitsValue(found), text, at + found.length)
      tokens.push({ kind: 'number', value, at, text: found })
      at += found.length + length
    } else if (rest.startsWith('**')) {
      tokens.push({ kind: 'sign', text: '^', at })
      at += 2
    } else if (/[-+*/^(),;!=]/.test(character)) {
      if (character === '(') brackets.push(tokens.at(-1)?.kind === 'word')
      if (character === ')') brackets.pop()
      tokens.push({ kind: 'sign', text: character, at })
      at++
    } else if (superscripts.includes(character)) {
      const power = /^[⁰¹²³⁴⁵⁶⁷⁸⁹]+/.exec(rest)?.[0] ?? ''
      const value = Rational.parse(Array.from(power, (digit) => superscripts.indexOf(digit)).join(''))
      tokens.push({ kind: 'sign', text: '^', at }, { kind: 'number', value, at, text: power })
      at += power.length
    } else if (/\p{Script=Han}|〇/u.test(character)) at += han(text, at, tokens)
    else {
      const found = matchAt(word, text, at)
      if (found === undefined)
        throw new AndonError('invalid', `The sign "${character}" at place ${at + 1} means nothing in an expression.`)
      const divided = /^divided\s+by\b/i.exec(rest)?.[0]
      const sign = divided ? '/' : operations[found.toLowerCase()]
      if (sign === undefined) tokens.push({ kind: 'word', text: found, at })
      else tokens.push({ kind: 'sign', text: sign, at })
      at += (divided ?? found).length
    }
  }
  tokens.push({ kind: 'end', text: 'the end', at })
  return tokens
}

/** One notation of brackets, signs and digits; the length stays. */
function prepared(expression: string): string {
  return Array.from(expression, (character) => {
    const known = signs[character]
    if (known !== undefined) return known
    const code = character.charCodeAt(0)
    return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : character
  }).join('')
}

/** A scale behind a number: "million", "万", and k, M, bn that touch it. */
function scaled(value: Rational, text: string, at: number): { value: Rational; length: number } {
  const rest = text.slice(at, at + 40)
  const mixed = /^\s*((?:[十百千万亿兆]+(?:\d+(?:\.\d+)?(?=[十百千万亿]))?)+)/.exec(rest)
  if (mixed?.[1] !== undefined && !unitNamed(/^\s*(\p{Script=Han}+)/u.exec(rest)?.[1] ?? '')) {
    // 千米 is a unit, and the 千 of 3千 is none.
    const unitAfter =
      /^[千百]\p{Script=Han}/u.test(mixed[1] + rest.slice(mixed[0].length)) && unitNamed(rest.trim().slice(0, 2))
    const total = unitAfter ? undefined : hanValue(`${value.toText()}${mixed[1]}`)
    if (total) return { value: total, length: mixed[0].length }
  }
  const named = /^\s*([A-Za-z]+)/.exec(rest)
  const scale = named?.[1] === undefined ? undefined : scaleNamed(named[1])
  if (named && scale) return { value: value.times(scale), length: named[0].length }
  const letter = /^([kKM])(?![A-Za-z0-9°µ])/.exec(rest)?.[1]
  if (letter === 'k' || letter === 'M') return { value: value.times(powerOfTen(letter === 'k' ? 3 : 6)), length: 1 }
  return { value, length: 0 }
}

/** A word or a numeral of Chinese characters; says how much of the text it took. */
function han(text: string, at: number, tokens: Token[]): number {
  const run = matchAt(hanWord, text, at) ?? text.charAt(at)
  const share = /^百分之\s*/.exec(run)
  if (share) {
    tokens.push({ kind: 'word', text: '百分之', at })
    return share[0].length
  }
  const operation = hanOperations.find((one) => run.startsWith(one))
  if (operation !== undefined) {
    tokens.push({ kind: 'sign', text: operations[operation] ?? '', at })
    return operation.length
  }
  if (run.startsWith('分之')) {
    tokens.push({ kind: 'sign', text: '分之', at })
    return 2
  }
  // The longest unit that begins here; a numeral otherwise.
  for (let length = Math.min(run.length, 6); length > 0; length--) {
    const name = run.slice(0, length)
    if (unitNamed(name) && (tokens.at(-1)?.kind === 'number' || !isHanNumeral(name.charAt(0)))) {
      tokens.push({ kind: 'word', text: name, at })
      return length
    }
  }
  let length = 0
  while (length < run.length && isHanNumeral(run.charAt(length))) length++
  const value = length > 0 ? hanValue(run.slice(0, length)) : undefined
  if (value) {
    tokens.push({ kind: 'number', value, at, text: run.slice(0, length) })
    return length
  }
  throw new AndonError('invalid', `"${run.slice(0, 20)}" at place ${at + 1} is no unit, number or operation.`)
}

/** Whether the arguments of the function around a place are separated by semicolons: then commas are free. */
function separatedBySemicolons(text: string, at: number): boolean {
  let depth = 0
  for (let place = at; place < text.length; place++) {
    const character = text.charAt(place)
    if (character === '(') depth++
    if (character === ')' && depth-- === 0) break
    if (character === ';' && depth === 0) return true
  }
  depth = 0
  for (let place = at; place >= 0; place--) {
    const character = text.charAt(place)
    if (character === ')') depth++
    if (character === '(' && depth-- === 0) break
    if (character === ';' && depth === 0) return true
  }
  return false
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
