import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withCode } from '../../test/every-place/expect.ts'
import { openProcessPool, openThreadPool, type FunctionPool } from './function-pool.ts'

type Module = typeof import('./functions.fixture.ts')
const module = new URL('./functions.fixture.ts', import.meta.url)

for (const [place, open] of Object.entries({ thread: openThreadPool<Module>, process: openProcessPool<Module> })) {
  describe(`a pool of functions in a ${place}`, () => {
    it('calls them by name, with arguments and results of their types', async () => {
      await using pool = await open({ module, size: 1 })
      const sum: number = await pool.call('add', [1, 2])
      assert.equal(sum, 3)
      const { pid, thread } = await pool.call('where', [])
      assert.deepEqual([pid === process.pid, thread === 0], place === 'thread' ? [true, false] : [false, true])
      const bytes = new Uint8Array(1_000)
      assert.equal(await pool.call('sizeOf', [bytes], { transfer: [bytes.buffer] }), 1_000)
      if (place === 'thread') assert.equal(bytes.byteLength, 0)
      await assert.rejects(pool.call('fail', ['too far']), /\[internal\] too far/)
      // @ts-expect-error: it is no function.
      await assert.rejects(pool.call('notAFunction', []), /exports no function notAFunction: it exports add, /)
    })

    it('fails only the calls of a worker that crashes', async () => {
      await using pool = await open({ module, size: 1 })
      const crashing = pool.call('crash', [])
      const behind = pool.call('add', [2, 3])
      await assert.rejects(crashing, withCode('unavailable'))
      assert.equal(await behind, 5)
    })

    it('keeps the worker of a call that heeds its end, and replaces that of one that does not', async () => {
      await using pool = await open({ module, size: 1, graceMs: 50 })
      const before = await idOf(pool)
      const leaving = new AbortController()
      const heeding = pool.call('heed', [], { signal: leaving.signal })
      leaving.abort()
      await assert.rejects(heeding, withCode('cancelled'))
      assert.equal(await idOf(pool), before)
      await assert.rejects(pool.call('ignore', [], { timeoutMs: 20 }), withCode('deadline'))
      assert.notEqual(await idOf(pool), before)
    })

    it('has a bounded queue', async () => {
      await using pool = await open({ module, size: 1, queue: 1, graceMs: 10 })
      const leaving = new AbortController()
      const calls = [1, 2].map(() => pool.call('heed', [], { signal: leaving.signal }))
      const heard = Promise.allSettled(calls)
      await assert.rejects(pool.call('add', [1, 1]), withCode('overloaded'))
      leaving.abort()
      await heard
    })
  })
}

describe('a pool of functions', () => {
  it('replaces a worker after so many calls', async () => {
    await using pool = await openThreadPool<Module>({ module, size: 1, recycleAfter: 2 })
    const ids = [await idOf(pool), await idOf(pool), await idOf(pool)]
    assert.equal(ids[0], ids[1])
    assert.notEqual(ids[1], ids[2])
  })

  it('refuses a module that cannot be imported', async () => {
    await assert.rejects(
      openThreadPool<Module>({ module: new URL('./nowhere.ts', import.meta.url) }),
      /\[invalid\] The module .*nowhere.ts of a pool cannot be used/,
    )
  })
})

async function idOf(pool: FunctionPool<Module>): Promise<string> {
  const { pid, thread } = await pool.call('where', [])
  return `${pid} ${thread}`
}
