import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { arrivals } from './arrivals.ts'
import { drawLength, lengthsOf } from './lengths.ts'
import { seeded } from '../core/random.ts'
import { derived, gamma } from './random.ts'
import { deviation, mean } from './statistics.ts'
import { makeWork, type Workload } from './workload.ts'

const many = 20_000

function gapsOf(due: number[]): number[] {
  return due.map((at, index) => at - (due[index - 1] ?? 0))
}

test('constant arrivals are evenly spaced', () => {
  assert.deepEqual(arrivals({ kind: 'constant' }, 4, 4, 1), [250, 500, 750, 1000])
})

test('arrivals end at the asked time', () => {
  assert.deepEqual(arrivals({ kind: 'constant' }, 4, 1000, 1, 1000), [250, 500, 750])
})

test('Poisson arrivals have the asked rate and a coefficient of variation of 1', () => {
  const gaps = gapsOf(arrivals({ kind: 'poisson' }, 50, many, 7))
  assert.ok(Math.abs(mean(gaps) / 20 - 1) < 0.03, `mean ${mean(gaps)}`)
  assert.ok(Math.abs(deviation(gaps) / mean(gaps) - 1) < 0.03)
})

for (const burstiness of [0.25, 1, 4]) {
  test(`Gamma arrivals of burstiness ${burstiness} have the asked rate and vary by 1/√${burstiness}`, () => {
    const gaps = gapsOf(arrivals({ kind: 'gamma', burstiness }, 50, many, 7))
    assert.ok(Math.abs(mean(gaps) / 20 - 1) < 0.05, `mean ${mean(gaps)}`)
    assert.ok(Math.abs((deviation(gaps) / mean(gaps)) * Math.sqrt(burstiness) - 1) < 0.05)
  })
}

test('the same seed draws the same arrivals, another one others', () => {
  const draw = (seed: number): number[] => arrivals({ kind: 'poisson' }, 10, 50, seed)
  assert.deepEqual(draw(3), draw(3))
  assert.notDeepEqual(draw(3), draw(4))
})

test('parts of a run have seeds of their own', () => {
  const seeds = new Set([
    derived(1, 'a', 1),
    derived(1, 'a', 2),
    derived(1, 'a1'),
    derived(2, 'a', 1),
    derived(1, 'b', 1),
  ])
  assert.equal(seeds.size, 5)
})

test('gamma draws are positive also for small shapes', () => {
  const random = seeded(5)
  for (let at = 0; at < 2000; at += 1) assert.ok(gamma(0.05, random) >= 0)
})

test('lengths are read, drawn within their bounds, and refused with a sentence', () => {
  assert.deepEqual(lengthsOf('512', '--input'), { kind: 'fixed', value: 512 })
  const random = seeded(1)
  const uniform = lengthsOf('uniform:3:5', '--input')
  const seen = new Set(Array.from({ length: 500 }, () => drawLength(uniform, random)))
  assert.deepEqual(
    [3, 4, 5].map((length) => seen.has(length)),
    [true, true, true],
  )
  assert.equal(seen.size, 3)
  const normal = lengthsOf('normal:100:10', '--input')
  const drawn = Array.from({ length: 5000 }, () => drawLength(normal, random))
  assert.ok(Math.abs(mean(drawn) - 100) < 1)
  assert.ok(Math.abs(deviation(drawn) - 10) < 1)
  const lognormal = Array.from({ length: 5001 }, () => drawLength(lengthsOf('lognormal:200:0.5', '--input'), random))
  assert.ok(Math.abs((lognormal.sort((one, other) => one - other)[2500] ?? 0) - 200) < 10)
  for (const wrong of ['', '0', '-3', '1.5', 'uniform:5:3', 'normal:5', 'zipf:1:2', 'uniform:1:2:3'])
    assert.throws(() => lengthsOf(wrong, '--input'), AndonError, wrong)
})

const synthetic: Workload = {
  kind: 'synthetic',
  input: { kind: 'fixed', value: 100 },
  output: { kind: 'uniform', from: 5, to: 50 },
  sharedPrefix: 0.5,
  prefixGroups: 1,
}

test('targets and runs are asked the same but for the first word, and each phase something else', () => {
  const of = (target: string, phase: string, index: number, run = 'r'): { words: string[]; maxTokens: number } => {
    const { messages, maxTokens } = makeWork(synthetic, { seed: 1, run, phase, target })(index)
    return { words: messages[0]?.content.split(' ') ?? [], maxTokens }
  }
  const [a, b, later, next] = [of('a', 'c=1/1', 0), of('b', 'c=1/1', 0), of('a', 'c=1/2', 0), of('a', 'c=1/1', 1)]
  assert.equal(a.words.length, 100)
  assert.deepEqual(a.words.slice(1), b.words.slice(1))
  assert.equal(a.maxTokens, b.maxTokens)
  assert.notEqual(a.words[0], b.words[0])
  assert.notDeepEqual(a.words.slice(1), later.words.slice(1))
  const again = of('a', 'c=1/1', 0, 's')
  assert.deepEqual([again.words.slice(1), again.maxTokens], [a.words.slice(1), a.maxTokens])
  assert.notEqual(again.words[0], a.words[0])
  assert.equal(again.words[0]?.length, a.words[0]?.length)
  assert.deepEqual(of('a', 'c=1/1', 0), a)
  // Half is shared with the next request of the phase, the rest is its own.
  assert.deepEqual(a.words.slice(0, 50), next.words.slice(0, 50))
  assert.notDeepEqual(a.words.slice(51), next.words.slice(51))
})

test('the asked share of requests is left, the same ones for every target', () => {
  const cancelling: Workload = { ...synthetic, cancel: { share: 0.25, afterMs: 10 } }
  const left = (target: string): number[] => {
    const work = makeWork(cancelling, { seed: 1, run: 'r', phase: 'p', target })
    return Array.from({ length: 1000 }, (_, at) => at).filter((at) => work(at).cancelAfterMs === 10)
  }
  assert.ok(Math.abs(left('a').length - 250) < 45, `${left('a').length}`)
  assert.deepEqual(left('a'), left('b'))
})

test('requests of one’s own are shuffled, and used again when all were used', () => {
  const requests = Array.from({ length: 5 }, (_, at) => ({ messages: [{ role: 'user', content: `q${at}` }] }))
  const work = makeWork(
    { kind: 'own', requests, output: { kind: 'fixed', value: 9 } },
    { seed: 1, run: 'r', phase: 'p', target: 'a' },
  )
  const asked = Array.from({ length: 10 }, (_, at) => work(at).messages[0]?.content ?? '')
  assert.deepEqual(asked.slice(0, 5).sort(), ['q0', 'q1', 'q2', 'q3', 'q4'])
  assert.deepEqual(asked.slice(5), asked.slice(0, 5))
  assert.equal(work(0).maxTokens, 9)
})
