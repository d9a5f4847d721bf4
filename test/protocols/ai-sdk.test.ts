// The AI SDK: its OpenAI-compatible provider, and the transport of its useChat.

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  APICallError,
  DefaultChatTransport,
  embedMany,
  generateText,
  readUIMessageStream,
  streamText,
  type UIMessage,
  type UIMessageChunk,
} from 'ai'
import { openHouse, question, sentence, standing, wordsAt } from './house.ts'

const house = await openHouse({ embedder: true })
after(() => house[Symbol.asyncDispose]())
const headers = { authorization: `Bearer ${house.key}` }

describe('the OpenAI-compatible provider', () => {
  const andon = createOpenAICompatible({
    name: 'andon',
    baseURL: `${house.url}/v1`,
    apiKey: house.key,
    includeUsage: true,
  })
  const model = andon('andon')

  it('generates', async () => {
    const { text, usage, finishReason } = await generateText({ model, prompt: question, maxRetries: 0 })
    assert.ok(text.startsWith(sentence))
    assert.equal(finishReason, 'stop')
    assert.ok((usage.inputTokens ?? 0) > 0)
  })

  it('streams', async () => {
    const result = streamText({ model, prompt: question, maxRetries: 0 })
    assert.ok((await result.text).startsWith(sentence))
    assert.ok(((await result.usage).outputTokens ?? 0) > 0)
  })

  it('stops the model when it is aborted', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const leaving = new AbortController()
    const result = streamText({ model, prompt: standing, maxRetries: 0, abortSignal: leaving.signal })
    for await (const text of result.textStream) if (text !== '') leaving.abort()
    await house.models.until((models) => models.cancelled > before)
  })

  it('embeds', async () => {
    const { embeddings } = await embedMany({
      model: andon.embeddingModel('andon'),
      values: ['one', 'two'],
      maxRetries: 0,
    })
    assert.equal(embeddings.length, 2)
  })
})

describe('the transport of useChat', () => {
  const transport = new DefaultChatTransport<UIMessage>({ api: `${house.url}/v1/ui/messages`, headers })

  it('reads an answer into a message, with its sources and how it came to be', async () => {
    const message = await lastOf(await send('reads', [user(question)]))
    const text = message.parts.find((part) => part.type === 'text')
    assert.ok(text)
    assert.ok(text.text.startsWith(`${sentence}. [1]`))
    assert.equal(text.state, 'done')
    const source = message.parts.find((part) => part.type === 'source-document')
    assert.equal(source?.sourceId, '1')
    assert.equal(source.filename, 'travel.md')
    const url = source.providerMetadata?.['andon']?.['url']
    assert.ok(typeof url === 'string')
    assert.match(await wordsAt(house.factory, url), /finance director/)
    assert.ok(message.parts.every((part) => part.type !== 'data-stage'))
    const record = await house.factory.record(message.id)
    assert.equal(record.sessionId, 'ui_reads')
  })

  it('tells the stages while they pass', async () => {
    const chunks = await Array.fromAsync(await send('tells', [user(question)]))
    assert.deepEqual(
      chunks.slice(0, 2).map(({ type }) => type),
      ['start', 'start-step'],
    )
    assert.deepEqual(
      chunks.slice(-3).map(({ type }) => type),
      ['text-end', 'finish-step', 'finish'],
    )
    assert.ok(chunks.some(({ type }) => type === 'data-stage'))
  })

  it('makes an answer anew as another version of it', async () => {
    const first = await lastOf(await send('anew', [user(question)]))
    const again = await lastOf(
      await transport.sendMessages({
        trigger: 'regenerate-message',
        chatId: 'anew',
        messageId: first.id,
        messages: [user(question)],
        abortSignal: undefined,
      }),
    )
    assert.notEqual(again.id, first.id)
    assert.equal((await house.factory.record(again.id)).retryOf, first.id)
  })

  it('stops the model when the page says stop', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const leaving = new AbortController()
    const stream = await send('stops', [user(standing)], leaving.signal)
    await assert.rejects(async () => {
      for await (const chunk of stream) if (chunk.type === 'text-delta') leaving.abort()
    })
    await house.models.until((models) => models.cancelled > before)
    assert.equal(await transport.reconnectToStream({ chatId: 'stops' }), null)
  })

  it('returns to an answer that was asked for as resumable', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const leaving = new AbortController()
    const body = { resumable: true }
    const chat = { trigger: 'submit-message' as const, chatId: 'returns', messageId: undefined }
    const left = await transport.sendMessages({
      ...chat,
      messages: [user(standing)],
      abortSignal: leaving.signal,
      body,
    })
    const first = await textIn(left)
    leaving.abort()
    const again = await transport.reconnectToStream({ chatId: 'returns' })
    assert.ok(again)
    const chunks: UIMessageChunk[] = []
    for await (const chunk of again) {
      chunks.push(chunk)
      if (chunk.type !== 'text-delta' || chunks.filter(({ type }) => type === 'text-delta').length > 1) continue
      assert.equal(chunk.delta, first)
      assert.equal(house.models.cancelled, before)
      const stopped = await fetch(`${house.url}/v1/ui/messages/returns/stop`, { method: 'POST', headers })
      assert.deepEqual(await stopped.json(), { stopped: true })
    }
    assert.equal(chunks.at(-1)?.type, 'abort')
    await house.models.until((models) => models.cancelled > before)
  })

  it('finds nothing to return to in a chat of nobody', async () => {
    assert.equal(await transport.reconnectToStream({ chatId: 'nobody' }), null)
  })

  it('fails with the status and the sentence of the door', async () => {
    await assert.rejects(send('fails', [user(' ')]), (error) => {
      assert.ok(APICallError.isInstance(error))
      assert.equal(error.statusCode, 400)
      assert.match(error.message, /The last message is empty/)
      return true
    })
  })

  function send(
    chatId: string,
    messages: UIMessage[],
    abortSignal?: AbortSignal,
  ): Promise<ReadableStream<UIMessageChunk>> {
    return transport.sendMessages({ trigger: 'submit-message', chatId, messageId: undefined, messages, abortSignal })
  }
})

function user(text: string): UIMessage {
  return { id: crypto.randomUUID(), role: 'user', parts: [{ type: 'text', text }] }
}

/** The message as it is when the stream has ended. */
async function lastOf(stream: ReadableStream<UIMessageChunk>): Promise<UIMessage> {
  const message = (await Array.fromAsync(readUIMessageStream({ stream, terminateOnError: true }))).at(-1)
  assert.ok(message)
  return message
}

/** The first text of a stream, which is left open. */
async function textIn(stream: ReadableStream<UIMessageChunk>): Promise<string> {
  const reader = stream.getReader()
  for (;;) {
    const { value, done } = await reader.read()
    assert.equal(done, false)
    if (value?.type === 'text-delta') return value.delta
  }
}
