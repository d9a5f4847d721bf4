// OpenAI's own client for JavaScript.

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import OpenAI, { APIUserAbortError, BadRequestError, NotFoundError } from 'openai'
import { openHouse, question, sentence, standing, wordsAt } from './house.ts'

const house = await openHouse({ embedder: true })
after(() => house[Symbol.asyncDispose]())
const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.key, maxRetries: 0 })
const asking = { model: 'andon', messages: [{ role: 'user' as const, content: question }] }

describe('chat completions', () => {
  it('come whole, with usage and annotations', async () => {
    const completion = await client.chat.completions.create({ ...asking, temperature: 0, tools: [] })
    const [choice] = completion.choices
    assert.equal(choice?.finish_reason, 'stop')
    assert.ok(choice.message.content?.startsWith(`${sentence}. [1]`), choice.message.content ?? '')
    const [annotation] = choice.message.annotations ?? []
    const { start_index: start = 0, end_index: end = 0, url = '' } = annotation?.url_citation ?? {}
    assert.equal(choice.message.content?.slice(start, end), '[1]')
    assert.match(await wordsAt(house.factory, url), /finance director/)
    assert.ok((completion.usage?.prompt_tokens ?? 0) > 0)
    assert.equal(
      completion.usage?.total_tokens,
      (completion.usage?.prompt_tokens ?? 0) + (completion.usage?.completion_tokens ?? 0),
    )
  })

  it('stream, with usage in the last chunk only', async () => {
    const stream = await client.chat.completions.create({
      ...asking,
      model: 'andon/policies',
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = await Array.fromAsync(stream)
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    assert.ok(text.startsWith(`${sentence}. [1]`), text)
    assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, 'stop')
    assert.deepEqual(chunks.at(-1)?.choices, [])
    assert.ok((chunks.at(-1)?.usage?.completion_tokens ?? 0) > 0)
    assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null))
  })

  it('are gathered by its accumulator', async () => {
    const completion = await client.chat.completions.stream(asking).finalChatCompletion()
    assert.ok(completion.choices[0]?.message.content?.startsWith(sentence))
  })

  it('are cancelled, down to the model, when the program aborts', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const leaving = new AbortController()
    const messages = [{ role: 'user' as const, content: standing }]
    const stream = await client.chat.completions.create(
      { ...asking, messages, stream: true },
      { signal: leaving.signal },
    )
    for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') leaving.abort()
    await house.models.until((models) => models.cancelled > before)
  })

  it('are cancelled before the first word too', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const asked = house.models.count('/v1/chat/completions')
    const leaving = new AbortController()
    const messages = [{ role: 'user' as const, content: standing }]
    const whole = client.chat.completions.create({ ...asking, messages }, { signal: leaving.signal })
    const refused = assert.rejects(whole, APIUserAbortError)
    await house.models.until((models) => models.count('/v1/chat/completions') > asked)
    leaving.abort()
    await refused
    await house.models.until((models) => models.cancelled > before)
  })

  it('continue a conversation that metadata names', async () => {
    await client.chat.completions.create({ ...asking, metadata: { session_id: 'chat-one' } })
    const { turns } = await house.factory.session('chat-one')
    assert.deepEqual(
      turns.map(({ role }) => role),
      ['user', 'assistant'],
    )
  })

  it('fail with the errors that it has types for', async () => {
    await assert.rejects(client.chat.completions.create({ ...asking, model: 'gpt-5' }), (error) => {
      assert.ok(error instanceof NotFoundError)
      assert.equal(error.code, 'model_not_found')
      return true
    })
    await assert.rejects(client.chat.completions.create({ ...asking, messages: [] }), BadRequestError)
  })
})

describe('responses', () => {
  it('come whole, and are continued', async () => {
    const first = await client.responses.create({ model: 'andon', input: question, instructions: 'Be rude.' })
    assert.equal(first.status, 'completed')
    assert.ok(first.output_text.startsWith(sentence))
    assert.ok((first.usage?.input_tokens ?? 0) > 0)
    const second = await client.responses.create({
      model: 'andon',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'And smaller trips?' }] }],
      previous_response_id: first.id,
    })
    assert.equal(second.previous_response_id, first.id)
    const { sessionId = '' } = await house.factory.record(second.id.replace('resp_', ''))
    const { turns } = await house.factory.session(sessionId)
    assert.deepEqual(
      turns.filter(({ role }) => role === 'user').map(({ text }) => text),
      [question, 'And smaller trips?'],
    )
  })

  it('leave no conversation when they are not stored', async () => {
    const first = await client.responses.create({ model: 'andon', input: question, store: false })
    await assert.rejects(
      client.responses.create({ model: 'andon', input: 'And then?', previous_response_id: first.id }),
      (error) => {
        assert.ok(error instanceof NotFoundError)
        assert.equal(error.code, 'previous_response_not_found')
        assert.equal(error.param, 'previous_response_id')
        return true
      },
    )
  })

  it('stream in an order that its accumulator checks', async () => {
    const stream = client.responses.stream({ model: 'andon', input: question })
    const types: string[] = []
    const numbers: number[] = []
    for await (const event of stream) {
      types.push(event.type)
      numbers.push(event.sequence_number)
    }
    assert.deepEqual(numbers, [...numbers.keys()])
    assert.deepEqual(
      [...new Set(types)],
      [
        'response.created',
        'response.in_progress',
        'response.output_item.added',
        'response.content_part.added',
        'response.output_text.delta',
        'response.output_text.annotation.added',
        'response.output_text.done',
        'response.content_part.done',
        'response.output_item.done',
        'response.completed',
      ],
    )
    const response = await stream.finalResponse()
    assert.ok(response.output_text.startsWith(sentence))
    const [item] = response.output
    const [part] = item?.type === 'message' ? item.content : []
    const [citation] = part?.type === 'output_text' ? part.annotations : []
    assert.equal(citation?.type === 'file_citation' && citation.filename, 'travel.md')
  })

  it('are made in the background, looked at and cancelled', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const asked = house.models.count('/v1/chat/completions')
    const begun = await client.responses.create({ model: 'andon', input: standing, background: true })
    assert.equal(begun.status, 'in_progress')
    assert.equal((await client.responses.retrieve(begun.id)).status, 'in_progress')
    await house.models.until((models) => models.count('/v1/chat/completions') > asked)
    assert.equal((await client.responses.cancel(begun.id)).status, 'cancelled')
    await house.models.until((models) => models.cancelled > before)
    assert.equal((await client.responses.retrieve(begun.id)).status, 'cancelled')
  })

  it('are streamed again, from the beginning and from a number', async () => {
    const told = await Array.fromAsync(
      await client.responses.create({ model: 'andon', input: question, background: true, stream: true }),
    )
    const id = told[0]?.type === 'response.created' ? told[0].response.id : ''
    const again = await Array.fromAsync(await client.responses.retrieve(id, { stream: true }))
    assert.deepEqual(
      again.map(({ type }) => type),
      told.map(({ type }) => type),
    )
    const rest = await Array.fromAsync(await client.responses.retrieve(id, { stream: true, starting_after: 4 }))
    assert.deepEqual(rest, again.slice(5))
    assert.ok((await client.responses.retrieve(id)).output_text.startsWith(sentence))
  })

  it('are not found under ids that are none', async () => {
    await assert.rejects(client.responses.retrieve('resp_nobody'), NotFoundError)
    await assert.rejects(client.responses.retrieve('nobody'), NotFoundError)
  })
})

describe('embeddings and models', () => {
  it('are vectors, which the client decodes from base64', async () => {
    const base64 = await client.embeddings.create({ model: 'andon', input: ['one', 'two'] })
    const float = await client.embeddings.create({ model: 'vectors', input: ['one', 'two'], encoding_format: 'float' })
    assert.equal(base64.data.length, 2)
    assert.deepEqual([...(base64.data[1]?.embedding ?? [])], float.data[1]?.embedding)
    assert.ok(base64.usage.total_tokens > 0)
    await assert.rejects(client.embeddings.create({ model: 'andon', input: 'one', dimensions: 3 }), BadRequestError)
  })

  it('are listed', async () => {
    const ids = (await Array.fromAsync(client.models.list())).map(({ id }) => id)
    assert.deepEqual(ids, ['andon', 'andon/policies'])
    assert.equal((await client.models.retrieve('andon')).owned_by, 'andon')
  })
})
