// Orders are placed at endpoints that fail in every way, over a scheduler that only counts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onOver, openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { endpointSchema } from './endpoint.ts'
import type { EndpointSettings } from './endpoint.ts'
import { failedAttempt } from './failures.ts'
import type { Begin, FailureKind, Lease, Order, Outcome, Scheduler } from './order.ts'
import { Placing } from './placing.ts'
import { openScheduler } from './scheduler.ts'

const order: Order = { ability: 'chat', promptTokens: 10, outputTokens: 10 }

/** Gives out endpoints in order, the untried ones first, and writes down how each lease ended. */
class Counting implements Scheduler {
  readonly endpoints: EndpointSettings[]
  readonly ended: [string, Outcome][] = []
  inFlight = 0

  constructor(...names: string[]) {
    this.endpoints = names.map((name) => endpointSchema.parse({ name, url: 'http://127.0.0.1:1' }))
  }

  async acquire(order: Order, _call: Call, tried: ReadonlySet<string> = new Set()): Promise<Lease> {
    const lease = this.tryAcquire(order, _call, tried) ?? this.tryAcquire(order, _call, new Set())
    if (!lease) throw new AndonError('unavailable', 'No endpoint takes so many tokens')
    return lease
  }

  tryAcquire({ contextTokens = 0 }: Order, _call: Call, tried: ReadonlySet<string>): Lease | undefined {
    const endpoint = this.endpoints.find(
      (endpoint) => !tried.has(endpoint.name) && (endpoint.contextTokens ?? Infinity) >= contextTokens,
    )
    if (!endpoint) return undefined
    let open = true
    this.inFlight++
    const end = (outcome: Outcome): void => {
      if (!open) return
      open = false
      this.inFlight--
      this.ended.push([endpoint.name, outcome])
    }
    const nothing = (): void => {}
    return {
      endpoint,
      model: endpoint.model,
      firstTokenMs: 1_000,
      begun: nothing,
      progress: nothing,
      pause: nothing,
      resume: nothing,
      end,
      [Symbol.dispose]: () => end({ kind: 'cancelled' }),
    }
  }
}

/** Fails at the endpoints that are named, in the way that is named; elsewhere it begins. */
function failing(failures: Record<string, FailureKind>): Begin<string> {
  return async ({ endpoint }) => {
    const kind = failures[endpoint.name]
    if (kind) throw failedAttempt(kind, `${endpoint.name} ${kind}.`)
    return endpoint.name
  }
}

/** An attempt that only the end of its call ends. */
const hang: Begin<string> = (_lease, call) =>
  new Promise((_, reject) => {
    onOver(call, reject)
  })

for (const kind of ['refused', 'busy', 'failed', 'silent', 'malformed', 'cut', 'key', 'too-large'] as const)
  test(`an attempt that is ${kind} is made at another endpoint`, async () => {
    const scheduler = new Counting('a', 'b')
    using call = openCall({ tenant: 't' })
    const placed = await new Placing({ scheduler }).place(order, call, failing({ a: kind }))
    assert.equal(placed.begun, 'b')
    assert.deepEqual(
      placed.trail.attempts.map(({ endpoint, outcome }) => [endpoint, outcome]),
      [
        ['a', kind],
        ['b', 'begun'],
      ],
    )
    assert.equal(scheduler.inFlight, 1)
    placed.lease.end({ kind: 'done' })
    assert.deepEqual(
      scheduler.ended.map(([name, { kind }]) => [name, kind]),
      [
        ['a', 'failed'],
        ['b', 'done'],
      ],
    )
  })

test('a request that is itself wrong is tried nowhere else', async () => {
  const scheduler = new Counting('a', 'b')
  using call = openCall({ tenant: 't' })
  await assert.rejects(new Placing({ scheduler }).place(order, call, failing({ a: 'invalid' })), {
    code: 'invalid',
    sentence: 'a invalid.',
  })
  assert.equal(scheduler.ended.length, 1)
})

test('what is too large goes only where there is more room', async () => {
  const scheduler = new Counting('a', 'b', 'c')
  for (const [index, contextTokens] of [2_000, 1_000, 4_000].entries())
    Object.assign(scheduler.endpoints[index] ?? {}, { contextTokens })
  using call = openCall({ tenant: 't' })
  const placed = await new Placing({ scheduler }).place(order, call, failing({ a: 'too-large' }))
  assert.equal(placed.begun, 'c')
  await assert.rejects(new Placing({ scheduler }).place(order, call, failing({ a: 'too-large', c: 'too-large' })), {
    code: 'too-large',
  })
})

test('the only endpoint is asked again after a pause, four times at most', async () => {
  const scheduler = new Counting('a')
  using call = openCall({ tenant: 't' })
  let asked = 0
  const placed = await new Placing({ scheduler }).place(order, call, async () => {
    if (++asked < 3) throw failedAttempt('cut', 'Cut.')
    return asked
  })
  assert.equal(placed.begun, 3)
  placed.lease.end({ kind: 'done' })
  await assert.rejects(
    new Placing({ scheduler, attempts: 2 }).place(order, call, failing({ a: 'refused' })),
    (error: AndonError) =>
      error.code === 'unavailable' && error.retryAfterMs === 1_000 && /last of 2/.test(error.sentence),
  )
  assert.equal(scheduler.inFlight, 0)
})

test('a place that is given back before anything was sent does not count in what the owner lets through', async () => {
  const limits = { requestsPerMinute: 2, tokensPerMinute: 40 }
  await using scheduler = openScheduler([{ name: 'a', url: 'http://127.0.0.1:1', limits }])
  using call = openCall({ tenant: 't', budgetMs: 5_000 })
  let asked = 0
  const placed = await new Placing({ scheduler }).place(order, call, async () => {
    if (++asked < 2) throw failedAttempt('cut', 'Cut.')
    return asked
  })
  assert.equal(placed.begun, 2)
  placed.lease.end({ kind: 'done' })
})

test('who leaves during an attempt, a pause or the wait for a retry is gone at once', async () => {
  const scheduler = new Counting('a')
  const placing = new Placing({ scheduler })
  for (const begin of [hang, failing({ a: 'cut' })]) {
    const leave = new AbortController()
    using call = openCall({ tenant: 't', signal: leave.signal })
    const placed = placing.place(order, call, begin)
    setImmediate(() => leave.abort(new AndonError('cancelled', 'The caller left')))
    await assert.rejects(placed, { code: 'cancelled' })
    assert.equal(scheduler.inFlight, 0)
  }
  const begun = scheduler.ended.length
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.equal(scheduler.ended.length, begun)
})

test('one deadline covers every attempt', async () => {
  // Deadlines keep no program alive.
  const alive = setTimeout(() => {}, 10_000)
  const scheduler = new Counting('a', 'b')
  using call = openCall({ tenant: 't', budgetMs: 60 })
  const slowly: Begin<string> = async (lease, call) => {
    await new Promise((resolve) => setTimeout(resolve, 40))
    if (lease.endpoint.name === 'a') throw failedAttempt('silent', 'Silent.')
    return hang(lease, call)
  }
  await assert.rejects(new Placing({ scheduler }).place(order, call, slowly), { code: 'deadline' })
  assert.deepEqual(scheduler.ended.at(-1), ['b', { kind: 'cancelled' }])
  clearTimeout(alive)
})

test('in a full outage one request in ten is tried again at most, and callers hear when to come back', async () => {
  const scheduler = new Counting('a', 'b', 'c', 'd')
  const placing = new Placing({ scheduler })
  let attempts = 0
  const begin: Begin<string> = async () => {
    attempts++
    throw failedAttempt('refused', 'Refused.')
  }
  for (let burst = 0; burst < 10; burst++)
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        using call = openCall({ tenant: 't' })
        await assert.rejects(placing.place(order, call, begin), { code: 'unavailable', retryAfterMs: 1_000 })
      }),
    )
  assert.ok(attempts <= 550, `${attempts} attempts for 500 requests`)
})

test('what was under way at one endpoint that died is tried elsewhere, all of it', async () => {
  const scheduler = new Counting('a', 'b')
  const placing = new Placing({ scheduler })
  const begin: Begin<string> = async (lease) => {
    await new Promise(setImmediate)
    return failing({ a: 'cut' })(lease, openCall({ tenant: 't' }))
  }
  const placed = await Promise.all(
    Array.from({ length: 64 }, () => placing.place(order, openCall({ tenant: 't' }), begin)),
  )
  assert.ok(placed.every(({ begun }) => begun === 'b'))
})

test('a late first token is hedged; the slower is cancelled', async () => {
  const scheduler = new Counting('a', 'b')
  const placing = new Placing({ scheduler, hedge: { after: 5, most: 1 } })
  using call = openCall({ tenant: 't' })
  const placed = await placing.place(order, call, async (lease, call) =>
    lease.endpoint.name === 'a' ? hang(lease, call) : 'b',
  )
  assert.equal(placed.begun, 'b')
  assert.deepEqual(scheduler.ended, [['a', { kind: 'cancelled' }]])
  assert.deepEqual(
    placed.trail.attempts.map(({ endpoint, hedge }) => [endpoint, hedge]),
    [
      ['a', false],
      ['b', true],
    ],
  )
})

test('one request in twenty is hedged at most', async () => {
  const scheduler = new Counting('a', 'b')
  const placing = new Placing({ scheduler, hedge: { after: 0 } })
  let attempts = 0
  for (let count = 0; count < 100; count++) {
    using call = openCall({ tenant: 't' })
    const { lease } = await placing.place(order, call, async () => {
      attempts++
      await new Promise((resolve) => setTimeout(resolve, 2))
      return 'said'
    })
    lease.end({ kind: 'done' })
  }
  assert.ok(attempts > 100 && attempts <= 105, `${attempts} attempts for 100 requests`)
})
