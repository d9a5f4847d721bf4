// Answers by their ids over a real socket: streamed, left, resumed, stopped and looked at.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openGateway, type Gateway } from './server.ts'
import type { Factory } from '../core/factory.ts'
import { Dictated } from '../../test/servers/dictated-model.ts'
import { eventsOf, jsonOf, textOf, type SentEvent } from '../../test/door.ts'
import { openLibrary, travel } from '../../test/journeys/library.ts'

const question = 'Who approves travel over 2,500 euros?'

interface House extends AsyncDisposable {
  factory: Factory
  gateway: Gateway
  model: Dictated
  call(path: string, body?: object, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>
}

async function openHouse(limits: { questionsAtOnce?: number; questionsWaiting?: number } = {}): Promise<House> {
  const model = new Dictated()
  const factory = await openLibrary([travel], {}, { model })
  const gateway = await openGateway(factory, { port: 0, lingerMs: 0, drainMs: 0, limits })
  return {
    factory,
    gateway,
    model,
    call: (path, body, headers = {}, signal) =>
      fetch(gateway.url + path, {
        ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
        headers: { 'content-type': 'application/json', ...headers },
        ...(signal ? { signal } : {}),
      }),
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await factory[Symbol.asyncDispose]()
    },
  }
}

/** Reads a stream until its text matches; then goes away. */
async function readUntil(response: Response, pattern: RegExp): Promise<SentEvent[]> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const part of response.body ?? assert.fail('no body')) {
    text += decoder.decode(part, { stream: true })
    if (pattern.test(text)) break
  }
  // What was cut off is not an event.
  return eventsOf(text.slice(0, text.lastIndexOf('\n\n') + 2))
}

describe('GET /v1/answers/:id/events', () => {
  it('goes on behind Last-Event-ID where a reader of a resumable answer left, without loss or repetition', async () => {
    await using house = await openHouse()
    const begun = await house.call('/v1/ask', { question, resumable: true })
    const id = begun.headers.get('andon-answer') ?? assert.fail('no id')
    house.model.say('The finance ', 'director ')
    const seen = await readUntil(begun, /director/)
    house.model.say('approves it. ', 'Nobody else.')
    house.model.end()
    const last = seen.at(-1)?.id ?? ''
    const resumed = await house.call(`/v1/answers/${id}/events`, undefined, { 'last-event-id': last })
    assert.equal(resumed.headers.get('andon-answer'), id)
    const all = [...seen, ...eventsOf(await resumed.text())]
    assert.deepEqual(
      all.map((event) => event.id),
      all.map((_, at) => `${id}.${at + 1}`),
    )
    assert.equal(all.at(-1)?.event, 'answer-end')
    const after = await house.call(`/v1/answers/${id}/events?after=${seen.length}`)
    assert.deepEqual([...seen, ...eventsOf(await after.text())], all)
    const nothing = await house.call(`/v1/answers/${id}/events`, undefined, { 'last-event-id': `${id}.${all.length}` })
    assert.equal(nothing.status, 204)
  })

  it('refuses the event id of another answer, and knows no answer of nobody', async () => {
    await using house = await openHouse()
    const begun = await house.call('/v1/ask', { question, resumable: true })
    const id = begun.headers.get('andon-answer') ?? ''
    const wrong = await house.call(`/v1/answers/${id}/events`, undefined, { 'last-event-id': 'other.3' })
    assert.equal(wrong.status, 400)
    assert.match(textOf((await jsonOf(wrong))['detail']), /must be the id of an event of the answer/)
    for (const path of [`${crypto.randomUUID()}/events`, crypto.randomUUID()])
      assert.equal((await house.call(`/v1/answers/${path}`)).status, 404)
    assert.equal((await house.call(`/v1/answers/${crypto.randomUUID()}/stop`, {})).status, 404)
    await begun.body?.cancel()
  })
})

describe('POST /v1/answers/:id/stop', () => {
  it('ends the answer and the model, and the record says so', async () => {
    await using house = await openHouse()
    const begun = await house.call('/v1/ask', { question, resumable: true })
    const id = begun.headers.get('andon-answer') ?? ''
    house.model.say('The finance director approves it. ')
    await readUntil(begun, /"type":"text-delta"/)
    assert.equal((await jsonOf(await house.call(`/v1/answers/${id}/stop`, {})))['stopped'], true)
    await house.model.left.promise
    assert.equal((await jsonOf(await house.call(`/v1/answers/${id}/stop`, {})))['stopped'], false)
    const events = eventsOf(await (await house.call(`/v1/answers/${id}/events`)).text())
    assert.equal(events.at(-1)?.event, 'answer-failed')
    const record = await jsonOf(await house.call(`/v1/answers/${id}`))
    assert.equal(record['state'], 'stopped')
  })
})

describe('A resumable answer', () => {
  it('keeps its place among the questions until it ends, though its reader has left', async () => {
    await using house = await openHouse({ questionsAtOnce: 1, questionsWaiting: 0 })
    const left = new AbortController()
    const begun = await house.call('/v1/ask', { question, resumable: true }, {}, left.signal)
    const id = begun.headers.get('andon-answer') ?? ''
    await house.model.asked.promise
    left.abort()
    assert.equal((await house.call('/v1/ask', { question })).status, 429)
    assert.equal((await jsonOf(await house.call(`/v1/answers/${id}/stop`, {})))['stopped'], true)
    const extractive = { question, mode: 'extractive' }
    // Its place is given back when its end has been heard, a moment later.
    let status = 429
    while (status === 429) status = (await house.call('/v1/ask', extractive)).status
    assert.equal(status, 200)
  })
})

describe('POST /v1/search', () => {
  it('gives passages by either name of the text, and says what is wrong', async () => {
    await using house = await openHouse()
    for (const body of [
      { text: question, k: 1 },
      { query: question, k: 1, rerank: false, by: 'words' },
    ]) {
      const reply = await jsonOf(await house.call('/v1/search', body))
      assert.match(textOf(reply['found']?.[0]?.['passage']?.['text']), /finance director/)
      assert.equal(reply['found']?.[1], undefined)
    }
    for (const body of [{}, { text: question, query: question }])
      assert.match(textOf((await jsonOf(await house.call('/v1/search', body)))['detail']), /needs text or query/)
  })
})
