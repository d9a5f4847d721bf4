import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seeded } from '../core/random.ts'
import { calibrate } from './calibrate.ts'
import type { MeasuredLoad } from './calibrate.ts'
import { simulateLoad } from './load.ts'
import type { LoadRequest } from './load.ts'
import { readProfile } from './profile.ts'
import type { Profile } from './profile.ts'

/** What a client of an engine with these constants would have measured, in virtual time. */
function measured(profile: Profile, concurrency: number): MeasuredLoad {
  const random = seeded(concurrency)
  const requests: LoadRequest[] = Array.from({ length: 120 }, () => ({
    promptTokens: 100 + Math.floor(random() * 900),
    outputTokens: 32 + Math.floor(random() * 96),
  }))
  const { requests: done } = simulateLoad({ profile, seed: concurrency }, requests, { concurrency, thinkMs: 0.1 })
  const gaps = done.flatMap(({ gapsMs }) => gapsMs)
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  return {
    name: `concurrency ${concurrency}`,
    concurrency,
    requests,
    ttftMs: mean(done.map(({ firstTokenMs = 0, arrivedMs }) => firstTokenMs - arrivedMs)),
    gapMs: mean(gaps),
  }
}

for (const [baseMs, perDecodeMs, perPrefillTokenMs] of [
  [8, 0.05, 0.06],
  [21, 0.4, 0.17],
  [3, 0.11, 0.02],
] as const)
  test(`constants of ${baseMs}, ${perDecodeMs} and ${perPrefillTokenMs} ms are found again from what was measured`, () => {
    const from = readProfile('l40s-8b')
    const provenance = 'known'
    const known: Profile = {
      ...from,
      baseMs: { value: baseMs, provenance },
      perDecodeMs: { value: perDecodeMs, provenance },
      perPrefillTokenMs: { value: perPrefillTokenMs, provenance },
    }
    const loads = [1, 8, 32].map((concurrency) => measured(known, concurrency))
    const { profile, residual, loads: fitted } = calibrate(loads, from, 'a test')
    for (const name of ['baseMs', 'perDecodeMs', 'perPrefillTokenMs'] as const) {
      const { value } = profile[name]
      assert.ok(Math.abs(value / known[name].value - 1) < 0.1, `${name} is ${value}, not ${known[name].value}`)
      assert.match(profile[name].provenance, /3 loads of a test, standard error \d.* differ by \d/)
    }
    assert.ok(residual < 0.05, `${residual}`)
    assert.equal(fitted.length, 3)
    assert.deepEqual(profile.kvBlocks, from.kvBlocks)
  })

test('what cannot tell the constants apart is refused', () => {
  const from = readProfile('l40s-8b')
  assert.throws(() => calibrate([], from, 'a test'), { code: 'invalid', message: /a test has no load to calibrate by/ })
  assert.throws(() => calibrate([measured(from, 4)], from, 'a test'), { code: 'invalid', message: /has one load/ })
})
