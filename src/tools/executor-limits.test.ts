// What holds a tool in beyond its time: memory and processor time of its own, services that rest when they fail, workers
// that are replaced when they have grown, and a limit that cannot hold is refused.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { add, additions, settled, strangers, toolOf, warmExecutor } from '../../test/tools-crash/tools.ts'
import { AndonError } from '../core/errors.ts'
import { createExecutor } from './executor.ts'
import type { Executor, ExecutorState } from './executor.ts'
import type { Tool, ToolMode, ToolResult } from './tool.ts'

const connector = {
  module: new URL('../../test/tools-crash/fixtures/connector.ts', import.meta.url).href,
  export: 'call',
}

async function ask(executor: Executor, tool: Tool, input = {}): Promise<ToolResult> {
  const [result] = await executor.execute([{ id: 'one', tool, input }])
  assert.ok(result)
  return result
}

function pids({ pools }: ExecutorState, pool: string): (number | undefined)[] {
  return pools[pool]?.workers.map(({ pid }) => pid) ?? []
}

for (const mode of ['process', 'thread'] as const) {
  test(`a tool may have less memory than others, and more, in a ${mode}`, async () => {
    await using executor = await warmExecutor({ mode, memoryMb: 128, quarantine: { crashes: 1_000 } })
    const takes = (memoryMb: number, name = 'takesHeap'): Tool => {
      const limits = { memoryMb, timeoutMs: 60_000 }
      return toolOf('calculator', name, { name: `${name}-${memoryMb}`, limits })
    }
    const before = pids(executor.state, mode)
    assert.equal((await ask(executor, takes(48), { mb: 90 })).error?.kind, 'out-of-memory')
    assert.equal((await ask(executor, takes(320), { mb: 90 })).value, 90)
    // Those of others live on.
    assert.deepEqual(pids(executor.state, mode), before)
    assert.ok((await executor.execute(additions(100))).every(({ ok }) => ok))
    assert.deepEqual(Object.keys(executor.state.pools), [mode, `${mode}-48MiB`, `${mode}-320MiB`])
  })
}

test('processor time is counted for one call by itself, also that of its threads and children', async () => {
  await using executor = await warmExecutor({ mode: 'process', quarantine: { crashes: 1_000 } })
  const limits = { cpuMs: 200, timeoutMs: 60_000 }
  const hold = toolOf('calculator', 'hold', { limits })
  const used = await ask(executor, hold, { ms: 30_000 })
  assert.equal(used.error?.kind, 'timeout')
  assert.match(used.error.message, /200 ms of processor time/)
  const inChild = await ask(executor, toolOf('crashes', 'loopsInShell', { limits }))
  assert.equal(inChild.error?.kind, 'timeout')
  await settled('processes', () => strangers(executor))
  // Waiting is no computing.
  const sleep = toolOf('calculator', 'sleep', { limits })
  const calls = Array.from({ length: 4 }, (_, index) => ({ id: `${index}`, tool: sleep, input: { ms: 300 } }))
  const results = await executor.execute([...calls, ...additions(50)])
  assert.ok(results.every(({ ok }) => ok))
})

test('a limit that cannot hold where a call would run is refused', async () => {
  await using executor = await warmExecutor({ mode: 'process' })
  const wrong = async (tool: Tool, mode: ToolMode): Promise<void> => {
    const { error } = await ask(executor, { ...tool, mode })
    assert.equal(error?.kind, 'wrong-place')
    assert.match(error.message, /limit/)
  }
  await wrong(toolOf('calculator', 'add', { limits: { cpuMs: 100 } }), 'thread')
  await wrong(toolOf('calculator', 'add', { limits: { cpuMs: 100 } }), 'inline')
  await wrong(toolOf('calculator', 'add', { limits: { memoryMb: 100 } }), 'inline')
  const auto = toolOf('calculator', 'add', { limits: { cpuMs: 100 }, mode: 'auto' })
  assert.equal((await ask(executor, auto, { a: 1, b: 2 })).place, 'process')
})

test('a process that has grown is replaced, and no call is lost', async () => {
  await using executor = await warmExecutor({ mode: 'process', workers: 1, recycle: { rssMb: 1 } })
  const [first] = pids(executor.state, 'process')
  assert.ok((await executor.execute(additions(100))).every(({ ok }) => ok))
  assert.ok((await executor.execute(additions(100))).every(({ ok }) => ok))
  assert.notEqual(pids(executor.state, 'process')[0], first)
})

describe('a service that fails', () => {
  const remote = (operation: string): Tool =>
    toolOf('calculator', operation, {
      source: { kind: 'openapi', connection: { name: 'shop', config: null }, operation },
    })

  test('rests after failures in a row, with all its tools, and is then tried', async () => {
    const circuit = { failures: 3, restMs: 1_500 }
    const connectors = { openapi: connector }
    await using executor = await warmExecutor({ mode: 'thread', connectors, circuit })
    // Failing answers are answers.
    for (let round = 0; round < 5; round++) assert.equal((await ask(executor, remote('other'))).error?.kind, 'failed')
    for (let round = 0; round < 3; round++) assert.equal((await ask(executor, remote('away'))).error?.kind, 'failed')
    const resting = await ask(executor, remote('where'))
    assert.equal(resting.error?.kind, 'quarantined')
    assert.match(resting.error.message, /3 times in a row.*rests for/)
    assert.equal(resting.error.retryable, true)
    assert.equal((await ask(executor, add, { a: 1, b: 2 })).value, 3)
    await new Promise((resolve) => setTimeout(resolve, circuit.restMs + 10))
    // One tries; when it fails, the service rests again.
    assert.equal((await ask(executor, remote('away'))).error?.kind, 'failed')
    assert.equal((await ask(executor, remote('where'))).error?.kind, 'quarantined')
    await new Promise((resolve) => setTimeout(resolve, circuit.restMs + 10))
    assert.equal((await ask(executor, remote('where'))).ok, true)
    assert.equal((await ask(executor, remote('where'))).ok, true)
  })
})

test('state in the host runs inline only, and state of a tenant stays on one worker', async () => {
  await using executor = await warmExecutor({ mode: 'process', workers: 4 })
  const host = toolOf('calculator', 'count', { name: 'countHere', from: { state: 'host' } })
  assert.equal((await ask(executor, host)).error?.kind, 'wrong-place')
  assert.equal((await ask(executor, { ...host, mode: 'inline' })).value, 1)
  assert.equal((await ask(executor, { ...host, mode: 'auto' })).value, 2)
  const affine = toolOf('calculator', 'tally', {
    from: { export: 'Tally', method: 'tally', construct: [10], state: 'affine' },
  })
  for (const tenant of ['acme', 'other']) {
    const calls = Array.from({ length: 30 }, (_, index) => ({ id: `${index}`, tool: affine, input: {} }))
    const values = (await executor.execute(calls, { tenant })).map(({ value }) => value as string)
    assert.equal(new Set(values.map((value) => value.split(' ')[0])).size, 1)
  }
})

test('a pure tool that takes its worker down is to blame once, however many share its result', async () => {
  await using executor = await warmExecutor({ mode: 'process', quarantine: { crashes: 2 } })
  const exits = toolOf('crashes', 'exits', { traits: { pure: true } })
  const calls = Array.from({ length: 8 }, (_, index) => ({ id: `${index}`, tool: exits, input: {} }))
  const kinds = async (): Promise<string[]> => [
    ...new Set((await executor.execute(calls)).map(({ error }) => error?.kind ?? 'ok')),
  ]
  assert.deepEqual(await kinds(), ['crashed'])
  assert.deepEqual(await kinds(), ['crashed'])
  assert.deepEqual(await kinds(), ['quarantined'])
})

test('a tool that was changed has none of the results that were kept before', async () => {
  await using executor = createExecutor({ mode: 'inline' })
  const pure = (value: number): Tool => ({
    ...toolOf('calculator', 'add', { name: 'same', traits: { pure: true } }),
    source: { kind: 'closure', run: () => value },
  })
  const [before, after] = [pure(1), pure(2)]
  assert.deepEqual([(await ask(executor, before)).value, (await ask(executor, after)).value], [1, 2])
})

test('calls that nobody waits for cost no turn, and an executor that is closed answers those that wait', async () => {
  const executor = createExecutor({ mode: 'inline', queue: 4 })
  const paced = { ...toolOf('calculator', 'add', { name: 'paced', limits: { perSecond: 0.01 } }) }
  const calls = additions(8, paced)
  const leaving = new AbortController()
  const first = executor.execute(calls, { signal: leaving.signal })
  leaving.abort()
  assert.deepEqual(
    (await first).map(({ error }) => error?.kind),
    [...Array(5).fill('cancelled'), ...Array(3).fill('overloaded')],
  )
  const second = executor.execute(calls.slice(0, 5))
  await executor[Symbol.asyncDispose]()
  assert.deepEqual(
    (await second).map(({ error }) => error?.kind),
    [...Array(4).fill('cancelled'), 'overloaded'],
  )
})

test('a call is not tried again when that would take longer than the call may', async () => {
  await using executor = createExecutor({ mode: 'inline' })
  const run = (): never => {
    throw new AndonError('unavailable', 'Come back tomorrow', { retryAfterMs: 86_400_000 })
  }
  const tool: Tool = { ...toolOf('calculator', 'add', { limits: { retries: 3 } }), source: { kind: 'closure', run } }
  const { error, attempt } = await ask(executor, tool)
  assert.deepEqual([attempt, error?.retryAfterMs], [1, 86_400_000])
})
