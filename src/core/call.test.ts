// A call ends with its caller, its deadline, its house or its parent, and says which.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childCall, onOver, openCall, overReason, remaining, throwIfOver } from './call.ts'
import { AndonError } from './errors.ts'
import type { Code } from './errors.ts'
import type { Call } from './station.ts'

function codeOf(reason: unknown): Code | undefined {
  return reason instanceof AndonError ? reason.code : undefined
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }))
}

test('a call without budget or signal goes on', () => {
  using call = openCall({ tenant: 'a' })
  assert.equal(call.deadline, Infinity)
  assert.equal(remaining(call), Infinity)
  assert.equal(overReason(call), undefined)
  assert.equal(call.signal.aborted, false)
  assert.equal('trace' in call, false)
})

test('a call is cancelled with its caller', async () => {
  const caller = new AbortController()
  using call = openCall({ tenant: 'a', signal: caller.signal })
  const reason = aborted(call.signal)
  caller.abort()
  assert.equal(codeOf(await reason), 'cancelled')
  assert.throws(() => throwIfOver(call), { code: 'cancelled' })
})

test('a signal that is asked for late is aborted already', () => {
  using call = openCall({ tenant: 'a', signal: AbortSignal.abort() })
  assert.equal(call.signal.aborted, true)
  assert.equal(codeOf(call.signal.reason), 'cancelled')
})

test('a timeout of the caller is a deadline', () => {
  using call = openCall({ tenant: 'a', signal: AbortSignal.abort(new DOMException('too late', 'TimeoutError')) })
  assert.equal(codeOf(overReason(call)), 'deadline')
})

test('a call keeps the reason that its caller gives', () => {
  const reason = new AndonError('unavailable', 'The house closes')
  using call = openCall({ tenant: 'a', shutdown: AbortSignal.abort(reason) })
  assert.equal(overReason(call), reason)
})

test('a call ends at its deadline', async () => {
  using call = openCall({ tenant: 'a', budgetMs: 20 })
  assert.ok(remaining(call) > 0 && remaining(call) <= 20)
  // The timers of calls keep no program alive: this one does while the test waits.
  const alive = setInterval(() => {}, 1_000)
  const reason = await aborted(call.signal)
  clearInterval(alive)
  assert.equal(codeOf(reason), 'deadline')
  assert.equal(remaining(call), 0)
  assert.match(String(reason), /budget of 20 ms ran out: ask again with a larger one\.$/)
})

test('a deadline that has passed is seen without a signal', () => {
  using call = openCall({ tenant: 'a', budgetMs: 0 })
  assert.throws(() => throwIfOver(call), { code: 'deadline' })
})

test('listeners hear once, at once when it is over already, and not after they stop', () => {
  const caller = new AbortController()
  using call = openCall({ tenant: 'a', signal: caller.signal })
  const heard: string[] = []
  onOver(call, (reason) => heard.push(`first ${reason.code}`))
  const stop = onOver(call, () => heard.push('never'))
  stop()
  caller.abort()
  onOver(call, (reason) => heard.push(`late ${reason.code}`))
  assert.deepEqual(heard, ['first cancelled', 'late cancelled'])
})

test('a child is of the same order, ends with its parent, and may have less time', () => {
  const caller = new AbortController()
  using parent = openCall({ tenant: 'a', id: 'order', trace: 'trace', signal: caller.signal, budgetMs: 1_000 })
  using child = childCall(parent, { budgetMs: 10_000 })
  using hasty = childCall(parent, { budgetMs: 10 })
  assert.deepEqual([child.id, child.tenant, child.trace], ['order', 'a', 'trace'])
  assert.equal(child.deadline, parent.deadline)
  assert.ok(hasty.deadline < parent.deadline)
  const { signal } = child
  caller.abort()
  assert.equal(codeOf(signal.reason), 'cancelled')
})

test('the end of a child does not end its parent', () => {
  using parent = openCall({ tenant: 'a' })
  const child = childCall(parent)
  child[Symbol.dispose]()
  assert.equal(codeOf(overReason(child)), 'cancelled')
  assert.equal(overReason(parent), undefined)
})

test('disposing cancels what was left running under the call', () => {
  const call = openCall({ tenant: 'a' })
  const { signal } = call
  call[Symbol.dispose]()
  assert.equal(codeOf(signal.reason), 'cancelled')
})

test('a call that somebody else made is understood as well', () => {
  const caller = new AbortController()
  const foreign: Call = { id: '1', tenant: 'a', signal: caller.signal, deadline: Infinity }
  const heard: Code[] = []
  onOver(foreign, ({ code }) => heard.push(code))
  using child = childCall(foreign)
  assert.equal(overReason(child), undefined)
  caller.abort()
  assert.deepEqual(heard, ['cancelled'])
  assert.equal(codeOf(overReason(child)), 'cancelled')
})
