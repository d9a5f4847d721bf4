// The OpenAI-compatible part of the door, over a real socket.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventsOf, jsonIn, jsonOf, openDoor, textOf, type Json } from '../../test/door.ts'
import { AndonError } from '../core/errors.ts'

const path = '/v1/chat/completions'
const user = (content: unknown): object => ({ role: 'user', content })
const asking = { model: 'andon', messages: [user('What is a lock?')] }

describe('POST /v1/chat/completions', () => {
  it('answers as a model does, with citations as annotations of the text', async () => {
    await using door = await openDoor()
    const response = await door.post(path, asking)
    assert.equal(response.status, 200)
    const completion = await jsonOf(response)
    assert.match(textOf(completion['id']), /^chatcmpl-/)
    assert.equal(completion['object'], 'chat.completion')
    assert.equal(completion['model'], 'andon')
    const choice = completion['choices']?.[0]
    assert.equal(choice?.['finish_reason'], 'stop')
    const message = choice?.['message']
    assert.equal(message?.['role'], 'assistant')
    assert.equal(message?.['content'], 'A lock lets one in at a time. [1]')
    const citation = message?.['annotations']?.[0]
    assert.equal(citation?.['type'], 'url_citation')
    const place = citation?.['url_citation']
    const [start, end] = [Number(place?.['start_index']), Number(place?.['end_index'])]
    assert.equal(textOf(message?.['content']).slice(start, end), '[1]')
    assert.equal(place?.['title'], 'Locks')
    assert.match(textOf(place?.['url']), /^http:\/\/127\.0\.0\.1:\d+\/v1\/documents\/doc-0001\/text\?start=0&end=29$/)
    assert.deepEqual(completion['usage'], { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 })
    assert.equal(completion['andon']?.['mode'], 'extractive')
  })

  it('streams chunks that together are the answer, then usage when asked for, then [DONE]', async () => {
    await using door = await openDoor()
    const response = await door.post(path, { ...asking, stream: true, stream_options: { include_usage: true } })
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    const events = eventsOf(await response.text())
    assert.equal(events.at(-1)?.data, '[DONE]')
    const chunks = events.slice(0, -1).map((each) => jsonIn(each.data))
    assert.ok(
      chunks.every((chunk) => textOf(chunk['object']) === 'chat.completion.chunk' && chunk['id'] === chunks[0]?.['id']),
    )
    assert.deepEqual(chunks[0]?.['choices']?.[0]?.['delta'], { role: 'assistant', content: '' })
    const text = chunks.map((chunk) => contentOf(chunk)).join('')
    assert.equal(text, 'A lock lets one in at a time. [1]')
    const [last, usage] = chunks.slice(-2)
    assert.equal(last?.['choices']?.[0]?.['finish_reason'], 'stop')
    assert.equal(last?.['choices']?.[0]?.['delta']?.['annotations']?.['length'], 1)
    assert.deepEqual(usage?.['choices'], [])
    assert.equal(usage?.['usage']?.['total_tokens'], 0)
  })

  it('sends no usage that nobody asked for', async () => {
    await using door = await openDoor()
    const events = eventsOf(await (await door.post(path, { ...asking, stream: true })).text())
    assert.ok(events.every((each) => !each.data.includes('"usage"')))
  })

  it('takes the last message as the question and what was said before as history', async () => {
    await using door = await openDoor()
    const messages = [
      { role: 'system', content: 'Be rude.' },
      user([
        { type: 'text', text: 'What is' },
        { type: 'text', text: 'a lock?' },
      ]),
      { role: 'assistant', content: 'A lock lets one in.' },
      user('And two?'),
    ]
    await door.post(path, { model: 'andon/handbook', messages, temperature: 0.2, max_tokens: 5 })
    assert.deepEqual(door.factory.asked[0]?.question, {
      text: 'And two?',
      history: [
        { role: 'user', text: 'What is\na lock?', at: 0 },
        { role: 'assistant', text: 'A lock lets one in.', at: 0 },
      ],
      filter: { collections: ['handbook'] },
    })
  })

  it('cancels the answer when the caller leaves', async () => {
    await using door = await openDoor()
    door.factory.hold = Promise.withResolvers<void>().promise
    const stopped = door.factory.nextStop()
    const caller = new AbortController()
    const response = await door.post(path, { ...asking, stream: true }, { signal: caller.signal })
    await response.body?.getReader().read()
    caller.abort()
    assert.equal(AndonError.from(await stopped).code, 'cancelled')
  })

  it('says in the stream what goes wrong after it began', async () => {
    await using door = await openDoor()
    door.factory.failLater = new AndonError('unavailable', 'The store is gone.')
    const events = eventsOf(await (await door.post(path, { ...asking, stream: true })).text())
    assert.equal(jsonIn(events.at(-1)?.data ?? '')['error']?.['message'], 'The store is gone.')
  })
})

describe("What a wrong chat request gets, in OpenAI's shape", () => {
  const table: { it: string; body: unknown; status: number; type: string; code: string; says: RegExp }[] = [
    {
      it: 'a model there is not',
      body: { ...asking, model: 'gpt-5' },
      status: 404,
      type: 'invalid_request_error',
      code: 'model_not_found',
      says: /no model "gpt-5"/,
    },
    {
      it: 'a collection there is not',
      body: { ...asking, model: 'andon/nothing' },
      status: 404,
      type: 'invalid_request_error',
      code: 'model_not_found',
      says: /no model "andon\/nothing"/,
    },
    wrong('no messages', { model: 'andon' }, /messages is missing/),
    wrong('an empty conversation', { model: 'andon', messages: [] }, /messages needs at least 1 entry/),
    wrong(
      'an image',
      { messages: [user([{ type: 'image_url', image_url: { url: 'x' } }])] },
      /Andon reads nothing else/,
    ),
    wrong(
      'the assistant last',
      { messages: [user('x'), { role: 'assistant', content: 'y' }] },
      /last message has the role assistant/,
    ),
    wrong('an over-long question', { messages: [user('x'.repeat(8001))] }, /longer than 8000/),
    wrong('an empty question', { messages: [user('')] }, /The last message is empty/),
    wrong('two answers', { ...asking, n: 2 }, /n is not 1/),
    wrong('an unknown field', { ...asking, temprature: 1 }, /temprature: no such field/),
    wrong('invalid JSON', '{', /not valid JSON/),
  ]

  function wrong(what: string, body: unknown, says: RegExp): (typeof table)[number] {
    return { it: what, body, status: 400, type: 'invalid_request_error', code: 'invalid', says }
  }

  for (const { it: what, body, status, type, code, says } of table) {
    it(`${what}: ${status}`, async () => {
      await using door = await openDoor()
      const response = await door.post(path, body)
      assert.equal(response.status, status)
      const { error } = await jsonOf(response)
      assert.match(textOf(error?.['message']), says)
      assert.equal(error?.['type'], type)
      assert.equal(error?.['code'], code)
      assert.equal(door.factory.asked.length, 0)
    })
  }

  it('an overload: 429 with Retry-After', async () => {
    await using door = await openDoor()
    door.factory.fail = new AndonError('overloaded', 'Too many questions wait.', { retryAfterMs: 200 })
    const response = await door.post(path, asking)
    assert.equal(response.status, 429)
    assert.equal(response.headers.get('retry-after'), '1')
    assert.equal((await jsonOf(response))['error']?.['type'], 'rate_limit_error')
  })
})

describe('GET /v1/models', () => {
  it('lists Andon and each of its collections', async () => {
    await using door = await openDoor()
    const list = await jsonOf(await door.get('/v1/models'))
    assert.equal(list['object'], 'list')
    assert.deepEqual(
      [0, 1, 2].map((index) => list['data']?.[index]?.['id']),
      ['andon', 'andon/handbook', undefined],
    )
    assert.equal((await jsonOf(await door.get('/v1/models/andon/handbook')))['id'], 'andon/handbook')
    assert.equal((await door.get('/v1/models/andon/other')).status, 404)
  })
})

/** The piece of text in a chunk; empty in chunks without one. */
function contentOf(chunk: Json): string {
  const content = chunk['choices']?.[0]?.['delta']?.['content']
  return content === undefined ? '' : textOf(content)
}
