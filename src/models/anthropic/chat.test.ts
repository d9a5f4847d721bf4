import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hear } from '../../../test/servers/hear.ts'
import { ReplayServer } from '../../../test/servers/replay-server.ts'
import type { Replayed, Reply } from '../../../test/servers/replay-server.ts'
import type { ChatMessage, ChatRequest } from '../model.ts'
import { AnthropicChat } from './chat.ts'

const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello?' }] }

/** A stream of events as the documentation shows it. */
function stream(...events: { type: string; [name: string]: unknown }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

const start = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [],
    model: 'claude',
    stop_reason: null,
    usage: { input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 20, output_tokens: 1 },
  },
}
const textStart = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
const words = (text: string, index = 0) => ({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } })
const blockStop = (index = 0) => ({ type: 'content_block_stop', index })
const end = (stop_reason: string, more: object = {}) => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage: { output_tokens: 12, ...more },
})
const stop = { type: 'message_stop' }
const ping = { type: 'ping' }

const plain = stream(start, textStart, ping, words('Grüß '), words('dich 🙂'), blockStop(), end('end_turn'), stop)

async function started(answer: (request: Replayed, count: number) => Reply) {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await ReplayServer.start(answer))
  const chat = stack.use(new AnthropicChat({ baseUrl: server.origin, apiKey: 'sk-ant-secret-key', model: 'claude' }))
  return { server, chat, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** What is sent for a request. */
async function sent(request: ChatRequest): Promise<Record<string, unknown>> {
  await using parts = await started(() => ({ body: plain }))
  await hear(parts.chat, request)
  return parts.server.body(0)
}

test('an answer is text, usage with what the cache gave, and an end; however its bytes are cut', async () => {
  for (const bytewise of [false, true]) {
    await using parts = await started(() => ({ body: plain, bytewise }))
    const { text, others, error } = await hear(parts.chat, hello)
    assert.equal(error, undefined)
    assert.equal(text, 'Grüß dich 🙂')
    assert.deepEqual(others, [
      { type: 'usage', usage: { promptTokens: 125, completionTokens: 12, cachedTokens: 100, estimated: false } },
      { type: 'finish', reason: 'stop' },
    ])
    const [request] = parts.server.requests
    assert.equal(request?.url, '/v1/messages')
    assert.equal(request.headers['x-api-key'], 'sk-ant-secret-key')
    assert.equal(request.headers['anthropic-version'], '2023-06-01')
    assert.equal(request.headers.authorization, undefined)
  }
})

test('a message in one piece is understood', async () => {
  const body = {
    type: 'message',
    content: [
      { type: 'text', text: 'Hello.' },
      { type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 1 } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 3, output_tokens: 4 },
  }
  await using parts = await started(() => ({ body }))
  const { text, others } = await hear(parts.chat, hello)
  assert.equal(text, 'Hello.')
  assert.deepEqual(others, [
    { type: 'tool-call', call: { id: 'toolu_1', name: 'add', arguments: '{"a":1}' } },
    { type: 'usage', usage: { promptTokens: 3, completionTokens: 4, estimated: false } },
    { type: 'finish', reason: 'tools' },
  ])
})

test('calls come whole from their pieces; the thoughts before them go back with what came of them', async () => {
  const body = stream(
    start,
    { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Two ' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'sums.' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2lnbmVk' } },
    blockStop(),
    {
      type: 'content_block_start',
      index: 1,
      content_block: { type: 'tool_use', id: 'toolu_1', name: 'add', input: {} },
    },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a": 1, "b"' } },
    { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: ': 2}' } },
    blockStop(1),
    {
      type: 'content_block_start',
      index: 2,
      content_block: { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
    },
    blockStop(2),
    end('tool_use', { output_tokens_details: { thinking_tokens: 7 } }),
    stop,
  )
  await using parts = await started((_, count) => ({ body: count === 0 ? body : plain }))
  const request: ChatRequest = { ...hello, reasoning: 'low', tools: [{ name: 'add' }, { name: 'now' }] }
  const { reasoning, others } = await hear(parts.chat, request)
  assert.equal(reasoning, 'Two sums.')
  const calls = [
    { id: 'toolu_1', name: 'add', arguments: '{"a": 1, "b": 2}' },
    { id: 'toolu_2', name: 'now', arguments: '{}' },
  ]
  assert.deepEqual(others, [
    ...calls.map((call) => ({ type: 'tool-call', call })),
    {
      type: 'usage',
      usage: { promptTokens: 125, completionTokens: 12, cachedTokens: 100, reasoningTokens: 7, estimated: false },
    },
    { type: 'finish', reason: 'tools' },
  ])

  const messages: ChatMessage[] = [
    ...hello.messages,
    { role: 'assistant', content: '', toolCalls: calls },
    { role: 'tool', callId: 'toolu_1', content: '3' },
    { role: 'tool', callId: 'toolu_2', content: 'noon' },
  ]
  await hear(parts.chat, { ...request, messages })
  const body2 = parts.server.body(1)
  assert.deepEqual(body2['thinking'], { type: 'enabled', budget_tokens: 1_024 })
  assert.deepEqual(body2['messages'], [
    { role: 'user', content: [{ type: 'text', text: 'Hello?' }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Two sums.', signature: 'c2lnbmVk' },
        { type: 'tool_use', id: 'toolu_1', name: 'add', input: { a: 1, b: 2 } },
        { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: '3' },
        { type: 'tool_result', tool_use_id: 'toolu_2', content: 'noon' },
      ],
    },
  ])

  // Calls of another process: their thoughts are not known, and without them it may not think in this turn.
  const foreign = messages.map((message) =>
    message.role === 'assistant' ? { ...message, toolCalls: [{ id: 'call:9', name: 'add', arguments: '1' }] } : message,
  )
  await hear(parts.chat, { ...request, messages: foreign })
  assert.deepEqual(parts.server.body(2)['thinking'], { type: 'disabled' })
})

test('a request says everything in the words of the protocol', async () => {
  const body = await sent({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One' },
      { role: 'user', content: 'Two' },
      { role: 'assistant', content: '' },
      { role: 'system', content: 'In English.' },
    ],
    maxTokens: 100,
    temperature: 1.5,
    topP: 0.9,
    stop: ['END'],
    seed: 7,
    json: true,
    schema: {
      name: 'sum',
      schema: { type: 'object', properties: { parts: { type: 'array', items: { type: 'object', properties: {} } } } },
    },
    tools: [
      { name: 'add', description: 'Adds.', parameters: { type: 'object', properties: { a: { type: 'number' } } } },
    ],
    toolChoice: { name: 'add' },
    parallelCalls: false,
    model: 'another',
  })
  assert.deepEqual(body, {
    model: 'another',
    max_tokens: 100,
    system: 'Be brief.\n\nIn English.',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'One' },
          { type: 'text', text: 'Two' },
        ],
      },
    ],
    tools: [
      {
        name: 'add',
        description: 'Adds.',
        input_schema: { type: 'object', properties: { a: { type: 'number' } } },
      },
    ],
    tool_choice: { type: 'tool', name: 'add', disable_parallel_tool_use: true },
    temperature: 1,
    top_p: 0.9,
    stop_sequences: ['END'],
    output_config: {
      format: {
        type: 'json_schema',
        schema: {
          additionalProperties: false,
          type: 'object',
          properties: {
            parts: { type: 'array', items: { additionalProperties: false, type: 'object', properties: {} } },
          },
        },
      },
    },
    stream: true,
  })
  assert.equal((await sent(hello))['max_tokens'], 4_096)
})

test('a model that sets the length of its thoughts itself is told of an effort, once it has said so', async () => {
  const refusal =
    '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
  await using parts = await started(({ body }) =>
    JSON.stringify(body).includes('enabled')
      ? { status: 400, body: { type: 'error', error: { type: 'invalid_request_error', message: refusal } } }
      : { body: plain },
  )
  for (const reasoning of ['high', 'low'] as const)
    assert.equal((await hear(parts.chat, { ...hello, reasoning })).error, undefined)
  assert.equal(parts.server.requests.length, 3)
  assert.deepEqual(parts.server.body(1)['thinking'], { type: 'adaptive' })
  assert.deepEqual(parts.server.body(2)['output_config'], { effort: 'low' })
})

test('why it stopped is told', async () => {
  const reasons = {
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    stop_sequence: 'stop',
    refusal: 'filter',
    pause_turn: 'other',
  }
  for (const [said, reason] of Object.entries(reasons)) {
    await using parts = await started(() => ({ body: stream(start, end(said), stop) }))
    assert.deepEqual((await hear(parts.chat, hello)).others.at(-1), { type: 'finish', reason })
  }
})

test('an error before, in and after the text is an error, and names what kind', async () => {
  const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
  const broken = { type: 'error', error: { type: 'api_error', message: 'Internal server error' } }
  for (const [body, text, code] of [
    [stream(overloaded), '', 'overloaded'],
    [stream(start, overloaded), '', 'overloaded'],
    [stream(start, textStart, words('one'), overloaded), 'one', 'overloaded'],
    [stream(start, textStart, words('one'), blockStop(), broken), 'one', 'unavailable'],
    [stream(start, textStart, words('one'), { ...broken, type: 'error' }), 'one', 'unavailable'],
    [`${stream(start, textStart, words('one'))}data: {"type": "content_bl\n\n`, 'one', 'unavailable'],
    // No reason to stop came: it was cut, however cleanly.
    [stream(start, textStart, words('one'), blockStop()), 'one', 'unavailable'],
  ] as const) {
    await using parts = await started(() => ({ body }))
    const heard = await hear(parts.chat, hello)
    assert.deepEqual([heard.text, heard.error?.code], [text, code], body)
    assert.ok(heard.others.every(({ type }) => type !== 'finish'))
  }
  await using parts = await started(() => ({ body: stream(start, textStart, words('one')), end: 'cut' }))
  const heard = await hear(parts.chat, hello)
  assert.deepEqual(
    [heard.text, heard.error?.code, heard.error?.detail],
    ['one', 'unavailable', { retry: true, kind: 'cut' }],
  )
})

test('a status is told as what it is, and never with the key', async () => {
  const said = (type: string, message: string) => ({ type: 'error', error: { type, message } })
  for (const [status, body, code, retryAfterMs] of [
    [401, said('authentication_error', 'invalid x-api-key sk-ant-secret-key'), 'unavailable', undefined],
    [429, said('rate_limit_error', 'slow down'), 'overloaded', 7_000],
    [529, said('overloaded_error', 'Overloaded'), 'overloaded', undefined],
    [400, said('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'), 'too-large', undefined],
    [500, said('api_error', 'oh'), 'unavailable', undefined],
  ] as const) {
    await using parts = await started(() => ({
      status,
      body,
      ...(retryAfterMs === undefined ? {} : { headers: { 'retry-after': String(retryAfterMs / 1_000) } }),
    }))
    const { error } = await hear(parts.chat, hello)
    assert.equal(error?.code, code, String(status))
    assert.equal(error.retryAfterMs, retryAfterMs)
    assert.doesNotMatch(error.message, /secret/)
  }
})

test('without a model nothing is sent', async () => {
  await using server = await ReplayServer.start(() => ({ body: plain }))
  await using chat = new AnthropicChat({ baseUrl: server.origin })
  assert.equal((await hear(chat, hello)).error?.code, 'invalid')
  assert.equal(server.requests.length, 0)
})
