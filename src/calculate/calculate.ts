// The calculator: an expression in, an exact decimal out, with the steps that lead there.
//
//   calculate('15% of 80 km in mi')  →  { value: '7.456454306848007635208781…', unit: 'mi', exact: false, steps: […] }

import { AndonError } from '../core/errors.ts'
import { callFunction, raise } from './functions.ts'
import { parse, parseUnits } from './parse.ts'
import type { Tree } from './parse.ts'
import { add, convert, multiply, negate, numberOf, plain, unitText } from './quantity.ts'
import type { Quantity } from './quantity.ts'
import { Rational } from './rational.ts'

export interface CalculateOptions {
  /** The unit of the result: `km/h`. Default: what comes out. */
  unit?: string
  /** Digits behind the point that the result is rounded to, 0 to 100; a half goes away from zero. Default: none lost. */
  digits?: number
}

export interface Calculated {
  /** In decimal notation without separators; at most 30 digits that count where it has no end. */
  value: string
  unit?: string
  /** Whether `value` is the very result: false when it was rounded, or is a root or logarithm. */
  exact: boolean
  /** Each operation in turn, for a person: `15 % × 80 = 12`. At most 50. */
  steps: string[]
}

const mostSteps = 50
const mostOperations = 2_000
const shown: Record<string, string> = { '*': '×', '/': '÷', '-': '−', '+': '+', '^': '^', mod: 'mod' }

/**
 * Works out an expression. `+ − × ÷ ^ mod !`, brackets, percents (`15% of 80`, `80 + 15%`), thousands separators, scales
 * (million, 万), units and conversions (`5 km/h in m/s`), functions and Chinese numerals. Throws `invalid` with a sentence
 * about what is wrong, and `too-large` where numbers get beyond 2,400 digits.
 */
export function calculate(expression: string, { unit, digits }: CalculateOptions = {}): Calculated {
  if (digits !== undefined && !(Number.isInteger(digits) && digits >= 0 && digits <= 100))
    throw new AndonError('invalid', `digits must be a whole number from 0 to 100, got ${digits}.`)
  const evaluation = new Evaluation()
  let result = evaluation.of(parse(expression))
  if (unit !== undefined && unit.trim() !== '') result = evaluation.converted(result, parseUnits(unit))
  const { value, units, exact } = result
  const rounded = digits === undefined ? value : value.round(digits)
  const text = digits === undefined ? decimalText(value, exact) : rounded.toFixed(digits)
  const named = unitText(units)
  return {
    value: text,
    ...(named === '' ? {} : { unit: named }),
    exact: exact && Rational.parse(text).equals(value),
    steps: evaluation.steps,
  }
}

/** In decimal notation; what is huge or tiny and has no end, with an exponent. */
function decimalText(value: Rational, exact: boolean): string {
  const magnitude = value.magnitude()
  if ((exact && value.isWhole) || (magnitude < 40 && magnitude > -30)) return value.toText(30)
  const digits = value.toSignificant(30).times(Rational.of(10).power(-magnitude)).toText(30)
  return `${digits}e${magnitude}`
}

class Evaluation {
  readonly steps: string[] = []
  #operations = 0

  of(tree: Tree): Quantity {
    switch (tree.kind) {
      case 'number':
        return tree
      case 'negate':
        return negate(this.of(tree.of))
      case 'factorial': {
        const of = this.of(tree.of)
        const result = factorial(of)
        return this.#noted(`${quantityText(of)}!`, result)
      }
      case 'in':
        return this.converted(this.of(tree.of), tree.units)
      case 'of': {
        const { value, exact } = this.#bare(tree)
        return { value, units: tree.units, exact }
      }
      case 'call': {
        const given = tree.given.map((each) => this.of(each))
        const result = callFunction(tree.name, given)
        return this.#noted(`${tree.name}(${given.map(quantityText).join(', ')})`, result)
      }
      case 'operation': {
        const [left, right] = [this.of(tree.left), this.of(tree.right)]
        const result = operate(tree.operator, left, right)
        return this.#noted(`${inBrackets(left)} ${shown[tree.operator]} ${inBrackets(right)}`, result)
      }
    }
  }

  converted(quantity: Quantity, units: Quantity['units']): Quantity {
    const result = convert(quantity, units)
    return unitText(units) === unitText(quantity.units) ? result : this.#noted(quantityText(quantity), result)
  }

  #bare({ of, units }: Extract<Tree, { of: Tree; units: Quantity['units'] }>): Quantity {
    const value = this.of(of)
    if (value.units.length === 0) return value
    throw new AndonError(
      'invalid',
      `${quantityText(value)} has a unit already: ${unitText(units)} cannot be put to it.`,
    )
  }

  #noted(said: string, result: Quantity): Quantity {
    if (++this.#operations > mostOperations)
      throw new AndonError('too-large', `The expression has more than ${mostOperations} operations: say it in parts.`)
    const text = said.length > 300 ? `${said.slice(0, 300)}…` : said
    const { value, exact } = result
    const sign = exact && Rational.parse(value.toText(12)).equals(value) ? '=' : '≈'
    if (this.steps.length < mostSteps) this.steps.push(`${text} ${sign} ${quantityText(result)}`)
    return result
  }
}

function operate(operator: string, left: Quantity, right: Quantity): Quantity {
  switch (operator) {
    case '+':
      return add(left, right)
    case '-':
      return add(left, right, -1)
    case '*':
      return multiply(left, right)
    case '/':
      if (right.value.sign === 0)
        throw new AndonError('invalid', `${quantityText(left)} is divided by zero: check the figure behind ÷.`)
      return multiply(left, right, -1)
    case 'mod':
      return callFunction('mod', [left, right])
    default:
      return raise(left, right)
  }
}

function factorial(of: Quantity): Quantity {
  const count = numberOf(of, 'What ! takes')
  if (!count.isWhole || count.sign < 0 || count.compare(Rational.of(800)) > 0)
    throw new AndonError('invalid', `A factorial takes a whole number from 0 to 800, got ${count.toText(12)}.`)
  let product = 1n
  for (let factor = 2n; factor <= count.numerator; factor++) product *= factor
  return plain(Rational.of(product), of.exact)
}

function quantityText({ value, units }: Quantity): string {
  const text = Math.abs(value.magnitude()) > 30 ? decimalText(value, false) : value.toText(12)
  const named = unitText(units)
  return named === '' ? text : units[0]?.unit.prefix && units.length === 1 ? `${named}${text}` : `${text} ${named}`
}

function inBrackets(quantity: Quantity): string {
  const text = quantityText(quantity)
  return quantity.value.sign < 0 ? `(${text})` : text
}
