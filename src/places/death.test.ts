// Workers that die: what their callers hear, what happens to the other calls, and what comes after.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { failureOf, placeEvent, withCode } from '../../test/every-place/expect.ts'
import { recipeOf, testStation } from '../../test/every-place/stations.ts'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { one } from '../core/station.ts'
import type { Limits } from '../core/station.ts'
import { createPlaces } from './places.ts'

const call = openCall({ tenant: 'tests' })

function only(limits: Partial<Limits>): Record<string, Limits> {
  return { only: { place: 'process', size: 1, graceMs: 100, ...limits } }
}

test('a process that is killed is unavailable, not a hang, and the pool recovers', async () => {
  await using places = createPlaces(only({}))
  const station = await places.open(testStation, 'only')
  const pid = Number(await one(station, { do: 'pid' }, call))
  const counting = failureOf(
    (async () => {
      for await (const item of station.run({ do: 'count' }, call)) if (item === 3) process.kill(pid, 'SIGKILL')
    })(),
  )
  const { code, place, reason, signal } = await counting
  assert.deepEqual(
    { code, place, reason, signal },
    { code: 'unavailable', place: 'process', reason: 'crash', signal: 'SIGKILL' },
  )
  assert.notEqual(await one(station, { do: 'pid' }, call), pid)
})

for (const place of ['thread', 'process'] as const) {
  test(`a ${place} that fills its heap fails its call for memory, and the pool recovers`, async () => {
    await using places = createPlaces(only({ place, memoryMb: 48 }))
    const station = await places.open(testStation, 'only')
    const failure = await failureOf(one(station, { do: 'exhaust' }, call))
    assert.deepEqual([failure.code, failure.place, failure.reason], ['unavailable', place, 'memory'])
    assert.equal(await one(station, { do: 'echo', value: 'recovered' }, call), 'recovered')
  })

  test(`a ${place} that ends by itself says with which code`, async () => {
    await using places = createPlaces(only({ place }))
    const station = await places.open(testStation, 'only')
    const failure = await failureOf(one(station, { do: 'exit', code: 7 }, call))
    assert.deepEqual([failure.code, failure.reason, failure.exitCode], ['unavailable', 'exit', 7])
  })

  test(`a ${place} that crashes says why`, async () => {
    await using places = createPlaces(only({ place }))
    const station = await places.open(testStation, 'only')
    await assert.rejects(
      one(station, { do: 'throw-later' }, call),
      withCode('unavailable', /thrown outside of any call/),
    )
  })

  test(`a ${place} that dies whenever it starts is given up for a while`, async () => {
    await using places = createPlaces(only({ place }), { backoffMs: 1, tries: 3 })
    const failure = await failureOf(places.open(recipeOf('makeDoomed'), 'only'))
    assert.deepEqual([failure.code, failure.reason, failure.exitCode], ['unavailable', 'exit', 3])
  })
}

test('a process that outgrows its memory outside the heap is killed for memory', async () => {
  await using places = createPlaces(only({ memoryMb: 32 }))
  const station = await places.open(testStation, 'only')
  const failure = await failureOf(one(station, { do: 'hoard', mb: 400 }, call))
  assert.deepEqual([failure.code, failure.reason], ['unavailable', 'memory'])
})

test('a crash loop fails calls at once, and ends when the station can be made again', async () => {
  await using places = createPlaces(only({}), { backoffMs: 1, tries: 2, pauseMs: 50 })
  const flag = join(await mkdtemp(join(tmpdir(), 'andon-places-')), 'flag')
  await writeFile(flag, 'well')
  const station = await places.open(recipeOf('makeWhileFlagged', { flag }), 'only')
  const pid = Number(await one(station, { do: 'pid' }, call))
  await rm(flag)
  const paused = placeEvent('only', 'pool-paused')
  process.kill(pid, 'SIGKILL')
  await paused
  await assert.rejects(one(station, { do: 'echo', value: 1 }, call), (reason) => {
    assert.ok(withCode('unavailable', /ended with code 3.*2 times in a row/)(reason))
    assert.ok(reason instanceof AndonError && (reason.retryAfterMs ?? 0) > 0)
    return true
  })
  const started = placeEvent('only', 'worker-started')
  await writeFile(flag, 'well again')
  await started
  assert.equal(await one(station, { do: 'echo', value: 'well again' }, call), 'well again')
  await rm(dirname(flag), { recursive: true })
})

test('a call that will not stop costs its neighbours the worker, and they hear why', async () => {
  await using places = createPlaces(only({ place: 'thread', concurrency: 8 }))
  const station = await places.open(testStation, 'only')
  const neighbour = failureOf(one(station, { do: 'stick' }, call))
  using guilty = openCall({ tenant: 'tests', budgetMs: 20 })
  await assert.rejects(one(station, { do: 'stick' }, guilty), withCode('deadline'))
  const { code, reason } = await neighbour
  assert.deepEqual({ code, reason }, { code: 'unavailable', reason: 'killed-neighbour' })
})

test('calls that had not started when their worker was killed move to another', async () => {
  await using places = createPlaces(only({ place: 'thread', concurrency: 8 }))
  const station = await places.open(testStation, 'only')
  using guilty = openCall({ tenant: 'tests', budgetMs: 300 })
  const spinning = station.run({ do: 'spin' }, guilty)[Symbol.asyncIterator]()
  assert.equal((await spinning.next()).value, 'started')
  const ended = placeEvent('only', 'worker-ended')
  // The thread computes and reads no more: these reach it, but it cannot take them.
  const waiting = [1, 2, 3].map((value) => one(station, { do: 'echo', value }, call))
  await assert.rejects(spinning.next(), withCode('deadline'))
  await ended
  assert.deepEqual(await Promise.all(waiting), [1, 2, 3])
})

test('a child process ends when its parent is killed, also when a call would not', async () => {
  const parent = spawn(
    process.execPath,
    [fileURLToPath(new URL('../../test/every-place/parent.ts', import.meta.url))],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  // The child holds the parent's standard error as well: `close` comes when both are gone.
  const gone = once(parent, 'close')
  parent.stderr.resume()
  await once(parent.stdout, 'data')
  parent.kill('SIGKILL')
  await gone
})
