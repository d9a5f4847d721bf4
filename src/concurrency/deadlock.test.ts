import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import test from 'node:test'
import { AndonError } from '../core/errors.ts'
import { asTask, detector, watchDeadlocks } from './deadlock.ts'
import { Condition } from './condition.ts'
import { Event } from './event.ts'
import { Lock } from './lock.ts'
import { ReadWriteLock } from './read-write-lock.ts'
import { explore } from './scheduler.fixture.ts'
import { Semaphore } from './semaphore.ts'
import { TaskGroup } from './task-group.ts'

test('nobody watches until somebody asks for it', () => {
  equal(detector, undefined)
  {
    using _watch = watchDeadlocks()
    ok(detector)
  }
  equal(detector, undefined)
  equal(
    asTask('work', () => 7),
    7,
  )
})

test('two tasks that take two locks in opposite orders: the second is told who holds what', async () => {
  using _watch = watchDeadlocks()
  const ledger = new Lock({ name: 'ledger' })
  const stock = new Lock({ name: 'stock' })
  const begun = new Event()
  await using group = new TaskGroup({ name: 'orders' })
  group.spawn(
    async () => {
      using _ledger = await ledger.acquire()
      await begun.wait()
      using _stock = await stock.acquire()
    },
    { name: 'billing' },
  )
  const shipping = group.spawn(
    async () => {
      using _stock = await stock.acquire()
      begun.set()
      await new Promise((resolve) => setImmediate(resolve))
      using _ledger = await ledger.acquire()
    },
    { name: 'shipping' },
  )
  const error = await Promise.resolve(shipping).catch((reason: unknown) => reason)
  ok(error instanceof AndonError)
  equal(error.code, 'conflict')
  match(error.sentence, /task "shipping" holds the lock "stock" \(at .*deadlock\.test\.ts:\d+/)
  match(error.sentence, /and waits for the lock "ledger" \(at .*deadlock\.test\.ts:\d+/)
  match(error.sentence, /task "billing" holds the lock "ledger"/)
  await rejects(group.join(), { code: 'conflict' })
  deepEqual([ledger.held, stock.held, ledger.waiting, stock.waiting], [false, false, 0, 0])
})

test('who takes the same lock twice is told, also a reader behind a writer', async () => {
  using _watch = watchDeadlocks()
  const lock = new Lock({ name: 'once' })
  await asTask('twice', async () => {
    using _held = await lock.acquire()
    await rejects(lock.acquire(), { code: 'conflict', sentence: /"twice" holds the lock "once"/ })
  })
  equal(lock.held, false)

  const shared = new ReadWriteLock({ name: 'index' })
  await asTask('reading', async () => {
    const held = await shared.acquireRead()
    const writer = asTask('writing', () => shared.acquireWrite())
    await rejects(shared.acquireRead(), { code: 'conflict' })
    held.release()
    const writing = await writer
    writing.release()
  })
})

test('nobody is told as long as somebody can go on', async () => {
  using _watch = watchDeadlocks()
  const semaphore = new Semaphore(2, { name: 'places' })
  const outside = await semaphore.acquire()
  // The other permit's holder is in no task: of that one nothing is known, and so it may go on.
  await asTask('inside', async () => {
    using _held = await semaphore.acquire()
    const second = semaphore.acquire()
    outside.release()
    const held = await second
    held.release()
  })

  // A permit given back by another flow is no longer held by the one that took it.
  const passed = await asTask('taker', () => semaphore.acquire({ weight: 2 }))
  const next = asTask('taker again', () => semaphore.acquire())
  passed.release()
  using _next = await next

  // Waiting for a condition holds nothing.
  const lock = new Lock()
  const changed = new Condition()
  let ready = false
  const waiter = asTask('waiter', async () => {
    using held = await lock.acquire()
    await changed.waitFor(() => ready, held)
  })
  await asTask('notifier', async () => {
    using _held = await lock.acquire()
    ready = true
    changed.notify()
  })
  await waiter
})

test('when the last who could go on has gone, the one who is left waiting is told', async () => {
  using _watch = watchDeadlocks()
  const semaphore = new Semaphore(2, { name: 'places' })
  const outside = await semaphore.acquire()
  await asTask('greedy', async () => {
    using _held = await semaphore.acquire()
    const both = semaphore.acquire({ weight: 2 })
    outside.release()
    await rejects(both, { code: 'conflict', sentence: /"greedy" holds the semaphore "places"/ })
  })
  equal(semaphore.available, 2)
})

test('philosophers: in every order either all eat, or a circle is told and then all end', async () => {
  using _watch = watchDeadlocks()
  let circles = 0
  const exploration = await explore(
    () => {
      const forks = [new Lock(), new Lock(), new Lock()]
      const philosopher = (seat: number) => (turn: () => Promise<void>) =>
        asTask(`philosopher ${seat}`, async () => {
          const [left, right] = [forks[seat], forks[(seat + 1) % 3]]
          ok(left && right)
          try {
            using _left = await left.acquire()
            await turn()
            using _right = await right.acquire()
            await turn()
          } catch (reason) {
            equal(AndonError.from(reason).code, 'conflict')
            circles++
          }
        })
      return {
        processes: [philosopher(0), philosopher(1), philosopher(2)],
        check: () =>
          deepEqual(
            forks.map(({ held }) => held),
            [false, false, false],
          ),
      }
    },
    { limit: 4_000 },
  )
  ok(exploration.runs > 100)
  ok(circles > 0)
})
