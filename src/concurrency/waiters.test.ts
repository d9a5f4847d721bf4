import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { Barrier } from './barrier.ts'
import { Channel } from './channel.ts'
import { Condition } from './condition.ts'
import { Event } from './event.ts'
import { Latch } from './latch.ts'
import { Lock } from './lock.ts'
import { RateLimiter } from './rate-limiter.ts'
import { ReadWriteLock } from './read-write-lock.ts'
import { Semaphore } from './semaphore.ts'
import { WaiterList, type WaitOptions } from './waiters.ts'

/** Every primitive, made so that whoever comes has to wait. */
const waits: Record<string, () => Disposable & { wait: (options?: WaitOptions) => Promise<unknown> }> = {
  lock: () => busy(new Lock(), (lock) => [lock.tryAcquire(), (options) => lock.acquire(options)]),
  semaphore: () =>
    busy(new Semaphore(1), (semaphore) => [semaphore.tryAcquire(), (options) => semaphore.acquire(options)]),
  reading: () => busy(new ReadWriteLock(), (lock) => [lock.tryAcquireWrite(), (options) => lock.acquireRead(options)]),
  writing: () => busy(new ReadWriteLock(), (lock) => [lock.tryAcquireRead(), (options) => lock.acquireWrite(options)]),
  event: () => busy(new Event(), (event) => [true, (options) => event.wait(options)]),
  latch: () => busy(new Latch(1), (latch) => [true, (options) => latch.wait(options)]),
  barrier: () => busy(new Barrier(100_000), (barrier) => [true, (options) => barrier.arrive(options)]),
  receiving: () => busy(new Channel(), (channel) => [true, (options) => channel.receive(options)]),
  sending: () => busy(new Channel({ capacity: 0 }), (channel) => [true, (options) => channel.send(1, options)]),
  rate: () =>
    busy(new RateLimiter({ perSecond: 1e-6, burst: 1 }), (limiter) => [
      limiter.tryAcquire(),
      (options) => limiter.acquire(options),
    ]),
}

function busy<Primitive extends Disposable>(
  primitive: Primitive,
  begin: (primitive: Primitive) => [unknown, (options?: WaitOptions) => Promise<unknown>],
): Disposable & { wait: (options?: WaitOptions) => Promise<unknown> } {
  const [held, wait] = begin(primitive)
  ok(held)
  return { wait, [Symbol.dispose]: () => primitive[Symbol.dispose]() }
}

for (const [name, make] of Object.entries(waits)) {
  test(`${name}: a signal, a call, a time limit and the end of the primitive end the waiting`, async () => {
    using primitive = make()
    const { wait } = primitive
    const stop = new AbortController()
    const stopped = wait({ signal: stop.signal })
    const own = new AndonError('forbidden', 'Mine')
    const late = wait({ timeoutMs: 1 })
    using call = openCall({ tenant: 't', budgetMs: 1 })
    const calling = wait(call)
    const closed = wait()
    stop.abort(own)
    await rejects(stopped, (reason) => reason === own)
    await rejects(wait({ signal: stop.signal }), (reason) => reason === own)
    await rejects(wait({ signal: AbortSignal.abort() }), { code: 'cancelled' })
    await rejects(late, { code: 'deadline' })
    await rejects(calling, { code: 'deadline' })
    await rejects(wait({ timeoutMs: -1 }), { code: 'invalid' })
    primitive[Symbol.dispose]()
    await rejects(closed, { code: 'unavailable' })
    await rejects(wait(), { code: 'unavailable' })
    deepEqual(getEventListeners(stop.signal, 'abort'), [])
  })
}

test('ten thousand wait with one signal and one listener; when it aborts, all have left and nothing is kept', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const semaphore = new Semaphore(2)
  using held = semaphore.tryAcquire()
  const request = new AbortController()
  const { signal } = request
  const waiting = Array.from({ length: 10_000 }, () => semaphore.acquire({ weight: 2, signal }))
  const behind = semaphore.acquire()
  equal(getEventListeners(signal, 'abort').length, 1)
  equal(semaphore.waiting, 10_001)
  const kept = waiting.map((promise) => new WeakRef(promise)).slice(0, 100)
  const settled = Promise.allSettled(waiting.splice(0))
  request.abort()
  // Those who left stood in its way.
  using _next = await behind
  const outcomes = await settled
  ok(outcomes.every((outcome) => outcome.status === 'rejected'))
  equal(new Set(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).size, 1)
  equal(semaphore.waiting, 0)
  equal(getEventListeners(signal, 'abort').length, 0)
  held?.release()
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  equal(kept.filter((reference) => reference.deref() !== undefined).length, 0)
})

test('whoever is served before the signal aborts keeps the signal no more', async () => {
  const lock = new Lock()
  const held = await lock.acquire()
  const { signal } = new AbortController()
  const next = lock.acquire({ signal, timeoutMs: 60_000 })
  held.release()
  equal(getEventListeners(signal, 'abort').length, 0)
  const hold = await next
  ok(hold.held && !held.held)
  hold.release()
})

test('one signal empties several lines at once, and nobody with that signal is served on the way', async () => {
  const semaphore = new Semaphore(2)
  using _held = await semaphore.acquire()
  const request = new AbortController()
  const { signal } = request
  const outcomes = Promise.allSettled([
    semaphore.acquire({ weight: 2, signal }),
    // Stands behind the first only, and would be served when that one leaves.
    semaphore.acquire({ signal }),
    new Event().wait({ signal }),
  ])
  request.abort()
  deepEqual(
    (await outcomes).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
  deepEqual([semaphore.available, semaphore.waiting], [1, 0])
})

test('a line that is full refuses at once; names stand in the sentences', async () => {
  const lock = new Lock({ name: 'ledger', maxWaiting: 1 })
  const held = await lock.acquire()
  const waiting = lock.acquire()
  await rejects(lock.acquire(), { code: 'overloaded', sentence: /lock "ledger" has 1 waiting/ })
  held.release()
  const next = await waiting
  await rejects(lock.acquire({ timeoutMs: 1 }), { sentence: 'The lock "ledger" was not free within 1 ms' })
  next.release()
  throws(() => new Lock({ maxWaiting: -1 }), { code: 'invalid' })
  throws(() => new Semaphore(0), { code: 'invalid' })
  throws(() => new Semaphore(2).tryAcquire(3), { code: 'invalid' })
  await rejects(new Semaphore(2).acquire({ weight: 1.5 }), { code: 'invalid' })
  throws(() => new Barrier(0), { code: 'invalid' })
  throws(() => new Latch(-1), { code: 'invalid' })
  throws(() => new Channel({ capacity: 0, whenFull: 'drop-oldest' }), { code: 'invalid' })
  throws(() => new RateLimiter({ perSecond: 0 }), { code: 'invalid' })
  await rejects(new RateLimiter({ perSecond: 1 }).acquire({ tokens: 2 }), { code: 'invalid' })
})

test('who waits without a time limit keeps no program alive; with one it is told', async () => {
  const program = fileURLToPath(new URL('waiters.fixture.ts', import.meta.url))
  const run = promisify(execFile)
  const [without, limited] = await Promise.all([
    run(process.execPath, [program]),
    run(process.execPath, [program, '20']),
  ])
  equal(without.stdout, 'exit\n')
  equal(limited.stdout, 'AndonError: [deadline] The lock "kept" was not free within 20 ms\nexit\n')
})

test('a condition holds its lock again, also after an abort, and says so when the lock is closed', async () => {
  const lock = new Lock()
  const changed = new Condition()
  const stop = new AbortController()
  using held = await lock.acquire()
  const waiting = changed.wait(held, { signal: stop.signal })
  equal(held.held, false)
  const other = await lock.acquire()
  let ended = false
  const rejected = rejects(waiting, { code: 'cancelled' }).then(() => (ended = true))
  stop.abort()
  await once(AbortSignal.timeout(1), 'abort')
  equal(ended, false)
  other.release()
  await rejected
  ok(held.held && lock.held)
  await rejects(
    changed.waitFor(() => false, held, { timeoutMs: 1 }),
    { code: 'deadline' },
  )

  const again = changed.wait(held)
  lock[Symbol.dispose]()
  changed.notify()
  await rejects(again, { code: 'unavailable' })
  equal(held.held, false)
  await rejects(changed.wait(held), { code: 'invalid' })
  equal(changed.waiting, 0)
})

test('a list serves, skips and closes', async () => {
  const list = new WaiterList<string, number>({ kind: 'thing', late: 'did not come' })
  const [a, b, c] = [list.add(1, undefined), list.add(2, undefined), list.add(3, undefined)]
  list.remove(b)
  equal(list.shift(), a)
  deepEqual([a.waiting, b.waiting, c.waiting, list.size, list.first], [false, false, true, 1, c])
  list.close()
  list.close(new AndonError('internal', 'Not heard'))
  await rejects(c.promise, { code: 'unavailable', sentence: 'The thing was closed' })
  await rejects(list.wait(4, undefined), { code: 'unavailable' })
})
