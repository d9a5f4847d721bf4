// A completion that is only walked is told apart from one that has to be parsed, and says the same as parsing would.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { AndonError } from '../../core/errors.ts'
import { FirstContent } from './first-content.ts'
import { readWhole } from './whole-answer.ts'

const who = 'The endpoint "one"'
const blame = {
  who,
  addressSetting: 'its url',
  keySetting: 'its apiKey',
  modelSetting: 'its model',
  secrets: [],
}

/** What it used, or the sentence that says what is wrong with it. */
function read(text: string): unknown {
  try {
    return readWhole(Buffer.from(text), new FirstContent(blame, { answeredNothing: false }), () => blame)
  } catch (reason) {
    return AndonError.from(reason).sentence
  }
}

/** The same answer, with a field in front that says nothing and has all of it parsed. */
function parsedInstead(text: string): unknown {
  return read(text.replace('{', '{"error":null,'))
}

const good = '{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":null}'

describe('A whole answer', () => {
  it('says what parsing says of it, for any completion', () => {
    const message = fc.record(
      {
        role: fc.constant('assistant'),
        content: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(null, '', '"', '\\', '"content":"x"', ['a'])),
        reasoning_content: fc.constantFrom(null, '', 'I think', '"finish_reason":"stop"'),
        refusal: fc.constantFrom(null, 'No'),
        tool_calls: fc.constant([{ id: 'c', function: { name: 'f', arguments: '{"content":"x"}' } }]),
      },
      { requiredKeys: [] },
    )
    const choice = fc.record(
      {
        index: fc.nat(9),
        finish_reason: fc.constantFrom(null, '', 'stop', 'length', 'stopped', 'error', 'tool_calls', 'content_filter'),
        logprobs: fc.constantFrom(null, { content: [{ token: 'H', logprob: -0.1 }] }),
        text: fc.string(),
        message,
      },
      { requiredKeys: ['finish_reason', 'message'] },
    )
    const usage = fc.oneof(
      fc.record({ prompt_tokens: fc.nat(99), completion_tokens: fc.nat(99) }),
      fc.jsonValue({ maxDepth: 2 }),
    )
    const problem = fc.constantFrom('', 'It failed', null, { message: 'It failed', code: 503 }, [])
    const answer = fc.record(
      {
        id: fc.string(),
        choices: fc.oneof(fc.array(choice, { maxLength: 1 }), fc.jsonValue({ maxDepth: 2 })),
        usage,
        detail: problem,
        errors: problem,
        base_resp: fc.constantFrom(null, { status_code: 0 }, { status_code: 1002, status_msg: 'Too many' }),
        message: problem,
        // Beside the choices these say nothing.
        content: fc.string(),
        finish_reason: fc.constantFrom('stop', 'length'),
      },
      { requiredKeys: ['choices'], noNullPrototype: true },
    )
    const space = fc.integer({ min: 0, max: 2 })
    const orders = fc.boolean()
    fc.assert(
      fc.property(answer, space, orders, (value, spaces, isTurned) => {
        const fields = Object.entries(value)
        const turned = Object.fromEntries(isTurned ? fields.toReversed() : fields)
        const text = JSON.stringify(turned, undefined, spaces)
        assert.deepEqual(read(text), parsedInstead(text), text)
      }),
      { seed: 1, numRuns: 400 },
    )
  })

  it('that is good tells what it used, in whichever order its fields come', () => {
    assert.equal(read(good), undefined)
    const used = { promptTokens: 7, outputTokens: 3, estimated: false }
    for (const text of [
      '{"usage":{"prompt_tokens":7,"completion_tokens":3},"choices":[{"finish_reason":"length","message":{"content":"Hi"}}]}',
      '{"usage":1,"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"},{"message":{}}],"us\\u0061ge":{"prompt_tokens":7,"completion_tokens":3}}',
    ])
      assert.deepEqual(read(text), used, text)
  })

  for (const [what, text] of [
    ['ends early', good.slice(0, -1)],
    ['has something behind it', `${good}{}`],
    ['begins with a mark of byte order', `\ufeff${good}`],
    ['closes a list with a brace', good.replace('"stop"}]', '"stop"}}')],
    ['has a usage that cannot be read', good.replace('null', '{"prompt_tokens":7,}')],
    ['lacks a comma', good.replace(',"usage"', ' "usage"')],
    ['is a word', 'fine'],
  ] as const)
    it(`that ${what} is no JSON`, () => {
      assert.match(String(read(text)), /sent an answer that is no JSON/)
    })

  it('that says nothing within its choices says nothing', () => {
    const beside = '"content":"Hi","finish_reason":"stop"}'
    assert.match(String(read(`{"choices":[],${beside}`)), /without a word/)
    assert.match(
      String(read(`{"choices":[{"message":{"content":""},"finish_reason":"stop"}],${beside}`)),
      /stopped before it had said anything/,
    )
  })

  it('that is nested deeply is read all the same', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    assert.equal(read(good.replace('"usage":null', `"extra":${deep}`)), undefined)
  })
})
