// Late means late for seconds: one spike changes nothing, and neither does one good moment.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Lateness } from './lateness.ts'

describe('Lateness', () => {
  const read = (lateness: Lateness, ms: number, times: number): boolean => {
    for (let reading = 0; reading < times; reading += 1) lateness.read(ms)
    return lateness.late
  }

  it('takes seconds of being late, not one spike', () => {
    const lateness = new Lateness()
    assert.equal(read(lateness, 5000, 1), false)
    assert.equal(read(lateness, 0, 1), false)
    assert.equal(read(lateness, 300, 7), false)
    assert.equal(read(lateness, 300, 1), true)
  })

  it('ends only after seconds in time', () => {
    const lateness = new Lateness()
    read(lateness, 300, 8)
    assert.equal(read(lateness, 0, 15), true)
    assert.equal(read(lateness, 300, 1), true)
    assert.equal(read(lateness, 0, 15), true)
    assert.equal(read(lateness, 0, 1), false)
  })
})
