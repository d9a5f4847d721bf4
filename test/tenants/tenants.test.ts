// What is A's does not exist for B: on every route, in every list, under every name and every key.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { normal, openTwoTenants, secretWord, unlike, type TwoTenants } from './house.ts'
import { requestOf, rows } from './rows.ts'

describe('Two tenants', () => {
  let house: TwoTenants
  before(async () => void (house = await openTwoTenants()))
  after(() => house[Symbol.asyncDispose]())

  const hidesA = (text: string): void => {
    for (const [name, value] of Object.entries(house.ids)) assert.ok(!text.includes(value), `${name} of A: ${text}`)
    assert.ok(!text.includes(secretWord), text)
  }
  const post = (path: string, body: unknown, key = house.b.admin, headers = {}) =>
    house.send(key, { method: 'POST', path, body, headers })
  const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>

  it('every route has a row, and every row a route', () => {
    const described = house.routes.filter(({ hidden, route }) => !hidden || route in rows).map(({ route }) => route)
    assert.deepEqual(
      described.filter((route) => !(route in rows)),
      [],
      'routes without a row',
    )
    assert.deepEqual(
      Object.keys(rows).filter((route) => !described.includes(route)),
      [],
      'rows without a route',
    )
    for (const { route, scope, hidden } of house.routes)
      if (hidden)
        assert.ok(scope === 'open' && /^GET \/(?!v\d)/.test(route), `${route} is hidden, and so must be the page's`)
  })

  for (const [route, row] of Object.entries(rows)) {
    for (const name of row.of ?? [])
      it(`${route} with the ${name} of A says what it says of one that nobody has`, async () => {
        const id = house.ids[name]
        const other = unlike(id)
        const tried = await house.send(house.b.admin, requestOf(route, row, id))
        const unknown = await house.send(house.b.admin, requestOf(route, row, other))
        assert.equal(tried.status, unknown.status, tried.text)
        assert.equal(normal(tried.text, id), normal(unknown.text, other))
        const own = normal(tried.text, id)
        if (route !== 'POST /v1/ask') assert.ok(!own.includes(secretWord), own)
      })
    if (row.why !== undefined && route !== 'GET /v1/ws')
      it(`${route} shows B nothing of A`, async () =>
        hidesA((await house.send(house.b.admin, requestOf(route, row, 'x'))).text))
  }

  it('A still has everything, as it was, after all of this', async () => {
    const { ids, a } = house
    const get = (path: string) => house.send(a.admin, { method: 'GET', path })
    assert.match((await get(`/v1/documents/${ids.document}`)).text, /"status":"ready"/)
    assert.doesNotMatch((await get(`/v1/documents/${ids.document}`)).text, /taken over/)
    assert.equal(json((await get(`/v1/answers/${ids.running}`)).text)['state'], 'running')
    assert.equal(json((await get(`/v1/answers/${ids.answer}`)).text)['state'], 'done')
    assert.doesNotMatch((await get('/v1/keys')).text, /revokedAt/)
    assert.doesNotMatch((await get('/v1/sessions')).text, /taken over/)
    assert.ok((await get('/v1/approvals')).text.includes(ids.approval))
  })

  it("lists, search and numbers of B hold what is B's alone", async () => {
    const get = async (path: string) => (await house.send(house.b.ask, { method: 'GET', path })).text
    for (const path of [
      '/v1/documents',
      '/v1/sessions',
      '/v1/collections',
      '/v1/models',
      '/v1/status',
      '/v1/tools/runs',
    ])
      hidesA(await get(path))
    hidesA((await house.send(house.b.load, { method: 'GET', path: '/v1/jobs' })).text)
    hidesA((await post('/v1/search', { text: 'mine opens at half past nine' })).text)
    const { citations, text } = json((await post('/v1/ask', { question: 'When does the mine open?' })).text) as {
      citations: { documentName: string }[]
      text: string
    }
    assert.ok(citations.every(({ documentName }) => documentName !== 'shared.md'))
    hidesA(text)
  })

  it('usage of A counts nothing of B, and usage of B nothing of A', async () => {
    const used = async (key: string) =>
      (
        json((await house.send(key, { method: 'GET', path: '/v1/status' })).text) as {
          usage: { documents: { used: number }; questions: { used: number } }
        }
      ).usage
    const before = await used(house.b.ask)
    const ofA = await used(house.a.ask)
    assert.equal((await post('/v1/ask', { question: 'When does the mine open?' }, house.a.ask)).status, 200)
    assert.deepEqual(await used(house.b.ask), before)
    // Nobody waits for the count: it may be a moment behind.
    let now = ofA
    for (let look = 0; look < 200 && now.questions.used === ofA.questions.used; look += 1) now = await used(house.a.ask)
    assert.equal(now.questions.used, ofA.questions.used + 1)
  })

  it('suggestions of B name nothing of A', async () => {
    const reply = await post('/v1/ask', { question: 'When does the harbour open?' }, house.b.ask, {
      accept: 'text/event-stream',
    })
    assert.match(reply.text, /event: answer-end/)
    hidesA(reply.text)
  })

  it('a session of one name is one for each', async () => {
    assert.equal((await post('/v1/ask', { question: 'When does the harbour open?', session_id: 'shared' })).status, 200)
    const view = await house.send(house.b.ask, { method: 'GET', path: '/v1/sessions/shared' })
    hidesA(view.text)
    assert.match(view.text, /harbour/)
    const path = '/v1/sessions/shared'
    assert.equal((await house.send(house.b.ask, { method: 'DELETE', path })).status, 204)
    const ofA = await house.send(house.a.ask, { method: 'GET', path })
    assert.equal(ofA.status, 200)
    assert.match(ofA.text, new RegExp(secretWord))
    assert.doesNotMatch(ofA.text, /harbour/)
  })

  it('another version of an answer of A is one of an answer that nobody has', async () => {
    const id = house.ids.answer
    const body = (of: string) => ({ question: 'When?', session_id: 'retried', retry_of: of })
    const tried = await post('/v1/ask', body(id))
    const unknown = await post('/v1/ask', body(unlike(id)))
    assert.equal(tried.status, unknown.status)
    assert.equal(normal(tried.text, id), normal(unknown.text, unlike(id)))
    hidesA(normal(tried.text, id))
  })

  it('a document of one name is one for each', async () => {
    const reply = await post('/v1/documents', {
      name: 'shared.md',
      text: 'The harbour again.',
      collection: house.ids.collection,
    })
    assert.equal(reply.status, 202)
    const { added } = json(reply.text) as { added: { outcome: string; document: { id: string } }[] }
    assert.equal(added[0]?.outcome, 'added')
    assert.notEqual(added[0]?.document.id, house.ids.document)
    const ofA = await house.send(house.a.ask, { method: 'GET', path: `/v1/documents/${house.ids.document}/file` })
    assert.match(ofA.text, new RegExp(secretWord))
  })

  it('the same bytes as A has are not told to be so', async () => {
    const text = `# The mine\n\nThe ${secretWord} mine opens at half past nine.\n`
    const reply = await post('/v1/documents', { name: 'copy.md', text })
    assert.equal(reply.status, 202)
    assert.ok(!reply.text.includes(house.ids.document) && !reply.text.includes('sameAs'), reply.text)
  })

  it('an Idempotency-Key of A is free for B, and gives back nothing of A', async () => {
    const headers = { 'idempotency-key': 'the same' }
    const first = await post('/v1/ask', { question: `Is there ${secretWord}?` }, house.a.ask, headers)
    const second = await post('/v1/ask', { question: 'Is there a harbour?' }, house.b.ask, headers)
    assert.equal(first.status, 200)
    assert.equal(second.status, 200, second.text)
    assert.equal(second.headers.get('idempotency-replayed'), null)
    assert.notEqual(second.headers.get('andon-answer'), first.headers.get('andon-answer'))
    hidesA(second.text)
    const path = '/v1/sessions/titled'
    for (const key of [house.a.ask, house.b.ask])
      await post('/v1/ask', { question: 'When?', session_id: 'titled' }, key)
    const rename = (key: string, title: string) =>
      house.send(key, { method: 'PATCH', path, body: { title }, headers: { 'idempotency-key': 'another' } })
    assert.match((await rename(house.a.ask, secretWord)).text, new RegExp(secretWord))
    const ofB = await rename(house.b.ask, 'harbour')
    assert.equal(ofB.status, 200, ofB.text)
    hidesA(ofB.text)
  })

  it('a WebSocket of B neither follows nor stops an answer of A', async () => {
    const socket = new WebSocket(`${house.url.replace('http', 'ws')}/v1/ws`, {
      headers: { authorization: `Bearer ${house.b.ask}` },
    })
    const heard = Promise.withResolvers<string[]>()
    const told: string[] = []
    socket.on('error', heard.reject)
    socket.on('message', (data: Buffer) => {
      told.push(data.toString())
      if (told.length === 4) heard.resolve(told)
    })
    const id = house.ids.running
    socket.on('open', () => {
      for (const answer of [id, unlike(id)]) {
        socket.send(JSON.stringify({ type: 'follow', ref: answer, answer }))
        socket.send(JSON.stringify({ type: 'stop', answer }))
      }
    })
    const all = await heard.promise
    socket.terminate()
    const of = (answer: string) =>
      all
        .filter((text) => text.includes(answer))
        .map((text) => normal(text, answer))
        .toSorted()
    assert.deepEqual(of(id), of(unlike(id)))
    const record = await house.send(house.a.ask, { method: 'GET', path: `/v1/answers/${id}` })
    assert.equal(json(record.text)['state'], 'running')
  })

  it('news of all jobs of B tell none of A', async () => {
    const leaving = new AbortController()
    const response = await fetch(`${house.url}/v1/jobs/events`, {
      headers: { authorization: `Bearer ${house.b.load}` },
      signal: leaving.signal,
    })
    const add = async (key: string, name: string) =>
      (
        json((await post('/v1/documents', { name, text: name }, key)).text) as {
          added: { jobId: string; document: { id: string } }[]
        }
      ).added[0]
    const [ofA, ofB] = [await add(house.a.load, `${secretWord}.md`), await add(house.b.load, 'pier.md')]
    assert.ok(ofA && ofB && response.body)
    let text = ''
    for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
      text += part
      if (text.includes(ofB.jobId) && text.includes('"state":"done"')) break
    }
    leaving.abort()
    hidesA(text)
    assert.ok(!text.includes(ofA.jobId) && !text.includes(ofA.document.id), text)
  })

  it('metrics name no tenant, no key and no id', async () => {
    const { text, status } = await house.send(house.b.admin, { method: 'GET', path: '/metrics' })
    assert.equal(status, 200)
    hidesA(text)
    const numbers = text.split('\n').filter((line) => !line.startsWith('#'))
    assert.doesNotMatch(numbers.join('\n'), /tenant=|doc_|job_|key_|"a"|"b"/)
  })
})
