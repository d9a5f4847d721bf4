// The suite of every Library, for what a tenant may keep: exactly so much, however many come at once.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acceptText, load } from './fixtures.ts'
import type { OpenStores } from './fixtures.ts'

export function quotaContract(name: string, open: OpenStores): void {
  describe(`${name} keeps to quotas`, () => {
    it('takes exactly as many documents as there is room for, however many come at once', async () => {
      await using stores = await open()
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, (_, at) =>
          acceptText(stores, { name: `${at}.txt`, text: `text ${at}`, quota: { documents: 7 } }),
        ),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      assert.equal(refused.length, 13)
      assert.ok(refused.every(({ reason }) => (reason as { code?: string }).code === 'forbidden'))
      assert.equal((await stores.library.list('ours')).length, 7)
      assert.equal((await stores.jobs.list('ours')).length, 7, 'a refused document leaves no job')
      await acceptText(stores, { name: 'a.txt', text: 'text', tenant: 'theirs', quota: { documents: 1 } })
    })

    it('counts the bytes of what a document becomes', async () => {
      await using stores = await open()
      const quota = { bytes: 10 }
      await acceptText(stores, { name: 'a.txt', text: '12345', quota })
      await assert.rejects(acceptText(stores, { name: 'b.txt', text: '123456', quota }), {
        code: 'forbidden',
        message: /ours may keep 10 bytes and would have 11/,
      })
      await acceptText(stores, { name: 'a.txt', text: '1234567890', quota })
      await assert.rejects(acceptText(stores, { name: 'a.txt', text: '12345678901', quota }), { code: 'forbidden' })
      const [kept] = await stores.library.list('ours')
      assert.equal(kept?.size, 10, 'what there was stays')
      assert.equal((await acceptText(stores, { name: 'a.txt', text: '1234567890', quota })).outcome, 'unchanged')
    })

    it('lets a tenant that has too much already have less', async () => {
      await using stores = await open()
      await acceptText(stores, { name: 'a.txt', text: '1234567890' })
      await acceptText(stores, { name: 'b.txt', text: '1234567890' })
      const quota = { documents: 1, bytes: 5 }
      assert.equal((await acceptText(stores, { name: 'a.txt', text: '12345', quota })).outcome, 'added')
      await assert.rejects(acceptText(stores, { name: 'a.txt', text: '1234567', quota }), { code: 'forbidden' })
    })

    it('does not count what is removed, and asks again when it is restored', async () => {
      await using stores = await open()
      const quota = { documents: 1 }
      const first = await load(stores, { name: 'a.txt', text: 'alpha', quota })
      await stores.library.remove('ours', first.id)
      const second = await load(stores, { name: 'b.txt', text: 'beta', quota })
      await assert.rejects(stores.library.restore('ours', first.id, quota), { code: 'forbidden' })
      assert.equal((await stores.library.get('ours', first.id))?.status, 'removed')
      await assert.rejects(acceptText(stores, { name: 'a.txt', text: 'alpha', quota }), { code: 'forbidden' })
      assert.equal((await stores.library.restore('ours', second.id, quota))?.status, 'ready')
      await stores.library.remove('ours', second.id)
      assert.equal((await stores.library.restore('ours', first.id, quota))?.status, 'ready')
    })
  })
}
