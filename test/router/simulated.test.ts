// The simulated engine as its users meet it: OpenAI's client, and the whole factory with its model, embedder and
// reranker.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import OpenAI, { APIError, InternalServerError, RateLimitError } from 'openai'
import { openSimulatedEngine } from '../../src/simulate/index.ts'
import { asked, leave, openLibrary, travel } from '../journeys/library.ts'

describe("OpenAI's client", () => {
  const messages = [{ role: 'user' as const, content: 'How is the weather in Graz?' }]
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }]
  const script = [{ match: 'weather', toolCalls: [{ name: 'weather', arguments: { city: 'Graz' } }] }]

  test('reads whole answers, streams, calls and structured output', async () => {
    await using engine = await openSimulatedEngine({ script })
    const client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const [model] = (await client.models.list()).data
    assert.equal(model?.id, 'simulated')
    const asking = { model: 'simulated', messages }
    const whole = await client.chat.completions.create(asking)
    const streamed = await client.chat.completions.stream(asking).finalContent()
    assert.equal(streamed, whole.choices[0]?.message.content)
    const called = await client.chat.completions.stream({ ...asking, tools }).finalChatCompletion()
    const [call] = called.choices[0]?.message.tool_calls ?? []
    assert.ok(call?.type === 'function' && call.function.arguments === '{"city":"Graz"}')
    assert.equal(called.choices[0]?.finish_reason, 'tool_calls')
    const schema = { type: 'object', properties: { rain: { type: 'boolean' } }, required: ['rain'] }
    const formed = await client.chat.completions.create({
      ...asking,
      response_format: { type: 'json_schema', json_schema: { name: 'weather', schema } },
    })
    assert.equal(typeof (JSON.parse(formed.choices[0]?.message.content ?? '') as { rain: unknown }).rain, 'boolean')
  })

  test('reads thoughts apart from the answer, and one of several choices', async () => {
    await using engine = await openSimulatedEngine()
    const client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const asking = { model: 'simulated', messages, reasoning_effort: 'low' as const, stream: true as const }
    const deltas = (await Array.fromAsync(await client.chat.completions.create(asking))).map(
      ({ choices }) => choices[0]?.delta as { content?: string; reasoning?: string } | undefined,
    )
    const firstWord = deltas.findIndex((delta) => (delta?.content ?? '') !== '')
    const lastThought = deltas.findLastIndex((delta) => delta?.reasoning !== undefined)
    assert.ok(lastThought > 0 && lastThought < firstWord)
    const choosing = { model: 'simulated', messages, structured_outputs: { choice: ['yes', 'no'] } }
    const { choices } = await client.chat.completions.create(choosing)
    assert.match(choices[0]?.message.content ?? '', /^(yes|no)$/)
  })

  test('reads vectors and completions', async () => {
    await using engine = await openSimulatedEngine()
    const client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: 'none' })
    const { data } = await client.embeddings.create({ model: 'simulated', input: ['one', 'two'], dimensions: 64 })
    assert.deepEqual(data.map(({ embedding }) => embedding.length), [64, 64]) // prettier-ignore
    const { choices } = await client.completions.create({ model: 'simulated', prompt: 'Once', max_tokens: 3 })
    assert.equal(choices[0]?.finish_reason, 'length')
  })

  test('throws what the faults are, also in the middle of a stream', async () => {
    await using engine = await openSimulatedEngine()
    const client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const asking = { model: 'simulated', messages }
    engine.fault({ status: 429 })
    await assert.rejects(client.chat.completions.create(asking), RateLimitError)
    engine.fault({ status: 502, html: true })
    await assert.rejects(client.chat.completions.create(asking), InternalServerError)
    engine.fault({ errorFrameAfter: 2 })
    const read = async (): Promise<unknown> =>
      Array.fromAsync(await client.chat.completions.create({ ...asking, stream: true }))
    await assert.rejects(read(), APIError)
    engine.fault({ cutAfter: 2 })
    await assert.rejects(read(), /terminated/)
  })
})

describe('the whole factory', () => {
  test('answers from a simulated engine with citations, in English and Chinese, and refuses', async () => {
    await using engine = await openSimulatedEngine({ profile: 'quick' })
    await using factory = await openLibrary([travel, leave], { models: { baseUrl: `${engine.url}/v1` } })
    const english = (await asked(factory, 'Who approves travel over 2,500 euros?')).end
    assert.equal(english.mode, 'generated')
    assert.match(english.text, /^Travel over 2,500 euros is approved by the finance director\s?\[1\]/)
    assert.equal(english.citations.length, 1)
    assert.equal(english.citationsRemoved, 0)
    assert.equal(english.unsupported, 0)
    assert.equal(english.model, 'simulated')
    const chinese = (await asked(factory, '员工每年享有多少天年假？')).end
    assert.equal(chinese.mode, 'generated')
    assert.match(chinese.text, /十五天年假/)
    assert.equal(chinese.citations.length, 1)
    const missing = (await asked(factory, 'What colour is the elephant of the travel office?')).end
    assert.notEqual(missing.confidence, 'answered')
    assert.ok(engine.stats.completed >= 3)
    assert.equal(engine.stats.kvBlocksInUse, 0)
  })

  test('has its vectors and its order from one too', async () => {
    await using engine = await openSimulatedEngine({ models: ['*'] })
    await using factory = await openLibrary([travel], {
      models: { baseUrl: `${engine.url}/v1`, model: 'any' },
      embedder: { kind: 'openai', url: `${engine.url}/v1`, model: 'vectors' },
      reranker: { kind: 'cohere', url: engine.url, model: 'order' },
    })
    const { text, degraded } = (await asked(factory, 'When are flights booked?')).end
    assert.match(text, /at least 14 days ahead/)
    assert.deepEqual(degraded, [])
  })

  test('answers without it when it dies on the way', async () => {
    await using engine = await openSimulatedEngine()
    await using factory = await openLibrary([travel], { models: { baseUrl: `${engine.url}/v1` } })
    engine.fault({ cutAfter: 3 })
    const { text, degraded } = (await asked(factory, 'Who approves travel over 2,500 euros?')).end
    assert.match(text, /finance director/)
    assert.deepEqual(
      degraded.map(({ reason }) => reason),
      ['model-failed'],
    )
  })
})
