import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { compareResults, conditionOf } from './compare.ts'
import type { ReadResult } from './result.ts'

function result(summary: Record<string, unknown>, changes: Partial<ReadResult> = {}): ReadResult {
  return {
    schema: 'andon.bench/1',
    complete: true,
    valid: true,
    cells: [{ name: 'c=8', targets: [{ target: 'a', valid: true, summary: { requests: 100, ok: 100, ...summary } }] }],
    ...changes,
  }
}

const before = result({ rps: 100, failed: 0, ttft: { p50: 50, p99: 200 } })
const after = result({ rps: 94, failed: 1, ttft: { p50: 52, p99: 230 } })

function fails(...conditions: string[]): string[] {
  return compareResults(before, after, conditions.map(conditionOf)).failures.map(({ condition }) => condition)
}

test('conditions hold against the change, the difference, or the value', () => {
  assert.deepEqual(fails('ttft.p99 > +10%', 'ttft.p50 > +10%'), ['ttft.p99 > +10%'])
  assert.deepEqual(fails('rps < -5%', 'rps < -10%'), ['rps < -5%'])
  assert.deepEqual(fails('ttft.p50 > +1.5 ms', 'ttft.p50>=+2ms', 'ttft.p50 > +2ms'), [
    'ttft.p50 > +1.5 ms',
    'ttft.p50>=+2ms',
  ])
  assert.deepEqual(fails('ttft.p99 > 200', 'ttft.p99 <= 230', 'ttft.p99 < 230'), ['ttft.p99 > 200', 'ttft.p99 <= 230'])
  // From nothing to something is more than any percentage.
  assert.deepEqual(fails('failed > +50%', 'failed > 0'), ['failed > +50%', 'failed > 0'])
})

test('a condition that is none is refused with a sentence', () => {
  const wrong = [
    '',
    'ttft.p99',
    'ttft.p99 = 5',
    'ttft.p99 > 10%',
    '> 5',
    'a.b.c > 1',
    'rps < -5% and more',
    '__proto__ > 1',
  ]
  for (const each of wrong) assert.throws(() => conditionOf(each), AndonError, each)
  assert.throws(() => fails('constructor.length > 0'), /do not both have/)
})

test('a condition that could never hold is refused, and so are results with nothing in common', () => {
  assert.throws(() => fails('goodput < -5%'), /goodput, which the results do not both have/)
  const elsewhere = result({}, { cells: [] })
  assert.throws(() => compareResults(before, elsewhere, []), /nothing can be compared/)
})

test('each value has its unit, and a count has none', () => {
  const { values, failures } = compareResults(before, after, [conditionOf('ttft.p99 > +10%')])
  assert.deepEqual(
    values.map(({ metric, unit }) => [metric, unit]),
    [
      ['rps', 'req/s'],
      ['ttft.p50', 'ms'],
      ['ttft.p99', 'ms'],
      ['failed', undefined],
    ],
  )
  assert.equal(failures[0]?.unit, 'ms')
})

test('a value needs the second result only', () => {
  const old = result({ rps: 100 })
  assert.equal(compareResults(old, after, [conditionOf('ttft.p99 > 100')]).failures.length, 1)
})

test('runs that should not be trusted are named', () => {
  const { warnings, values } = compareResults(
    result({ rps: 100 }, { valid: false }),
    result({ rps: 110 }, { complete: false }),
    [],
  )
  assert.equal(warnings.length, 2)
  assert.deepEqual(values[0], {
    cell: 'c=8',
    target: 'a',
    metric: 'rps',
    unit: 'req/s',
    before: 100,
    after: 110,
    change: 10,
  })
})

test('it is said when one run found more of its prompts in the prefix cache, and only then', () => {
  const cached = (cachedTokens: number): ReadResult => result({ rps: 9, promptTokens: 1000, cachedTokens })
  const { remarks, warnings } = compareResults(cached(0), cached(944), [])
  assert.deepEqual(warnings, [])
  assert.equal(remarks.length, 1)
  assert.match(remarks[0] ?? '', /of the prompt tokens of a under c=8, 0 % came .* first run and 94\.4 % in the second/)
  assert.deepEqual(compareResults(cached(500), cached(520), []).remarks, [])
  assert.deepEqual(compareResults(before, cached(944), []).remarks, [])
})
