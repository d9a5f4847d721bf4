// Whose silence counts, and which calls do.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Silence } from './silence.ts'

describe('Silence', () => {
  it('is how long calls have gone unanswered, and ends with any word', () => {
    const silence = new Silence<string>(10_000, 0)
    for (const who of ['talks', 'stands still', 'wakes']) silence.begin(who)
    for (let call = 1; call <= 11; call++) {
      silence.called(call * silence.everyMs)
      silence.heard('talks')
    }
    silence.heard('wakes')
    assert.deepEqual(
      ['talks', 'stands still', 'wakes', 'nobody'].map((who) => silence.of(who)),
      [0, 10_000, 0, 0],
    )
    silence.end('stands still')
    assert.equal(silence.of('stands still'), 0)
  })

  it('is nobody’s while the first process stood still itself', () => {
    const silence = new Silence<string>(10_000, 0)
    silence.begin('all')
    silence.called(1_000)
    silence.called(2_000)
    // The machine slept for an hour, and then everything is slow.
    for (const at of [3_602_000, 3_605_000, 3_608_000]) silence.called(at)
    assert.equal(silence.of('all'), 1_000)
    silence.called(3_609_000)
    assert.equal(silence.of('all'), 2_000)
  })

  it('is looked for ten times at least before anybody is given up', () => {
    for (const [patienceMs, everyMs] of [
      [2_000, 200],
      [60_000, 1_000],
      [Infinity, 1_000],
    ] as const)
      assert.equal(new Silence(patienceMs).everyMs, everyMs)
  })
})
