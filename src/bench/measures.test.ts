import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ratioOf, comparedMetrics, winner, type ComparedMetric } from './ratio.ts'
import { keeps, summarise, tpot, ttft } from './measures.ts'
import { seeded } from '../core/random.ts'
import type { RequestRecord } from './record.ts'
import { overSaturated, type Glance } from './saturation.ts'
import { selfChecks, type ClientState } from './self-checks.ts'
import { distribution, quantile, quantileOf, slope, sorted } from './statistics.ts'

function record(changes: Partial<RequestRecord> = {}): RequestRecord {
  return {
    index: 0,
    scheduledMs: 0,
    sentMs: 10,
    firstTokenMs: 110,
    lastTokenMs: 510,
    endMs: 520,
    outcome: 'ok',
    gapsMs: [100, 100, 100, 100],
    promptTokens: 20,
    cachedTokens: 5,
    outputTokens: 5,
    tokensFrom: 'usage',
    ...changes,
  }
}

test('measures of a request follow their formulas, from the sent and from the scheduled time', () => {
  assert.equal(ttft(record()), 100)
  assert.equal(ttft(record(), 'scheduled'), 110)
  assert.equal(tpot(record()), 100)
  assert.equal(tpot(record({ outputTokens: 1 })), undefined)
  // All of it came in one event.
  assert.equal(tpot(record({ lastTokenMs: 110, gapsMs: [] })), undefined)
  // One event may hold several tokens: the time per token is then less than the gap between events.
  assert.equal(tpot(record({ outputTokens: 9 })), 50)
})

test('a phase is summed up over its whole time', () => {
  const summary = summarise([
    [
      record(),
      record({ index: 1, scheduledMs: 480, sentMs: 480, firstTokenMs: 580, endMs: 1000, tokensFrom: 'estimated' }),
    ],
    [record({ outcome: 'failed', error: 'Status 500: no', endMs: 1000 }), record({ outcome: 'cancelled', endMs: 30 })],
  ])
  assert.equal(summary.seconds, 2)
  assert.equal(summary.rps, 1)
  assert.equal(summary.outputTokensPerSecond, 5)
  assert.equal(summary.totalTokensPerSecond, 25)
  assert.equal(summary.cachedTokens, 10)
  assert.equal(summary.tokens, 'mixed')
  assert.deepEqual([summary.ok, summary.failed, summary.cancelled, summary.incomplete], [2, 1, 1, 0])
  assert.deepEqual(summary.errors, [{ error: 'Status 500: no', count: 1 }])
  assert.equal(summary.goodput, undefined)
})

test('goodput counts what kept every objective, from its scheduled time', () => {
  assert.equal(keeps(record(), { ttft: 110, tpot: 100, e2e: 520 }), true)
  assert.equal(keeps(record(), { ttft: 109 }), false)
  assert.equal(keeps(record(), { tpot: 99 }), false)
  assert.equal(keeps(record({ outcome: 'failed' }), {}), false)
  const summary = summarise(
    [[record({ endMs: 1000 }), record({ firstTokenMs: 900, endMs: 1000 }), record({ outcome: 'cancelled' })]],
    {
      ttft: 200,
    },
  )
  assert.deepEqual([summary.goodput, summary.goodShare], [1, 0.5])
})

test('quantiles are those of NumPy', () => {
  const ascending = sorted([4, 1, 3, 2, undefined, Number.NaN])
  assert.deepEqual(
    [0, 0.25, 0.5, 0.9, 1].map((p) => quantile(ascending, p)),
    [1, 1.75, 2.5, 3.7, 4],
  )
  assert.equal(distribution([]), undefined)
  assert.equal(distribution([1, 2, 3])?.deviation, 1)
})

test('a quantile is the same, selected or sorted', () => {
  const random = seeded(4)
  for (const length of [1, 2, 3, 10, 101, 500]) {
    const sample = Float64Array.from({ length }, () => Math.floor(random() * 40))
    for (const p of [0, 0.01, 0.5, 0.77, 0.99, 1])
      assert.equal(quantileOf(sample.slice(), p), quantile(sample.slice().sort(), p), `${length} ${p}`)
  }
  assert.ok(Number.isNaN(quantileOf(new Float64Array(), 0.5)))
})

test('a slope is that of least squares, with its t value', () => {
  const { slope: steep, t } = slope([
    { x: 0, y: 1 },
    { x: 1, y: 3 },
    { x: 2, y: 4 },
    { x: 3, y: 8 },
  ])
  assert.ok(Math.abs(steep - 2.2) < 1e-9)
  assert.ok(Math.abs(t - 5.18545) < 0.001, `${t}`)
  assert.deepEqual(slope([{ x: 1, y: 1 }]), { slope: 0, t: 0 })
})

function rounds(of: (random: () => number) => number, seed: number): RequestRecord[][] {
  const random = seeded(seed)
  return Array.from({ length: 3 }, () =>
    Array.from({ length: 100 }, (_, index) => record({ index, firstTokenMs: 10 + of(random) })),
  )
}

const median = comparedMetrics({}).find(({ name }) => name === 'ttft.p50') as ComparedMetric

test('an interval holds the true ratio, and a clear difference has a winner', () => {
  const slow = rounds((random) => 100 + 40 * random(), 1)
  const fast = rounds((random) => 50 + 20 * random(), 2)
  const ratio = ratioOf(median, slow, fast, 1)
  assert.ok(ratio && ratio.low < 0.5 && ratio.high > 0.49 && ratio.high < 0.6, JSON.stringify(ratio))
  assert.equal(winner(ratio, 'lower', 3), 'other')
  assert.equal(winner(ratio, 'higher', 3), 'base')
  assert.equal(winner(ratio, 'lower', 2), undefined)
  assert.deepEqual(ratioOf(median, slow, fast, 1), ratio)
})

test('nobody wins when the interval contains 1', () => {
  const same = (seed: number): RequestRecord[][] => rounds((random) => 100 + 40 * random(), seed)
  const ratio = ratioOf(median, same(1), same(2), 1)
  assert.ok(ratio && ratio.low <= 1 && ratio.high >= 1, JSON.stringify(ratio))
  assert.equal(winner(ratio, 'lower', 3), undefined)
})

test('a throughput is compared by its rounds, of which three are few', () => {
  const rps = comparedMetrics({}).find(({ name }) => name === 'rps') as ComparedMetric
  const lasting = (...seconds: number[]): RequestRecord[][] => seconds.map((each) => [record({ endMs: each * 1000 })])
  const same = ratioOf(rps, lasting(2, 2, 2), lasting(1, 1, 1), 1)
  assert.deepEqual(same, { ratio: 2, low: 2, high: 2 })
  // exp(ln 2 ± 4.303 · s/√3) of the ratios 1.6, 2 and 2.5.
  const spread = ratioOf(rps, lasting(2, 2, 2), lasting(1.25, 1, 0.8), 1)
  assert.ok(
    spread && Math.abs(spread.low - 1.149) < 0.002 && Math.abs(spread.high - 3.481) < 0.005,
    JSON.stringify(spread),
  )
  assert.equal(ratioOf(rps, lasting(1), lasting(2), 1), undefined)
  assert.equal(ratioOf(rps, [], [], 1), undefined)
})

test('of what was offered to both only how good they were is compared, by request', () => {
  const names = comparedMetrics({ ttft: 100 }, true).map(({ name }) => name)
  assert.ok(!names.includes('rps') && !names.includes('outputTokensPerSecond') && !names.includes('goodput'))
  const share = comparedMetrics({ ttft: 100 }, true).find(({ name }) => name === 'goodShare') as ComparedMetric
  const taking = (...firstTokens: number[]): RequestRecord[][] =>
    [1, 2, 3].map(() =>
      firstTokens.map((firstTokenMs, index) => record({ index, firstTokenMs, endMs: 10 * firstTokenMs })),
    )
  // The other is slower, and as good.
  assert.deepEqual(ratioOf(share, taking(20, 30), taking(80, 90), 1), { ratio: 1, low: 1, high: 1 })
  assert.deepEqual(ratioOf(share, taking(20, 30), taking(80, 900), 1), { ratio: 0.5, low: 0.5, high: 0.5 })
})

test('of many comparisons of the same with the same, few have a winner', () => {
  let wins = 0
  const noisy = (random: () => number): RequestRecord[][] =>
    Array.from({ length: 3 }, () => {
      // A round has luck of its own.
      const luck = 100 + 20 * random()
      return Array.from({ length: 30 }, (_, index) => record({ index, firstTokenMs: 10 + luck + 20 * random() }))
    })
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seeded(seed)
    const ratio = ratioOf(median, noisy(random), noisy(random), seed)
    if (ratio && winner(ratio, 'lower', 3) !== undefined) wins += 1
  }
  assert.ok(wins <= 6, `${wins} of 60`)
})

function glances(inFlight: (at: number) => number, wait: (at: number) => number): Glance[] {
  const random = seeded(1)
  return Array.from({ length: 60 }, (_, at) => ({
    atMs: at * 250,
    inFlight: inFlight(at) + Math.round(3 * random()),
    ttftMs: wait(at) + 20 * random(),
  }))
}

test('a server that falls behind is over-saturated; one that is only full is not', () => {
  assert.equal(
    overSaturated(
      glances(
        (at) => at * 2,
        (at) => at * 30,
      ),
    ),
    true,
  )
  assert.equal(
    overSaturated(
      glances(
        () => 32,
        () => 200,
      ),
    ),
    false,
  )
  // It fills, and then it holds.
  assert.equal(
    overSaturated(
      glances(
        (at) => Math.min(32, at * 4),
        (at) => Math.min(200, at * 25),
      ),
    ),
    false,
  )
  // More under way without more waiting is a longer answer, not a queue.
  assert.equal(
    overSaturated(
      glances(
        (at) => at * 2,
        () => 200,
      ),
    ),
    false,
  )
  assert.equal(
    overSaturated(
      glances(
        (at) => at * 2,
        (at) => at * 30,
      ).slice(0, 15),
    ),
    false,
  )
})

const calm: ClientState = { loopLagMs: 1, utilisation: 0.2, connections: 4, peakInFlight: 4 }

function failing(records: RequestRecord[], client: ClientState, rate?: number, saturated = false): string[] {
  return selfChecks(records, client, { saturated, ...(rate === undefined ? {} : { rate }) })
    .filter(({ ok }) => !ok)
    .map(({ name }) => name)
}

test('a run whose client was the bottleneck is found out', () => {
  const even = Array.from({ length: 200 }, (_, at) =>
    record({ index: at, scheduledMs: at * 10, sentMs: at * 10 + 1, endMs: at * 10 + 600 }),
  )
  assert.deepEqual(failing(even, calm, 100), [])
  assert.deepEqual(failing(even, { ...calm, loopLagMs: 60 }), ['loop lag'])
  assert.deepEqual(failing(even, { ...calm, utilisation: 0.95 }), ['client CPU'])
  assert.deepEqual(failing(even, { ...calm, connections: 150 }), ['connection reuse'])
  assert.deepEqual(failing(even, calm, 150), ['achieved rate'])
  assert.deepEqual(failing(even, calm, 150, true), [])
  const late = even.map((each) => ({ ...each, sentMs: each.sentMs + 80 }))
  assert.deepEqual(failing(late, calm, 100), ['schedule slip'])
  const broken = even.map((each, at) => (at < 10 ? { ...each, outcome: 'failed' as const } : each))
  assert.deepEqual(failing(broken, calm, 100), ['errors'])
  assert.deepEqual(failing([], calm), ['answers'])
})
