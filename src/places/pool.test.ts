// Pools: who gets a call and when, who is refused, and what belongs to whom.

import assert from 'node:assert/strict'
import { getPriority } from 'node:os'
import { test } from 'node:test'
import { failureOf, placeEvent, withCode } from '../../test/every-place/expect.ts'
import { Board } from '../../test/every-place/board.ts'
import { recipeOf, testStation } from '../../test/every-place/stations.ts'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { one } from '../core/station.ts'
import type { Limits } from '../core/station.ts'
import { createPlaces } from './places.ts'
import { allowedEnvironment } from './process.ts'

const call = openCall({ tenant: 'tests' })

function only(limits: Partial<Limits>): Record<string, Limits> {
  return { only: { place: 'process', size: 1, graceMs: 100, ...limits } }
}

test('a call that waits behind another is not blamed for it', async () => {
  await using places = createPlaces(only({ place: 'thread', concurrency: 8, graceMs: 50 }))
  const station = await places.open(testStation, 'only')
  const computing = one(station, { do: 'compute', ms: 400 }, call)
  await new Promise((resolve) => setImmediate(resolve))
  using impatient = openCall({ tenant: 'tests', budgetMs: 20 })
  const late = one(station, { do: 'echo', value: 1 }, impatient)
  await assert.rejects(late, withCode('deadline'))
  assert.equal(await computing, 400)
})

test('the time of a call begins when a worker takes it, not while it waits behind a slow one', async () => {
  await using places = createPlaces(only({ concurrency: 1, callMs: 400, graceMs: 50 }))
  const station = await places.open(testStation, 'only')
  const slow = failureOf(Array.fromAsync(station.run({ do: 'spin' }, call)))
  const behind = one(station, { do: 'echo', value: 'in time' }, call)
  assert.equal((await slow).code, 'deadline')
  assert.equal(await behind, 'in time')
})

test('between calls that compute, a worker sends results and hears cancellations', async () => {
  await using places = createPlaces(only({ place: 'thread', graceMs: 150 }))
  const station = await places.open(testStation, 'only')
  const caller = new AbortController()
  using leaving = openCall({ tenant: 'tests', signal: caller.signal })
  const first = one(station, { do: 'compute', ms: 20 }, call)
  const others = Array.from({ length: 30 }, () => one(station, { do: 'compute', ms: 20 }, call))
  const last = one(station, { do: 'compute', ms: 20 }, leaving)
  await first
  caller.abort()
  await assert.rejects(last, withCode('cancelled'))
  assert.equal((await Promise.all(others)).length, 30)
})

test('a station that is closed ends its calls, and only those', async () => {
  await using board = await Board.open()
  await using places = createPlaces(only({ place: 'thread' }))
  const closing = await places.open(testStation, 'only')
  const staying = await places.open(testStation, 'only')
  const ending = failureOf(one(closing, { do: 'wait', board: board.port, as: 'closed' }, call))
  using other = openCall({ tenant: 'tests', budgetMs: 60_000 })
  const going = staying.run({ do: 'count', to: 50 }, other)[Symbol.asyncIterator]()
  assert.equal((await going.next()).value, 1)
  await closing[Symbol.asyncDispose]()
  assert.equal((await ending).code, 'unavailable')
  assert.equal((await board.heard('closed', 'stopped')).value, 'unavailable')
  assert.equal((await Array.fromAsync({ [Symbol.asyncIterator]: () => going })).length, 49)
})

test('a full queue refuses new calls at once and says when to try again', async () => {
  await using places = createPlaces(only({ place: 'thread', concurrency: 1, queue: 2 }))
  const station = await places.open(testStation, 'only')
  const caller = new AbortController()
  using busy = openCall({ tenant: 'tests', signal: caller.signal })
  await using board = await Board.open()
  const running = one(station, { do: 'wait', board: board.port, as: 'busy' }, busy)
  const waiting = [1, 2].map((value) => one(station, { do: 'echo', value }, call))
  await assert.rejects(one(station, { do: 'echo', value: 3 }, call), (reason) => {
    assert.ok(withCode('overloaded', /2 calls waiting/)(reason))
    assert.ok(reason instanceof AndonError && (reason.retryAfterMs ?? 0) > 0)
    return true
  })
  caller.abort()
  await assert.rejects(running, withCode('cancelled'))
  assert.deepEqual(await Promise.all(waiting), [1, 2])
})

test('calls that wait are served in the order in which they came, and leave the queue when they are cancelled', async () => {
  await using places = createPlaces(only({ place: 'thread', concurrency: 1 }))
  const station = await places.open(testStation, 'only')
  const done: number[] = []
  const caller = new AbortController()
  using leaving = openCall({ tenant: 'tests', signal: caller.signal })
  const calls = [1, 2, 3, 4, 5].map(async (value) => {
    await one(station, { do: 'echo', value }, value === 3 ? leaving : call)
    done.push(value)
  })
  caller.abort()
  const outcomes = await Promise.allSettled(calls)
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  )
  assert.deepEqual(done, [1, 2, 4, 5])
})

test('a worker is replaced after its number of calls, which it finishes first', async () => {
  await using places = createPlaces(only({ recycleAfter: 2, concurrency: 2 }))
  const station = await places.open(testStation, 'only')
  const pids = await Promise.all([1, 2, 3, 4, 5].map(() => one(station, { do: 'pid' }, call)))
  assert.equal(new Set(pids).size, 3)
})

test('calls go to the least busy worker', async () => {
  await using places = createPlaces(only({ size: 2 }))
  const station = await places.open(testStation, 'only')
  await places.warm()
  const caller = new AbortController()
  using busy = openCall({ tenant: 'tests', signal: caller.signal })
  await using board = await Board.open()
  const waiting = one(station, { do: 'wait', board: board.port, as: 'busy' }, busy)
  const pids = [await one(station, { do: 'pid' }, call), await one(station, { do: 'pid' }, call)]
  assert.equal(pids[0], pids[1])
  const workers = places.state()['only']?.workers ?? []
  assert.deepEqual(
    workers.map(({ running }) => running).toSorted((one, other) => one - other),
    [0, 1],
  )
  caller.abort()
  await assert.rejects(waiting, withCode('cancelled'))
})

test('workers start with the first recipe and with demand', async () => {
  await using places = createPlaces(only({ place: 'thread', size: 3 }))
  assert.equal(places.state()['only']?.workers.length, 0)
  await places.open(testStation, 'only')
  assert.equal(places.state()['only']?.workers.length, 1)
  await places.warm('only')
  assert.deepEqual(
    places.state()['only']?.workers.map(({ state }) => state),
    ['ready', 'ready', 'ready'],
  )
})

test('several recipes share the workers of a pool', async () => {
  await using places = createPlaces(only({}))
  const [one_, other] = await Promise.all([places.open(testStation, 'only'), places.open(testStation, 'only')])
  assert.equal(await one(one_, { do: 'pid' }, call), await one(other, { do: 'pid' }, call))
  const pid = Number(await one(one_, { do: 'pid' }, call))
  const ended = placeEvent('only', 'worker-ended')
  process.kill(pid, 'SIGKILL')
  await ended
  assert.deepEqual(
    await Promise.all([one_, other].map((station) => one(station, { do: 'echo', value: 'both' }, call))),
    ['both', 'both'],
  )
})

test('threads share memory with the one who opened their station; processes refuse to', async () => {
  await using places = createPlaces({
    thread: { place: 'thread', size: 1 },
    process: { place: 'process', size: 1 },
  })
  const shared = new SharedArrayBuffer(4)
  const station = await places.open({ ...recipeOf('makeSharing'), shared }, 'thread')
  await one(station, { do: 'nothing' }, call)
  assert.equal(Atomics.load(new Int32Array(shared), 0), 1)
  await assert.rejects(
    places.open({ ...recipeOf('makeSharing'), shared }, 'process'),
    withCode('invalid', /makeSharing/),
  )
})

for (const where of ['inline', 'thread', 'process'] as const) {
  test(`a station that cannot be made says why: ${where}`, async () => {
    await using places = createPlaces(where === 'inline' ? {} : { [where]: { place: where, size: 1 } })
    await assert.rejects(places.open(recipeOf('makeImpossible'), where), (reason) => {
      assert.ok(reason instanceof AndonError)
      assert.deepEqual(reason.toWire(), {
        code: 'unsupported',
        message: 'This station cannot be made',
        detail: { why: 'it is impossible' },
      })
      return true
    })
    await assert.rejects(places.open(recipeOf('makeNothing'), where), withCode('invalid', /makeNothing/))
    const nowhere = { ...testStation, module: new URL('./nowhere.ts', import.meta.url).href }
    await assert.rejects(places.open(nowhere, where), withCode('invalid', /nowhere/))
  })
}

test('a pool that does not exist is named with those that do', async () => {
  await using places = createPlaces(only({}))
  await assert.rejects(places.open(testStation, 'other'), withCode('invalid', /no pool named other.*inline, only/))
  assert.throws(() => createPlaces(only({ size: 0 })), withCode('invalid', /size 0/))
})

test('a process sees an allow-list of the environment', async () => {
  assert.deepEqual(
    allowedEnvironment({
      PATH: '/bin',
      LANG: 'C',
      NODE_OPTIONS: '',
      ANDON_LOG: 'info',
      SECRET_KEY: 'x',
      ANDON_KEY: 'y',
    }),
    { PATH: '/bin', LANG: 'C', NODE_OPTIONS: '', ANDON_LOG: 'info' },
  )
  process.env['TESTS_SECRET'] = 'secret'
  await using places = createPlaces(only({}))
  const station = await places.open(testStation, 'only')
  const names = (await one(station, { do: 'environment' }, call)) as string[]
  assert.ok(names.includes('PATH'))
  assert.ok(!names.includes('TESTS_SECRET'))
})

test('a process is as nice as its pool says', { skip: process.platform === 'win32' }, async () => {
  await using places = createPlaces(only({ nice: 7 }))
  const station = await places.open(testStation, 'only')
  assert.equal(getPriority(Number(await one(station, { do: 'pid' }, call))), 7)
})

test('closing fails what waits, and afterwards nothing starts', async () => {
  const places = createPlaces(only({ place: 'thread', concurrency: 1 }))
  const station = await places.open(testStation, 'only')
  const stuck = failureOf(one(station, { do: 'stick' }, call))
  const waiting = failureOf(one(station, { do: 'echo', value: 1 }, call))
  await places[Symbol.asyncDispose]()
  assert.equal((await waiting).code, 'unavailable')
  assert.deepEqual((await stuck).reason, 'closing')
  await assert.rejects(one(station, { do: 'echo', value: 1 }, call), withCode('unavailable', /closing/))
  await assert.rejects(places.open(testStation, 'only'), withCode('unavailable', /closing/))
})

for (const place of ['thread', 'process'] as const) {
  test(`the stations of a ${place} are freed when they are closed, and when the places are`, async () => {
    await using board = await Board.open()
    {
      await using places = createPlaces(only({ place }))
      const first = await places.open(recipeOf('makeFreeing', { board: board.port, as: 'first' }), 'only')
      await places.open(recipeOf('makeFreeing', { board: board.port, as: 'second' }), 'only')
      await first[Symbol.asyncDispose]()
      await board.heard('first', 'freed')
      await assert.rejects(one(first, { do: 'echo', value: 1 }, call), withCode('unavailable', /closed/))
      assert.equal(board.count('second', 'freed'), 0)
    }
    await board.heard('second', 'freed')
  })
}
