// The suite of every Ledger: nobody spends more than there is, and of two equal writes at once one is done.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { OpenStores } from './fixtures.ts'

const minute = 60_000

export function ledgerContract(name: string, open: OpenStores): void {
  describe(`${name} keeps a ledger of what was used`, () => {
    it('adds up per tenant, thing and period', async () => {
      await using stores = await open()
      const { ledger } = stores
      assert.equal(await ledger.spent('t', 'questions', '2026-11-21'), 0)
      assert.deepEqual(await ledger.spend('t', 'questions', '2026-11-21', 2), { sum: 2, spent: true })
      assert.deepEqual(await ledger.spend('t', 'questions', '2026-11-21', 3), { sum: 5, spent: true })
      await ledger.spend('t', 'questions', '2026-11-22', 7)
      await ledger.spend('t', 'pages', '2026-11-21', 9)
      await ledger.spend('u', 'questions', '2026-11-21', 11)
      assert.equal(await ledger.spent('t', 'questions', '2026-11-21'), 5)
      assert.equal(await ledger.spent('u', 'questions', '2026-11-21'), 11)
    })

    it('spends up to the limit and not beyond, however many spend at once', async () => {
      await using stores = await open()
      const spent = await Promise.all(
        Array.from({ length: 40 }, () => stores.ledger.spend('t', 'questions', '2026', 1, 25)),
      )
      assert.equal(spent.filter((each) => each.spent).length, 25)
      assert.deepEqual(await stores.ledger.spend('t', 'questions', '2026', 1, 25), { sum: 25, spent: false })
      assert.deepEqual(await stores.ledger.spend('t', 'questions', '2026', -2, 25), { sum: 23, spent: true })
      assert.equal(await stores.ledger.spent('t', 'questions', '2026'), 23)
    })

    it('forgets periods that are over', async () => {
      await using stores = await open()
      const { ledger } = stores
      for (const period of ['2026-11-20', '2026-11-21', '2026-10', '2026-11'])
        await ledger.spend('t', 'questions', period, 1)
      await ledger.purge(Date.parse('2026-11-21T08:00:00Z'))
      assert.equal(await ledger.spent('t', 'questions', '2026-11-20'), 0)
      assert.equal(await ledger.spent('t', 'questions', '2026-10'), 0)
      assert.equal(await ledger.spent('t', 'questions', '2026-11-21'), 1)
      assert.equal(await ledger.spent('t', 'questions', '2026-11'), 1)
    })
  })

  describe(`${name} keeps what was done once`, () => {
    it('lets one of the same writes at once through', async () => {
      await using stores = await open()
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => stores.ledger.claim('t', 'k', 'print', minute)),
      )
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'new').length, 1)
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'taken').length, 7)
    })

    it('gives what was answered, and tells another write under the same key apart', async () => {
      await using stores = await open()
      const { ledger } = stores
      await ledger.claim('t', 'k', 'print', minute)
      assert.deepEqual(await ledger.claim('t', 'k', 'other', minute), { outcome: 'other' })
      await ledger.settle('t', 'k', { status: 202, ids: ['a'] }, minute)
      assert.deepEqual(await ledger.claim('t', 'k', 'print', minute), {
        outcome: 'done',
        reply: { status: 202, ids: ['a'] },
      })
      await ledger.settle('t', 'k', undefined, minute)
      await ledger.settle('t', 'k', { status: 500 }, minute)
      assert.equal((await ledger.claim('t', 'k', 'print', minute)).outcome, 'done', 'what is settled stays')
      assert.deepEqual(await ledger.claim('t', 'k', 'other', minute), { outcome: 'other' })
    })

    it('keeps a reply that is null', async () => {
      await using stores = await open()
      await stores.ledger.claim('t', 'k', 'print', minute)
      await stores.ledger.settle('t', 'k', null, minute)
      assert.deepEqual(await stores.ledger.claim('t', 'k', 'print', minute), { outcome: 'done', reply: null })
    })

    it('frees the key of a write that failed', async () => {
      await using stores = await open()
      await stores.ledger.claim('t', 'k', 'print', minute)
      await stores.ledger.settle('t', 'k', undefined, minute)
      assert.deepEqual(await stores.ledger.claim('t', 'k', 'other', minute), { outcome: 'new' })
    })

    it('frees keys whose time is over', async () => {
      await using stores = await open()
      const { ledger } = stores
      await ledger.claim('t', 'held', 'print', 0)
      assert.deepEqual(await ledger.claim('t', 'held', 'other', minute), { outcome: 'new' })
      await ledger.claim('t', 'kept', 'print', minute)
      await ledger.settle('t', 'kept', 'reply', 0)
      assert.deepEqual(await ledger.claim('t', 'kept', 'other', minute), { outcome: 'new' })
      await ledger.purge(Date.now() + 2 * minute)
      assert.deepEqual(await ledger.claim('t', 'kept', 'third', minute), { outcome: 'new' })
    })

    it('keeps so many keys of a tenant, and forgets those that were settled first', async () => {
      await using stores = await open()
      const { ledger } = stores
      await ledger.claim('t', 'held', 'print', minute)
      await ledger.claim('u', 'theirs', 'print', minute)
      await ledger.settle('u', 'theirs', 'reply', 0.5 * minute, 3)
      for (const [at, key] of ['a', 'b', 'c', 'd'].entries()) {
        await ledger.claim('t', key, 'print', minute)
        await ledger.settle('t', key, key, minute * (at + 1), 3)
      }
      const outcome = async (tenant: string, key: string): Promise<string> =>
        (await ledger.claim(tenant, key, 'print', minute)).outcome
      assert.equal(await outcome('t', 'held'), 'taken')
      assert.equal(await outcome('t', 'd'), 'done')
      assert.equal(await outcome('t', 'c'), 'done')
      assert.equal(await outcome('u', 'theirs'), 'done')
      assert.equal(await outcome('t', 'b'), 'new')
      assert.equal(await outcome('t', 'a'), 'new')
    })

    it('has keys of each tenant apart', async () => {
      await using stores = await open()
      const { ledger } = stores
      await ledger.claim('theirs', 'k', 'print', minute)
      await ledger.settle('theirs', 'k', 'secret', minute)
      assert.deepEqual(await ledger.claim('ours', 'k', 'print', minute), { outcome: 'new' })
      await ledger.settle('ours', 'k', undefined, minute)
      assert.equal((await ledger.claim('theirs', 'k', 'print', minute)).outcome, 'done')
    })
  })
}
