// LangChain's ChatOpenAI.

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { HumanMessage, SystemMessage, type AIMessageChunk, type UsageMetadata } from '@langchain/core/messages'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { openHouse, question, sentence, standing } from './house.ts'

const house = await openHouse({ embedder: true })
after(() => house[Symbol.asyncDispose]())
const configuration = { baseURL: `${house.url}/v1` }
const chat = new ChatOpenAI({ model: 'andon', apiKey: house.key, configuration, maxRetries: 0, temperature: 0 })

describe('ChatOpenAI', () => {
  it('is answered, with usage', async () => {
    const message = await chat.invoke([new SystemMessage('Be rude.'), new HumanMessage(question)])
    assert.ok(message.text.startsWith(sentence), message.text)
    assert.ok(usageOf(message).input_tokens > 0)
  })

  it('streams, and counts what it used once', async () => {
    let whole: AIMessageChunk | undefined
    for await (const chunk of await chat.stream(question)) whole = whole?.concat(chunk) ?? chunk
    assert.ok(whole?.text.startsWith(sentence))
    const usage = usageOf(whole)
    assert.ok(usage.output_tokens > 0)
    assert.equal(usage.total_tokens, usage.input_tokens + usage.output_tokens)
  })

  it('stops the model when it is aborted in a stream', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const leaving = new AbortController()
    await assert.rejects(async () => {
      for await (const chunk of await chat.stream(standing, { signal: leaving.signal }))
        if (chunk.text !== '') leaving.abort()
    })
    await house.models.until((models) => models.cancelled > before)
  })

  it('stops the model when it is aborted while it waits', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const asked = house.models.count('/v1/chat/completions')
    const leaving = new AbortController()
    const refused = assert.rejects(chat.invoke(standing, { signal: leaving.signal }))
    await house.models.until((models) => models.count('/v1/chat/completions') > asked)
    leaving.abort()
    await refused
    await house.models.until((models) => models.cancelled > before)
  })

  it('is answered through the responses too, whole and streamed', async () => {
    const responses = new ChatOpenAI({
      model: 'andon',
      apiKey: house.key,
      configuration,
      maxRetries: 0,
      useResponsesApi: true,
    })
    assert.ok((await responses.invoke(question)).text.startsWith(sentence))
    let whole: AIMessageChunk | undefined
    for await (const chunk of await responses.stream(question)) whole = whole?.concat(chunk) ?? chunk
    assert.ok(whole?.text.startsWith(sentence))
    assert.ok(usageOf(whole).input_tokens > 0)
  })
})

describe('OpenAIEmbeddings', () => {
  it('are vectors', async () => {
    const embeddings = new OpenAIEmbeddings({ model: 'andon', apiKey: house.key, configuration, maxRetries: 0 })
    const [first, second] = await embeddings.embedDocuments(['one', 'two'])
    assert.equal(first?.length, second?.length)
    assert.notDeepEqual(first, second)
  })
})

/** What a message says it used. Its type depends on generics that the model does not give. */
function usageOf(message: { usage_metadata?: unknown } | undefined): UsageMetadata {
  const usage = message?.usage_metadata
  assert.ok(typeof usage === 'object' && usage !== null, 'the message says no usage')
  return usage as UsageMetadata
}
