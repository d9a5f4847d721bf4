// Small programs over every primitive, in every order in which their processes can take turns.

import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import test from 'node:test'
import { Barrier } from './barrier.ts'
import { Channel } from './channel.ts'
import { Condition } from './condition.ts'
import { Event } from './event.ts'
import { Latch } from './latch.ts'
import { Lock } from './lock.ts'
import { ReadWriteLock } from './read-write-lock.ts'
import { explore } from './scheduler.fixture.ts'
import { Semaphore } from './semaphore.ts'

test('the scheduler tries every order, and finds what goes wrong in one of them', async () => {
  const seen = new Set<string>()
  const exploration = await explore(() => {
    const order: string[] = []
    const process = (name: string) => async (turn: () => Promise<void>) => {
      order.push(name)
      await turn()
      order.push(name)
    }
    return { processes: [process('a'), process('b')], check: () => void seen.add(order.join('')) }
  })
  deepEqual(exploration, { runs: 6, exhaustive: true })
  deepEqual([...seen].sort(), ['aabb', 'abab', 'abba', 'baab', 'baba', 'bbaa'])

  const lost = explore(() => {
    let value = 0
    const add = async (turn: () => Promise<void>): Promise<void> => {
      const read = value
      await turn()
      value = read + 1
    }
    return { processes: [add, add], check: () => equal(value, 2) }
  })
  await rejects(lost, /In the order/)

  const stuck = explore(() => {
    const event = new Event()
    return { processes: [() => event.wait()] }
  })
  await rejects(stuck, /nobody will wake them/)
})

test('lock: one holder, in the order in which they came, with one that leaves', async () => {
  const exploration = await explore(
    () => {
      const lock = new Lock()
      const leaving = new AbortController()
      const came: string[] = []
      const had: string[] = []
      let inside = 0
      const worker = (name: string) => async (turn: () => Promise<void>) => {
        came.push(name)
        const options = name === 'b' ? { signal: leaving.signal } : undefined
        try {
          using _held = await lock.acquire(options)
          had.push(name)
          equal(++inside, 1)
          await turn()
          inside--
        } catch (reason) {
          ok(leaving.signal.aborted)
          equal(name, 'b', String(reason))
          came.splice(came.indexOf('b'), 1)
        }
      }
      return {
        processes: [worker('a'), worker('b'), worker('c'), async () => leaving.abort()],
        check: () => {
          deepEqual(had, came)
          deepEqual([lock.held, lock.waiting], [false, 0])
        },
      }
    },
    { limit: 4_000 },
  )
  ok(exploration.exhaustive)
})

test('semaphore: never more than its permits, nobody overtakes, the big one comes in', async () => {
  const exploration = await explore(
    () => {
      const semaphore = new Semaphore(2)
      const leaving = new AbortController()
      const waiting: string[] = []
      let out = 0
      const worker = (name: string, weight: number, signal?: AbortSignal) => async (turn: () => Promise<void>) => {
        waiting.push(name)
        try {
          using _held = await semaphore.acquire(signal ? { weight, signal } : { weight })
          // Several may be served in one step, and each goes on after the other.
          equal(waiting.shift(), name)
          out += weight
          ok(out <= 2)
          await turn()
          out -= weight
        } catch (reason) {
          ok(signal?.aborted, String(reason))
          waiting.splice(waiting.indexOf(name), 1)
        }
      }
      return {
        processes: [
          worker('a', 1),
          worker('big', 2, leaving.signal),
          worker('c', 1),
          worker('d', 2),
          async () => leaving.abort(),
        ],
        check: () => deepEqual([semaphore.available, semaphore.waiting, out], [2, 0, 0]),
      }
    },
    { limit: 6_000 },
  )
  ok(exploration.runs > 1_000)
})

test('read/write lock: a writer is alone, and nobody waits for ever', async () => {
  const exploration = await explore(
    () => {
      const lock = new ReadWriteLock()
      const leaving = new AbortController()
      let reading = 0
      let writing = 0
      const reader = async (turn: () => Promise<void>): Promise<void> => {
        using _held = await lock.acquireRead()
        reading++
        equal(writing, 0)
        await turn()
        reading--
      }
      const writer = (signal?: AbortSignal) => async (turn: () => Promise<void>) => {
        try {
          using _held = await lock.acquireWrite(signal ? { signal } : undefined)
          writing++
          deepEqual([reading, writing], [0, 1])
          await turn()
          writing--
        } catch (reason) {
          ok(signal?.aborted, String(reason))
        }
      }
      return {
        processes: [reader, writer(leaving.signal), reader, writer(), async () => leaving.abort()],
        check: () => deepEqual([lock.reading, lock.writing, lock.waiting], [0, false, 0]),
      }
    },
    { limit: 6_000 },
  )
  ok(exploration.runs > 1_000)
})

test('condition: no notice is missed, also when one that was to be woken leaves', async () => {
  const exploration = await explore(
    () => {
      const lock = new Lock()
      const changed = new Condition()
      const leaving = new AbortController()
      let goods = 0
      let left = 0
      const taker = (signal?: AbortSignal) => async () => {
        using held = await lock.acquire()
        try {
          await changed.waitFor(() => goods > 0, held, signal ? { signal } : {})
          goods--
        } catch (reason) {
          ok(signal?.aborted, String(reason))
          left++
        }
        ok(held.held)
      }
      const giver = async (turn: () => Promise<void>): Promise<void> => {
        for (let each = 0; each < 2; each++) {
          using _held = await lock.acquire()
          goods++
          changed.notify()
          await turn()
        }
      }
      return {
        processes: [taker(), taker(leaving.signal), giver, async () => leaving.abort()],
        check: () => deepEqual([goods, lock.held, changed.waiting], [left, false, 0]),
      }
    },
    { limit: 6_000 },
  )
  ok(exploration.exhaustive)
})

test('event, latch and barrier: whoever waits is freed, and nobody before the time', async () => {
  const event = await explore(() => {
    const ready = new Event()
    let set = false
    const waiter = async (): Promise<void> => {
      await ready.wait()
      ok(set)
    }
    const setter = async (turn: () => Promise<void>): Promise<void> => {
      set = true
      ready.set()
      await turn()
    }
    return { processes: [waiter, waiter, setter] }
  })
  const latch = await explore(() => {
    const done = new Latch(2)
    let count = 0
    const worker = async (): Promise<void> => {
      count++
      done.countDown()
    }
    const waiter = async (): Promise<void> => {
      await done.wait()
      equal(count, 2)
    }
    return { processes: [worker, waiter, worker, waiter] }
  })
  const barrier = await explore(
    () => {
      const round = new Barrier(2)
      const arrived = [0, 0]
      const party = async (turn: () => Promise<void>): Promise<void> => {
        for (const each of arrived.keys()) {
          arrived[each] = (arrived[each] ?? 0) + 1
          await round.arrive()
          equal(arrived[each], 2)
          await turn()
        }
      }
      return { processes: [party, party] }
    },
    { limit: 3_000 },
  )
  deepEqual([event.exhaustive, latch.exhaustive, barrier.exhaustive], [true, true, true])
})

test('channel: every value comes once, in order, with a bound; a close ends all', async () => {
  const exploration = await explore(
    () => {
      const channel = new Channel<string>({ capacity: 1 })
      const leaving = new AbortController()
      const got: string[] = []
      let open = 2
      let left = 0
      const sender = (name: string, signal?: AbortSignal) => async (turn: () => Promise<void>) => {
        for (const number of [1, 2]) {
          await turn()
          await channel.send(name + String(number), signal ? { signal } : undefined).catch((reason: unknown) => {
            ok(signal?.aborted, String(reason))
            left++
          })
        }
        if (--open === 0) channel.close()
      }
      const receiver = async (): Promise<void> => {
        for await (const value of channel) got.push(value)
      }
      return {
        processes: [sender('a'), sender('b', leaving.signal), receiver, async () => leaving.abort()],
        always: () => ok(channel.size <= 1),
        check: () => {
          deepEqual(
            got.filter((value) => value.startsWith('a')),
            ['a1', 'a2'],
          )
          equal(got.length, 4 - left)
        },
      }
    },
    { limit: 4_000 },
  )
  ok(exploration.runs > 1_000)
})
