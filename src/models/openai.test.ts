import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { openCall } from '../core/call.ts'
import type { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { ModelServer } from '../../test/servers/model-server.ts'
import type { ChatBody, ChatScript, Fault, ModelServerOptions } from '../../test/servers/model-server.ts'
import type { ChatEvent, ChatRequest } from './model.ts'
import { OpenAiChat } from './openai.ts'
import type { OpenAiChatOptions } from './openai.ts'

const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello?' }] }
const path = '/v1/chat/completions'

interface Heard {
  text: string
  reasoning: string
  events: ChatEvent[]
  error?: AndonError
}

async function listen(
  chat: OpenAiChat,
  request = hello,
  call: Call = openCall({ tenant: 't', budgetMs: 10_000 }),
): Promise<Heard> {
  const heard: Heard = { text: '', reasoning: '', events: [] }
  try {
    for await (const event of chat.chat(request, call)) {
      heard.events.push(event)
      if (event.type === 'text-delta') heard.text += event.text
      if (event.type === 'reasoning-delta') heard.reasoning += event.text
    }
  } catch (reason) {
    heard.error = reason as AndonError
  }
  return heard
}

async function started(server: ModelServerOptions, options: Partial<OpenAiChatOptions> = {}) {
  const stack = new AsyncDisposableStack()
  const model = stack.use(await ModelServer.start(server))
  const chat = stack.use(new OpenAiChat({ baseUrl: model.baseUrl, model: 'test', ...options }))
  return { server: model, chat, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** What a caller hears of a script, or of a fault in it. */
async function heard(script: ChatScript | Fault, request = hello): Promise<Heard> {
  const answer: ChatScript = 'text' in script ? script : { text: 'one two three', fault: script }
  await using parts = await started({ chat: () => answer })
  return await listen(parts.chat, request)
}

test('an answer streams as text, usage and finish; what came together is one piece', async () => {
  const { text, events } = await heard({ text: ['Hello', ' world'] })
  assert.equal(text, 'Hello world')
  const others = events.filter((event) => event.type !== 'text-delta')
  assert.ok(others.length < events.length)
  assert.deepEqual(others, [
    { type: 'usage', usage: { promptTokens: 2, completionTokens: 2, estimated: false } },
    { type: 'finish', reason: 'stop' },
  ])
})

test('the trace of the call goes along with the request', async () => {
  await using parts = await started({ chat: () => ({ text: 'Hello' }) })
  const trace = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`
  await listen(parts.chat, hello, openCall({ tenant: 't', trace }))
  await listen(parts.chat)
  assert.deepEqual(
    parts.server.requests.map((seen) => seen.traceparent),
    [trace, undefined],
  )
})

test('characters and line ends that are cut between two packets arrive whole', async () => {
  for (const newline of ['\n', '\r\n'])
    assert.equal((await heard({ text: '你好，世界 🙂 é', bytewise: true, newline })).text, '你好，世界 🙂 é')
})

test('comments and pings are not part of the answer', async () => {
  assert.equal((await heard({ text: 'one two', comment: 'ping' })).text, 'one two')
})

test('reasoning is told from text, in a field of its own or between tags', async () => {
  const field = await heard({ text: 'Yes.', reasoning: 'Hm.' })
  assert.deepEqual([field.reasoning, field.text], ['Hm.', 'Yes.'])
  const tags = await heard({ text: '<think>Hm.</think> Yes.', bytewise: true })
  assert.deepEqual([tags.reasoning, tags.text], ['Hm.', 'Yes.'])
})

test('an answer without [DONE] is whole when it gave a reason to stop', async () => {
  const { events, error } = await heard({ text: 'one', done: false, finish: 'length' })
  assert.equal(error, undefined)
  assert.deepEqual(events.at(-1), { type: 'finish', reason: 'length' })
})

test('a server that answers in one piece is understood', async () => {
  const { text, events } = await heard({ text: 'one two', whole: true })
  assert.equal(text, 'one two')
  assert.equal(events.at(-1)?.type, 'finish')
})

test('without usage there is no usage event', async () => {
  const { events } = await heard({ text: 'one', usage: false })
  assert.equal(
    events.some((event) => event.type === 'usage'),
    false,
  )
})

test('an answer that is cut is an error, after what had come', async () => {
  for (const kind of ['cut', 'end-early'] as const) {
    const { text, error } = await heard({ kind, afterTokens: 2 })
    assert.equal(text, 'one two', kind)
    assert.equal(error?.code, 'unavailable', kind)
  }
})

test('an error in the middle of a stream is heard in every dialect', async () => {
  const frames = [
    'data: {"error":{"message":"out of memory","type":"server_error","code":500}}\n\n',
    'data: {"error":"out of memory"}\n\n',
    'event: error\ndata: {"message":"out of memory"}\n\n',
    'error: {"code":500,"message":"out of memory","type":"server_error"}\n\n',
    'event: error\ndata: out of memory\n\n',
    'data: {"object":"error","message":"out of memory","code":50001}\n\n',
    'data: {"choices":[{"delta":{},"finish_reason":"error"}],"error":{"message":"out of memory"}}\n\n',
  ]
  for (const frame of frames) {
    const { text, error } = await heard({ kind: 'frame', afterTokens: 1, frame })
    assert.equal(text, 'one', frame)
    assert.equal(error?.code, 'unavailable', frame)
    assert.match(error?.message ?? '', /out of memory/, frame)
  }
})

test('an overloaded engine that says so inside the stream is overloaded', async () => {
  const frame = 'data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
  assert.equal((await heard({ kind: 'frame', afterTokens: 0, frame })).error?.code, 'overloaded')
})

test('an event that is no JSON is an error, because a part of the answer is lost', async () => {
  const { error } = await heard({ kind: 'frame', afterTokens: 1, frame: 'data: {"choices":[{"del\n\n' })
  assert.equal(error?.code, 'unavailable')
  assert.match(error?.message ?? '', /no JSON/)
})

test('events without the blank line between them are still events', async () => {
  const line = (content: string): string => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n`
  const frame = `${line(' x')}${line(' y')}data: [DONE]\n`
  const { text, error } = await heard({ kind: 'frame', afterTokens: 1, frame })
  assert.equal(error, undefined)
  assert.equal(text, 'one x y')
})

test('a web page is no answer', async () => {
  await using parts = await started({
    fault: () => ({
      kind: 'status',
      status: 200,
      body: '<html>Login</html>',
      headers: { 'content-type': 'text/html' },
    }),
  })
  const { error } = await listen(parts.chat)
  assert.equal(error?.code, 'unavailable')
  assert.match(error?.message ?? '', /OPENAI_BASE_URL/)
})

test('statuses become sentences that name what to change', async () => {
  const cases: [number, string, RegExp][] = [
    [401, 'unavailable', /OPENAI_API_KEY/],
    [403, 'unavailable', /OPENAI_API_KEY/],
    [404, 'unavailable', /"test".*ANDON_MODEL/],
    [413, 'too-large', /too long/],
    [400, 'invalid', /Scripted status 400/],
    [408, 'deadline', /408/],
    [500, 'unavailable', /Scripted status 500/],
    [503, 'unavailable', /503/],
    [302, 'unavailable', /OPENAI_BASE_URL/],
  ]
  for (const [status, code, message] of cases) {
    const { error } = await heard({ kind: 'status', status })
    assert.equal(error?.code, code, String(status))
    assert.match(error?.message ?? '', message)
  }
})

test('too many requests is overloaded, with the time that the server asked for', async () => {
  const { error } = await heard({ kind: 'status', status: 429, headers: { 'retry-after': '7' } })
  assert.equal(error?.code, 'overloaded')
  assert.equal(error?.retryAfterMs, 7_000)
})

test('a prompt beyond the context is too large, whatever the status', async () => {
  const body = JSON.stringify({ error: { message: "This model's maximum context length is 4096 tokens." } })
  assert.equal((await heard({ kind: 'status', status: 400, body })).error?.code, 'too-large')
})

test('the key is sent, and stays out of every message', async () => {
  const apiKey = 'very-secret-key'
  await using good = await started({ apiKey }, { apiKey })
  assert.equal((await listen(good.chat)).text, 'Hello from the model.')
  await using bad = await started({ apiKey }, { apiKey: 'wrong-secret-key' })
  const { error } = await listen(bad.chat)
  assert.match(error?.message ?? '', /OPENAI_API_KEY/)
  assert.doesNotMatch(JSON.stringify([error?.message, error?.stack, error?.toWire()]), /secret/)
})

test('leaving the loop early closes the socket', async () => {
  await using parts = await started({ chat: () => ({ text: 'one two', fault: { kind: 'stall', afterTokens: 1 } }) })
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  for await (const event of parts.chat.chat(hello, call)) {
    assert.equal(event.type, 'text-delta')
    break
  }
  await parts.server.until((server) => server.cancelled === 1 && server.sockets === 0)
})

test('aborting closes the socket and throws the reason, in the middle of a silence and before the headers', async () => {
  const faults: Fault[] = [
    { kind: 'stall', afterTokens: 1 },
    { kind: 'hang-after-headers' },
    { kind: 'hang-before-headers' },
  ]
  for (const fault of faults) {
    await using parts = await started({ chat: () => ({ text: 'one two', fault }) })
    const controller = new AbortController()
    using call = openCall({ tenant: 't', signal: controller.signal })
    const listening = listen(parts.chat, hello, call)
    await parts.server.until((server) => server.count(path) === 1)
    controller.abort()
    const { error } = await listening
    assert.equal(error?.code, 'cancelled', fault.kind)
    await parts.server.until((server) => server.cancelled === 1 && server.sockets === 0)
  }
})

test('a call that is over sends nothing', async () => {
  await using parts = await started({})
  using call = openCall({ tenant: 't', signal: AbortSignal.abort() })
  assert.equal((await listen(parts.chat, hello, call)).error?.code, 'cancelled')
  assert.equal(parts.server.requests.length, 0)
})

test('the deadline of the call and the budget of the request close the socket', async () => {
  await using parts = await started({ chat: () => ({ text: 'one two', fault: { kind: 'stall', afterTokens: 1 } }) })
  using call = openCall({ tenant: 't', budgetMs: 200 })
  assert.equal((await listen(parts.chat, hello, call)).error?.code, 'deadline')
  await parts.server.until((server) => server.cancelled === 1)
  const { error } = await listen(parts.chat, { ...hello, budgetMs: 50 })
  assert.equal(error?.code, 'deadline')
  await parts.server.until((server) => server.cancelled === 2 && server.sockets === 0)
})

test('a model that says nothing in time is too slow, though headers, roles and pings came', async () => {
  const silences: Fault[] = [
    { kind: 'hang-before-headers' },
    { kind: 'hang-after-headers' },
    { kind: 'stall', afterTokens: 0 },
  ]
  for (const fault of silences) {
    const { error } = await heard({ text: 'one', fault, comment: 'ping' }, { ...hello, firstTokenMs: 50 })
    assert.equal(error?.code, 'deadline', fault.kind)
    assert.match(error?.message ?? '', /said nothing within 50 ms/)
  }
})

test('a model that falls silent is too slow', async () => {
  const { text, error } = await heard({ kind: 'stall', afterTokens: 2 }, { ...hello, firstTokenMs: 5_000, idleMs: 50 })
  assert.equal(text, 'one two')
  assert.equal(error?.code, 'deadline')
  assert.match(error?.message ?? '', /fell silent/)
})

test('a reader that takes its time does not make the server late', async () => {
  await using parts = await started({ chat: () => 'one two three' })
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  let text = ''
  for await (const event of parts.chat.chat({ ...hello, idleMs: 30, firstTokenMs: 5_000 }, call)) {
    // Longer than the server may be silent.
    await new Promise((resolve) => setTimeout(resolve, 60))
    if (event.type === 'text-delta') text += event.text
  }
  assert.equal(text, 'one two three')
})

test('nobody listening there is unavailable and says what to do', async () => {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  await using chat = new OpenAiChat({ baseUrl: `http://127.0.0.1:${port}`, model: 'test' })
  const { error } = await listen(chat)
  assert.equal(error?.code, 'unavailable')
  assert.match(error?.message ?? '', /does not answer: start it, or correct OPENAI_BASE_URL/)
})

test('a server that hangs up is unavailable', async () => {
  assert.equal((await heard({ kind: 'hang-up' })).error?.code, 'unavailable')
})

test('a server that does not speak HTTP is unavailable', async () => {
  const listener = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  await using chat = new OpenAiChat({ baseUrl: `http://127.0.0.1:${port}`, model: 'test' })
  const { error } = await listen(chat)
  listener.close()
  assert.equal(error?.code, 'unavailable')
})

test('a connection serves again after a whole answer, and a dropped one is replaced unnoticed', async () => {
  await using parts = await started({ chat: () => 'one' })
  for (let index = 0; index < 3; index++) {
    assert.equal((await listen(parts.chat)).text, 'one')
    // The end of the body travels behind the last event.
    await new Promise(setImmediate)
  }
  const before = parts.server.connections
  assert.ok(before < 3, `${before} connections`)
  parts.server.dropConnections()
  assert.equal((await listen(parts.chat)).text, 'one')
})

test('optional fields that a server refuses are left out or renamed, and stay so', async () => {
  const refusedFields = ['stream_options', 'temperature', 'max_tokens', 'response_format']
  await using parts = await started({ refusedFields })
  const request: ChatRequest = { ...hello, maxTokens: 5, temperature: 0, json: true }
  assert.equal((await listen(parts.chat, request)).text, 'Hello from the model.')
  const asked = parts.server.count(path)
  assert.equal((await listen(parts.chat, request)).text, 'Hello from the model.')
  assert.equal(parts.server.count(path), asked + 1)
  const last = parts.server.bodies<ChatBody>(path).at(-1)
  assert.equal(last?.max_completion_tokens, 5)
  assert.equal(last?.temperature, undefined)
})

test('without a configured model the first of the list that can talk is taken', async () => {
  await using server = await ModelServer.start({ models: ['nomic-embed-text', 'qwen3:8b', 'other'] })
  await using chat = new OpenAiChat({ baseUrl: server.origin })
  assert.equal((await listen(chat)).error, undefined)
  assert.equal(chat.name, 'qwen3:8b')
  assert.equal(server.bodies<ChatBody>(path)[0]?.model, 'qwen3:8b')
  assert.equal(server.count('/v1/models'), 1)
})

test('a list without a model that talks says what to set', async () => {
  await using server = await ModelServer.start({ models: ['bge-m3'] })
  await using chat = new OpenAiChat({ baseUrl: server.origin })
  assert.match((await listen(chat)).error?.message ?? '', /ANDON_MODEL/)
})

test('closing the client ends what is running', async () => {
  await using server = await ModelServer.start({
    chat: () => ({ text: 'one', fault: { kind: 'stall', afterTokens: 0 } }),
  })
  const chat = new OpenAiChat({ baseUrl: server.baseUrl, model: 'test' })
  const listening = listen(chat)
  await server.until(() => server.count(path) === 1)
  await chat[Symbol.asyncDispose]()
  assert.equal((await listening).error?.code, 'cancelled')
  await server.until(() => server.sockets === 0)
})

const adding: ChatRequest = {
  messages: [{ role: 'user', content: '1 + 2?' }],
  tools: [{ name: 'add', description: 'Adds.', parameters: { type: 'object' } }, { name: 'now' }],
}

function callsIn({ events }: Heard): { id: string; name: string; arguments: string }[] {
  return events.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))
}

test('tools are offered, and calls come whole, with their reason', async () => {
  const calls = [
    { id: 'a', name: 'add', arguments: { a: 1, b: 2 } },
    { id: 'b', name: 'now' },
  ]
  for (const whole of [false, true]) {
    await using parts = await started({ chat: () => ({ text: 'Let me see.', calls, whole }) })
    const said = await listen(parts.chat, { ...adding, toolChoice: { name: 'add' }, parallelCalls: false })
    assert.equal(said.text, 'Let me see.')
    assert.deepEqual(callsIn(said), [
      { id: 'a', name: 'add', arguments: '{"a":1,"b":2}' },
      { id: 'b', name: 'now', arguments: '{}' },
    ])
    assert.deepEqual(said.events.at(-1), { type: 'finish', reason: 'tools' })
    const [body] = parts.server.bodies<ChatBody>(path)
    assert.deepEqual(body?.tools, [
      { type: 'function', function: { name: 'add', description: 'Adds.', parameters: { type: 'object' } } },
      { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } },
    ])
    assert.deepEqual(body?.tool_choice, { type: 'function', function: { name: 'add' } })
    assert.equal(body?.parallel_tool_calls, false)
  }
})

test('calls are put together however a server cuts them', async () => {
  const asked = (id: string | undefined, name: string | undefined, text: unknown, index?: number) => ({
    tool_calls: [{ index, id, type: 'function', function: { name, arguments: text } }],
  })
  const shapes: [string, object[], (string | undefined)[], string[]][] = [
    [
      'whole, all under index 0',
      [asked('a', 'add', '{"n":1}', 0), asked('b', 'add', '{"n":2}', 0)],
      ['a', 'b'],
      ['{"n":1}', '{"n":2}'],
    ],
    [
      'without index or id',
      [asked(undefined, 'add', '{"n":1}'), asked(undefined, 'add', '{"n":2}')],
      [undefined, undefined],
      ['{"n":1}', '{"n":2}'],
    ],
    ['pieces without index', [asked('a', 'add', '{"n"'), asked(undefined, undefined, ':1}')], ['a'], ['{"n":1}']],
    ['the name with every piece', [asked('a', 'add', '{"n"', 0), asked('a', 'add', ':1}', 0)], ['a'], ['{"n":1}']],
    ['arguments as an object', [asked('a', 'add', { n: 1 }, 0)], ['a'], ['{"n":1}']],
    ['the id comes late', [asked(undefined, 'add', '', 0), asked('a', undefined, '{"n":1}', 0)], ['a'], ['{"n":1}']],
    [
      'the older field',
      [{ function_call: { name: 'add', arguments: '{"n"' } }, { function_call: { arguments: ':1}' } }],
      [undefined],
      ['{"n":1}'],
    ],
    [
      'interleaved',
      [
        asked('a', 'add', '{"n"', 0),
        asked('b', 'add', '{"n"', 1),
        asked(undefined, undefined, ':1}', 0),
        asked(undefined, undefined, ':2}', 1),
      ],
      ['a', 'b'],
      ['{"n":1}', '{"n":2}'],
    ],
  ]
  for (const [what, deltas, ids, texts] of shapes) {
    // Such servers say "stop" as well.
    const said = await heard({ text: '', deltas, finish: 'stop' }, adding)
    const calls = callsIn(said)
    assert.deepEqual(
      calls.map((call) => call.arguments),
      texts,
      what,
    )
    for (const [at, id] of ids.entries())
      if (id === undefined) assert.match(calls[at]?.id ?? '', /^call_./, what)
      else assert.equal(calls[at]?.id, id, what)
    assert.deepEqual(said.events.at(-1), { type: 'finish', reason: 'tools' }, what)
  }
})

test('a call that the token limit cut is no call', async () => {
  const calls = [
    { name: 'add', arguments: '{"a":1}' },
    { name: 'add', arguments: '{"a":1,' },
  ]
  const said = await heard({ text: '', calls, finish: 'length' }, adding)
  assert.deepEqual(
    callsIn(said).map((call) => call.arguments),
    ['{"a":1}'],
  )
  assert.deepEqual(said.events.at(-1), { type: 'finish', reason: 'length' })
})

test('a server that takes no tools is asked without, once and for all, and told of earlier calls in words', async () => {
  for (const [status, message] of [
    [400, 'registry.ollama.ai/library/tiny does not support tools'],
    [400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
    [500, 'tools param requires --jinja flag'],
    [404, 'No endpoints found that support tool use.'],
  ] as const) {
    const fault = (_: string, __: number, body: unknown): Fault | undefined =>
      'tools' in (body as object) ? { kind: 'status', status, body: JSON.stringify({ error: { message } }) } : undefined
    await using parts = await started({ fault, chat: () => 'Three.' })
    const request: ChatRequest = {
      ...adding,
      toolChoice: 'required',
      messages: [
        { role: 'user', content: '1 + 2?' },
        { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'add', arguments: '{}' }] },
        { role: 'tool', callId: 'a', content: '3' },
      ],
    }
    assert.equal(parts.chat.callsTools, undefined)
    assert.equal((await listen(parts.chat, request)).text, 'Three.', message)
    assert.equal(parts.chat.callsTools, false)
    await listen(parts.chat, request)
    const bodies = parts.server.bodies<ChatBody>(path)
    assert.equal(bodies.length, 3)
    assert.deepEqual(
      bodies.map((body) => body.tools !== undefined),
      [true, false, false],
    )
    assert.deepEqual(
      bodies[2]?.messages.map(({ role }) => role),
      ['user', 'assistant', 'user'],
    )
    assert.ok(bodies.slice(1).every((body) => body.tool_choice === undefined))
  }
})

test('a schema that a server refuses does not make it one without tools', async () => {
  const body = JSON.stringify({
    error: { message: "Invalid schema for function 'add': unknown type in tools[0].function" },
  })
  await using parts = await started({ fault: () => ({ kind: 'status', status: 400, body }) })
  assert.equal((await listen(parts.chat, adding)).error?.code, 'invalid')
  assert.equal(parts.chat.callsTools, undefined)
})

test('messages carry calls and what came of them', async () => {
  await using parts = await started({})
  await listen(parts.chat, {
    ...adding,
    messages: [
      { role: 'user', content: '1 + 2?' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'add', arguments: '{"a":1}' }] },
      { role: 'tool', callId: 'a', content: '3' },
    ],
  })
  assert.deepEqual(parts.server.bodies<ChatBody>(path)[0]?.messages.slice(1), [
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'add', arguments: '{"a":1}' } }],
    },
    { role: 'tool', tool_call_id: 'a', content: '3' },
  ])
})
