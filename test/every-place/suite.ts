// What every place promises of every station, told with a station made for it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openCall } from '../../src/core/call.ts'
import { AndonError } from '../../src/core/errors.ts'
import { moved } from '../../src/core/moved.ts'
import { one } from '../../src/core/station.ts'
import { initialCredit } from '../../src/places/far-call.ts'
import { Board } from './board.ts'
import { placeEvent, withCode } from './expect.ts'
import { inEveryPlace } from './places.ts'
import type { TestedPlace } from './places.ts'
import { testStation } from './stations.ts'
import type { Order } from './stations.ts'

/** Declares the general tests, once for each place. */
export function everyPlaceKeepsItsPromises(): void {
  inEveryPlace('a station', testStation, (place) => {
    let board: Board
    before(async () => {
      board = await Board.open()
    })
    after(() => board[Symbol.asyncDispose]())
    itStreams(place)
    itFails(place)
    itStops(place, () => board)
    itCarries(place)
    if (place.far) itIsFar(place)
  })
}

type Tested = TestedPlace<Order, unknown>

function itStreams({ station }: Tested): void {
  test('streams its items in order to the end', async () => {
    using call = openCall({ tenant: 'tests' })
    const items = await Array.fromAsync(station.run({ do: 'count', to: 100 }, call))
    assert.deepEqual(
      items,
      Array.from({ length: 100 }, (_, index) => index + 1),
    )
  })

  test('may end without an item', async () => {
    using call = openCall({ tenant: 'tests' })
    assert.deepEqual(await Array.fromAsync(station.run({ do: 'nothing' }, call)), [])
  })

  test('stays ended when it is read on', async () => {
    using call = openCall({ tenant: 'tests' })
    const items = station.run({ do: 'echo', value: 'once' }, call)[Symbol.asyncIterator]()
    assert.deepEqual(await items.next(), { done: false, value: 'once' })
    assert.equal((await items.next()).done, true)
    assert.equal((await items.next()).done, true)
  })

  test('answers many calls at once, each with its own items', async () => {
    using call = openCall({ tenant: 'tests' })
    const values = Array.from({ length: 300 }, (_, index) => ({ index }))
    const answers = await Promise.all(values.map((value) => one(station, { do: 'echo', value }, call)))
    assert.deepEqual(answers, values)
  })

  test('makes no more items than its reader has room for', async () => {
    using call = openCall({ tenant: 'tests' })
    await using board = await Board.open()
    const items = station.run({ do: 'count', board: board.port, as: 'ahead' }, call)[Symbol.asyncIterator]()
    for (let taken = 1; taken <= 40; taken++) {
      assert.equal((await items.next()).value, taken)
      // A round trip, in which a station without brakes would run ahead.
      await one(station, { do: 'echo', value: taken }, call)
      const made = Number(board.last('ahead', 'made') ?? 0)
      assert.ok(made <= taken + initialCredit, `${made} were made when ${taken} were taken`)
    }
    await items.return?.()
    await board.heard('ahead', 'stopped')
  })
}

function itFails({ station }: Tested): void {
  test('hands out what came before it failed, then fails with the same error everywhere', async () => {
    using call = openCall({ tenant: 'tests' })
    const seen: unknown[] = []
    await assert.rejects(
      async () => {
        for await (const item of station.run({ do: 'count', failAt: 4 }, call)) seen.push(item)
      },
      (reason) => {
        assert.ok(reason instanceof AndonError)
        assert.deepEqual(reason.toWire(), {
          code: 'too-large',
          message: 'Cannot count 4',
          retryAfterMs: 7,
          detail: { number: 4 },
        })
        return true
      },
    )
    assert.deepEqual(seen, [1, 2, 3])
  })

  test('fails as internal with an error of another kind', async () => {
    using call = openCall({ tenant: 'tests' })
    await assert.rejects(one(station, { do: 'throw' }, call), withCode('internal', /a plain error/))
  })
}

function itStops({ station, far, where }: Tested, board: () => Board): void {
  test('stops in the middle of an item when the caller cancels', async () => {
    const caller = new AbortController()
    using call = openCall({ tenant: 'tests', signal: caller.signal })
    const { port } = board()
    const items = station.run({ do: 'wait', board: port, as: 'during' }, call)[Symbol.asyncIterator]()
    const waiting = items.next()
    // The call has been taken when one that was sent after it is answered.
    await one(station, { do: 'echo', value: 1 }, openCall({ tenant: 'tests' }))
    caller.abort()
    await assert.rejects(waiting, withCode('cancelled'))
    assert.equal((await board().heard('during', 'stopped')).value, 'cancelled')
  })

  test('stops between two items when the caller cancels', async () => {
    const caller = new AbortController()
    using call = openCall({ tenant: 'tests', signal: caller.signal })
    const seen: unknown[] = []
    await assert.rejects(async () => {
      for await (const item of station.run({ do: 'count', board: board().port, as: 'between' }, call)) {
        seen.push(item)
        if (item === 3) caller.abort()
      }
    }, withCode('cancelled'))
    assert.deepEqual(seen, [1, 2, 3])
    assert.notEqual((await board().heard('between', 'stopped')).value, 'end')
  })

  test('stops when its reader leaves early', async () => {
    using call = openCall({ tenant: 'tests' })
    for await (const item of station.run({ do: 'count', board: board().port, as: 'early' }, call)) if (item === 3) break
    assert.notEqual((await board().heard('early', 'stopped')).value, 'end')
  })

  test('stops at its deadline', async () => {
    using call = openCall({ tenant: 'tests', budgetMs: 30 })
    const waiting = one(station, { do: 'wait', board: board().port, as: 'late' }, call)
    await assert.rejects(waiting, withCode('deadline'))
    assert.equal((await board().heard('late', 'stopped')).value, 'deadline')
  })

  test('lets its reader go at once when it ignores its signal, and works on', async () => {
    using call = openCall({ tenant: 'tests', budgetMs: 30 })
    const replaced = far ? placeEvent(where, 'worker-ended') : undefined
    await assert.rejects(one(station, { do: 'stick' }, call), withCode('deadline'))
    await replaced
    using next = openCall({ tenant: 'tests' })
    assert.equal(await one(station, { do: 'echo', value: 'still here' }, next), 'still here')
  })

  test('does not start for a caller who has left already', async () => {
    using call = openCall({ tenant: 'tests', signal: AbortSignal.abort() })
    await assert.rejects(one(station, { do: 'count', board: board().port, as: 'never' }, call), withCode('cancelled'))
    using next = openCall({ tenant: 'tests' })
    await one(station, { do: 'echo', value: 1 }, next)
    assert.equal(board().last('never', 'made'), undefined)
  })
}

function itCarries({ station, where }: Tested): void {
  test('knows whose call it is and how much time is left', async () => {
    using call = openCall({ tenant: 'tests', id: 'order-7', trace: '00-trace', budgetMs: 5_000 })
    const { left, ...told } = (await one(station, { do: 'call' }, call)) as Record<string, unknown> & { left: number }
    assert.deepEqual(told, { id: 'order-7', tenant: 'tests', trace: '00-trace' })
    assert.ok(left > 0 && left <= 5_000, `${left} ms left`)
  })

  test('hands over large arrays whole, without a copy where there is a way', async () => {
    using call = openCall({ tenant: 'tests' })
    const [item, kept] = await Array.fromAsync(station.run({ do: 'array', length: 1e6 }, call))
    const { array } = item as { array: Float64Array }
    assert.equal(array.length, 1e6)
    assert.equal(array[999_999], 1)
    assert.equal(kept, where.startsWith('thread') ? 0 : 8e6)
  })

  test('takes large arrays whole', async () => {
    using call = openCall({ tenant: 'tests' })
    const array = new Float64Array(1e6).fill(1)
    assert.equal(await one(station, moved({ do: 'sum', array }, [array.buffer]), call), 1e6)
  })
}

function itIsFar({ station }: Tested): void {
  test('refuses an input that cannot be sent, and no other call is hurt', async () => {
    using call = openCall({ tenant: 'tests' })
    const before = one(station, { do: 'echo', value: 'before' }, call)
    const wrong = one(station, { do: 'echo', value: () => 1 }, call)
    const after = one(station, { do: 'echo', value: 'after' }, call)
    await assert.rejects(wrong, withCode('invalid', /input of the station test/))
    assert.deepEqual(await Promise.all([before, after]), ['before', 'after'])
  })

  test('fails when it yields something that cannot be sent', async () => {
    using call = openCall({ tenant: 'tests' })
    const wrong = one(station, { do: 'function' }, call)
    const right = one(station, { do: 'echo', value: 'right' }, call)
    await assert.rejects(wrong, withCode('internal', /station test yielded/))
    assert.equal(await right, 'right')
  })

  test('is killed when it computes on past its deadline, and is there again', async () => {
    using call = openCall({ tenant: 'tests', budgetMs: 1_000 })
    const seen: unknown[] = []
    await assert.rejects(async () => {
      for await (const item of station.run({ do: 'spin' }, call)) seen.push(item)
    }, withCode('deadline'))
    assert.deepEqual(seen, ['started'])
    using next = openCall({ tenant: 'tests' })
    assert.equal(await one(station, { do: 'echo', value: 'again' }, next), 'again')
  })
}
