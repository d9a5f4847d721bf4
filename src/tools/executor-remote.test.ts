// Tools behind connections: their workers are their own, their connections are kept, and their calls run side by side.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { add, additions, toolOf, warmExecutor } from '../../test/tools-crash/tools.ts'
import type { Executor, ExecutorCall } from './executor.ts'
import type { Tool, ToolResult } from './tool.ts'

const connector = {
  module: new URL('../../test/tools-crash/fixtures/connector.ts', import.meta.url).href,
  export: 'call',
}
const connectors = { openapi: connector, mcp: connector }

interface Where {
  worker: string
  connection: number
  early: boolean
  budgetMs: number
}

function remote(
  operation: string,
  changes: Partial<Tool> = {},
  connection = 'one',
  kind: 'mcp' | 'openapi' = 'mcp',
): Tool {
  const source = { kind, connection: { name: connection, config: null }, operation }
  return toolOf('calculator', operation, { ...changes, name: `${connection}-${operation}`, source })
}

for (const mode of ['process', 'thread', 'inline'] as const) {
  describe(`tools behind connections, ${mode}`, () => {
    let executor: Executor
    before(async () => {
      executor = await warmExecutor({ mode, connectors, quarantine: { crashes: 1_000 } })
    })
    after(() => executor[Symbol.asyncDispose]())

    const one = async (tool: Tool, input = {}): Promise<ToolResult> => {
      const [result] = await executor.execute([{ id: 'one', tool, input }])
      assert.ok(result)
      return result
    }
    const where = async (tool: Tool): Promise<Where> => {
      const { value, error } = await one(tool)
      assert.equal(error, undefined)
      return value as unknown as Where
    }

    test('warming opens connections, and all calls of one have the same', async () => {
      const tool = remote('where', {}, 'warm')
      await executor.warm([tool])
      const first = await where(tool)
      assert.equal(first.early, true)
      const calls = Array.from({ length: 50 }, (_, index) => ({ id: `${index}`, tool, input: {} }))
      const results = await executor.execute(calls)
      for (const { value } of results) assert.deepEqual(value, first)
    })

    test('a connection that is closed is opened again', async () => {
      const tool = remote('where')
      const before = await where(tool)
      await executor.disconnect('one')
      const after = await where(tool)
      assert.equal(after.early, false)
      assert.notEqual(after.connection, before.connection)
    })

    test('calls of one connection run at the same time, also those of tools that are not known yet', async () => {
      const tool = remote('waits', {}, 'many')
      const calls = Array.from({ length: 200 }, (_, index) => ({ id: `${index}`, tool, input: { ms: 300 } }))
      const results = await executor.execute(calls)
      assert.ok(results.some(({ value }) => value === 200))
    })

    test('a call knows what is left of its time', async () => {
      const { budgetMs } = await where(remote('where', { limits: { timeoutMs: 7_000 } }, 'budget'))
      assert.equal(budgetMs, 7_000)
      const [result] = await executor.execute([{ id: 'b', tool: remote('where', {}, 'budget2'), input: {} }], {
        deadlineMs: 20_000,
      })
      assert.ok(result)
      const left = (result.value as unknown as Where).budgetMs
      assert.ok(left > 0 && left < 20_000.1, String(left))
    })

    test('a call that stops at its signal, and one that does not, cost no connection', async () => {
      const tool = remote('where', {}, 'kept')
      const before = await where(tool)
      const limits = { timeoutMs: 60, graceMs: 40 }
      assert.equal((await one(remote('stops', { limits }, 'kept'))).error?.kind, 'timeout')
      assert.equal((await one(remote('stuck', { limits }, 'kept'))).error?.kind, 'timeout')
      assert.deepEqual((await where(tool)).connection, before.connection)
    })

    test('what a connector says of its failures is the kind of error', async () => {
      const kinds: Record<string, [string, boolean, number?]> = {
        late: ['timeout', false],
        away: ['failed', true, 20],
        busy: ['overloaded', true, 1_000],
        died: ['outcome-unknown', false],
        other: ['failed', false],
      }
      for (const [operation, [kind, retryable, retryAfterMs]] of Object.entries(kinds)) {
        const { error } = await one(remote(operation, {}, `failing-${operation}`))
        assert.equal(error?.kind, kind)
        assert.equal(error.retryable, retryable)
        assert.equal(error.retryAfterMs, retryAfterMs)
      }
      const again = await one(remote('away', { limits: { retries: 2 } }, 'retried'))
      assert.equal(again.attempt, 3)
    })

    if (mode === 'inline') return

    test('code that is killed costs no connection', async () => {
      const tool = remote('where', {}, 'beside')
      await executor.warm([tool])
      const before = await where(tool)
      const limits = { timeoutMs: 100, graceMs: 30 }
      const calls: ExecutorCall[] = [
        { id: 'loops', tool: toolOf('crashes', 'loops', { limits }), input: {} },
        { id: 'where', tool, input: {} },
      ]
      const [loops, beside] = await executor.execute(calls)
      assert.equal(loops?.error?.kind, 'timeout')
      assert.deepEqual(beside?.value, before)
      assert.deepEqual(await where(tool), before)
      assert.ok((await executor.execute(additions(100))).every(({ ok }) => ok))
    })

    test('connections are dealt out to the workers', async () => {
      const workers = new Set<string>()
      for (const name of ['a', 'b', 'c']) workers.add((await where(remote('where', {}, name))).worker)
      assert.equal(workers.size, 2)
    })

    test('one that blocks the worker of its connection is killed, and the connection opened again', async () => {
      const tool = remote('where', {}, 'blocked')
      const before = await where(tool)
      const blocks = remote('blocks', { limits: { timeoutMs: 100, graceMs: 30 } }, 'blocked')
      assert.equal((await one(blocks)).error?.kind, 'timeout')
      const after = await where(tool)
      assert.notEqual(after.worker, before.worker)
      assert.equal((await one(add, { a: 1, b: 2 })).value, 3)
    })
  })
}
