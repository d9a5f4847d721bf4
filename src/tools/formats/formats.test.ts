// Messages here have the shapes that the providers' references show, whole replies and messages alone.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ToolCall, ToolResult } from '../tool.ts'
import { ToolRegistry } from '../registry.ts'
import { callsFrom, messagesFor } from './formats.ts'
import type { FormatName } from './formats.ts'

const openaiMessage = {
  role: 'assistant',
  content: null,
  refusal: null,
  tool_calls: [
    { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
    { id: 'call_2', type: 'function', function: { name: 'now', arguments: '' } },
  ],
}
const anthropicMessage = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  stop_reason: 'tool_use',
  content: [
    { type: 'thinking', thinking: 'Hm.', signature: 'abc' },
    { type: 'text', text: 'I look.' },
    { type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Köln' } },
    { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'x' } },
    { type: 'tool_use', id: 'call_2', name: 'now', input: {} },
  ],
}
const geminiContent = {
  role: 'model',
  parts: [
    { text: 'I look.' },
    { functionCall: { id: 'call_1', name: 'weather', args: { city: 'Köln' } }, thoughtSignature: 'abc' },
    { functionCall: { id: 'call_2', name: 'now' } },
  ],
}
const responsesItems = [
  { type: 'reasoning', id: 'rs_1', summary: [] },
  { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Köln"}' },
  { type: 'function_call', id: 'fc_2', call_id: 'call_2', name: 'now', arguments: '' },
]

/** Each as a message, and as the whole reply. */
const messages: Record<FormatName, [message: unknown, reply: unknown]> = {
  'openai-chat': [
    openaiMessage,
    {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'tool_calls', message: openaiMessage }],
    },
  ],
  'openai-responses': [responsesItems, { id: 'resp_1', object: 'response', output: responsesItems }],
  anthropic: [anthropicMessage, anthropicMessage],
  gemini: [geminiContent, { candidates: [{ content: geminiContent, finishReason: 'STOP' }] }],
}

const names = Object.keys(messages) as FormatName[]

function parsed(call: ToolCall): unknown {
  return typeof call.arguments === 'string' && call.arguments !== '' ? JSON.parse(call.arguments) : call.arguments || {}
}

const timings = { queueMs: 0, transportMs: 0, runMs: 1 }
const results: ToolResult[] = [
  { id: 'call_1', name: 'weather', ok: true, value: { sky: 'grey' }, attempt: 1, timings },
  {
    id: 'call_2',
    name: 'now',
    ok: false,
    error: { kind: 'timeout', message: 'It took too long', retryable: true },
    attempt: 1,
    timings,
  },
]

for (const format of names) {
  describe(format, () => {
    test('calls are read from a message and from a whole reply', () => {
      for (const message of messages[format]) {
        const calls = callsFrom(message, format)
        assert.deepEqual(
          calls.map((call) => [call.id, call.name, parsed(call)]),
          [
            ['call_1', 'weather', { city: 'Köln' }],
            ['call_2', 'now', {}],
          ],
        )
      }
    })

    test('what is written as asked is read as the same calls', () => {
      const calls = callsFrom(messages[format][0], format)
      const [asked, ...rest] = messagesFor([], format, { calls: [] })
      assert.deepEqual([asked, ...rest], [undefined])
      const whole = messagesFor(results, format, { calls })
      const again = callsFrom(format === 'openai-responses' ? whole : whole[0], format)
      assert.deepEqual(
        again.map((call) => [call.id, call.name, parsed(call)]),
        calls.map((call) => [call.id, call.name, parsed(call)]),
      )
    })

    test('what is no message is refused, and so is a call without its result', () => {
      assert.throws(() => callsFrom('hello', format), /\[invalid\] No message of/)
      assert.throws(() => callsFrom({ error: { message: 'busy' } }, format), /\[invalid\] No message of/)
      const calls = callsFrom(messages[format][0], format)
      assert.throws(() => messagesFor(results.slice(0, 1), format, { calls }), /call_2 of now has no result/)
    })
  })
}

test('a message without calls has none', () => {
  assert.deepEqual(callsFrom({ role: 'assistant', content: 'Hello' }, 'openai-chat'), [])
  assert.deepEqual(callsFrom({ output: [{ type: 'message', content: [] }] }, 'openai-responses'), [])
  assert.deepEqual(callsFrom({ role: 'assistant', content: 'Hello' }, 'anthropic'), [])
  assert.deepEqual(callsFrom({ candidates: [{ finishReason: 'SAFETY' }] }, 'gemini'), [])
})

const error = { kind: 'timeout', message: 'It took too long', retryable: true }

test('results go back to OpenAI Chat as one message each', () => {
  assert.deepEqual(messagesFor(results, 'openai-chat'), [
    { role: 'tool', tool_call_id: 'call_1', content: '{"sky":"grey"}' },
    { role: 'tool', tool_call_id: 'call_2', content: JSON.stringify({ error }) },
  ])
})

test('results go back to OpenAI Responses as items', () => {
  assert.deepEqual(messagesFor(results, 'openai-responses'), [
    { type: 'function_call_output', call_id: 'call_1', output: '{"sky":"grey"}' },
    { type: 'function_call_output', call_id: 'call_2', output: JSON.stringify({ error }) },
  ])
})

test('results go back to Anthropic in one message, failures marked', () => {
  assert.deepEqual(messagesFor(results, 'anthropic'), [
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'call_1', content: '{"sky":"grey"}' },
        { type: 'tool_result', tool_use_id: 'call_2', content: JSON.stringify({ error }), is_error: true },
      ],
    },
  ])
})

test('results go back to Gemini in one content, without ids that it did not give', () => {
  assert.deepEqual(messagesFor(results, 'gemini'), [
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'call_1', name: 'weather', response: { output: { sky: 'grey' } } } },
        { functionResponse: { id: 'call_2', name: 'now', response: { error } } },
      ],
    },
  ])
  const [call] = callsFrom({ role: 'model', parts: [{ functionCall: { name: 'now', args: {} } }] }, 'gemini')
  assert.ok(call)
  const back = messagesFor([{ id: call.id, name: 'now', ok: true, value: 1, attempt: 1, timings }], 'gemini', {
    calls: [call],
  })
  assert.deepEqual(back, [
    { role: 'model', parts: [{ functionCall: { name: 'now', args: {} } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'now', response: { output: 1 } } }] },
  ])
})

test('arguments that were no object go back whole', () => {
  const bad: ToolCall = { id: 'call_1', name: 'weather', arguments: '{"city":' }
  const [asked] = messagesFor([{ ...results[0]!, ok: true }], 'anthropic', { calls: [bad] })
  assert.deepEqual(asked, {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'call_1', name: 'weather', input: { text: '{"city":' } }],
  })
})

test('tools are shown in the shape of each provider, by name', async () => {
  await using registry = new ToolRegistry({ mode: 'inline' })
  const run = (): number => 1
  registry.register({ name: 'b', description: 'Does b', run })
  const input = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
  }
  registry.register({ name: 'a', description: 'Does a', input, run })
  const plain = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
  const shown = (format: FormatName): unknown => registry.schemas({ format })[0]
  assert.deepEqual(shown('openai-chat'), {
    type: 'function',
    function: { name: 'a', description: 'Does a', parameters: plain },
  })
  assert.deepEqual(shown('openai-responses'), {
    type: 'function',
    name: 'a',
    description: 'Does a',
    parameters: plain,
    strict: false,
  })
  assert.deepEqual(shown('anthropic'), { name: 'a', description: 'Does a', input_schema: plain })
  assert.deepEqual(registry.schemas({ format: 'gemini' }), [
    {
      functionDeclarations: [
        { name: 'a', description: 'Does a', parametersJsonSchema: plain },
        { name: 'b', description: 'Does b', parametersJsonSchema: { type: 'object', properties: {} } },
      ],
    },
  ])
  assert.throws(() => shown('cohere' as FormatName), /no format cohere: there are openai-chat/)
})
