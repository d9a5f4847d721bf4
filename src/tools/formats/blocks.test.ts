// Results with pictures: each provider is given those that it reads, and words for what it cannot show.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plain } from '../../core/plain.ts'
import { messagesFor } from './formats.ts'
import type { FormatName } from './formats.ts'

const blocks: Plain[] = [
  { type: 'text', text: 'Two views:' },
  { type: 'image', data: 'cGl4ZWw=', mimeType: 'image/png' },
  { type: 'audio', data: 'c291bmQ=', mimeType: 'audio/wav' },
  { type: 'resource', resource: { uri: 'file:///plan.txt', text: 'The plan' } },
]
const sound = '[A sound (audio/wav, 1 KiB) that cannot be shown here]'
const plan = 'file:///plan.txt\nThe plan'

function written(value: Plain, format: FormatName): unknown {
  const timings = { queueMs: 0, transportMs: 0, runMs: 1 }
  return messagesFor([{ id: 'call_1', name: 'look', ok: true, value, attempt: 1, timings }], format)[0]
}

test('OpenAI Chat is told of them in words', () => {
  const content = ['Two views:', '[A picture (image/png, 1 KiB) that cannot be shown here]', sound, plan].join('\n')
  assert.deepEqual(written(blocks, 'openai-chat'), { role: 'tool', tool_call_id: 'call_1', content })
})

test('OpenAI Responses is shown pictures', () => {
  assert.deepEqual(written(blocks, 'openai-responses'), {
    type: 'function_call_output',
    call_id: 'call_1',
    output: [
      { type: 'input_text', text: 'Two views:' },
      { type: 'input_image', image_url: 'data:image/png;base64,cGl4ZWw=', detail: 'auto' },
      { type: 'input_text', text: sound },
      { type: 'input_text', text: plan },
    ],
  })
})

test('Anthropic is shown pictures', () => {
  assert.deepEqual(written(blocks, 'anthropic'), {
    role: 'user',
    content: [
      {
        type: 'tool_result',
        tool_use_id: 'call_1',
        content: [
          { type: 'text', text: 'Two views:' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'cGl4ZWw=' } },
          { type: 'text', text: sound },
          { type: 'text', text: plan },
        ],
      },
    ],
  })
})

test('Gemini is shown pictures', () => {
  assert.deepEqual(written(blocks, 'gemini'), {
    role: 'user',
    parts: [
      {
        functionResponse: {
          id: 'call_1',
          name: 'look',
          response: { output: `Two views:\n${sound}\n${plan}` },
          parts: [{ inlineData: { mimeType: 'image/png', data: 'cGl4ZWw=' } }],
        },
      },
    ],
  })
})

test('a picture of a kind that nobody reads is a note, and a list of anything else stays a list', () => {
  const drawing = [{ type: 'image', data: 'PHN2Zy8+', mimeType: 'image/svg+xml' }]
  for (const format of ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const) {
    assert.match(JSON.stringify(written(drawing, format)), /A picture \(image\/svg\+xml, 1 KiB\)/)
  }
  const list = [{ type: 'text', text: 'one' }, { type: 'oven' }, { type: 'image', data: 1 }]
  assert.deepEqual(written(list, 'openai-chat'), {
    role: 'tool',
    tool_call_id: 'call_1',
    content: JSON.stringify(list),
  })
})
