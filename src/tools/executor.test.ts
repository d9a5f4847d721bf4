// The executor in each of its places: one result for every call, in order, whatever becomes of it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { toolChannel } from '../core/channels.ts'
import type { ToolEvent } from '../core/channels.ts'
import { add, additions, toolOf, warmExecutor } from '../../test/tools-crash/tools.ts'
import type { Executor } from './executor.ts'
import type { ToolResult } from './tool.ts'

for (const place of ['process', 'thread', 'inline'] as const) {
  describe(`the executor, ${place}`, () => {
    let executor: Executor
    before(async () => {
      executor = await warmExecutor({ mode: place })
    })
    after(() => executor[Symbol.asyncDispose]())

    const one = async (...parts: Parameters<typeof toolOf>): Promise<ToolResult | undefined> => {
      const [result] = await executor.execute([{ id: 'one', tool: toolOf(...parts), input: { a: 6, count: 4, ms: 1 } }])
      return result
    }

    test('answers every call of a batch, in order, with its place and its times', async () => {
      const heard: string[] = []
      const results = await executor.execute(additions(300), { onResult: ({ id }) => heard.push(id) })
      assert.deepEqual(
        results.map(({ value }) => value),
        Array.from({ length: 300 }, (_, index) => index + 1),
      )
      assert.equal(heard.length, 300)
      const [first] = results
      assert.equal(first?.place, place)
      assert.equal(first.attempt, 1)
      assert.ok(Object.values(first.timings).every((ms) => ms >= 0))
    })

    test('takes arguments as text, and says when they are no JSON', async () => {
      const [good, bad] = await executor.execute([
        { id: 'good', tool: add, input: '{"a":1,"b":2}' },
        { id: 'bad', tool: add, input: '{"a":1' },
      ])
      assert.equal(good?.value, 3)
      assert.equal(bad?.error?.kind, 'invalid-arguments')
    })

    test('calls static methods and methods of instances', async () => {
      const shared = await one('calculator', 'add', { from: { export: 'Calculator', method: 'add' } })
      assert.equal(shared?.ok, true)
      const bound = await one('calculator', 'times', {
        from: { export: 'Calculator', method: 'times', construct: [7] },
      })
      assert.equal(bound?.value, 42)
    })

    test('says what a tool that cannot be found is missing', async () => {
      const missing = await one('calculator', 'absent')
      assert.equal(missing?.error?.kind, 'failed')
      assert.match(missing.error.message, /absent/)
    })

    test('hands on progress and who asks', async () => {
      const heard: (number | string)[] = []
      const [result] = await executor.execute([{ id: 'p', tool: toolOf('calculator', 'steps'), input: { count: 4 } }], {
        tenant: 'acme',
        onProgress: (_id, done) => heard.push(done),
      })
      assert.equal(result?.value, 'p of acme')
      assert.deepEqual(heard, [0.25, 0.5, 0.75, 1])
    })

    test('a result that is nothing, or that JSON cannot say, or that is too long', async () => {
      assert.equal((await one('calculator', 'nothing'))?.value, null)
      assert.equal((await one('calculator', 'circle'))?.error?.kind, 'invalid-result')
      assert.equal((await one('crashes', 'returnsMuch'))?.error?.kind, 'output-too-large')
    })

    test('a tool that hears its signal stops at its time, and its worker goes on', async () => {
      const tool = toolOf('calculator', 'sleep', { limits: { timeoutMs: 50, graceMs: 2_000 } })
      const [late] = await executor.execute([{ id: 'late', tool, input: { ms: 60_000 } }])
      assert.equal(late?.error?.kind, 'timeout')
      assert.ok(late.timings.runMs < 1_500)
    })

    test('a batch that is out of time, or cancelled, is answered at once', async () => {
      const sleep = toolOf('calculator', 'sleep')
      const calls = [{ id: 'long', tool: sleep, input: { ms: 60_000 } }, ...additions(3)]
      const late = await executor.execute(calls, { deadlineMs: 100 })
      assert.deepEqual(
        late.map(({ error, value }) => error?.kind ?? value),
        ['timeout', 1, 2, 3],
      )
      const controller = new AbortController()
      const left = executor.execute([calls[0] ?? additions(1)[0]!], { signal: controller.signal })
      controller.abort()
      assert.equal((await left)[0]?.error?.kind, 'cancelled')
      const never = await executor.execute(additions(2), { signal: controller.signal })
      assert.ok(never.every(({ error }) => error?.kind === 'cancelled'))
    })

    test('calls of a batch run so many at once as it says', async () => {
      const results = await executor.execute(additions(20), { concurrency: 1 })
      assert.ok(results.every(({ ok }) => ok))
    })

    test('tries again where that is safe, and only there', async () => {
      const safe = toolOf('calculator', 'third', {
        limits: { retries: 9, concurrency: 1 },
        traits: { idempotent: true },
      })
      const [result] = await executor.execute([{ id: 'again', tool: safe, input: {} }])
      assert.equal(result?.ok, true)
      assert.ok(result.attempt > 1)
      const unsafe = toolOf('crashes', 'throws', { limits: { retries: 9 } })
      const [failed] = await executor.execute([{ id: 'once', tool: unsafe, input: {} }])
      assert.equal(failed?.attempt, 1)
      assert.equal(failed.error?.message, 'it broke')
    })

    test('a pure tool works the same thing out once', async () => {
      const pure = toolOf('calculator', 'count', { name: 'countPure', traits: { pure: true } })
      const same = Array.from({ length: 10 }, (_, index) => ({ id: `${index}`, tool: pure, input: {} }))
      const values = (await executor.execute(same)).map(({ value }) => value)
      const [later] = await executor.execute(same.slice(0, 1))
      assert.equal(new Set([...values, later?.value]).size, 1)
    })

    test('calls with the same key run one after another, and others beside them', async () => {
      const limits = { exclusive: { argument: 'key' } } as const
      const tool = toolOf('calculator', 'sleep', { name: 'keyed', limits })
      const ended: string[] = []
      await executor.execute(
        [
          { id: 'a1', tool, input: { key: 'a', ms: 150 } },
          { id: 'a2', tool, input: { key: 'a', ms: 1 } },
          { id: 'b1', tool, input: { key: 'b', ms: 1 } },
        ],
        { onResult: ({ id }) => ended.push(id) },
      )
      assert.deepEqual(ended, ['b1', 'a1', 'a2'])
    })

    test('so many at once, and so many in a second', async () => {
      const tool = toolOf('calculator', 'add', { name: 'paced', limits: { concurrency: 1, perSecond: 50 } })
      const results = await executor.execute(additions(55, tool))
      assert.ok(results.every(({ ok }) => ok))
    })

    test('tells of runs on a channel, and of none that needed no work', async () => {
      const heard: ToolEvent[] = []
      const stop = toolChannel.subscribe((event) => heard.push(event))
      try {
        const pure = toolOf('calculator', 'add', { name: 'told', traits: { pure: true } })
        const call = { id: 'told', tool: pure, input: { a: 1, b: 2 } }
        await executor.execute([call], { tenant: 'acme' })
        await executor.execute([call], { tenant: 'acme' })
        const failing = toolOf('crashes', 'throws', { name: 'failing' })
        await executor.execute([{ id: 'failing', tool: failing, input: {} }])
      } finally {
        stop()
      }
      assert.deepEqual(
        heard.map((each) => [each.event, each.tool, each.tenant, each.attempt, each.place]),
        [
          ['began', 'told', 'acme', 1, place],
          ['ended', 'told', 'acme', 1, place],
          ['began', 'failing', 'default', 1, place],
          ['ended', 'failing', 'default', 1, place],
        ],
      )
      const last = heard.at(-1)
      assert.ok(last?.event === 'ended')
      assert.deepEqual([last.kind, last.message, last.workerKilled], ['failed', 'it broke', false])
    })

    test('a tool that is switched off does not run', async () => {
      assert.equal((await one('calculator', 'add', { enabled: false }))?.error?.kind, 'disabled')
    })
  })
}

test('a closure runs inline and nowhere else', async () => {
  await using executor = await warmExecutor({ mode: 'process' })
  const tool = toolOf('calculator', 'closure', { source: { kind: 'closure', run: () => 'here' } })
  const call = [{ id: 'c', tool, input: {} }]
  assert.equal((await executor.execute(call))[0]?.error?.kind, 'wrong-place')
  assert.equal((await executor.execute(call, { parallelMode: 'thread' }))[0]?.error?.kind, 'wrong-place')
  assert.equal((await executor.execute(call, { parallelMode: 'inline' }))[0]?.value, 'here')
  const [auto] = await executor.execute(call, { parallelMode: 'auto' })
  assert.equal(auto?.place, 'inline')
  assert.ok(auto.why)
})

test('the mode of a tool goes before that of a batch, and that before the executor', async () => {
  await using executor = await warmExecutor({ mode: 'thread' })
  const fixed = toolOf('calculator', 'add', { name: 'fixed', mode: 'process' })
  const input = { a: 1, b: 1 }
  const [first, second] = await executor.execute(
    [
      { id: '1', tool: fixed, input },
      { id: '2', tool: add, input },
    ],
    { parallelMode: 'inline' },
  )
  assert.equal(first?.place, 'process')
  assert.equal(second?.place, 'inline')
  executor.setMode('process')
  assert.equal((await executor.execute([{ id: '3', tool: add, input }]))[0]?.place, 'process')
})

test('auto begins in a process, moves what is quick to a thread, and takes back what crashes', async () => {
  await using executor = await warmExecutor({ mode: 'auto' })
  const [first] = await executor.execute(additions(1))
  assert.equal(first?.place, 'process')
  await executor.execute(additions(50))
  const [later] = await executor.execute(additions(1))
  assert.equal(later?.place, 'thread')
  assert.match(later.why ?? '', /on average/)
})

test('instances that keep something stay on one worker', async () => {
  await using executor = await warmExecutor({ mode: 'process' })
  const tool = toolOf('calculator', 'count', { from: { state: 'affine' } })
  const calls = Array.from({ length: 20 }, (_, index) => ({ id: `${index}`, tool, input: {} }))
  const values = (await executor.execute(calls)).map(({ value }) => value)
  assert.deepEqual(
    values,
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
})

test('a worker is replaced after so many calls, and none is lost', async () => {
  await using executor = await warmExecutor({ mode: 'process', recycle: { calls: 50 } })
  for (let round = 0; round < 10; round++) {
    assert.ok((await executor.execute(additions(100))).every(({ ok }) => ok))
  }
})

test('what runs when the executor is closed is answered too', async () => {
  const executor = await warmExecutor({ mode: 'process' })
  const asked = executor.execute([
    { id: 'long', tool: toolOf('calculator', 'sleep'), input: { ms: 60_000 } },
    ...additions(500),
  ])
  await executor[Symbol.asyncDispose]()
  assert.equal((await asked).length, 501)
  assert.equal((await executor.execute(additions(1)))[0]?.error?.kind, 'cancelled')
})
