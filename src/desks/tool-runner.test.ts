// How calls run for an answer: what a person said about a host holds within the conversation, a call that waits holds up
// no other, leaving stops what runs, and a station that dies costs its calls and nothing else.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openCall } from '../core/call.ts'
import { spanChannel, type SpanEvent } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { ApprovalWord } from '../core/tooling.ts'
import { inline } from '../places/inline.ts'
import { ToolsStation } from '../stations/tools/station.ts'
import type { ToolSetting } from '../stores/store.ts'
import { ToolApprovals } from './tool-approvals.ts'
import { usualPermissions } from './tool-permissions.ts'
import { ToolRunner, type CallOfTool, type RunEvent, type RunFor, type Tools } from './tool-runner.ts'
import { ToolRuns } from './tool-runs.ts'

const url = { type: 'object', properties: { url: { type: 'string' } } } as const

interface Bench extends AsyncDisposable {
  runner: ToolRunner
  runs: ToolRuns
  approvals: ToolApprovals
  /** Signals of the calls of `wait`, in the order in which they began. */
  began: AbortSignal[]
}

function openBench(extra: Tools[] = []): Bench {
  const began: AbortSignal[] = []
  const station = new ToolsStation(
    { mode: 'inline', approvalMs: 60_000 },
    {
      fill: async (registry) => {
        const traits = { network: true }
        for (const name of ['read', 'look'])
          registry.register({
            name,
            description: 'Reads',
            input: url,
            traits,
            run: (input: { url: string }) => input.url,
          })
        registry.register({ name: 'now', description: 'Says so', run: () => 'now' })
        registry.register({
          name: 'chatter',
          description: 'Says how far it is, all the time',
          run: (_: unknown, { progress }) => {
            for (let at = 0; at < 10_000; at++) progress('x'.repeat(2_000))
            return 'done'
          },
        })
        registry.register({
          name: 'wait',
          description: 'Waits',
          run: (_: unknown, { signal }) =>
            new Promise((_, reject) => {
              began.push(signal)
              signal.addEventListener('abort', () => reject(AndonError.from(signal.reason)))
            }),
        })
      },
      originOf: () => 'module',
    },
  )
  const decided = new Map<string, ToolSetting>()
  const [runs, approvals] = [new ToolRuns(), new ToolApprovals()]
  const runner = new ToolRunner({
    stations: [inline(station), ...extra],
    settings: {
      list: async (tenant) =>
        [...decided.entries()].flatMap(([key, each]) => (key.startsWith(`${tenant} `) ? each : [])),
      set: async (tenant, setting) => void decided.set(`${tenant} ${setting.tool}`, setting),
    },
    usual: usualPermissions([]),
    offAtFirst: new Set(),
    runs,
    approvals,
  })
  return { runner, runs, approvals, began, [Symbol.asyncDispose]: () => station[Symbol.asyncDispose]() }
}

/** Runs one call, and says this word whenever somebody is asked. Gives what happened. */
async function ask(
  { runner, approvals }: Bench,
  name: string,
  address: string,
  word: ApprovalWord,
  about: RunFor & { tenant?: string } = {},
): Promise<RunEvent['type'][]> {
  const { tenant = 't', ...rest } = about
  using call = openCall({ tenant })
  const happened: RunEvent['type'][] = []
  for await (const event of runner.run([{ id: 'c', name, arguments: { url: address } }], rest, call)) {
    happened.push(event.type)
    if (event.type === 'approval') await approvals.word(tenant, event.approval.id, word)
  }
  return happened
}

it('asks once for a host, of one tool, in one conversation of one tenant', async () => {
  await using bench = openBench()
  const [asked, quiet] = [['approval', 'result'], ['result']]
  const talk = { sessionId: 's' }
  assert.deepEqual(await ask(bench, 'read', 'http://a.example/1', 'host', talk), asked)
  assert.deepEqual(await ask(bench, 'read', 'http://a.example/2?x', 'decline', talk), quiet)
  assert.deepEqual(await ask(bench, 'read', 'http://b.example/', 'decline', talk), asked)
  assert.deepEqual(await ask(bench, 'read', 'http://a.example:81/', 'decline', talk), asked)
  assert.deepEqual(await ask(bench, 'look', 'http://a.example/', 'decline', talk), asked)
  assert.deepEqual(await ask(bench, 'read', 'http://a.example/', 'decline', { sessionId: 'other' }), asked)
  assert.deepEqual(await ask(bench, 'read', 'http://a.example/', 'decline', { ...talk, tenant: 'u' }), asked)
  assert.deepEqual(await ask(bench, 'read', 'http://a.example/', 'once', {}), asked)
  assert.deepEqual(await ask(bench, 'read', 'http://a.example/', 'always', {}), asked)
  assert.deepEqual(await ask(bench, 'read', 'http://c.example/', 'decline', {}), quiet)
})

it('holds up no other call while one waits for a person', async () => {
  await using bench = openBench()
  using call = openCall({ tenant: 't' })
  const calls: CallOfTool[] = [
    { id: 'one', name: 'read', arguments: '{"url":"http://a.example/"}' },
    { id: 'two', name: 'now', arguments: '{}' },
  ]
  const results: string[] = []
  for await (const event of bench.runner.run(calls, { answerId: 'answer' }, call)) {
    if (event.type !== 'result') continue
    results.push(event.id)
    const [waiting] = bench.approvals.list('t')
    if (waiting) {
      assert.deepEqual([waiting.answerId, waiting.callId, waiting.host], ['answer', 'one', 'a.example'])
      await bench.approvals.word('t', waiting.id, 'once')
    }
  }
  assert.deepEqual(results, ['two', 'one'])
})

it('stops what runs when its reader leaves, and tells spans of the order', async () => {
  await using bench = openBench()
  using call = openCall({ tenant: 't' })
  const spans: SpanEvent[] = []
  const stop = spanChannel.subscribe((event) => {
    if ('workMs' in event && event.callId === call.id && event.station.startsWith('tool ')) spans.push(event)
  })
  const calls = ['wait', 'now'].map((name) => ({ id: name, name, arguments: {} }))
  for await (const event of bench.runner.run(calls, {}, call)) if (event.type === 'result') break
  stop()
  assert.ok(bench.began[0]?.aborted)
  assert.deepEqual(
    bench.runs.list('t', {}).map(({ tool, outcome }) => [tool, outcome]),
    [
      ['now', 'done'],
      ['wait', 'cancelled'],
    ],
  )
  assert.deepEqual(
    spans.map(({ station, outcome }) => [station, outcome]),
    [
      ['tool now', 'ok'],
      ['tool wait', 'cancelled'],
    ],
  )
})

it('answers for the calls of a station that dies', async () => {
  const dying: Tools = {
    name: 'tools',
    async *run(input) {
      if (input.do === 'list') {
        const limits = { timeoutMs: 1, outputBytes: 1 }
        const traits = { readOnly: true, idempotent: true, pure: false, destructive: false, network: false }
        const card = { name: 'far', description: 'Is far', input: {}, tags: [], traits, limits } as const
        yield {
          type: 'tools',
          tools: [{ ...card, tags: [], origin: 'module', mode: 'process', trust: 'trusted', state: 'ready' }],
          sources: [],
        }
        return
      }
      throw new AndonError('unavailable', 'Its process ended')
    },
  }
  await using bench = openBench([dying])
  using call = openCall({ tenant: 't' })
  const calls = ['far', 'now'].map((name) => ({ id: name, name, arguments: {} }))
  const results = new Map<string, unknown>()
  for await (const event of bench.runner.run(calls, {}, call))
    if (event.type === 'result') results.set(event.id, event.result.error?.message ?? event.result.value)
  assert.deepEqual(
    results,
    new Map([
      ['far', 'Its process ended'],
      ['now', 'now'],
    ]),
  )
})

it('refuses calls when more wait than anybody looks at', async () => {
  await using bench = openBench()
  using call = openCall({ tenant: 't' })
  const calls = Array.from({ length: 103 }, (_, at) => ({ id: `${at}`, name: 'read', arguments: { url: 'http://a/' } }))
  let [asked, refused] = [0, 0]
  for await (const event of bench.runner.run(calls, {}, call)) {
    if (event.type === 'approval') asked++
    if (event.type === 'result' && ++refused === 3) break
  }
  assert.deepEqual([asked, refused, bench.approvals.list('t').length], [100, 3, 0])
})

it('passes on what a call says of its progress as far as somebody can look at it', async () => {
  await using bench = openBench()
  using call = openCall({ tenant: 't' })
  const told: string[] = []
  let result: unknown
  for await (const event of bench.runner.run([{ id: 'c', name: 'chatter', arguments: {} }], {}, call)) {
    if (event.type === 'progress') told.push(String(event.done))
    if (event.type === 'result') result = event.result.value
  }
  assert.equal(result, 'done')
  assert.ok(told.length >= 20 && told.length < 1_000, `${told.length} words`)
  assert.ok(told.every((word) => word.length === 1_000))
})

it('takes silence for a no while the answer has the time to go on', async () => {
  await using bench = openBench()
  using call = openCall({ tenant: 't', budgetMs: 3_000 })
  const calls: CallOfTool[] = [{ id: 'c', name: 'read', arguments: { url: 'http://a.example/' } }]
  let until = Infinity
  for await (const event of bench.runner.run(calls, { answerId: 'answer' }, call)) {
    if (event.type === 'approval') until = event.approval.expiresAt
    if (event.type === 'result') assert.equal(event.result.error?.kind, 'denied')
  }
  assert.ok(until < Date.now() + 3_000)
  assert.deepEqual(bench.approvals.list('t'), [])
})

it('runs only so many calls of one tenant at once', async () => {
  await using bench = openBench()
  using call = openCall({ tenant: 't' })
  using other = openCall({ tenant: 'u' })
  const many = Array.from({ length: 502 }, (_, at) => ({ id: `${at}`, name: 'wait', arguments: {} }))
  let refused = 0
  for await (const event of bench.runner.run(many, {}, call)) {
    assert.ok(event.type === 'result' && event.result.error?.kind === 'overloaded')
    if (++refused === 1) {
      const now = [{ id: 'n', name: 'now', arguments: {} }]
      for await (const theirs of bench.runner.run(now, {}, other))
        assert.ok(theirs.type === 'result' && theirs.result.ok)
    }
    if (refused === 2) break
  }
  const [again] = await Array.fromAsync(bench.runner.run([{ id: 'n', name: 'now', arguments: {} }], {}, call))
  assert.ok(again?.type === 'result' && again.result.ok)
})
