// The lanes as callers meet them: refused before their body is read, let in when a place is free, gone when they leave.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { jsonOf, openDoor, type Door } from '../../test/door.ts'
import { gatewayChannel } from './channel.ts'

/** Resolves once `left` more requests have ended. */
async function ended(left: number, during: () => void): Promise<void> {
  const all = Promise.withResolvers<void>()
  let open = left
  const stop = gatewayChannel.subscribe(({ event }) => event === 'request-ended' && --open === 0 && all.resolve())
  during()
  await all.promise
  stop()
}

/** Takes the only place, until it is told to give it back. */
async function occupied(door: Door): Promise<{ free(): Promise<void> }> {
  const hold = Promise.withResolvers<void>()
  door.factory.hold = hold.promise
  const stream = await door.post('/v1/ask', { question: 'lock' })
  return {
    async free() {
      hold.resolve()
      await stream.text()
    },
  }
}

describe('A door with one place for questions', () => {
  it('refuses who finds no room before the body has come, and says when to come back', async () => {
    await using door = await openDoor({ limits: { questionsAtOnce: 1, questionsWaiting: 0 } })
    const place = await occupied(door)
    const socket = connect(door.gateway.port, '127.0.0.1')
    // Of a body of 1000 bytes not one is sent.
    socket.write(
      'POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
    )
    const [answer] = await once(socket, 'data')
    socket.destroy()
    assert.match(String(answer), /^HTTP\/1\.1 429 [\s\S]*retry-after: [1-9]/i)
    const refused = await door.post('/v1/ask', { question: 'lock' })
    assert.equal(refused.status, 429)
    const problem = await jsonOf(refused)
    assert.equal(problem['code'], 'overloaded')
    assert.equal(problem['crowd']?.['places'], 1)
    assert.equal(problem['crowd']?.['lane'], 'question')
    const asOpenAI = await door.post('/v1/chat/completions', {
      model: 'andon',
      messages: [{ role: 'user', content: 'lock' }],
    })
    assert.equal(asOpenAI.status, 429)
    assert.equal((await jsonOf(asOpenAI))['error']?.['type'], 'rate_limit_error')
    assert.equal((await door.get('/v1/models')).status, 200)
    await place.free()
  })

  it('lets in who waits when the place is free, and forgets who leaves', async () => {
    await using door = await openDoor({ limits: { questionsAtOnce: 1 } })
    const place = await occupied(door)
    const leaving = new AbortController()
    const left = door
      .post('/v1/ask', { question: 'lock' }, { signal: leaving.signal })
      .catch((reason: unknown) => reason)
    const waiting = door.post('/v1/ask', { question: 'lock' })
    await stands(door, 2)
    await ended(1, () => leaving.abort())
    assert.ok((await left) instanceof Error)
    await stands(door, 1)
    assert.equal(door.factory.asked.length, 1)
    await place.free()
    assert.equal((await waiting).status, 200)
    await (await waiting).text()
    assert.equal(door.factory.asked.length, 2)
  })

  it('sends away who waits when it closes, and lets the one that has the place finish', async () => {
    const door = await openDoor({ limits: { questionsAtOnce: 1 } })
    const place = await occupied(door)
    const waiting = door.post('/v1/ask', { question: 'lock' })
    await stands(door, 1)
    const closing = door.gateway.close()
    const refused = await waiting
    assert.equal(refused.status, 503)
    assert.equal(refused.headers.get('connection'), 'close')
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    await place.free()
    await closing
  })
})

describe('Marks of a request', () => {
  it('continue the trace that comes, with a span of their own', async () => {
    await using door = await openDoor()
    const post = (traceparent: string) => door.post('/v1/ask', { question: 'lock' }, { headers: { traceparent } })
    const given = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`
    const reply = await post(given)
    const own = reply.headers.get('traceparent') ?? ''
    assert.match(own, new RegExp(`^00-${'a1'.repeat(16)}-(?!${'b2'.repeat(8)})[0-9a-f]{16}-01$`))
    assert.equal(door.factory.asked[0]?.caller.trace, own)
    for (const wrong of [
      '',
      'x',
      given.toUpperCase(),
      `ff${given.slice(2)}`,
      `${given}-more`,
      `00-${'0'.repeat(32)}-${'b2'.repeat(8)}-01`,
    ]) {
      const made = (await post(wrong)).headers.get('traceparent') ?? ''
      assert.match(made, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
      assert.ok(!made.includes('a1a1'), `continued ${wrong}`)
    }
    // A later version may say more; what it says in the known places holds.
    const later = (await post(`01${given.slice(2)}-more`)).headers.get('traceparent') ?? ''
    assert.match(later, new RegExp(`^00-${'a1'.repeat(16)}-[0-9a-f]{16}-01$`))
  })

  it('keep an id that is one, and replace what is none', async () => {
    await using door = await openDoor()
    const idOf = async (id: string): Promise<string> =>
      (await fetch(`${door.gateway.url}/health/live`, { headers: { 'x-request-id': id } })).headers.get(
        'x-request-id',
      ) ?? ''
    assert.equal(await idOf('job-7.retry_2'), 'job-7.retry_2')
    assert.equal(await idOf('a'.repeat(128)), 'a'.repeat(128))
    for (const wrong of ['a'.repeat(129), 'a b', '', '<script>']) assert.match(await idOf(wrong), /^[0-9a-f-]{36}$/)
  })
})

/** Resolves once so many questions wait. */
async function stands(door: Door, waiting: number): Promise<void> {
  for (;;) {
    const { limits } = await jsonOf(await door.get('/v1/status'))
    if (Number(limits?.['now']?.['question']?.['waiting']) === waiting) return
  }
}
