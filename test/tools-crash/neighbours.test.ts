// What a call that misbehaves may not do to the others: hold them up, take them along, or have them run twice.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Executor } from '../../src/tools/executor.ts'
import type { ToolResult } from '../../src/tools/tool.ts'
import { add, additions, toolOf, warmExecutor } from './tools.ts'

for (const place of ['process', 'thread'] as const) {
  describe(`neighbours in a ${place}`, () => {
    let executor: Executor
    before(async () => {
      executor = await warmExecutor({ mode: place, quarantine: { crashes: 1_000 } })
      await executor.execute(additions(200))
    })
    after(() => executor[Symbol.asyncDispose]())

    test('a call that holds its thread does not hold up the calls behind it', async () => {
      const order: string[] = []
      const calls = additions(100)
      calls.splice(3, 0, { id: 'slow', tool: toolOf('calculator', 'hold'), input: { ms: 500 } })
      const results = await executor.execute(calls, { onResult: ({ id }) => order.push(id) })
      assert.ok(results.every(({ ok }) => ok))
      assert.equal(order.at(-1), 'slow')
    })

    test('a call that is known to be quick and then is not, does not hold up the calls behind it', async () => {
      const hold = toolOf('calculator', 'hold')
      const quick = Array.from({ length: 40 }, (_, index) => ({ id: `quick-${index}`, tool: hold, input: { ms: 0 } }))
      await executor.execute(quick)
      const order: string[] = []
      const calls = [...quick.slice(0, 20), { id: 'slow', tool: hold, input: { ms: 500 } }, ...quick.slice(20)]
      const results = await executor.execute(calls, { onResult: ({ id }) => order.push(id) })
      assert.ok(results.every(({ ok }) => ok))
      assert.deepEqual(
        results.map(({ id }) => id),
        calls.map(({ id }) => id),
      )
      assert.equal(order.at(-1), 'slow')
    })

    test('a call in flight beside a crash is not run again unless it may be', async () => {
      const sleep = toolOf('calculator', 'sleep')
      const again = toolOf('calculator', 'sleep', { name: 'sleepAgain', traits: { readOnly: true } })
      const alone = await warmExecutor({ mode: place, workers: 1 })
      try {
        await alone.execute([
          { id: 'a', tool: sleep, input: { ms: 1 } },
          { id: 'b', tool: again, input: { ms: 1 } },
        ])
        const [once, twice, guilty] = await alone.execute([
          { id: 'once', tool: sleep, input: { ms: 400 } },
          { id: 'twice', tool: again, input: { ms: 400 } },
          { id: 'guilty', tool: toolOf('crashes', 'exitsLater'), input: {} },
        ])
        assert.equal(guilty?.error?.kind, 'crashed')
        assert.equal(once?.error?.kind, 'outcome-unknown')
        assert.equal(once.error.retryable, false)
        assert.equal(twice?.value, 'slept 400')
        assert.equal(twice.attempt, 2)
      } finally {
        await alone[Symbol.asyncDispose]()
      }
    })

    test('a call that waits is not blamed for the one that holds its thread', async () => {
      const alone = await warmExecutor({ mode: place, workers: 1 })
      try {
        const [waits, holds] = await alone.execute([
          {
            id: 'waits',
            tool: toolOf('calculator', 'sleep', { limits: { timeoutMs: 100, graceMs: 50 } }),
            input: { ms: 5_000 },
          },
          { id: 'holds', tool: toolOf('calculator', 'hold'), input: { ms: 600 } },
        ])
        assert.equal(waits?.error?.kind, 'timeout')
        assert.equal(holds?.value, 'held 600')
      } finally {
        await alone[Symbol.asyncDispose]()
      }
    })

    test('a rejection that a tool leaves behind harms nobody', async () => {
      const calls = [{ id: 'left', tool: toolOf('crashes', 'leavesRejection'), input: {} }, ...additions(20)]
      const results = await executor.execute(calls)
      assert.equal(results[0]?.value, 'answered')
      assert.ok(results.every(({ ok }) => ok))
    })

    test('a tool that costs too many workers rests', async () => {
      const tool = toolOf('crashes', 'exits')
      const strict = await warmExecutor({ mode: place, quarantine: { crashes: 2 } })
      try {
        const ask = async (): Promise<ToolResult | undefined> =>
          (await strict.execute([{ id: 'x', tool, input: {} }, ...additions(10)]))[0]
        assert.equal((await ask())?.error?.kind, 'crashed')
        assert.equal((await ask())?.error?.kind, 'crashed')
        const resting = await ask()
        assert.equal(resting?.error?.kind, 'quarantined')
        assert.equal(resting.error.retryable, true)
        const [fine] = await strict.execute([{ id: 'y', tool: add, input: { a: 1, b: 2 } }])
        assert.equal(fine?.value, 3)
      } finally {
        await strict[Symbol.asyncDispose]()
      }
    })
  })
}

test('when nobody can tell which call ended a process, each that may is tried again by itself', async () => {
  await using executor = await warmExecutor({ mode: 'process', workers: 1 })
  const traits = { idempotent: true }
  const sleep = toolOf('calculator', 'sleep', { traits })
  await executor.execute([{ id: 'known', tool: sleep, input: { ms: 1 } }])
  const fault = { id: 'guilty', tool: toolOf('crashes', 'segfaultsLater', { traits }), input: {} }
  const calls = Array.from({ length: 5 }, (_, index) => ({ id: `${index}`, tool: sleep, input: { ms: 60 } }))
  const [guilty, ...others] = await executor.execute([fault, ...calls])
  assert.equal(guilty?.error?.kind, 'crashed')
  assert.deepEqual(
    others.map(({ value, attempt }) => [value, attempt]),
    calls.map(() => ['slept 60', 2]),
  )
})
