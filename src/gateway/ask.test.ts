// POST /v1/ask over a real socket.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { eventsOf, jsonIn, jsonOf, openDoor, textOf } from '../../test/door.ts'

describe('POST /v1/ask', () => {
  it('streams the events of the answer, named and numbered, and nothing on the way may buffer them', async () => {
    await using door = await openDoor()
    const response = await door.post('/v1/ask', { question: 'What is a lock?', session_id: 's1' })
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    assert.equal(response.headers.get('x-accel-buffering'), 'no')
    assert.match(response.headers.get('cache-control') ?? '', /no-cache/)
    assert.equal(response.headers.get('content-encoding'), null)
    const events = eventsOf(await response.text())
    assert.deepEqual(
      events.map((each) => each.event),
      ['answer-start', 'passages-found', 'text-delta', 'citation', 'text-delta', 'answer-end'],
    )
    assert.deepEqual(
      events.map((each) => each.id),
      [1, 2, 3, 4, 5, 6].map((number) => `answer-1.${number}`),
    )
    assert.equal(jsonIn(events.at(-1)?.data ?? '')['text'], 'A lock lets one in at a time. [1]')
    assert.equal(jsonIn(events.at(-1)?.data ?? '')['sessionId'], 's1')
  })

  it('gives the whole answer at once to who accepts only JSON', async () => {
    await using door = await openDoor()
    const response = await door.post(
      '/v1/ask',
      { question: 'What is a lock?' },
      { headers: { accept: 'application/json' } },
    )
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    const answer = await jsonOf(response)
    assert.equal(answer['text'], 'A lock lets one in at a time. [1]')
    assert.equal(answer['mode'], 'extractive')
  })

  it('lets the answer end before it gives it at once', async () => {
    await using door = await openDoor()
    const ask = door.factory.ask.bind(door.factory)
    let ended = false
    door.factory.ask = async function* (...asked) {
      yield* ask(...asked)
      ended = true
    }
    const headers = { accept: 'application/json' }
    assert.equal((await door.post('/v1/ask', { question: 'What is a lock?' }, { headers })).status, 200)
    assert.ok(ended)
  })

  it('hands everything that was asked to the factory, and the trace with it', async () => {
    await using door = await openDoor({ tenant: 'acme' })
    const filter = { collections: ['a'], documents: ['d'], metadata: { year: [2020, 2021], draft: false } }
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const body = { question: 'lock', filter, passages: 3, budget_ms: 5000, mode: 'extractive' }
    await (await door.post('/v1/ask', body, { headers: { traceparent } })).text()
    const { question, caller } = door.factory.asked[0] ?? assert.fail('nothing was asked')
    assert.deepEqual(question, { text: 'lock', filter, passages: 3, budgetMs: 5000, mode: 'extractive' })
    assert.equal(caller.tenant, 'acme')
    // The same trace, with a span of our own.
    assert.match(caller.trace ?? '', /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/)
  })

  it('cancels the answer when the caller leaves in the middle', async () => {
    await using door = await openDoor()
    door.factory.hold = Promise.withResolvers<void>().promise
    const stopped = door.factory.nextStop()
    const caller = new AbortController()
    const response = await door.post('/v1/ask', { question: 'What is a lock?' }, { signal: caller.signal })
    const reader = response.body?.getReader() ?? assert.fail('no body')
    await reader.read()
    caller.abort()
    const reason = await stopped
    assert.ok(reason instanceof AndonError)
    assert.equal(reason.code, 'cancelled')
  })

  it('sends a comment while the answer is silent', async () => {
    await using door = await openDoor({ heartbeatMs: 5 })
    const hold = Promise.withResolvers<void>()
    door.factory.hold = hold.promise
    const response = await door.post('/v1/ask', { question: 'What is a lock?' })
    let text = ''
    const decoder = new TextDecoder()
    for await (const part of response.body ?? assert.fail('no body')) {
      text += decoder.decode(part)
      if (text.includes(': still here')) hold.resolve()
    }
    assert.match(text, /\n\n: still here\n\n/)
    assert.match(text, /event: answer-end/)
  })

  it('says with a status what is wrong before the first event, and with an event what goes wrong after it', async () => {
    await using door = await openDoor()
    door.factory.fail = new AndonError('overloaded', 'Too many questions wait.', { retryAfterMs: 1500 })
    const refused = await door.post('/v1/ask', { question: 'What is a lock?' })
    assert.equal(refused.status, 429)
    assert.equal(refused.headers.get('retry-after'), '2')
    assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/)
    const problem = await jsonOf(refused)
    assert.equal(problem['code'], 'overloaded')
    assert.equal(problem['detail'], 'Too many questions wait.')

    door.factory.fail = undefined
    door.factory.failLater = new AndonError('unavailable', 'The store is gone.')
    const broken = eventsOf(await (await door.post('/v1/ask', { question: 'What is a lock?' })).text())
    assert.equal(broken.at(-1)?.event, 'error')
    assert.equal(jsonIn(broken.at(-1)?.data ?? '')['code'], 'unavailable')
  })

  it('shows nothing of a fault of its own but an id', async () => {
    await using door = await openDoor()
    door.factory.fail = new AndonError('internal', 'secret path /home/x')
    const response = await door.post('/v1/ask', { question: 'lock' })
    const text = await response.text()
    assert.equal(response.status, 500)
    assert.doesNotMatch(text, /secret/)
    assert.match(text, new RegExp(response.headers.get('x-request-id') ?? '-'))
  })
})

describe('What a wrong request gets', () => {
  const table: { it: string; body: unknown; headers?: Record<string, string>; status: number; says: RegExp }[] = [
    { it: 'no JSON', body: '{"question": ', status: 400, says: /not valid JSON/ },
    { it: 'an empty body', body: '', status: 400, says: /empty/ },
    { it: 'a list', body: [], status: 400, says: /must be a JSON object/ },
    { it: 'no question', body: {}, status: 400, says: /question is missing/ },
    {
      it: 'a question of the wrong type',
      body: { question: 5 },
      status: 400,
      says: /question must be of type string, not number/,
    },
    { it: 'a blank question', body: { question: ' \n ' }, status: 400, says: /question is empty/ },
    {
      it: 'an over-long question',
      body: { question: 'x'.repeat(8001) },
      status: 400,
      says: /longer than 8000 characters/,
    },
    {
      it: 'an unknown field',
      body: { question: 'x', temperature: 1 },
      status: 400,
      says: /temperature: no such field/,
    },
    {
      it: 'an unknown field below',
      body: { question: 'x', filter: { tenant: 'y' } },
      status: 400,
      says: /filter\.tenant/,
    },
    {
      it: 'a mode there is not',
      body: { question: 'x', mode: 'fast' },
      status: 400,
      says: /mode must be "auto" or "extractive"/,
    },
    {
      it: 'too many passages',
      body: { question: 'x', passages: 51 },
      status: 400,
      says: /passages must be at most 50/,
    },
    {
      it: 'half a passage',
      body: { question: 'x', passages: 1.5 },
      status: 400,
      says: /passages must be a whole number/,
    },
    {
      it: 'a prototype',
      body: '{"question":"x","__proto__":{"a":1}}',
      status: 400,
      says: /key __proto__/,
    },
    { it: 'a body over 1 MB', body: { question: 'x'.repeat(1_100_000) }, status: 413, says: /larger than 1 MiB/ },
    {
      it: 'another content type',
      body: 'question=x',
      headers: { 'content-type': 'text/plain' },
      status: 415,
      says: /application\/json/,
    },
  ]
  for (const { it: what, body, headers = {}, status, says } of table) {
    it(`${what}: ${status}`, async () => {
      await using door = await openDoor()
      const response = await door.post('/v1/ask', body, { headers })
      assert.equal(response.status, status)
      const problem = await jsonOf(response)
      assert.match(textOf(problem['detail']), says)
      assert.equal(problem['status'], status)
      assert.match(textOf(problem['type']), /^urn:andon:/)
      assert.equal(door.factory.asked.length, 0)
    })
  }

  it('a path there is not: 404; a method the path does not take: 405 with the ones it takes', async () => {
    await using door = await openDoor()
    const nowhere = await door.get('/v1/nothing')
    assert.equal(nowhere.status, 404)
    assert.match(textOf((await jsonOf(nowhere))['detail']), /nothing at GET \/v1\/nothing/)
    const wrongMethod = await door.get('/v1/ask')
    assert.equal(wrongMethod.status, 405)
    assert.equal(wrongMethod.headers.get('allow'), 'POST')
  })

  it('a Host header of somebody else: 403, because a web page may have pointed its name here', async () => {
    await using door = await openDoor()
    for (const [host, status] of [
      ['evil.example', 403],
      [`127.0.0.1.evil.example:${door.gateway.port}`, 403],
      [`localhost:${door.gateway.port}`, 200],
      [`127.0.0.1:${door.gateway.port}`, 200],
    ] as const) {
      const socket = connect(door.gateway.port, '127.0.0.1')
      socket.write(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      const [answer]: unknown[] = await once(socket, 'data')
      assert.match(String(answer), new RegExp(`^HTTP/1.1 ${status} `), host)
      socket.destroy()
    }
  })
})
