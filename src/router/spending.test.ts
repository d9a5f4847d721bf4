// What is spent is counted by day and by month, in tokens and in money.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AndonError } from '../core/errors.ts'
import { MemorySpending, Spending } from './spending.ts'

test('a day ends at midnight UTC, a month with its last day', async () => {
  let now = new Date('2026-11-30T23:00:00Z')
  const budgets = { eachTenant: { tokensPerDay: 100, costPerMonth: 5 }, tenants: { rich: {} } }
  const spending = new Spending(budgets, new MemorySpending(), () => now)
  await spending.check({ tenant: 'a' })
  spending.charge({ tenant: 'a' }, { tokens: 100, cost: 1 })
  spending.charge({ tenant: 'rich' }, { tokens: 1_000, cost: 100 })
  await spending.check({ tenant: 'rich' })
  await spending.check({ tenant: 'b' })
  await assert.rejects(
    spending.check({ tenant: 'a' }),
    (error: AndonError) => error.retryAfterMs === 3_600_000 && /100 tokens for this day/.test(error.sentence),
  )
  now = new Date('2026-12-01T00:00:00Z')
  await spending.check({ tenant: 'a' })
  spending.charge({ tenant: 'a' }, { tokens: 1, cost: 5 })
  now = new Date('2026-12-02T00:00:00Z')
  await assert.rejects(spending.check({ tenant: 'a' }), /budget of 5 in cost for this month/)
})

test('a store that fails is told of, and charges nobody twice', async () => {
  const failed: unknown[] = []
  const spending = new Spending(
    { eachKey: { tokensPerDay: 1 } },
    { spent: () => ({ tokens: 0, cost: 0 }), add: () => Promise.reject(new Error('away')) },
  )
  spending.charge({ tenant: 't', keyId: 'k' }, { tokens: 1, cost: 0 }, (reason) => failed.push(reason))
  await new Promise(setImmediate)
  assert.equal(failed.length, 2)
})

test('names from outside are no names of objects', async () => {
  const spending = new Spending({ tenants: {} })
  await spending.check({ tenant: '__proto__', keyId: 'constructor' })
})

test('counts of days that are over are forgotten', () => {
  const store = new MemorySpending()
  for (const day of ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05'])
    for (const period of [day, day.slice(0, 7)]) store.add('a', period, { tokens: 1, cost: 0 })
  assert.equal(store.spent('a', '2026-11-01').tokens, 0)
  assert.equal(store.spent('a', '2026-11-05').tokens, 1)
  assert.equal(store.spent('a', '2026-11').tokens, 5)
})

test('a key is meant by its id or by its name', async () => {
  const spending = new Spending({ keys: { anna: { tokensPerDay: 1 }, key_1: { tokensPerDay: 0 } } })
  const anna = { tenant: 't', keyId: 'static:anna', keyName: 'anna' }
  await spending.check(anna)
  spending.charge(anna, { tokens: 1, cost: 0 })
  await assert.rejects(spending.check(anna), /The key "anna" has used up its budget of 1 tokens for this day/)
  await spending.check({ tenant: 't', keyId: 'static:ben', keyName: 'ben' })
  await assert.rejects(spending.check({ tenant: 't', keyId: 'key_1', keyName: 'eve' }), { code: 'forbidden' })
})
