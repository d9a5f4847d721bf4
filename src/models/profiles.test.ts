import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hear } from '../../test/servers/hear.ts'
import { ReplayServer } from '../../test/servers/replay-server.ts'
import type { Replayed } from '../../test/servers/replay-server.ts'
import type { ChatRequest } from './model.ts'
import { OpenAiChat } from './openai.ts'
import { profiles } from './profiles.ts'
import type { OpenAiKin } from './profiles.ts'

const answer = [
  'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"Yes."},"finish_reason":null}]}',
  'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}',
  'data: {"choices":[],"usage":{"prompt_tokens":40,"completion_tokens":9,"total_tokens":49,"prompt_tokens_details":{"cached_tokens":32},"completion_tokens_details":{"reasoning_tokens":6}}}',
  'data: [DONE]',
].join('\n\n')

const everything: ChatRequest = {
  messages: [{ role: 'user', content: 'Is it so?' }],
  maxTokens: 9,
  temperature: 0,
  topP: 0.9,
  seed: 7,
  stop: ['END'],
  priority: 3,
  cacheSalt: 'tenant',
  reasoning: 'off',
  schema: { name: 'answer', schema: { type: 'object' } },
  tools: [{ name: 'add' }],
  toolChoice: 'required',
  parallelCalls: false,
}

const hello: ChatRequest = { messages: everything.messages }

/** Has a server of a kind asked once for each request, and gives what it got. */
async function asked(
  server: OpenAiKin,
  requests: ChatRequest[],
  refuse: (body: Record<string, unknown>) => string | undefined = () => undefined,
) {
  await using replay = await ReplayServer.start(({ body }: Replayed) => {
    const message = refuse(body as Record<string, unknown>)
    return message === undefined ? { body: `${answer}\n\n` } : { status: 400, body: { error: { message } } }
  })
  await using chat = new OpenAiChat({ baseUrl: replay.origin, model: 'm', server })
  const heard = []
  for (const request of requests) heard.push(await hear(chat, request))
  return { bodies: replay.requests.map(({ body }) => body as Record<string, unknown>), heard }
}

/** What all of them take, as it stands on the wire. */
const common = {
  model: 'm',
  messages: [{ role: 'user', content: 'Is it so?' }],
  stream: true,
  temperature: 0,
  top_p: 0.9,
  seed: 7,
  stop: ['END'],
  tools: [{ type: 'function', function: { name: 'add', parameters: { type: 'object', properties: {} } } }],
}
const most = {
  ...common,
  stream_options: { include_usage: true },
  tool_choice: 'required',
  parallel_tool_calls: false,
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
}
const { tool_choice: _choice, parallel_tool_calls: _parallel, ...simple } = most
const template = { chat_template_kwargs: { enable_thinking: false, thinking: false } }

const expected: Record<OpenAiKin, object> = {
  openai: { ...most, max_completion_tokens: 9, reasoning_effort: 'none' },
  vllm: { ...most, max_tokens: 9, ...template, priority: 3, cache_salt: 'tenant' },
  sglang: { ...most, max_tokens: 9, ...template, priority: -3, cache_salt: 'tenant' },
  'llama.cpp': { ...most, max_tokens: 9, ...template },
  ollama: { ...simple, max_tokens: 9, reasoning_effort: 'none' },
  transformers: { ...common, max_tokens: 9 },
  generic: { ...most, max_tokens: 9, reasoning_effort: 'none' },
}

for (const [server, body] of Object.entries(expected) as [OpenAiKin, object][])
  test(`${server}: the first request says what this server takes, and nothing else`, async () => {
    const { bodies } = await asked(server, [everything])
    assert.deepEqual(bodies, [body])
  })

test('how much to think is said in the words of the server', () => {
  assert.deepEqual(profiles.vllm.thinking('high'), { reasoning_effort: 'high' })
  assert.deepEqual(profiles['llama.cpp'].thinking('low'), {
    chat_template_kwargs: { enable_thinking: true, reasoning_effort: 'low' },
  })
  assert.deepEqual(profiles.transformers.thinking('low'), {})
})

test('tokens of the cache and of reasoning are counted where the server tells', async () => {
  const { heard } = await asked('vllm', [hello])
  assert.deepEqual(heard[0]?.others[0], {
    type: 'usage',
    usage: { promptTokens: 40, completionTokens: 9, cachedTokens: 32, reasoningTokens: 6, estimated: false },
  })
})

test('a priority that vLLM is not set up for is asked for once', async () => {
  const request = { ...hello, priority: 1 }
  const { bodies, heard } = await asked('vllm', [request, request], (body) =>
    body['priority'] === undefined ? undefined : 'Got priority 1 but Priority scheduling is not enabled.',
  )
  assert.deepEqual(
    bodies.map(({ priority }) => priority),
    [1, undefined, undefined],
  )
  assert.deepEqual(
    heard.map(({ text }) => text),
    ['Yes.', 'Yes.'],
  )
})

test('where no schema is taken JSON is asked for, and where no JSON nothing', async () => {
  const request = { ...hello, schema: { name: 's', schema: {} } }
  const format = ({ response_format: said }: Record<string, unknown>) => (said as { type?: string } | undefined)?.type
  for (const [taken, tries] of [
    [['json_object'], ['json_schema', 'json_object', 'json_object']],
    [[], ['json_schema', 'json_object', undefined, undefined]],
  ] as const) {
    const { bodies } = await asked('generic', [request, request], (body) => {
      const type = format(body)
      return type === undefined || (taken as readonly string[]).includes(type)
        ? undefined
        : `response_format.type ${type} is not supported`
    })
    assert.deepEqual(bodies.map(format), tries)
  }
})

test('a schema that is wrong is an error of its own, and the next one is sent as it is', async () => {
  const wrong = { ...hello, schema: { name: 's', schema: { type: 'wrong' } } }
  const right = { ...hello, schema: { name: 's', schema: { type: 'object' } } }
  const { bodies, heard } = await asked('openai', [wrong, right], (body) =>
    JSON.stringify(body).includes('wrong') ? "Invalid schema for response_format 's': wrong is no type." : undefined,
  )
  assert.equal(heard[0]?.error?.code, 'invalid')
  assert.deepEqual(bodies[1]?.['response_format'], { type: 'json_schema', json_schema: right.schema })
})

test('a stop that has a wrong value is not left out of later requests', async () => {
  const { bodies, heard } = await asked('generic', [everything, { ...hello, stop: ['.'] }], (body) =>
    (body['stop'] as string[])[0] === 'END' ? 'stop: must have at most 4 items' : undefined,
  )
  assert.equal(heard[0]?.error?.code, 'invalid')
  assert.deepEqual(bodies[1]?.['stop'], ['.'])
})

test('a server that cannot leave thinking is asked for less and less', async () => {
  const { bodies } = await asked(
    'openai',
    [
      { ...hello, reasoning: 'off' },
      { ...hello, reasoning: 'high' },
    ],
    (body) =>
      ['none', 'minimal'].includes(String(body['reasoning_effort']))
        ? `Unsupported value: 'reasoning_effort' does not support '${String(body['reasoning_effort'])}' with this model.`
        : undefined,
  )
  assert.deepEqual(
    bodies.map(({ reasoning_effort: effort }) => effort),
    ['none', 'minimal', 'low', 'high'],
  )
})

test('an empty object is no answer', async () => {
  await using replay = await ReplayServer.start(() => ({ body: {} }))
  await using chat = new OpenAiChat({ baseUrl: replay.origin, model: 'm', server: 'transformers' })
  assert.match((await hear(chat, hello)).error?.message ?? '', /no answer/)
})
