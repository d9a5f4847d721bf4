import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulateLoad } from './load.ts'
import type { LoadRequest } from './load.ts'

/** Prompts of 1,024 tokens and answers of 64 to 192, all at once. */
const burst = (count: number): LoadRequest[] =>
  Array.from({ length: count }, (_, at) => ({ promptTokens: 1024, outputTokens: 64 + ((at * 37) % 129) }))

const tokensPerSecond = ({ outputTokens, durationMs }: { outputTokens: number; durationMs: number }): number =>
  (outputTokens / durationMs) * 1000

test('the same seed gives the same times, another one gives others', () => {
  const run = (seed: number): unknown => simulateLoad({ profile: 'h100-8b', seed }, burst(50))
  assert.deepEqual(run(7), run(7))
  assert.notDeepEqual(run(7), run(8))
})

test('at saturation continuous batching makes about 14 times the tokens of one at a time', () => {
  const one = simulateLoad({ profile: 'h100-8b', mode: 'sequential' }, burst(300))
  const many = simulateLoad({ profile: 'h100-8b' }, burst(300))
  const ratio = tokensPerSecond(many) / tokensPerSecond(one)
  assert.ok(ratio > 12 && ratio < 16, `${ratio.toFixed(1)} times`)
  assert.equal(one.outputTokens, many.outputTokens)
})

test('a small static batch stands between the two', () => {
  const rates = (['sequential', 'static', 'continuous'] as const).map((mode) =>
    tokensPerSecond(
      simulateLoad({ profile: 'h100-8b', mode, ...(mode === 'sequential' ? {} : { maxSeqs: 16 }) }, burst(200)),
    ),
  )
  assert.deepEqual(
    rates,
    rates.toSorted((one, other) => one - other),
  )
})

test('shared beginnings bring first tokens sooner', () => {
  const median = (result: ReturnType<typeof simulateLoad>): number =>
    result.requests
      .map(({ firstTokenMs = 0, arrivedMs }) => firstTokenMs - arrivedMs)
      .sort((one, other) => one - other)[result.requests.length >> 1] ?? 0
  const open = burst(200).map((request, at) => ({ ...request, atMs: at * 120 }))
  const apart = simulateLoad({ profile: 'h100-8b' }, open)
  const alike = simulateLoad(
    { profile: 'h100-8b' },
    open.map((request) => ({ ...request, prefix: { name: 'rules', tokens: 816 } })),
  )
  assert.ok(median(alike) < median(apart) / 2, `${median(alike)} against ${median(apart)} ms`)
  assert.equal(alike.requests.at(-1)?.cachedTokens, 816)
})

test('prompts of others come between the tokens of a stream', () => {
  const quiet = simulateLoad({ profile: 'h100-8b' }, [{ promptTokens: 100, outputTokens: 100 }])
  const busy = simulateLoad({ profile: 'h100-8b' }, [
    { promptTokens: 100, outputTokens: 100 },
    { atMs: 300, promptTokens: 8000, outputTokens: 1 },
  ])
  const longest = ({ requests }: typeof quiet): number => Math.max(...(requests[0]?.gapsMs ?? []))
  assert.ok(longest(busy) > 10 * longest(quiet))
})

test('stalls make their share of the steps longer by just so much, by the seed', () => {
  const run = (stall?: { share: number; ms: number }): ReturnType<typeof simulateLoad> =>
    simulateLoad({ profile: 'h100-8b', ...(stall ? { stall } : {}) }, burst(40), { concurrency: 1 })
  const without = run()
  const stalled = run({ share: 0.01, ms: 400 })
  const { stalls, steps } = stalled.counts
  assert.ok(stalls > steps * 0.005 && stalls < steps * 0.02, `${stalls} of ${steps}`)
  assert.ok(Math.abs(stalled.durationMs - without.durationMs - stalls * 400) < 1)
  assert.deepEqual(run({ share: 0.01, ms: 400 }), stalled)
  assert.equal(without.counts.stalls, 0)
  assert.throws(() => run({ share: 2, ms: 1 }), /stall is a share of 2/)
})

test('a closed loop never has more open than it has callers', () => {
  const { requests, counts } = simulateLoad({ profile: 'h100-8b' }, burst(40), { concurrency: 4 })
  assert.equal(counts.maxRunning, 4)
  assert.equal(requests.length, 40)
  assert.ok(requests.every(({ outcome }) => outcome === 'done'))
})

test('a caller who thinks asks again that much later', () => {
  const { requests } = simulateLoad({ profile: 'h100-8b' }, burst(5), { concurrency: 1, thinkMs: 5 })
  const waited = requests.slice(1).map(({ arrivedMs }, at) => arrivedMs - (requests[at]?.endedMs ?? 0))
  assert.ok(
    waited.every((ms) => Math.abs(ms - 5) < 1e-6),
    waited.join(', '),
  )
})

test('who leaves gives back what it held, and is told apart', () => {
  const requests = burst(60).map((request, at) => ({ ...request, ...(at % 3 === 0 ? { leaveAfterMs: at * 20 } : {}) }))
  const result = simulateLoad({ profile: 'h100-8b', kvBlocks: 2100, maxModelTokens: 2000 }, requests)
  assert.equal(result.blocksInUse, 0)
  const left = result.requests.filter(({ outcome }) => outcome === 'left')
  assert.ok(left.length > 5)
  assert.ok(left.every(({ endedMs, arrivedMs }, at) => endedMs - arrivedMs <= 60 * 20 && at >= 0))
})

test('what never fits is refused, and the others are answered', () => {
  const { requests } = simulateLoad({ maxModelTokens: 1000 }, [
    { promptTokens: 999, outputTokens: 2 },
    { promptTokens: 10, outputTokens: 2 },
  ])
  assert.deepEqual(
    requests.map(({ outcome }) => outcome),
    ['refused', 'done'],
  )
})

test('arrivals out of order and loops without callers are refused', () => {
  const two = [{ atMs: 5, promptTokens: 1, outputTokens: 1 }, { atMs: 1, promptTokens: 1, outputTokens: 1 }] // prettier-ignore
  assert.throws(() => simulateLoad({}, two), /Request 1 arrives before/)
  assert.throws(() => simulateLoad({}, two, { concurrency: 0 }), /concurrency is 0/)
})
