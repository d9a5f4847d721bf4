// Roots, logarithms and powers that have no exact value, to 40 digits; exact where there is one.

import { AndonError } from '../core/errors.ts'
import { powerOfTen, Rational, wholeRoot } from './rational.ts'

/** A value, and whether it is the very one. */
export interface Approximate {
  value: Rational
  exact: boolean
}

const digits = 50
const kept = 40
const unit = 10n ** BigInt(digits)
const mostExponent = 5_000

/** The root of a degree from 2 to 12, exact where there is one. Throws `invalid` for an even root of a negative number. */
export function root(of: Rational, degree: number): Approximate {
  if (of.sign < 0) {
    if (degree % 2 === 0)
      throw new AndonError('invalid', `The root of ${of.toText(12)} is no real number: it must not be negative.`)
    const { value, exact } = root(of.negated(), degree)
    return { value: value.negated(), exact }
  }
  const above = wholeRoot(of.numerator, degree)
  const below = wholeRoot(of.denominator, degree)
  const power = BigInt(degree)
  if (above ** power === of.numerator && below ** power === of.denominator)
    return { value: Rational.of(above, below), exact: true }
  // Digits that count, however small or large the number is.
  const shift = kept - Math.floor(of.magnitude() / degree)
  const scaled = of.times(powerOfTen(shift * degree))
  const value = Rational.of(wholeRoot(scaled.numerator / scaled.denominator, degree)).over(powerOfTen(shift))
  return { value, exact: false }
}

/** The natural logarithm. Throws `invalid` for zero and below. */
export function ln(of: Rational): Approximate {
  if (of.sign <= 0)
    throw new AndonError('invalid', `The logarithm of ${of.toText(12)} does not exist: it must be above zero.`)
  if (of.equals(Rational.one)) return { value: Rational.zero, exact: true }
  const powers = of.magnitude()
  const scaled = lnFixed(fixed(of.over(powerOfTen(powers)))) + BigInt(powers) * lnTen()
  return { value: unfixed(scaled), exact: false }
}

/** The logarithm to a base, exact where it is a whole number. */
export function logarithm(of: Rational, base: Rational): Approximate {
  const below = ln(base)
  if (below.value.sign === 0) throw new AndonError('invalid', 'A logarithm to the base 1 does not exist.')
  const value = ln(of)
    .value.over(below.value)
    .toSignificant(kept - 2)
  const whole = value.round()
  const near = Number(whole.toText())
  if (Math.abs(near) <= mostExponent && whole.minus(value).absolute().compare(powerOfTen(-20)) < 0) {
    if (of.equals(base.power(near))) return { value: whole, exact: true }
  }
  return { value, exact: false }
}

/** e to a power. Throws `too-large` beyond ±5,000. */
export function exp(of: Rational): Approximate {
  if (of.sign === 0) return { value: Rational.one, exact: true }
  if (of.absolute().compare(Rational.of(mostExponent)) > 0)
    throw new AndonError('too-large', `e to the power of ${of.toText(12)} is out of range: keep it within ±5,000.`)
  // e^x = 10^n · e^r with r below ln 10.
  const value = fixed(of)
  const powers = value / lnTen()
  let rest = value - powers * lnTen()
  const halvings = 16n
  rest >>= halvings
  let term = unit
  let sum = unit
  for (let step = 1n; term !== 0n; step++) {
    term = (term * rest) / (unit * step)
    sum += term
  }
  for (let step = 0n; step < halvings; step++) sum = (sum * sum) / unit
  return { value: unfixed(sum).times(powerOfTen(Number(powers))), exact: false }
}

/** A power of any exponent: exact for whole ones, and for roots that come out even. */
export function power(base: Rational, exponent: Rational): Approximate {
  if (exponent.isWhole) {
    if (exponent.absolute().compare(Rational.of(100_000)) > 0)
      throw new AndonError('too-large', `The exponent ${exponent.toText(12)} is out of range: keep it within ±100,000.`)
    if (base.sign === 0 && exponent.sign < 0)
      throw new AndonError('invalid', 'Zero to a negative power divides by zero.')
    return { value: base.power(Number(exponent.numerator)), exact: true }
  }
  if (base.sign === 0 && exponent.sign > 0) return { value: base, exact: true }
  if (exponent.denominator <= 12n && exponent.absolute().compare(Rational.of(100)) <= 0) {
    const { value, exact } = root(base, Number(exponent.denominator))
    if (exact) return { value: value.power(Number(exponent.numerator)), exact: true }
  }
  if (base.sign < 0)
    throw new AndonError('invalid', `${base.toText(12)} to a broken power is no real number: it must not be negative.`)
  return exp(exponent.times(ln(base).value))
}

/** π and e, to 50 digits. */
export const constants = {
  pi: Rational.parse('3.1415926535897932384626433832795028841971693993751'),
  e: Rational.parse('2.7182818284590452353602874713526624977572470937'),
}

function fixed(value: Rational): bigint {
  return (value.numerator * unit) / value.denominator
}

function unfixed(value: bigint): Rational {
  return Rational.of(value, unit).toSignificant(kept)
}

let ten: bigint | undefined

function lnTen(): bigint {
  // ln 10 = 3 ln 2 + ln 1.25
  ten ??= 3n * lnFixed(2n * unit) + lnFixed((5n * unit) / 4n)
  return ten
}

/** Of 1 to 10: roots taken until it is near 1, then a series of its inverse hyperbolic tangent. */
function lnFixed(value: bigint): bigint {
  let factor = 2n
  while (value > unit + unit / 10n) {
    value = wholeRoot(value * unit)
    factor *= 2n
  }
  const ratio = ((value - unit) * unit) / (value + unit)
  const square = (ratio * ratio) / unit
  let term = ratio
  let sum = 0n
  for (let odd = 1n; term !== 0n; odd += 2n) {
    sum += term / odd
    term = (term * square) / unit
  }
  return sum * factor
}
