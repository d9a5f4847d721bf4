// Exact numbers: fractions of whole numbers of any size, in lowest terms. A third stays a third; nothing is rounded
// before somebody asks for digits.

import { AndonError } from '../core/errors.ts'

/** Whole numbers of more bits than this are refused: about 2,400 digits. */
const mostBits = 8_192

/** Which way a half goes, and everything else beside it. */
export type Rounding = 'half-up' | 'floor' | 'ceil' | 'trunc'

/** A fraction. Never changes. */
export class Rational {
  static readonly zero = new Rational(0n, 1n)
  static readonly one = new Rational(1n, 1n)

  /** Carries the sign. */
  readonly numerator: bigint
  /** Above zero. */
  readonly denominator: bigint

  private constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator
    this.denominator = denominator
  }

  /** A fraction in lowest terms. Throws `invalid` for a division by zero, `too-large` beyond 2,400 digits. */
  static of(numerator: bigint | number, denominator: bigint | number = 1n): Rational {
    let [above, below] = [BigInt(numerator), BigInt(denominator)]
    if (below === 0n) throw new AndonError('invalid', 'It divides by zero: check the figure below the line.')
    if (below < 0n) [above, below] = [-above, -below]
    const common = below === 1n ? 1n : gcd(above < 0n ? -above : above, below)
    if (common !== 1n) [above, below] = [above / common, below / common]
    if (bitsOf(above) > mostBits || bitsOf(below) > mostBits)
      throw new AndonError(
        'too-large',
        'A number of more than 2,400 digits comes up: use smaller numbers or exponents.',
      )
    return new Rational(above, below)
  }

  /** Reads `-12.5e3`. Throws `invalid` for anything else. */
  static parse(text: string): Rational {
    const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/.exec(text)
    const [, sign, whole = '', part = '', exponent = '0'] = found ?? []
    if (!found || whole + part === '') throw new AndonError('invalid', `"${text.slice(0, 60)}" is no number.`)
    if (whole.length + part.length + Math.abs(Number(exponent)) > mostBits)
      throw new AndonError('too-large', `The number ${text.slice(0, 30)}… has more than 2,400 digits.`)
    const digits = BigInt(whole + part) * (sign === '-' ? -1n : 1n)
    return Rational.of(digits, 1n).times(powerOfTen(Number(exponent) - part.length))
  }

  /** The decimal that a double stands for, to 15 digits: 0.1 is a tenth. Throws `invalid` for NaN and infinity. */
  static fromNumber(value: number): Rational {
    if (!Number.isFinite(value)) throw new AndonError('invalid', `${value} is no number to calculate with.`)
    return Number.isSafeInteger(value) ? Rational.of(value) : Rational.parse(value.toPrecision(15))
  }

  plus(other: Rational): Rational {
    return Rational.of(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    )
  }

  minus(other: Rational): Rational {
    return this.plus(other.negated())
  }

  times(other: Rational): Rational {
    return Rational.of(this.numerator * other.numerator, this.denominator * other.denominator)
  }

  /** Throws `invalid` when the other is zero. */
  over(other: Rational): Rational {
    return Rational.of(this.numerator * other.denominator, this.denominator * other.numerator)
  }

  /** To a whole exponent; beyond what fits it throws `too-large` before it begins. */
  power(exponent: number): Rational {
    if (exponent < 0) return Rational.one.over(this.power(-exponent))
    if (this.numerator === 0n || (this.denominator === 1n && (this.numerator === 1n || this.numerator === -1n)))
      return exponent === 0 || (this.numerator < 0n && exponent % 2 === 0) ? Rational.one : this
    const bits = Math.max(bitsOf(this.numerator), bitsOf(this.denominator)) - 1
    if (bits * exponent > mostBits)
      throw new AndonError('too-large', `The exponent ${exponent} gives more than 2,400 digits: use a smaller one.`)
    return Rational.of(this.numerator ** BigInt(exponent), this.denominator ** BigInt(exponent))
  }

  negated(): Rational {
    return new Rational(-this.numerator, this.denominator)
  }

  absolute(): Rational {
    return this.numerator < 0n ? this.negated() : this
  }

  /** Below zero when this is the smaller one. */
  compare(other: Rational): number {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator
    return difference < 0n ? -1 : difference > 0n ? 1 : 0
  }

  equals(other: Rational): boolean {
    return this.numerator === other.numerator && this.denominator === other.denominator
  }

  get sign(): number {
    return this.numerator < 0n ? -1 : this.numerator > 0n ? 1 : 0
  }

  get isWhole(): boolean {
    return this.denominator === 1n
  }

  /** Rounded to so many digits behind the point; below zero, to tens, hundreds, … `half-up` goes away from zero. */
  round(digits = 0, rounding: Rounding = 'half-up'): Rational {
    const unit = powerOfTen(digits)
    const { numerator, denominator } = this.times(unit)
    const size = numerator < 0n ? -numerator : numerator
    const [whole, rest] = [size / denominator, size % denominator]
    const away =
      rounding === 'half-up'
        ? rest * 2n >= denominator
        : rest > 0n && (rounding === 'floor' ? numerator < 0n : rounding === 'ceil' ? numerator > 0n : false)
    const rounded = away ? whole + 1n : whole
    return Rational.of(numerator < 0n ? -rounded : rounded).over(unit)
  }

  /** Rounded to so many digits that count. */
  toSignificant(digits: number): Rational {
    return this.numerator === 0n ? this : this.round(digits - 1 - this.magnitude())
  }

  /** The power of ten of its first digit: 2 of 123, -1 of 0.5. Zero has 0. */
  magnitude(): number {
    if (this.numerator === 0n) return 0
    const size = this.absolute()
    const guess = String(size.numerator).length - String(size.denominator).length
    return size.compare(powerOfTen(guess)) >= 0 ? guess : guess - 1
  }

  /** Digits behind the point that write it exactly; undefined when no number of them does. */
  decimals(): number | undefined {
    let rest = this.denominator
    const counts = [0, 0]
    for (const [place, prime] of [2n, 5n].entries()) {
      while (rest % prime === 0n) {
        rest /= prime
        counts[place] = (counts[place] ?? 0) + 1
      }
    }
    return rest === 1n ? Math.max(...counts) : undefined
  }

  /** In decimal notation, rounded to so many digits behind the point; without them all must be written by `decimals`. */
  toFixed(digits: number): string {
    const { numerator, denominator } = this.round(digits)
    const scaled = ((numerator < 0n ? -numerator : numerator) * 10n ** BigInt(Math.max(0, digits))) / denominator
    const text = String(scaled).padStart(Math.max(0, digits) + 1, '0')
    const point = text.length - Math.max(0, digits)
    return `${numerator < 0n ? '-' : ''}${text.slice(0, point)}${digits > 0 ? `.${text.slice(point)}` : ''}`
  }

  /** In decimal notation: exact where it has an end within so many digits that count, else rounded to them. */
  toText(significant = 30): string {
    const decimals = this.decimals()
    const whole = Math.max(0, this.magnitude() + 1)
    const most = Math.max(0, significant - 1 - this.magnitude())
    if (decimals !== undefined && decimals <= Math.max(most, whole > significant ? 0 : most))
      return this.toFixed(decimals)
    const text = this.toFixed(most)
    return text.includes('.') ? text.replace(/\.?0+$/, '') : text
  }

  toNumber(): number {
    return Number(this.toText(40))
  }
}

/** 10 to a whole power. */
export function powerOfTen(exponent: number): Rational {
  const power = 10n ** BigInt(Math.abs(exponent))
  return exponent < 0 ? Rational.of(1n, power) : Rational.of(power)
}

/** Rounds down the square root of a whole number, or its root of another degree. */
export function wholeRoot(value: bigint, degree = 2): bigint {
  if (value < 2n) return value
  const power = BigInt(degree)
  let root = 1n << BigInt(Math.ceil(bitsOf(value) / degree))
  for (;;) {
    const next = ((power - 1n) * root + value / root ** (power - 1n)) / power
    if (next >= root) return root
    root = next
  }
}

function gcd(one: bigint, other: bigint): bigint {
  while (other > 0n) [one, other] = [other, one % other]
  return one === 0n ? 1n : one
}

function bitsOf(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4
}
