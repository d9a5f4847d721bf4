// What is read of a body without parsing it is what parsing would find.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { AskedBody } from './asked-body.ts'

const body = (text: string): AskedBody => new AskedBody(Buffer.from(text))

describe('A body', () => {
  it('says what is asked for, wherever it stands and however it is written', () => {
    const asked = body(
      '\ufeff {"messages":[{"role":"user","content":"\\"model\\": \\\\"}], "x" : {"model":"inner"},\n"mod\\u0065l" : "a\\/b" ,"stream": true,"max_tokens":12}',
    )
    assert.equal(asked.model, 'a/b')
    assert.equal(asked.stream, true)
    assert.equal(asked.maxTokens, 12)
    assert.equal(asked.promptTokens, Math.ceil('[{"role":"user","content":"\\"model\\": \\\\"}]'.length / 4))
    assert.deepEqual(asked.prefix, [])
  })

  it('has its prompt in input, also when it names no kept prompt', () => {
    const input = 'Hello? '.repeat(100)
    assert.equal(
      body(JSON.stringify({ prompt: null, input })).promptTokens,
      body(JSON.stringify({ input })).promptTokens,
    )
  })

  it('is the very same bytes when the model keeps its name, and only the name changes when not', () => {
    const asked = body('{"a":1.50, "model":"big","messages":[]}')
    assert.equal(asked.withModel('big'), asked.bytes)
    assert.equal(asked.withModel(undefined), asked.bytes)
    assert.equal(asked.withModel('qw"en').toString(), '{"a":1.50, "model":"qw\\"en","messages":[]}')
  })

  for (const text of ['', ' ', '[]', '{', '{"a"}', '{"a":}', '{"a":"b', '{"a":[1,{}', '{"a":1,}', '{"a":1} x', '"{}"'])
    it(`that is ${JSON.stringify(text)} is refused`, () => {
      assert.throws(() => body(text), /invalid/)
    })

  it('has the model that JSON.parse finds, for any JSON', () => {
    const name = fc.oneof(fc.constant('model'), fc.constant('stream'), fc.string())
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue()), fc.integer({ min: 0, max: 3 }), (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        const asked = body(text)
        const model = Object.hasOwn(value, 'model') ? value['model'] : undefined
        assert.equal(asked.model, typeof model === 'string' && model !== '' ? model : undefined)
        assert.equal(asked.stream, Object.hasOwn(value, 'stream') && value['stream'] === true)
        if (asked.model === undefined) return
        assert.deepEqual(JSON.parse(asked.withModel('other').toString()), { ...value, model: 'other' })
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('says about how much room it needs, and of pictures and sounds nothing', () => {
    const needs = (content: unknown, fields: object = {}): number =>
      body(JSON.stringify({ model: 'm', messages: [{ role: 'user', content }], ...fields })).likelyTokens
    const text = 'Hello? '.repeat(1_000)
    assert.ok(needs(text) > 1_000 && needs(text) < 1_750)
    assert.equal(needs(text, { max_tokens: 500 }), needs(text) + 500)
    const data = 'A'.repeat(20_000)
    assert.equal(needs([{ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }]), 0)
    assert.equal(needs([{ type: 'input_audio', input_audio: { data, format: 'wav' } }]), 0)
    assert.ok(needs('文字'.repeat(2_000)) > 2_000)
  })

  it('of a megabyte is walked in no time that matters', () => {
    const asked = body(
      JSON.stringify({ messages: [{ role: 'user', content: 'a "word" \\ '.repeat(80_000) }], model: 'm' }),
    )
    assert.equal(asked.model, 'm')
    assert.ok(asked.promptTokens > 200_000)
  })
})
