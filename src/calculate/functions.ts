// The functions of the calculator: rounding, lists, roots and logarithms. Those of lists keep the unit of their values.

import { AndonError } from '../core/errors.ts'
import { add, convert, hasOffset, numberOf, plain, unitText } from './quantity.ts'
import type { Quantity } from './quantity.ts'
import { Rational } from './rational.ts'
import type { Rounding } from './rational.ts'
import { exp, ln, logarithm, power, root } from './transcendental.ts'
import type { Approximate } from './transcendental.ts'
import { unitNamed } from './units.ts'

export interface Calculation {
  name: string
  /** How many arguments it takes, at least and at most. */
  least: number
  most: number
  of(given: readonly Quantity[]): Quantity
}

const all = new Map<string, Calculation>()

/** The function of a name, whatever its letters' case. */
export function functionNamed(name: string): Calculation | undefined {
  return all.get(name.toLowerCase())
}

export function functionNames(): string[] {
  return [...new Set([...all.values()].map(({ name }) => name))]
}

/** Calls it. Throws `invalid` when the number of arguments is not what it takes. */
export function callFunction(name: string, given: readonly Quantity[]): Quantity {
  const found = functionNamed(name)
  if (!found) throw new AndonError('invalid', `There is no function ${name}. Functions: ${functionNames().join(', ')}.`)
  const { least, most } = found
  if (given.length < least || given.length > most) {
    const takes = least === most ? String(least) : most === Infinity ? `at least ${least}` : `${least} to ${most}`
    throw new AndonError('invalid', `${name} takes ${takes} argument${takes === '1' ? '' : 's'}, got ${given.length}.`)
  }
  return found.of(given)
}

/** A quantity to a power; its units to the same. Throws `invalid` where that is nothing. */
export function raise(base: Quantity, exponent: Quantity): Quantity {
  const by = numberOf(exponent, 'An exponent')
  const exact = base.exact && exponent.exact
  if (base.units.length === 0) {
    const raised = power(base.value, by)
    return plain(raised.value, raised.exact && exact)
  }
  if (hasOffset(base) || base.units.some(({ unit }) => Object.keys(unit.dimensions).length === 0))
    return raise(plain(numberOf(base, 'What is raised')), exponent)
  const whole = by.isWhole ? Number(by.numerator) : Number.NaN
  const degree = Number(by.denominator)
  if (by.numerator === 1n && degree > 1 && base.units.every(({ power }) => power % degree === 0)) {
    const { value, exact: even } = root(base.value, degree)
    return {
      value,
      units: base.units.map(({ unit, power }) => ({ unit, power: power / degree })),
      exact: even && exact,
    }
  }
  if (!(Math.abs(whole) <= 9))
    throw new AndonError(
      'invalid',
      `${base.value.toText(12)} ${unitText(base.units)} can only be raised to a whole power up to 9, got ${by.toText(12)}.`,
    )
  const units = whole === 0 ? [] : base.units.map(({ unit, power }) => ({ unit, power: power * whole }))
  return { value: base.value.power(whole), units, exact }
}

function define(names: string, least: number, most: number, of: Calculation['of']): void {
  const [name = '', ...others] = names.split(' ')
  for (const each of [name, ...others]) all.set(each, { name, least, most, of })
}

function first(given: readonly Quantity[]): Quantity {
  return given[0] ?? plain(Rational.zero)
}

/** All in the unit of the first. */
function alike(given: readonly Quantity[]): Rational[] {
  return given.map((each) => convert(each, first(given).units).value)
}

function withValue(given: readonly Quantity[], value: Rational): Quantity {
  return { value, units: first(given).units, exact: given.every(({ exact }) => exact) }
}

function digitsOf(quantity: Quantity | undefined): number {
  if (!quantity) return 0
  const digits = numberOf(quantity, 'The number of digits')
  if (!digits.isWhole || digits.absolute().compare(Rational.of(100)) > 0)
    throw new AndonError(
      'invalid',
      `The number of digits must be a whole one from -100 to 100, got ${digits.toText(12)}.`,
    )
  return Number(digits.numerator)
}

function approximate(given: readonly Quantity[], { value, exact }: Approximate): Quantity {
  return plain(value, exact && given.every((each) => each.exact))
}

for (const [names, rounding] of [
  ['round', 'half-up'],
  ['floor', 'floor'],
  ['ceil ceiling', 'ceil'],
  ['trunc', 'trunc'],
] as [string, Rounding][])
  define(names, 1, 2, (given) => withValue(given.slice(0, 1), first(given).value.round(digitsOf(given[1]), rounding)))

define('abs', 1, 1, (given) => withValue(given, first(given).value.absolute()))
define('min', 1, Infinity, (given) =>
  withValue(
    given,
    alike(given).reduce((one, other) => (one.compare(other) <= 0 ? one : other)),
  ),
)
define('max', 1, Infinity, (given) =>
  withValue(
    given,
    alike(given).reduce((one, other) => (one.compare(other) >= 0 ? one : other)),
  ),
)
define('sum total', 1, Infinity, (given) => given.reduce((one, other) => add(one, other)))
define('mean avg average', 1, Infinity, (given) => withValue(given, total(given).over(Rational.of(given.length))))
define('median', 1, Infinity, (given) => {
  const sorted = alike(given).sort((one, other) => one.compare(other))
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Rational.zero
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? upper)
  return withValue(given, lower.plus(upper).over(Rational.of(2)))
})
define('product', 1, Infinity, (given) =>
  plain(
    given.reduce((value, each) => value.times(numberOf(each, 'A factor of product')), Rational.one),
    given.every(({ exact }) => exact),
  ),
)
define('stdev', 2, Infinity, (given) => {
  const values = alike(given)
  const mean = total(given).over(Rational.of(values.length))
  const squares = values.reduce((sum, value) => sum.plus(value.minus(mean).power(2)), Rational.zero)
  const { value, exact } = root(squares.over(Rational.of(values.length - 1)), 2)
  return { value, units: first(given).units, exact: exact && given.every((each) => each.exact) }
})
define('change', 2, 2, (given) => {
  const [from, to] = alike(given)
  if (!from || !to || from.sign === 0)
    throw new AndonError('invalid', 'A change from 0 is no percentage: take the difference instead.')
  const percent = unitNamed('%')
  const value = to.minus(from).over(from.absolute()).times(Rational.of(100))
  return { value, units: percent ? [{ unit: percent, power: 1 }] : [], exact: given.every(({ exact }) => exact) }
})
define('sqrt', 1, 1, (given) => raise(first(given), plain(Rational.of(1, 2))))
define('cbrt', 1, 1, (given) => raise(first(given), plain(Rational.of(1, 3))))
define('ln', 1, 1, (given) => approximate(given, ln(numberOf(first(given), 'What ln takes'))))
define('log10', 1, 1, (given) =>
  approximate(given, logarithm(numberOf(first(given), 'What log10 takes'), Rational.of(10))),
)
define('log2', 1, 1, (given) =>
  approximate(given, logarithm(numberOf(first(given), 'What log2 takes'), Rational.of(2))),
)
define('log', 2, 2, ([of, base]) => {
  const given = [of ?? plain(Rational.one), base ?? plain(Rational.one)]
  return approximate(
    given,
    logarithm(numberOf(first(given), 'What log takes'), numberOf(given[1] ?? first(given), 'The base of log')),
  )
})
define('exp', 1, 1, (given) => approximate(given, exp(numberOf(first(given), 'What exp takes'))))
define('pow', 2, 2, ([base, exponent]) => raise(base ?? plain(Rational.one), exponent ?? plain(Rational.one)))
define('mod', 2, 2, (given) => {
  const [of, by] = alike(given)
  if (!of || !by || by.sign === 0) throw new AndonError('invalid', 'mod divides by zero: give another second argument.')
  return withValue(given, of.minus(by.times(of.over(by).round(0, 'floor'))))
})

function total(given: readonly Quantity[]): Rational {
  return alike(given).reduce((one, other) => one.plus(other))
}
