// Many deeds at once among calls that behave: one result for each, in order, and no result of a call that was done is
// lost. ROUNDS makes it longer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { additions, rounds, toolOf, warmExecutor } from './tools.ts'

const deeds = ['throws', 'exits', 'exitsLater', 'throwsLater', 'loops', 'settlesNever', 'aborts', 'loopsLater']

for (const place of ['process', 'thread'] as const) {
  test(`five deeds in every two hundred calls, in a ${place}`, async () => {
    await using executor = await warmExecutor({ mode: place, quarantine: { crashes: 1_000 } })
    const limits = { timeoutMs: 100, graceMs: 30 }
    let next = 0
    for (let round = 0; round < rounds; round++) {
      const calls = additions(200)
      for (let at = 20; at < 200; at += 40) {
        const deed = deeds[next++ % deeds.length] ?? 'throws'
        calls.splice(at, 0, { id: `${deed}-${round}`, tool: toolOf('crashes', deed, { limits }), input: {} })
      }
      const results = await executor.execute(calls)
      assert.deepEqual(
        results.map(({ id }) => id),
        calls.map(({ id }) => id),
      )
      for (const { name, ok, error } of results) assert.equal(ok, name === 'add', `${name}: ${error?.message}`)
    }
  })
}
