import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KvCache } from './kv-cache.ts'
import type { BlockTable } from './kv-cache.ts'

test('what begins alike shares blocks, also after it was given back', () => {
  const cache = new KvCache(8)
  const first = cache.admit([11, 12, 13], 0, 3) ?? []
  cache.seal(first[0] ?? -1, 11)
  cache.seal(first[1] ?? -1, 12)
  assert.equal(cache.hits([11, 12, 99], 3), 2)
  assert.equal(cache.hits([99, 11], 2), 0)
  const second = cache.admit([11, 12, 99], 2, 3) ?? []
  assert.deepEqual(second.slice(0, 2), first.slice(0, 2))
  assert.equal(cache.free, 4)
  cache.release(first)
  cache.release(second)
  assert.equal(cache.free, 8)
  assert.equal(cache.hits([11, 12], 2), 2)
})

test('the block used longest ago goes first, ends before beginnings, and what holds nothing before both', () => {
  const cache = new KvCache(4)
  const old = cache.admit([], 0, 2) ?? []
  cache.seal(old[0] ?? -1, 1)
  cache.seal(old[1] ?? -1, 2)
  cache.release(old)
  const empty = cache.admit([], 0, 2) ?? []
  cache.release(empty)
  assert.ok(cache.admit([], 0, 2))
  assert.equal(cache.hits([1, 2], 2), 2, 'the empty ones were taken')
  assert.ok(cache.admit([], 0, 1))
  assert.equal(cache.hits([1, 2], 2), 1, 'then the end')
})

test('nothing is taken when there is not enough, and idle blocks that are hit count as taken', () => {
  const cache = new KvCache(4)
  const held = cache.admit([], 0, 2) ?? []
  cache.seal(held[0] ?? -1, 5)
  cache.release(held)
  assert.ok(cache.admit([], 0, 2))
  assert.equal(cache.admit([5], 1, 4), undefined)
  assert.equal(cache.free, 2)
})

test('blocks never leak, whatever is admitted, grown, sealed and released', () => {
  const operation = fc.record({
    kind: fc.constantFrom('admit', 'grow', 'seal', 'release', 'forget'),
    which: fc.nat(20),
    count: fc.integer({ min: 1, max: 6 }),
  })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
      const cache = new KvCache(12)
      const tables: { table: BlockTable; hashes: number[] }[] = []
      for (const { kind, which, count } of operations) {
        const at = tables.length === 0 ? undefined : tables[which % tables.length]
        if (kind === 'admit') {
          const hashes = Array.from({ length: count }, (_, block) => (which % 3) * 100 + block)
          const table = cache.admit(hashes, cache.hits(hashes, count - 1), count)
          if (table) tables.push({ table, hashes })
        } else if (kind === 'grow') {
          if (at) cache.grow(at.table)
        } else if (kind === 'seal') at?.hashes.forEach((hash, block) => cache.seal(at.table[block] ?? 0, hash))
        else if (kind === 'forget') cache.forget()
        else if (at) {
          cache.release(at.table)
          tables.splice(tables.indexOf(at), 1)
        }
        const inUse = new Set(tables.flatMap(({ table }) => table))
        assert.equal(cache.free, 12 - inUse.size)
      }
      for (const { table } of tables) cache.release(table)
      assert.equal(cache.free, 12)
      assert.equal(cache.admit([], 0, 12)?.length, 12)
    }),
    { numRuns: 200, seed: 1 },
  )
})
