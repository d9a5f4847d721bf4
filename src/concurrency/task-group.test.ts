import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import test from 'node:test'
import { AndonError } from '../core/errors.ts'
import { Event } from './event.ts'
import { TaskGroup } from './task-group.ts'

/** Ends with the reason of its signal, a turn later. */
async function untilEnded(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  await new Promise((resolve) => setImmediate(resolve))
  throw signal.reason
}

test('children run side by side; each can be awaited; join comes after all, also after those of children', async () => {
  await using group = new TaskGroup()
  const both = new Event()
  const ended: string[] = []
  const first = group.spawn(async () => {
    await both.wait()
    group.spawn(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      ended.push('grandchild')
    })
    return 'first'
  })
  const second = group.spawn(() => {
    both.set()
    return 'second'
  })
  equal(group.running, 2)
  deepEqual(await Promise.all([first, second]), ['first', 'second'])
  await group.join()
  deepEqual([ended, group.running, group.failures], [['grandchild'], 0, []])
})

test('the first failure ends the siblings, and is thrown when all have ended', async () => {
  const fault = new TypeError('Broken')
  const ended: unknown[] = []
  {
    await using group = new TaskGroup({ name: 'search' })
    group.spawn((signal) => untilEnded(signal).catch((reason: unknown) => ended.push(reason)))
    const echo = group.spawn((signal) => untilEnded(signal))
    group.spawn(() => Promise.reject(fault))
    await rejects(group.join(), (reason) => reason === fault)
    equal(ended.length, 1)
    equal(group.running, 0)
    // Those that only heeded the signal did not fail.
    equal(group.failures.length, 1)
    await rejects(Promise.resolve(echo), { code: 'internal' })
    // Nothing begins any more.
    await rejects(Promise.resolve(group.spawn(() => ended.push('late'))), { code: 'internal' })
  }
  equal(ended.length, 1)
})

test('a failure that nobody has heard is thrown at the end of the scope; one that was heard is not thrown twice', async () => {
  const fault = new Error('Unheard')
  const unheard = async (): Promise<void> => {
    await using group = new TaskGroup()
    group.spawn(() => Promise.reject(fault))
  }
  await rejects(unheard, (reason) => reason === fault)
  const heard = async (): Promise<void> => {
    await using group = new TaskGroup()
    await group.spawn(() => Promise.reject(fault))
  }
  // Not a SuppressedError of it and itself.
  await rejects(heard, (reason) => reason === fault)
})

test('the end of the scope cancels what is still running, and waits for its end', async () => {
  let ended = false
  const closed = new TaskGroup({ name: 'brief' })
  {
    await using group = closed
    group.spawn(async (signal) => {
      await untilEnded(signal).catch(() => {})
      ended = true
    })
  }
  equal(ended, true)
  throws(() => closed.spawn(() => 1), { code: 'unavailable', sentence: /brief has ended/ })
})

test("the caller's signal ends all, with its reason; the group listens no longer than it lives", async () => {
  const caller = new AbortController()
  const reason = new AndonError('cancelled', 'Left')
  await using group = new TaskGroup({ signal: caller.signal })
  const child = group.spawn((signal) => untilEnded(signal))
  caller.abort(reason)
  await rejects(Promise.resolve(child), (thrown) => thrown === reason)
  await rejects(group.join(), (thrown) => thrown === reason)
  await rejects(new TaskGroup({ signal: caller.signal }).join(), (thrown) => thrown === reason)

  const { signal } = new AbortController()
  {
    await using _group = new TaskGroup({ signal })
    equal(getEventListeners(signal, 'abort').length, 1)
  }
  equal(getEventListeners(signal, 'abort').length, 0)
})

test('atOnce: never more run, those that wait come in their order, and end with the group', async () => {
  await using group = new TaskGroup({ atOnce: 2 })
  const order: number[] = []
  let most = 0
  let running = 0
  for (let number = 0; number < 6; number++)
    group.spawn(async () => {
      most = Math.max(most, ++running)
      order.push(number)
      await new Promise((resolve) => setImmediate(resolve))
      running--
    })
  await group.join()
  equal(most, 2)
  deepEqual(order, [0, 1, 2, 3, 4, 5])

  await using cut = new TaskGroup({ atOnce: 1 })
  let begun = 0
  cut.spawn((signal) => {
    begun++
    return untilEnded(signal)
  })
  cut.spawn(() => begun++)
  const reason = new AndonError('cancelled', 'Enough')
  cut.cancel(reason)
  await rejects(cut.join(), (thrown) => thrown === reason)
  equal(begun, 1)
  ok(cut.signal.aborted)
})
