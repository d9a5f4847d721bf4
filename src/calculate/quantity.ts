// A number with its unit: what the calculator adds, multiplies and converts. Units of one dimension become one; units
// of different ones are not added.

import { AndonError } from '../core/errors.ts'
import { Rational } from './rational.ts'
import { unitNamed } from './units.ts'
import type { Unit } from './units.ts'

/** Units with their powers, in the order they are written. */
export type Units = readonly { unit: Unit; power: number }[]

export interface Quantity {
  /** In `units`. */
  value: Rational
  units: Units
  /** False once anything was rounded on the way. */
  exact: boolean
}

export function plain(value: Rational, exact = true): Quantity {
  return { value, units: [], exact }
}

/** What a quantity's units measure, with their powers; zero powers are left out. */
export function dimensionsOf(units: Units): Map<string, number> {
  const all = new Map<string, number>()
  for (const { unit, power } of units)
    for (const [name, of] of Object.entries(unit.dimensions)) all.set(name, (all.get(name) ?? 0) + of * power)
  for (const [name, power] of all) if (power === 0) all.delete(name)
  return all
}

/** How many base units one of these is. */
export function factorOf(units: Units): Rational {
  return units.reduce((factor, { unit, power }) => factor.times(unit.factor.power(power)), Rational.one)
}

/** `km/h`, `kg*m^2`; empty for none. */
export function unitText(units: Units): string {
  const part = ({ unit, power }: Units[number]): string =>
    Math.abs(power) === 1 ? unit.symbol : `${unit.symbol}^${Math.abs(power)}`
  const above = units.filter(({ power }) => power > 0).map(part)
  const below = units.filter(({ power }) => power < 0).map(part)
  if (below.length === 0) return above.join('*')
  return `${above.join('*') || '1'}/${below.length > 1 ? `(${below.join('*')})` : (below[0] ?? '')}`
}

export function isPercent(quantity: Quantity): boolean {
  const [only] = quantity.units
  return quantity.units.length === 1 && only?.unit.symbol === '%' && only.power === 1
}

/** Whether it counts from a point that is not zero: 20 °C. */
export function hasOffset({ units }: Quantity): boolean {
  return units.length === 1 && units[0]?.unit.offset !== undefined && units[0].power === 1
}

/** The same in other units. Throws `invalid` when they do not measure the same. */
export function convert(quantity: Quantity, units: Units): Quantity {
  const { value, exact } = quantity
  if (!sameDimensions(quantity.units, units)) throw cannot('be given in', quantity.units, units)
  const [from, to] = [quantity.units[0], units[0]]
  if ((hasOffset(quantity) || hasOffset({ value, units, exact })) && from && to) {
    const kelvin = value.times(from.unit.factor).plus(from.unit.offset ?? Rational.zero)
    return { value: kelvin.minus(to.unit.offset ?? Rational.zero).over(to.unit.factor), units, exact }
  }
  return { value: value.times(factorOf(quantity.units)).over(factorOf(units)), units, exact }
}

/** As a number: percents as shares. Throws `invalid` when it has a unit that measures something. */
export function numberOf(quantity: Quantity, what: string): Rational {
  if (dimensionsOf(quantity.units).size > 0)
    throw new AndonError(
      'invalid',
      `${what} must be a number without a unit, got ${quantity.value.toText(12)} ${unitText(quantity.units)}.`,
    )
  return quantity.value.times(factorOf(quantity.units))
}

export function add(one: Quantity, other: Quantity, sign: 1 | -1 = 1): Quantity {
  const exact = one.exact && other.exact
  // 80 + 15% is what a till makes of it.
  if (isPercent(other) && !isPercent(one)) {
    const share = other.value.over(Rational.of(100))
    const factor = sign === 1 ? Rational.one.plus(share) : Rational.one.minus(share)
    return { value: one.value.times(factor), units: one.units, exact }
  }
  if (hasOffset(one) || hasOffset(other)) return addTemperatures(one, other, sign)
  if (!sameDimensions(one.units, other.units))
    throw cannot(sign === 1 ? 'be added to' : 'be taken from', other.units, one.units)
  const right = convert(other, one.units).value
  return { value: sign === 1 ? one.value.plus(right) : one.value.minus(right), units: one.units, exact }
}

export function multiply(one: Quantity, other: Quantity, sign: 1 | -1 = 1): Quantity {
  if (hasOffset(one) && other.units.length > 0) throw offset(one)
  if (hasOffset(other)) throw offset(other)
  const exact = one.exact && other.exact
  let value = sign === 1 ? one.value.times(other.value) : one.value.over(other.value)
  const units = one.units.map((part) => ({ ...part }))
  for (const { unit, power } of other.units) {
    const change = power * sign
    const same = units.find((part) => part.unit === unit)
    const like = same ?? units.find((part) => part.unit.offset === undefined && multipleOf(part.unit, unit))
    // Shares are numbers.
    if (Object.keys(unit.dimensions).length === 0) {
      value = value.times(unit.factor.power(change))
      continue
    }
    if (!like) units.push({ unit, power: change })
    else {
      value = value.times(unit.factor.over(like.unit.factor).power(change))
      like.power += change
    }
  }
  const shares = units.filter(({ unit }) => Object.keys(unit.dimensions).length === 0)
  const rest = units.filter(({ unit, power }) => power !== 0 && !shares.some((share) => share.unit === unit))
  // A third of 15 % is 5 %; 15 % of 80 is 12.
  if (rest.length === 0 && other.units.length === 0 && shares.length > 0 && sign === -1)
    return { value, units: shares, exact }
  for (const share of shares) value = value.times(share.unit.factor.power(share.power))
  // Metres by square metres: what has cancelled out is a number.
  if (dimensionsOf(rest).size === 0) return { value: value.times(factorOf(rest)), units: [], exact }
  return { value, units: rest, exact }
}

export function negate(quantity: Quantity): Quantity {
  return { ...quantity, value: quantity.value.negated() }
}

export function sameDimensions(one: Units, other: Units): boolean {
  const [left, right] = [dimensionsOf(one), dimensionsOf(other)]
  return left.size === right.size && [...left].every(([name, power]) => right.get(name) === power)
}

function addTemperatures(one: Quantity, other: Quantity, sign: 1 | -1): Quantity {
  const kelvin = unitNamed('K')
  if (sign === 1 || !kelvin || !hasOffset(one) || !sameDimensions(one.units, other.units))
    throw offset(hasOffset(one) ? one : other)
  const units = [{ unit: kelvin, power: 1 }]
  return {
    value: convert(one, units).value.minus(convert(other, units).value),
    units,
    exact: one.exact && other.exact,
  }
}

/** Whether two units measure the same single thing, so that one can be said in the other. */
function multipleOf(one: Unit, other: Unit): boolean {
  const [left, right] = [Object.entries(one.dimensions), Object.entries(other.dimensions)]
  return left.length === right.length && left.every(([name, power]) => other.dimensions[name] === power)
}

function cannot(verb: string, what: Units, to: Units): AndonError {
  const named = (units: Units): string => (units.length === 0 ? 'a bare number' : unitText(units))
  const money = [...dimensionsOf(what).keys(), ...dimensionsOf(to).keys()].filter((name) =>
    /^(?:[A-Z]{3}|¥)$/.test(name),
  )
  const why =
    money.length > 1 ? 'there are no exchange rates here: give the rate as a number' : 'they do not measure the same'
  return new AndonError('invalid', `${named(what)} cannot ${verb} ${named(to)}: ${why}.`)
}

function offset({ units }: Quantity): AndonError {
  return new AndonError(
    'invalid',
    `${unitText(units)} counts from a point that is not zero: convert to K first, or only compare temperatures by subtracting them.`,
  )
}
