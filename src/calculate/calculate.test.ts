import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { calculate } from './calculate.ts'
import { Rational } from './rational.ts'
import { exp, ln, power, root } from './transcendental.ts'

/** `12.7 cm` */
const result = (expression: string): string => {
  const { value, unit } = calculate(expression)
  return unit === undefined ? value : `${value} ${unit}`
}

const table: Record<string, readonly [expression: string, result: string][]> = {
  'operators bind as they do on paper': [
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['-2^2', '-4'],
    ['2^3^2', '512'],
    ['2**-1', '0.5'],
    ['8^(1/3)', '2'],
    ['-5 mod 3', '1'],
    ['5! / 10', '12'],
    ['12 × (3 − 1) ÷ 4 =', '6'],
    ['7 divided by 2', '3.5'],
    ['3 x 4 plus 5 minus 1 times 2', '15'],
  ],
  'decimals are exact': [
    ['0.1 + 0.2', '0.3'],
    ['1/3*3', '1'],
    ['1e3 + .5', '1000.5'],
    ['99999999999999999999 + 1', '100000000000000000000'],
  ],
  'percents are read as they are said': [
    ['15% of 80', '12'],
    ['80 + 15%', '92'],
    ['80 - 15%', '68'],
    ['15% + 5%', '20 %'],
    ['15% / 3', '5 %'],
    ['20% * 50%', '0.1'],
    ['12/80 in %', '15 %'],
    ['change(100, 112.3)', '12.3 %'],
    ['(3 + 4)%', '7 %'],
    ['50 bp in %', '0.5 %'],
  ],
  'thousands have separators; in a function, commas separate arguments': [
    ['1,234.5 + 1', '1235.5'],
    ['1_000_000 / 4', '250000'],
    ['max(1,234)', '234'],
    ['sum(1,234; 5,678)', '6912'],
    ['max((1,234), 5)', '1234'],
  ],
  'scales count': [
    ['1.5 million + 300 thousand', '1800000'],
    ['$1.5M * 2', '3000000 $'],
    ['$5B / 4', '1250000000 $'],
    ['(1 + 2) million', '3000000'],
  ],
  'units are converted, multiplied and cancelled': [
    ['5 km in m', '5000 m'],
    ['5 in in cm', '12.7 cm'],
    ['5 ft + 3 in in cm', '160.02 cm'],
    ['3 m * 40 cm', '1.2 m^2'],
    ['100 km / 2 h', '50 km/h'],
    ['120 km / 60 km/h in h', '2 h'],
    ['36 km/h in m/s', '10 m/s'],
    ['5 MB / 1 Mbit/s', '40 s'],
    ['1 KiB in B', '1024 B'],
    ['20 °C in °F', '68 °F'],
    ['-40 F in C', '-40 °C'],
    ['30 °C - 20 °C', '10 K'],
    ['10 kWh / 2 h in kW', '5 kW'],
    ['$5/kg * 3 kg', '15 $'],
    ['100 USD + 5%', '105 USD'],
    ['sqrt(16 m^2)', '4 m'],
    ['1 L in cm^3', '1000 cm^3'],
    ['2 years + 6 months in years', '2.5 years'],
  ],
  functions: [
    ['round(2.345, 2)', '2.35'],
    ['round(-2.5)', '-3'],
    ['floor(-2.5) + ceil(2.1) + trunc(-2.9)', '-2'],
    ['min(3, 1, 2) + max(3, 1, 2)', '4'],
    ['avg(1, 2, 3, 4)', '2.5'],
    ['median(3, 1, 2)', '2'],
    ['median(4, 1, 2, 3)', '2.5'],
    ['mean(10 kg, 500 g)', '5.25 kg'],
    ['log10(1000) + log2(8) + log(81, 3)', '10'],
    ['abs(-3) + sqrt(2.25)', '4.5'],
    ['stdev(2, 4, 4, 4, 6)', '1.4142135623730950488016887242'],
  ],
  'Chinese is read': [
    ['三万五千 + 1.5亿', '150035000'],
    ['百分之十五 的 80', '12'],
    ['80的15%', '12'],
    ['3万5千', '35000'],
    ['四分之三', '0.75'],
    ['二〇〇八 加 1', '2009'],
    ['12乘以7减4', '80'],
    ['120 公里 除以 2 小时', '60 km/h'],
    ['１２＋３', '15'],
    ['1.5万 元 + 2000 元', '17000 CNY'],
    ['3 千米 in m', '3000 m'],
  ],
}
for (const [what, rows] of Object.entries(table)) {
  test(what, () => {
    for (const [expression, expected] of rows) {
      const said = result(expression)
      if (expression.startsWith('stdev')) assert.ok(said.startsWith(expected.slice(0, 20)), said)
      else assert.equal(said, expected, expression)
    }
  })
}

test('what is wrong is named, with its place or what to do', () => {
  for (const [expression, sentence] of [
    ['', /empty/],
    ['5 +', /ends where a number should be/],
    ['(1 + 2', /ends where "\)" should be/],
    ['2(3)', /write \* to multiply/],
    ['7 % 3', /write mod/],
    ['3 apples', /"apples" is no unit/],
    ['kilomete', /Did you mean kilometre/],
    ['1/0', /divided by zero/],
    ['5 kg + 2', /bare number cannot be added to kg/],
    ['5 kg in m', /kg cannot be given in m/],
    ['$5 + €3', /no exchange rates/],
    ['20 °C + 5 °C', /not zero/],
    ['sqrt(-1)', /no real number/],
    ['ln(0)', /must be above zero/],
    ['1.234,56', /the decimal sign is a point/],
    ['round(1, 2, 3)', /takes 1 to 2 arguments, got 3/],
    ['globalThis.process', /no unit|belong|means nothing/],
    ['5 km km', /already|Nothing/],
  ] as const)
    assert.throws(() => calculate(expression), sentence, expression)
})

test('nothing grows without a bound', () => {
  for (const expression of [
    '9^9^9',
    '10^5000',
    '2^100000',
    '1e9999',
    'exp(1000000)',
    '900!',
    '('.repeat(200) + '1' + ')'.repeat(200),
    '-'.repeat(500) + '1',
    '1+'.repeat(3000) + '1',
    '(7/3)^4000',
  ])
    assert.throws(() => calculate(expression), /\[(?:too-large|invalid)\]/, expression.slice(0, 20))
})

test('a result says whether it is exact, its unit and its steps', () => {
  assert.deepEqual(calculate('15% of 80 + 1'), {
    value: '13',
    exact: true,
    steps: ['15 % × 80 = 12', '12 + 1 = 13'],
  })
  assert.deepEqual(calculate('5 km', { unit: 'm' }), {
    value: '5000',
    unit: 'm',
    exact: true,
    steps: ['5 km = 5000 m'],
  })
  assert.deepEqual(calculate('10/3', { digits: 2 }), { value: '3.33', exact: false, steps: ['10 ÷ 3 ≈ 3.33333333333'] })
  assert.equal(calculate('1/3').exact, false)
  assert.equal(calculate('sqrt(2)').exact, false)
  assert.equal(calculate('2.50', { digits: 3 }).value, '2.500')
  assert.throws(() => calculate('1', { digits: 1.5 }), /whole number from 0 to 100/)
})

/** An expression of whole numbers with its exact value, as a fraction of BigInts. */
type Exact = { text: string; above: bigint; below: bigint }
const leaf = fc.integer({ min: -999, max: 999 }).map((value): Exact => {
  return { text: value < 0 ? `(${value})` : String(value), above: BigInt(value), below: 1n }
})
const { tree } = fc.letrec<{ tree: Exact }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.tuple(fc.constantFrom('+', '-', '*', '/'), tie('tree'), tie('tree')).map(([sign, one, other]): Exact => {
      const text = `(${one.text} ${sign} ${other.text})`
      if (sign === '*') return { text, above: one.above * other.above, below: one.below * other.below }
      // What divides by zero anywhere has zero below the line from then on.
      if (sign === '/')
        return { text, above: one.above * other.below ** 2n, below: one.below * other.above * other.below }
      const right = sign === '-' ? -other.above : other.above
      return { text, above: one.above * other.below + right * one.below, below: one.below * other.below }
    }),
  ),
}))

test('any expression of the four operations comes out as fractions of whole numbers do', () => {
  fc.assert(
    fc.property(tree, ({ text, above, below }) => {
      if (below === 0n) {
        assert.throws(() => calculate(text), /zero/)
        return
      }
      const { value, exact } = calculate(text, { digits: 40 })
      const expected = Rational.of(above, below)
      assert.equal(value, expected.toFixed(40))
      assert.equal(exact, Rational.parse(value).equals(expected))
    }),
    { numRuns: 300 },
  )
})

test('rounding is what whole-number arithmetic makes of it, and text is read back', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.bigInt({ min: 1n, max: 10n ** 12n }),
      fc.nat(12),
      (above, below, digits) => {
        const value = Rational.of(above, below)
        const text = value.toFixed(digits)
        const unit = 10n ** BigInt(digits)
        const size = above < 0n ? -above : above
        const rounded = (2n * size * unit + below) / (2n * below)
        assert.equal(
          Rational.parse(text).numerator * unit,
          (above < 0n ? -rounded : rounded) * Rational.parse(text).denominator,
        )
        if (value.decimals() !== undefined) assert.ok(Rational.parse(value.toText(200)).equals(value))
      },
    ),
  )
})

test('roots, logarithms and powers agree with those of the machine, and undo each other', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (double) => {
      const value = Rational.fromNumber(double)
      const near = (one: number, other: number): void => {
        assert.ok(Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other)), `${one} ≠ ${other}`)
      }
      near(ln(value).value.toNumber(), Math.log(double))
      near(root(value, 2).value.toNumber(), Math.sqrt(double))
      near(power(value, Rational.parse('0.3')).value.toNumber(), double ** 0.3)
      const back = exp(ln(value).value).value.over(value).minus(Rational.one).absolute()
      assert.ok(back.compare(Rational.parse('1e-30')) < 0, back.toText())
    }),
    { numRuns: 60 },
  )
})
