// So many requests a minute: what the buckets do, and what a caller sees of it.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { jsonOf, openDoor, textOf } from '../../test/door.ts'
import { Buckets } from './buckets.ts'

describe('Buckets', () => {
  it('hold a tenth of a minute, at least one, and fill at their rate', () => {
    let now = 0
    const buckets = new Buckets(60, { now: () => now })
    assert.equal(buckets.burst, 6)
    assert.equal(new Buckets(3).burst, 1)
    for (let taken = 0; taken < 6; taken += 1) assert.equal(buckets.take('a').granted, true)
    assert.deepEqual(buckets.take('a'), { granted: false, remaining: 0, fullInMs: 6000, nextInMs: 1000 })
    assert.equal(buckets.take('b').granted, true)
    now = 1000
    assert.equal(buckets.take('a').granted, true)
    assert.equal(buckets.take('a').granted, false)
  })

  it('make up for what was granted elsewhere before they grant again', () => {
    let now = 0
    const buckets = new Buckets(60, { now: () => now })
    buckets.debit('a', 8)
    assert.deepEqual(buckets.take('a'), { granted: false, remaining: 0, fullInMs: 8000, nextInMs: 3000 })
    now = 3000
    assert.equal(buckets.take('a').granted, true)
    assert.equal(buckets.take('a').granted, false)
  })

  it('never grant more than the burst and the rate together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 600 }),
        fc.array(fc.nat(5000), { maxLength: 200, size: 'max' }),
        (rate, gaps) => {
          let now = 0
          const buckets = new Buckets(rate, { now: () => now })
          let granted = 0
          for (const gap of gaps) {
            now += gap
            if (buckets.take('a').granted) granted += 1
            assert.ok(granted <= buckets.burst + (now * rate) / 60_000 + 1e-6)
          }
        },
      ),
    )
  })

  it('are bounded in number, and full ones are forgotten first', () => {
    let now = 0
    const buckets = new Buckets(600, { most: 10, now: () => now })
    buckets.take('old')
    now = 60_000
    for (let caller = 0; caller < 10; caller += 1) buckets.take(`new ${caller}`)
    assert.equal(buckets.size, 10)
    assert.equal(buckets.look('new 0').remaining, 59)
    for (let caller = 10; caller < 100; caller += 1) assert.ok((buckets.take(`new ${caller}`), buckets.size <= 10))
  })
})

describe('A limited door', () => {
  it('tells what is left, then refuses with when to come back, and leaves open routes alone', async () => {
    await using door = await openDoor({ limits: { tenantPerMinute: 20 } })
    const first = await door.get('/v1/models')
    assert.equal(first.status, 200)
    assert.equal(first.headers.get('ratelimit-limit'), '2')
    assert.equal(first.headers.get('ratelimit-remaining'), '1')
    assert.equal(first.headers.get('ratelimit-policy'), '20;w=60;burst=2')
    assert.match(first.headers.get('ratelimit-reset') ?? '', /^[1-6]$/)
    await door.get('/v1/models')
    const refused = await door.post('/v1/ask', { question: 'lock' })
    assert.equal(refused.status, 429)
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-3]$/)
    assert.equal(refused.headers.get('ratelimit-remaining'), '0')
    assert.match(textOf((await jsonOf(refused))['detail']), /20 requests a minute, 2 at once/)
    assert.equal(door.factory.asked.length, 0)
    const open = await door.get('/health/live')
    assert.equal(open.status, 200)
    assert.equal(open.headers.get('ratelimit-limit'), null)
  })

  it('says nothing of it without a limit', async () => {
    await using door = await openDoor()
    assert.equal((await door.get('/v1/models')).headers.get('ratelimit-limit'), null)
  })
})
