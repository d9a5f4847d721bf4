import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Dispatcher } from 'undici'
import { Exchange } from './exchange.ts'
import { tpot, ttft } from './measures.ts'
import { readAndon, readOpenAi, type EventReader } from './reading.ts'
import type { RequestRecord } from './record.ts'

/** An answer as it comes: at which millisecond, what. */
type Script = [atMs: number, text: string | Buffer][]

/** Plays an answer against a clock that stands still between its pieces. */
async function played(
  script: Script,
  {
    read = readOpenAi,
    status = 200,
    type = 'text/event-stream',
    broken,
  }: { read?: EventReader; status?: number; type?: string; broken?: Error } = {},
): Promise<RequestRecord> {
  let clock = 5
  const exchange = new Exchange({ index: 3, scheduledMs: 2, now: () => clock, read, timeoutMs: 60_000 })
  const controller = {
    abort: (reason: Error) => exchange.onResponseError(controller, reason),
  } as unknown as Dispatcher.DispatchController
  exchange.onRequestStart(controller)
  clock = 8
  exchange.onResponseStart(controller, status, { 'content-type': type })
  for (const [atMs, text] of script) {
    clock = atMs
    exchange.onResponseData(controller, Buffer.from(text))
  }
  if (broken) exchange.onResponseError(controller, broken)
  else exchange.onResponseEnd()
  return exchange.record
}

function delta(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
}

const usage =
  'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3}}}\n\n'

test('times are those of the content: a role alone is no token, one event may hold several', async () => {
  const record = await played([
    [10, delta({ role: 'assistant', content: '' })],
    [50, delta({ content: 'a' })],
    [70, delta({ content: 'b' })],
    [110, delta({ content: 'c d' }, 'stop')],
    [111, usage],
    [112, 'data: [DONE]\n\n'],
  ])
  assert.equal(record.outcome, 'ok')
  assert.deepEqual([record.scheduledMs, record.sentMs, record.headersMs, record.endMs], [2, 5, 8, 112])
  assert.deepEqual([ttft(record), ttft(record, 'scheduled')], [45, 48])
  assert.deepEqual(record.gapsMs, [20, 40])
  assert.equal(tpot(record), 20)
  assert.deepEqual(
    [record.promptTokens, record.cachedTokens, record.outputTokens, record.tokensFrom],
    [7, 3, 4, 'usage'],
  )
})

test('an error that the stream tells is the reason, also when the connection is closed after it', async () => {
  const broken = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' })
  const told = await played(
    [
      [20, delta({ content: 'a' })],
      [30, 'data: {"error":{"message":"The endpoint went away.","type":"server_error"}}\n\n'],
    ],
    { broken },
  )
  assert.deepEqual([told.outcome, told.error], ['failed', 'The endpoint went away.'])
  const untold = await played([[20, delta({ content: 'a' })]], { broken })
  assert.deepEqual([untold.outcome, untold.error], ['failed', 'The connection failed: UND_ERR_SOCKET.'])
})

test('reasoning and tool calls are content; without usage the count is an estimate and says so', async () => {
  const record = await played([
    [20, delta({ reasoning_content: 'hm' })],
    [30, delta({ reasoning: 'hm' })],
    [40, delta({ tool_calls: [{ index: 0, function: { name: 'f', arguments: '{}' } }] }, 'tool_calls')],
  ])
  assert.equal(record.outcome, 'ok')
  assert.equal(record.firstTokenMs, 20)
  assert.equal(record.tokensFrom, 'estimated')
  assert.ok(record.outputTokens > 1)
})

test('characters cut between two pieces, and events cut anywhere, are read', async () => {
  const whole = Buffer.from(delta({ content: '数字' }, 'stop'))
  const record = await played([
    [20, whole.subarray(0, 45)],
    [30, whole.subarray(45)],
  ])
  assert.equal(record.outcome, 'ok')
  assert.equal(record.firstTokenMs, 30)
})

test('an error inside a stream with status 200 is a failure', async () => {
  const record = await played([
    [20, delta({ content: 'a' })],
    [30, 'data: {"error":{"message":"out of memory","code":500}}\n\n'],
    [31, 'data: [DONE]\n\n'],
  ])
  assert.deepEqual([record.outcome, record.error], ['failed', 'out of memory'])
})

test('a stream that stops before its end is a failure', async () => {
  const record = await played([[20, delta({ content: 'a' })]])
  assert.deepEqual([record.outcome, record.error], ['failed', 'The stream stopped before its end.'])
})

test('a malformed event is a failure', async () => {
  const record = await played([
    [20, 'data: {"choices":[{"delta"\n\n'],
    [21, 'data: [DONE]\n\n'],
  ])
  assert.equal(record.outcome, 'failed')
})

test('a status that is no success is a failure with what the server said', async () => {
  const record = await played([[20, '{"error":{"message":"slow down"}}']], { status: 429, type: 'application/json' })
  assert.deepEqual([record.outcome, record.status, record.error], ['failed', 429, 'Status 429: slow down'])
})

test('an answer in one piece has an end, and no first token', async () => {
  const answer = {
    choices: [{ message: { content: 'a b' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 2 },
  }
  const record = await played([[40, JSON.stringify(answer)]], { type: 'application/json' })
  assert.equal(record.outcome, 'ok')
  assert.equal(record.firstTokenMs, undefined)
  assert.equal(record.outputTokens, 2)
})

test('an answer of Andon tells its stages, and an error event is a failure', async () => {
  const event = (name: string, value: object): string =>
    `event: ${name}\ndata: ${JSON.stringify({ type: name, ...value })}\n\n`
  const start = event('answer-start', { id: 'x1' })
  const record = await played(
    [
      [10, start],
      [20, event('stage-end', { stage: 'find', ms: 8 })],
      [30, event('text-delta', { text: 'Yes.' })],
      [40, event('usage', { usage: { promptTokens: 50, completionTokens: 3, cachedTokens: 32, estimated: false } })],
      [41, event('answer-end', {})],
    ],
    { read: readAndon },
  )
  assert.deepEqual([record.outcome, record.answerId, record.firstTokenMs, record.outputTokens], ['ok', 'x1', 30, 3])
  assert.deepEqual([record.promptTokens, record.cachedTokens], [50, 32])
  assert.deepEqual(record.stages, [{ stage: 'find', ms: 8 }])
  const failed = await played(
    [
      [10, start],
      [20, event('error', { title: 'unavailable', detail: 'The model is gone.' })],
    ],
    {
      read: readAndon,
    },
  )
  assert.deepEqual([failed.outcome, failed.error], ['failed', 'The model is gone.'])
})
