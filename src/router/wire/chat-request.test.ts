// What a body says is what a ChatModel is asked; what it cannot do is refused by name.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AndonError } from '../../core/errors.ts'
import { chatRequestOf } from './chat-request.ts'

const messages = [{ role: 'user', content: 'Hi' }]

describe('A body of /chat/completions', () => {
  it('keeps everything that a model has a word for', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } }
    const request = chatRequestOf({
      messages,
      model: 'm',
      max_tokens: 5,
      max_completion_tokens: 9,
      temperature: 0,
      top_p: 0.9,
      seed: 7,
      stop: 'END',
      priority: 3,
      reasoning_effort: 'minimal',
      parallel_tool_calls: false,
      tools: [{ type: 'function', function: { name: 'look', description: 'Looks', parameters: schema } }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } },
    })
    assert.deepEqual(request, {
      messages,
      maxTokens: 9,
      temperature: 0,
      topP: 0.9,
      seed: 7,
      stop: ['END'],
      priority: 3,
      reasoning: 'low',
      parallelCalls: false,
      tools: [{ name: 'look', description: 'Looks', parameters: schema }],
      toolChoice: { name: 'look' },
      schema: { name: 'place', schema, strict: true },
    })
  })

  it('knows what was said before, calls and their results among it', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'look', arguments: '' } }
    const request = chatRequestOf({
      messages: [
        { role: 'developer', content: 'Be short.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Where ' },
            { type: 'text', text: 'is it?' },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: 'Here.' },
      ],
      stop: ['a', 'b'],
      reasoning_effort: 'none',
      response_format: { type: 'json_object' },
    })
    assert.deepEqual(request, {
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Where is it?' },
        { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'look', arguments: '{}' }] },
        { role: 'tool', content: 'Here.', callId: 'c1' },
      ],
      stop: ['a', 'b'],
      reasoning: 'off',
      json: true,
    })
  })

  const picture = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }]
  const wrongs: [string, Record<string, unknown>, string, RegExp][] = [
    ['no messages', { messages: [] }, 'messages', /at least one message/],
    [
      'a picture',
      { messages: [{ role: 'user', content: picture }] },
      'messages',
      /a picture\. The endpoint "a" reads text/,
    ],
    ['a strange role', { messages: [{ role: 'judge', content: 'No' }] }, 'messages', /"judge"/],
    ['more than one answer', { messages, n: 2 }, 'n', /one answer/],
    ['probabilities', { messages, logprobs: true }, 'logprobs', /probabilities/],
    ['functions of old', { messages, functions: [] }, 'functions', /tools/],
    ['speech', { messages, modalities: ['text', 'audio'] }, 'modalities', /text only/],
    ['a tool of another type', { messages, tools: [{ type: 'web_search' }] }, 'tools', /"function"/],
    [
      'a shape without one',
      { messages, response_format: { type: 'json_schema' } },
      'response_format',
      /json_schema\.schema/,
    ],
  ]
  for (const [what, body, param, sentence] of wrongs)
    it(`is refused for ${what}`, () => {
      assert.throws(
        () => chatRequestOf(body, 'The endpoint "a"'),
        (error) => {
          assert.ok(error instanceof AndonError)
          assert.equal(error.code, 'invalid')
          assert.deepEqual(error.detail, { param })
          assert.match(error.sentence, sentence)
          return true
        },
      )
    })
})
