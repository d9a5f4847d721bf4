import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hear } from '../../../test/servers/hear.ts'
import { ReplayServer } from '../../../test/servers/replay-server.ts'
import type { Replayed, Reply } from '../../../test/servers/replay-server.ts'
import type { ChatMessage, ChatRequest } from '../model.ts'
import { GeminiChat } from './chat.ts'

const hello: ChatRequest = { messages: [{ role: 'user', content: 'Hello?' }] }

/** A stream of chunks as the documentation shows it. */
function stream(...chunks: object[]): string {
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join('')
}

function said(parts: object[], more: object = {}): object {
  return { candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }], modelVersion: 'gemini' }
}

const counted = {
  usageMetadata: {
    promptTokenCount: 30,
    cachedContentTokenCount: 16,
    candidatesTokenCount: 5,
    thoughtsTokenCount: 7,
    totalTokenCount: 42,
  },
}
const plain = stream(said([{ text: 'Grüß ' }]), {
  ...said([{ text: 'dich 🙂' }], { finishReason: 'STOP' }),
  ...counted,
})

async function started(answer: (request: Replayed, count: number) => Reply, model = 'gemini-2.5-flash') {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await ReplayServer.start(answer))
  const chat = stack.use(new GeminiChat({ baseUrl: server.origin, apiKey: 'AIzaSecretSecretSecretSecret', model }))
  return { server, chat, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** What is sent for a request. */
async function sent(request: ChatRequest, model?: string): Promise<Record<string, unknown>> {
  await using parts = await started(() => ({ body: plain }), model)
  await hear(parts.chat, request)
  return parts.server.body(0)
}

test('an answer is text, usage with cache and thoughts, and an end; however its bytes are cut', async () => {
  for (const bytewise of [false, true]) {
    await using parts = await started(() => ({ body: plain, bytewise }))
    const { text, others, error } = await hear(parts.chat, hello)
    assert.equal(error, undefined)
    assert.equal(text, 'Grüß dich 🙂')
    assert.deepEqual(others, [
      {
        type: 'usage',
        usage: { promptTokens: 30, completionTokens: 12, cachedTokens: 16, reasoningTokens: 7, estimated: false },
      },
      { type: 'finish', reason: 'stop' },
    ])
    const [request] = parts.server.requests
    assert.equal(request?.url, '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse')
    assert.equal(request.headers['x-goog-api-key'], 'AIzaSecretSecretSecretSecret')
    assert.equal(request.headers.authorization, undefined)
  }
})

test('a request says everything in the words of the protocol', async () => {
  const body = await sent({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One' },
      { role: 'user', content: 'Two' },
    ],
    maxTokens: 100,
    temperature: 0.5,
    topP: 0.9,
    stop: ['END'],
    seed: 7,
    reasoning: 'low',
    schema: { name: 'sum', schema: { type: 'object', properties: { a: { type: 'number' } } } },
    tools: [
      { name: 'add', description: 'Adds.', parameters: { type: 'object', properties: { a: { type: 'number' } } } },
      { name: 'now' },
    ],
    toolChoice: { name: 'add' },
  })
  assert.deepEqual(body, {
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [{ role: 'user', parts: [{ text: 'One' }, { text: 'Two' }] }],
    tools: [
      {
        functionDeclarations: [
          {
            name: 'add',
            description: 'Adds.',
            parametersJsonSchema: { type: 'object', properties: { a: { type: 'number' } } },
          },
          { name: 'now', description: 'now' },
        ],
      },
    ],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['add'] } },
    generationConfig: {
      maxOutputTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      stopSequences: ['END'],
      seed: 7,
      thinkingConfig: { thinkingBudget: 1_024, includeThoughts: true },
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', properties: { a: { type: 'number' } } },
    },
  })
})

test('thoughts are told from text; calls keep their signatures, and results go back under their names', async () => {
  const calling = stream(
    said([{ text: 'Two sums.', thought: true }]),
    said([
      { functionCall: { name: 'add', args: { a: 1 }, id: 'fc-1' }, thoughtSignature: 'c2lnbmVk' },
      { functionCall: { name: 'now' } },
    ]),
    { ...said([], { finishReason: 'STOP' }), ...counted },
  )
  await using parts = await started((_, count) => ({ body: count === 0 ? calling : plain }), 'gemini-3-pro')
  const { reasoning, others } = await hear(parts.chat, hello)
  assert.equal(reasoning, 'Two sums.')
  const calls = others.flatMap((event) => (event.type === 'tool-call' ? [event.call] : []))
  assert.deepEqual(
    calls.map(({ name, arguments: text }) => [name, text]),
    [
      ['add', '{"a":1}'],
      ['now', '{}'],
    ],
  )
  assert.deepEqual(others.at(-1), { type: 'finish', reason: 'tools' })

  const messages: ChatMessage[] = [
    ...hello.messages,
    { role: 'assistant', content: '', toolCalls: calls },
    { role: 'tool', callId: calls[0]?.id ?? '', content: '{"sum":3}' },
    { role: 'tool', callId: calls[1]?.id ?? '', content: 'noon' },
  ]
  await hear(parts.chat, { messages })
  assert.deepEqual(parts.server.body(1)['contents'], [
    { role: 'user', parts: [{ text: 'Hello?' }] },
    {
      role: 'model',
      parts: [
        { functionCall: { id: 'fc-1', name: 'add', args: { a: 1 } }, thoughtSignature: 'c2lnbmVk' },
        { functionCall: { name: 'now', args: {} } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'fc-1', name: 'add', response: { sum: 3 } } },
        { functionResponse: { name: 'now', response: { result: 'noon' } } },
      ],
    },
  ])
})

test('a call that another model made goes to Gemini 3 with the word for calls without a signature', async () => {
  const messages: ChatMessage[] = [
    ...hello.messages,
    { role: 'assistant', content: '', toolCalls: [{ id: 'x', name: 'add', arguments: '{}' }] },
    { role: 'tool', callId: 'x', content: '3' },
  ]
  const call = { functionCall: { name: 'add', args: {} } }
  const turn = async (model: string) => (await sent({ messages }, model))['contents'] as { parts: unknown[] }[]
  assert.deepEqual((await turn('gemini-3-flash'))[1]?.parts, [
    { ...call, thoughtSignature: 'skip_thought_signature_validator' },
  ])
  assert.deepEqual((await turn('gemini-2.5-pro'))[1]?.parts, [call])
})

test('what an older model does not know is said otherwise, or not at all', async () => {
  await using parts = await started(({ body }) => {
    const text = JSON.stringify(body)
    const unknown = ['responseJsonSchema', 'parametersJsonSchema', 'seed'].find((name) => text.includes(`"${name}"`))
    const message =
      unknown === undefined
        ? 'Budget 0 is invalid. This model only works in thinking mode.'
        : `Invalid JSON payload received. Unknown name "${unknown}" at 'generation_config': Cannot find field.`
    if (unknown !== undefined || text.includes('"thinkingBudget":0'))
      return { status: 400, body: { error: { code: 400, message, status: 'INVALID_ARGUMENT' } } }
    return { body: plain }
  })
  const schema = { type: 'object' }
  const { error } = await hear(parts.chat, {
    ...hello,
    seed: 1,
    reasoning: 'off',
    schema: { name: 's', schema },
    tools: [{ name: 'add', parameters: schema }],
  })
  assert.equal(error, undefined)
  const last = parts.server.body(parts.server.requests.length - 1)
  assert.deepEqual(last['generationConfig'], {
    responseSchema: schema,
    thinkingConfig: { thinkingBudget: 128 },
    responseMimeType: 'application/json',
  })
  assert.deepEqual(last['tools'], [{ functionDeclarations: [{ name: 'add', description: 'add', parameters: schema }] }])
})

test('why it stopped is told, also when it never began', async () => {
  const reasons = { MAX_TOKENS: 'length', SAFETY: 'filter', PROHIBITED_CONTENT: 'filter', OTHER: 'other' }
  for (const [finishReason, reason] of Object.entries(reasons)) {
    await using parts = await started(() => ({ body: stream(said([], { finishReason })) }))
    assert.deepEqual((await hear(parts.chat, hello)).others.at(-1), { type: 'finish', reason })
  }
  await using parts = await started(() => ({ body: stream({ promptFeedback: { blockReason: 'SAFETY' } }) }))
  assert.deepEqual((await hear(parts.chat, hello)).others, [{ type: 'finish', reason: 'filter' }])
})

test('an error before, in and after the text is an error, and names what kind', async () => {
  const problem = (code: number, status: string) => ({ error: { code, message: 'The model is overloaded.', status } })
  const one = said([{ text: 'one' }])
  for (const [body, text, code] of [
    [stream(problem(503, 'UNAVAILABLE')), '', 'unavailable'],
    [stream(one, problem(503, 'UNAVAILABLE')), 'one', 'unavailable'],
    [stream(one, problem(429, 'RESOURCE_EXHAUSTED')), 'one', 'overloaded'],
    [`${stream(one)}data: [${JSON.stringify(problem(500, 'INTERNAL'))}]\n\n`, 'one', 'unavailable'],
    [stream(one, said([], { finishReason: 'MALFORMED_FUNCTION_CALL' })), 'one', 'unavailable'],
    [`${stream(one)}data: {"candidates\n\n`, 'one', 'unavailable'],
    // No reason to stop came: it was cut, however cleanly.
    [stream(one), 'one', 'unavailable'],
  ] as const) {
    await using parts = await started(() => ({ body }))
    const heard = await hear(parts.chat, hello)
    assert.deepEqual([heard.text, heard.error?.code], [text, code], body)
    assert.ok(heard.others.every(({ type }) => type !== 'finish'))
  }
})

test('a status is told as what it is, with when to come back, and never with the key', async () => {
  const quota = {
    code: 429,
    message: 'Quota exceeded for key AIzaSecretSecretSecretSecret',
    status: 'RESOURCE_EXHAUSTED',
    details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' }],
  }
  await using limited = await started(() => ({ status: 429, body: { error: quota } }))
  const { error } = await hear(limited.chat, hello)
  assert.deepEqual([error?.code, error?.retryAfterMs], ['overloaded', 34_500])
  assert.doesNotMatch(error?.message ?? '', /Secret/)

  const body = { error: { code: 400, message: 'API key not valid. Please pass one.', status: 'INVALID_ARGUMENT' } }
  await using refused = await started(() => ({ status: 400, body }))
  assert.match((await hear(refused.chat, hello)).error?.message ?? '', /refused the key/)
})
