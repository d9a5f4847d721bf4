import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import test from 'node:test'
import { AndonError } from '../core/errors.ts'
import { Budget } from './budget.ts'
import { Deadline } from './deadline.ts'
import { Event } from './event.ts'

test('a deadline passes, and its parts never have more than it', async () => {
  using deadline = Deadline.after(60_000)
  using half = deadline.part({ share: 0.5 })
  using more = deadline.part({ ms: 120_000 })
  ok(half.at < deadline.at)
  equal(more.at, deadline.at)
  ok(half.leftMs > 0 && !half.passed)
  equal(half.over, undefined)

  using short = deadline.part({ ms: 1 })
  await rejects(new Event().wait({ signal: short.signal }), { code: 'deadline', sentence: /time of 1 ms ran out/ })
  equal(short.over?.code, 'deadline')
  throws(() => short.throwIfOver(), { code: 'deadline' })
  equal(deadline.over, undefined)
  throws(() => Deadline.after(-1), { code: 'invalid' })
  throws(() => deadline.part({ share: Number.NaN }), { code: 'invalid' })
})

test("the caller's signal ends a deadline and its parts, with its reason; a disposed one listens no more", async () => {
  const caller = new AbortController()
  using deadline = Deadline.after(Infinity, caller)
  using part = deadline.part({ ms: 60_000 })
  const { signal } = part
  const disposed = Deadline.after(60_000, caller)
  const unheard = disposed.signal
  disposed[Symbol.dispose]()
  const reason = new AndonError('cancelled', 'Left')
  const aborted = once(signal, 'abort')
  caller.abort(reason)
  await aborted
  equal(signal.reason, reason)
  equal(part.over, reason)
  equal(unheard.aborted, false)
  deepEqual(getEventListeners(caller.signal, 'abort'), [])
})

test('a budget is spent, reserved and shared with its parts; what fails changes nothing', () => {
  const budget = new Budget(100, { unit: 'tokens' })
  const part = budget.part(60)
  part.spend(20)
  {
    using reserved = part.reserve(40)
    deepEqual([part.left, budget.left, budget.reserved, reserved.amount], [0, 40, 40, 40])
    equal(part.trySpend(1), false)
    reserved.settle(15)
    reserved.settle(99)
  }
  deepEqual([part.spent, part.left, budget.spent, budget.left], [35, 25, 35, 65])
  {
    using _unused = budget.reserve(65)
    equal(part.left, 0)
    throws(() => part.spend(1), { code: 'overloaded', sentence: 'The budget has 0 tokens left, and 1 are asked of it' })
  }
  deepEqual([part.left, budget.left, budget.reserved], [25, 65, 0])
  // What has happened is counted, also above the limit.
  part.reserve(25).settle(30)
  deepEqual([part.left, part.spent, budget.spent], [0, 65, 65])
  throws(() => budget.spend(-1), { code: 'invalid' })
  throws(() => new Budget(Number.NaN), { code: 'invalid' })
})
