// Reads an expression into a tree: operators by how tightly they bind, units behind their numbers, functions with their
// arguments. Nothing is evaluated here, and nothing but arithmetic can be said.

import { AndonError } from '../core/errors.ts'
import { constants } from './transcendental.ts'
import { functionNamed } from './functions.ts'
import { scaleNamed } from './numerals.ts'
import { nothingBetween, unexpected, unknownWord } from './parse-problems.ts'
import { powerOfTen, Rational } from './rational.ts'
import { tokensOf } from './tokens.ts'
import type { Token } from './tokens.ts'
import { unitNamed } from './units.ts'
import type { Units } from './quantity.ts'

export type Operator = '+' | '-' | '*' | '/' | '^' | 'mod'

export type Tree =
  | { kind: 'number'; value: Rational; units: Units; exact: boolean }
  | { kind: 'negate' | 'factorial'; of: Tree }
  | { kind: 'operation'; operator: Operator; left: Tree; right: Tree }
  | { kind: 'call'; name: string; given: Tree[] }
  /** `in` gives what there is in other units, `of` puts units to a number. */
  | { kind: 'in' | 'of'; of: Tree; units: Units }

/** Brackets in brackets, and the like. */
const deepest = 100

/** How tightly each operator binds, and whether it is read from the right. */
const bindings: Record<string, { power: number; right?: boolean }> = {
  in: { power: 1 },
  '+': { power: 2 },
  '-': { power: 2 },
  '*': { power: 3 },
  '/': { power: 3 },
  mod: { power: 3 },
  of: { power: 4 },
  分之: { power: 5 },
  '^': { power: 7, right: true },
}
const unary = 6

/** The tree of an expression. Throws `invalid` with the place of what is wrong. */
export function parse(expression: string): Tree {
  return new Parser(expression).whole()
}

/** Units written alone: `km/h`. */
export function parseUnits(text: string): Units {
  return new Parser(text).onlyUnits()
}

class Parser {
  readonly #tokens: Token[]
  #at = 0
  #depth = 0

  constructor(expression: string) {
    this.#tokens = tokensOf(expression)
  }

  whole(): Tree {
    if (this.#tokens.length === 1) throw new AndonError('invalid', 'The expression is empty: give one, like 12 * 7.')
    const tree = this.#expression(0)
    if (this.#next.text === '=' && this.#tokens[this.#at + 1]?.kind === 'end') this.#at++
    if (this.#next.kind !== 'end') throw unexpected(this.#next)
    return tree
  }

  onlyUnits(): Units {
    const units = this.#units()
    if (!units || this.#next.kind !== 'end') throw unexpected(this.#next, 'a unit, like km/h')
    return units
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'the end', at: 0 }
  }

  #expression(above: number): Tree {
    if (++this.#depth > deepest)
      throw new AndonError('too-large', `The expression is nested more than ${deepest} deep: say it in parts.`)
    let left = this.#operand()
    for (;;) {
      const token = this.#next
      if (token.kind === 'number' || token.kind === 'word' || token.text === '(')
        throw nothingBetween(this.#tokens[this.#at - 1], token)
      if (token.text === '!') {
        this.#at++
        left = { kind: 'factorial', of: left }
        continue
      }
      const binding = bindings[token.text]
      if (token.kind !== 'sign' || !binding || binding.power <= above) break
      this.#at++
      if (token.text === 'in') left = { kind: 'in', of: left, units: this.#target() }
      else {
        const right = this.#expression(binding.right ? binding.power - 1 : binding.power)
        left = joined(token.text, left, right)
      }
    }
    this.#depth--
    return left
  }

  #operand(): Tree {
    const token = this.#next
    if (token.kind === 'sign' && (token.text === '-' || token.text === '+')) {
      this.#at++
      const of = this.#expression(unary)
      return token.text === '-' ? { kind: 'negate', of } : of
    }
    if (token.text === '(') {
      this.#at++
      const tree = this.#expression(0)
      this.#expect(')')
      return this.#withUnits(tree)
    }
    if (token.kind === 'number') {
      this.#at++
      return this.#withUnits({ kind: 'number', value: token.value, units: [], exact: true })
    }
    if (token.kind === 'word') return this.#word(token.text)
    throw unexpected(this.#next, 'a number')
  }

  #word(text: string): Tree {
    if (text === '百分之') {
      this.#at++
      const percent = unitNamed('%')
      const value = this.#operand()
      return percent && value.kind === 'number' ? { ...value, units: [{ unit: percent, power: 1 }] } : value
    }
    const unit = unitNamed(text)
    if (unit?.prefix) {
      this.#at++
      const token = this.#next
      if (token.kind !== 'number') throw unexpected(this.#next, `an amount of ${text}`)
      this.#at++
      // $5B is five billion; without the sign it is five bytes.
      const letter = this.#next
      const billions =
        letter.kind === 'word' && /^[Bb]$/.test(letter.text) && letter.at === token.at + token.text.length
      if (billions) this.#at++
      const value = billions ? token.value.times(powerOfTen(9)) : token.value
      return this.#withUnits({ kind: 'number', value, units: [{ unit, power: 1 }], exact: true })
    }
    const after = this.#tokens[this.#at + 1]
    const called = functionNamed(text)
    if (called && after?.text === '(') {
      this.#at += 2
      const given: Tree[] = []
      while (this.#next.text !== ')') {
        given.push(this.#expression(0))
        if (this.#next.text !== ',' && this.#next.text !== ';') break
        this.#at++
      }
      this.#expect(')')
      return this.#withUnits({ kind: 'call', name: called.name, given })
    }
    const constant = { pi: constants.pi, π: constants.pi, e: constants.e }[text.toLowerCase()]
    if (constant) {
      this.#at++
      return { kind: 'number', value: constant, units: [], exact: false }
    }
    const scale = scaleNamed(text)
    if (scale && !unit) {
      this.#at++
      return this.#withUnits({ kind: 'number', value: scale, units: [], exact: true })
    }
    const units = this.#units()
    if (units) return { kind: 'number', value: Rational.one, units, exact: true }
    throw unknownWord(text)
  }

  /** The unit behind a value, which binds tighter than anything. */
  #withUnits(tree: Tree): Tree {
    const { kind, text } = this.#next
    // "5 in" is five inches where nothing follows that it could be converted into.
    const inches = text === 'in' && kind === 'sign' && this.#inchesHere()
    if (inches) this.#at++
    const inch = inches ? unitNamed('in') : undefined
    const scale = kind === 'word' ? scaleNamed(text) : undefined
    if (scale && !unitNamed(text)) {
      this.#at++
      return this.#withUnits({
        kind: 'operation',
        operator: '*',
        left: tree,
        right: { kind: 'number', value: scale, units: [], exact: true },
      })
    }
    const units = inch
      ? [{ unit: inch, power: 1 }]
      : kind === 'word' && !functionFollows(text)
        ? this.#units()
        : undefined
    if (!units) return tree
    return tree.kind === 'number' && tree.units.length === 0 ? { ...tree, units } : { kind: 'of', of: tree, units }
  }

  #inchesHere(): boolean {
    const [sign, after] = [this.#tokens[this.#at], this.#tokens[this.#at + 1]]
    const before = this.#tokens[this.#at - 1]
    return sign?.kind === 'sign' && before?.kind === 'number' && after?.kind !== 'word'
  }

  /** `km`, `km/h`, `m^2`; undefined when here is none. A division is only a part of it when a unit follows. */
  #units(): Units | undefined {
    const units: { unit: Units[number]['unit']; power: number }[] = []
    let sign = 1
    for (;;) {
      const token = this.#next
      const isIn = token.text === 'in' && token.kind === 'sign' && units.length === 0
      const unit = token.kind === 'word' || isIn ? unitNamed(token.text) : undefined
      if (!unit || unit.prefix) break
      this.#at++
      units.push({ unit, power: sign * this.#unitPower() })
      const [divided, following] = [this.#next.text, this.#tokens[this.#at + 1]]
      if ((divided !== '/' && divided !== '*') || following?.kind !== 'word') break
      const next = unitNamed(following.text)
      if (!next || next.prefix || functionNamed(following.text)) break
      this.#at++
      sign = divided === '/' ? -1 : 1
    }
    return units.length > 0 ? units : undefined
  }

  #unitPower(): number {
    if (this.#next.text !== '^') return 1
    const minus = this.#tokens[this.#at + 1]?.text === '-' ? 1 : 0
    const power = this.#tokens[this.#at + 1 + minus]
    if (power?.kind !== 'number' || !power.value.isWhole) return 1
    const value = Number(power.value.numerator)
    if (value < 1 || value > 9) return 1
    this.#at += 2 + minus
    return minus ? -value : value
  }

  /** What a value is converted into. */
  #target(): Units {
    if (this.#next.text === '%') {
      const unit = unitNamed('%')
      this.#at++
      if (unit) return [{ unit, power: 1 }]
    }
    const prefix = this.#next.kind === 'word' ? unitNamed(this.#next.text) : undefined
    if (prefix?.prefix) {
      this.#at++
      return [{ unit: prefix, power: 1 }]
    }
    const units = this.#units()
    if (units) return units
    throw this.#next.kind === 'word' ? unknownWord(this.#next.text) : unexpected(this.#next, 'a unit')
  }

  #expect(text: string): void {
    if (this.#next.text !== text) throw unexpected(this.#next, `"${text}"`)
    this.#at++
  }
}

function functionFollows(text: string): boolean {
  return functionNamed(text) !== undefined && unitNamed(text) === undefined
}

function joined(sign: string, left: Tree, right: Tree): Tree {
  if (sign === '分之') return { kind: 'operation', operator: '/', left: right, right: left }
  const operator: Operator = sign === 'of' ? '*' : (sign as Operator)
  return { kind: 'operation', operator, left, right }
}
