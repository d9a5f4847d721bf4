// The door for models, over real sockets: who is let in, what goes through unchanged, and what happens when a caller
// leaves, is slow, or may wait no longer.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import OpenAI from 'openai'
import { jsonOf, openDoor } from '../../../test/door.ts'
import { openTestGateway } from '../../../test/router/gateway.ts'
import { frame, openModelServer, sayWhole, streamWords, type Came } from '../../../test/router/upstream-server.ts'
import { openTestRouter } from '../../../test/router/wire-router.ts'
import { AndonError } from '../../core/errors.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../../models/model.ts'
import { gatewayChannel, type RequestEnded } from '../channel.ts'
import { keysIn, openStaticKeys } from './static-keys.ts'

function answer(came: Came): void {
  if (came.body.includes('"stream":true')) streamWords(came, ['Hello', ' wörld'])
  else sayWhole(came, 'Hello wörld')
}

/** Resolves once a condition holds; checked whenever the loop turns. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

describe('A request for a plain model', () => {
  it('goes through as the bytes it is, with the name that the endpoint knows, its key and the trace', async () => {
    await using server = await openModelServer(answer)
    await using router = openTestRouter([
      { name: 'one', url: server.url, model: 'qwen', serves: ['m'], apiKey: 'secret-of-ours' },
    ])
    await using door = await openTestGateway(router)
    const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const response = await door.chat(
      { top_k: 5, min_p: 0.05, guided_json: { type: 'object' } },
      { headers: { traceparent: trace, 'x-request-id': 'mine', authorization: 'Bearer of-the-caller' } },
    )
    assert.equal(response.headers.get('x-request-id'), 'mine')
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    assert.match(response.headers.get('traceparent') ?? '', /^00-a{32}-/)
    assert.equal((await jsonOf(response))['choices']?.[0]?.['message']?.['content'], 'Hello wörld')
    const [came] = server.came
    assert.ok(came)
    assert.equal(
      came.body.toString(),
      '{"model":"qwen","messages":[{"role":"user","content":"Hello?"}],"top_k":5,"min_p":0.05,"guided_json":{"type":"object"}}',
    )
    assert.equal(came.headers.authorization, 'Bearer secret-of-ours')
    assert.match(String(came.headers['traceparent']), /^00-a{32}-/)
    const [record] = router.records
    assert.deepEqual([record?.promptTokens, record?.outputTokens, record?.estimated], [7, 3, false])
  })

  it('may be a completion, vectors or an order of texts', async () => {
    await using server = await openModelServer((came) => {
      const vectors = JSON.stringify({ object: 'list', data: [], usage: { prompt_tokens: 4, total_tokens: 4 } })
      came.response.writeHead(200, { 'content-type': 'application/json' })
      came.response.end(came.path.endsWith('/completions') ? '{"choices":[{"text":"Hi"}]}' : vectors)
    })
    await using router = openTestRouter([
      { name: 'one', url: server.url, can: ['completions', 'embeddings', 'rerank'] },
    ])
    await using door = await openTestGateway(router)
    for (const path of ['/v1/completions', '/v1/embeddings', '/v1/rerank', '/v2/rerank']) {
      const response = await fetch(door.gateway.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"model":"m","input":"x"}',
      })
      assert.equal(response.status, 200, await response.text())
    }
    assert.deepEqual(
      server.came.map(({ path }) => path),
      ['/v1/completions', '/v1/embeddings', '/v1/rerank', '/v1/rerank'],
    )
  })

  it('is spoken to by the client of OpenAI, whole and word by word', async () => {
    await using server = await openModelServer(answer)
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    const client = new OpenAI({ baseURL: `${door.gateway.url}/v1`, apiKey: 'any', maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    const whole = await client.chat.completions.create({ model: 'm', messages })
    assert.equal(whole.choices[0]?.message.content, 'Hello wörld')
    let text = ''
    for await (const chunk of await client.chat.completions.create({ model: 'm', messages, stream: true }))
      text += chunk.choices[0]?.delta.content ?? ''
    assert.equal(text, 'Hello wörld')
    server.behave = ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(frame({ content: 'Half' }), () => setTimeout(() => response.destroy(), 20))
    }
    const broken = await client.chat.completions.create({ model: 'm', messages, stream: true })
    await assert.rejects(async () => {
      for await (const _ of broken);
    }, /cut|interrupted|closed/i)
  })

  it('that is wrong is refused in the words of the server, once', async () => {
    const said =
      '{"error":{"message":"temperature must be at most 2","type":"invalid_request_error","param":"temperature"}}'
    await using server = await openModelServer(({ response }) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end(said),
    )
    await using router = openTestRouter([
      { name: 'one', url: server.url },
      { name: 'two', url: server.url },
    ])
    await using door = await openTestGateway(router)
    const response = await door.chat({ temperature: 3 })
    assert.equal(response.status, 400)
    assert.equal(await response.text(), said)
    assert.equal(server.came.length, 1)
  })

  it('hears when to come back while every endpoint is busy, and never of a key that is ours', async () => {
    await using server = await openModelServer(({ response }) =>
      response.writeHead(429, { 'retry-after': '3' }).end('{"error":{"message":"slow down sk-abcdefgh"}}'),
    )
    await using router = openTestRouter([{ name: 'one', url: server.url, apiKey: 'sk-abcdefgh' }])
    await using door = await openTestGateway(router)
    const response = await door.chat({}, { headers: { 'x-request-deadline-ms': '2000' } })
    assert.equal(response.status, 429)
    assert.equal(response.headers.get('retry-after'), '3')
    const text = await response.text()
    assert.match(text, /rate_limit_error/)
    assert.doesNotMatch(text, /abcdefgh/)
  })
})

describe('A caller', () => {
  it('who leaves stops the work, before the first word and after it', async () => {
    for (const isBegun of [false, true]) {
      await using server = await openModelServer(({ response }) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(isBegun ? frame({ content: 'One' }) : ': wait\n\n')
      })
      await using router = openTestRouter([{ name: 'one', url: server.url }])
      await using door = await openTestGateway(router)
      const leave = new AbortController()
      const asked = door.chat({ stream: true }, { signal: leave.signal })
      if (isBegun) await (await asked).body?.getReader().read()
      else await until(() => server.came.length > 0)
      leave.abort()
      await asked.catch(() => {})
      await until(() => server.left === 1 && router.records.length === 1)
      assert.equal(router.open.size, 0)
      assert.equal(router.outcomes[0]?.outcome.kind, 'cancelled')
      assert.equal(router.records[0]?.error?.code, 'cancelled')
    }
  })

  it('who reads slowly holds the server back, and gets every byte', async () => {
    const words = 4000
    let isHeld = false
    await using server = await openModelServer(({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      let count = 0
      const go = (): void => {
        while (count < words) {
          if (response.write(frame({ content: `${count++} `.padEnd(4000, 'x') }))) continue
          isHeld = true
          response.once('drain', go)
          return
        }
        response.end(`${frame({}, 'stop')}data: [DONE]\n\n`)
      }
      go()
    })
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    const socket = connect(door.gateway.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.pause()
    const body = '{"model":"m","stream":true,"messages":[]}'
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    await until(() => isHeld)
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => (text += part))
    socket.resume()
    await once(socket, 'end')
    assert.equal(text.match(/"content":"\d+ x/g)?.length, words)
    assert.match(text, /\[DONE\]/)
  })

  it('whose time is over hears it: before the first word as 504, after it in the last frame', async () => {
    await using server = await openModelServer(({ response, body }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(body.includes('late') ? ': wait\n\n' : frame({ content: 'One' }))
    })
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    const headers = { 'x-request-deadline-ms': '150' }
    assert.equal((await door.chat({ stream: true, user: 'late' }, { headers })).status, 504)
    const response = await door.chat({ stream: true }, { headers })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    await assert.rejects(async () => {
      for (;;) {
        const part = await reader?.read()
        if (!part || part.done) return
        text += part.value
      }
    })
    assert.match(text, /One.*"code":"deadline"/s)
    assert.ok(router.outcomes.every(({ outcome }) => outcome.kind === 'cancelled'))
  })

  it('may say how urgent a request is, and hears what cannot be read', async () => {
    await using server = await openModelServer(answer)
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    for (const urgency of ['high', 'low', '3']) await door.chat({}, { headers: { 'x-andon-priority': urgency } })
    assert.deepEqual(
      router.orders.map(({ priority }) => priority),
      [0, 2, 3],
    )
    for (const headers of [{ 'x-andon-priority': 'urgent' }, { 'x-request-deadline-ms': '-1' }]) {
      const wrong = await door.chat({}, { headers })
      assert.equal(wrong.status, 400)
      assert.match(await wrong.text(), /invalid_request_error/)
    }
  })
})

describe('The guards of the door', () => {
  it('hold for models as for everything else', async () => {
    await using server = await openModelServer(answer)
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    const status = async (headers: Record<string, string>): Promise<number> => (await door.chat({}, { headers })).status
    assert.equal(await status({}), 200)
    assert.equal(await status({ origin: 'https://evil.example' }), 403)
    assert.equal(await status({ 'x-forwarded-for': '192.0.2.1' }), 401)
    assert.equal(await status({ 'content-type': 'text/plain' }), 415)
    const body = '{"model":"m","messages":[]}'
    for (const hosts of ['evil.example', 'localhost\r\nHost: localhost']) {
      const socket = connect(door.gateway.port, '127.0.0.1')
      socket.end(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: ${hosts}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
      let text = ''
      for await (const part of socket) text += String(part)
      assert.match(text, /^HTTP\/1\.1 40[03]/)
    }
    assert.equal(server.came.length, 1)
  })

  it('let keys of a file and of the environment in, by their hashes, and nobody else where one is needed', async () => {
    const sha256 = createHash('sha256').update('correct-horse').digest('hex')
    const given = [...keysIn('ci=battery-staple'), { name: 'ops', sha256, tenant: 'acme', scopes: ['admin' as const] }]
    const keys = openStaticKeys(given, 'a test')
    await using server = await openModelServer(answer)
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router, { keys, auth: { required: true } })
    const status = async (secret: string, path?: string): Promise<number> => {
      const headers = { authorization: `Bearer ${secret}` }
      return (await (path ? fetch(door.gateway.url + path, { headers }) : door.chat({}, { headers }))).status
    }
    assert.equal(await status('battery-staple'), 200)
    assert.equal(await status('correct-horse'), 200)
    assert.equal(await status('wrong-horse'), 401)
    assert.equal((await door.chat()).status, 401)
    assert.equal(await status('battery-staple', '/metrics'), 403)
    assert.equal(await status('correct-horse', '/metrics'), 200)
    assert.deepEqual(
      router.orders.map(({ keyId, keyName }) => `${keyId} ${keyName}`),
      ['static:ci ci', 'static:ops ops'],
    )
    assert.equal(router.records[1]?.call.tenant, 'acme')
    assert.throws(
      () => openStaticKeys([{ name: 'x', key: 'short' }], 'a test'),
      /in a test .* key 1 \(key\): it must have/,
    )
    assert.throws(() => keysIn('a=b, battery-staple'), {
      sentence: /^Key 2 in ANDON_GATEWAY_KEYS .* write name=secret/,
    })
    const told = async (path: string, headers: Record<string, string>): Promise<string> =>
      (await fetch(door.gateway.url + path, { headers })).text()
    assert.match(await told('/v1/models', {}), /--keys FILE or ANDON_GATEWAY_KEYS/)
    assert.match(await told('/metrics', { authorization: 'Bearer battery-staple' }), /in the file of --keys/)
    assert.match(await told('/v1/nothing', {}), /nothing at GET \/v1\/nothing\. GET \/v1\/models says/)
  })

  it('count requests per minute and places per tenant', async () => {
    await using server = await openModelServer(() => {})
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router, {
      limits: { tenantPerMinute: 20, tenantAtOnce: 1, questionsWaiting: 0 },
    })
    const leave = new AbortController()
    const first = door.chat({}, { signal: leave.signal })
    await until(() => server.came.length === 1)
    const crowded = await door.chat()
    assert.equal(crowded.status, 429)
    assert.match(await crowded.text(), /one tenant has for requests for models/)
    const tooMany = await door.chat()
    assert.equal(tooMany.status, 429)
    assert.equal(tooMany.headers.get('ratelimit-remaining'), '0')
    assert.ok(Number(tooMany.headers.get('retry-after')) >= 1)
    leave.abort()
    await assert.rejects(first)
  })

  it('end nothing that is under way when it closes, and take nothing new', async () => {
    const held: Came[] = []
    await using server = await openModelServer((came) => void held.push(came))
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    const asked = door.chat()
    await until(() => held.length === 1)
    const closed = door.gateway.close()
    const [came] = held
    if (came) sayWhole(came, 'Still here')
    assert.match(await (await asked).text(), /Still here/)
    await closed
    await assert.rejects(door.chat())
  })
})

describe('What is told', () => {
  it('of an answer that its server broke off: why, and that its caller did not leave; and of one who did', async () => {
    const came = Promise.withResolvers<Came>()
    await using server = await openModelServer((one) => {
      one.response.writeHead(200, { 'content-type': 'text/event-stream' })
      one.response.write(frame({ content: 'Half' }), () => came.resolve(one))
    })
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    let heard: (event: RequestEnded) => void = () => {}
    const stop = gatewayChannel.subscribe((event) => event.event === 'request-ended' && heard(event))
    const ended = (): Promise<RequestEnded> => new Promise((resolve) => (heard = resolve))
    const cut = ended()
    const response = await door.chat({ stream: true })
    ;(await came.promise).response.destroy()
    await response.text().catch(() => {})
    assert.partialDeepStrictEqual(await cut, { status: 200, left: false })
    assert.match((await cut).brokenOff?.message ?? '', /one/)
    const gone = ended()
    const leaving = new AbortController()
    await door.chat({ stream: true }, { signal: leaving.signal })
    leaving.abort()
    assert.equal((await gone).left, true)
    assert.equal((await gone).brokenOff, undefined)
    stop()
  })

  it('of a request whose headers cannot be read', async () => {
    await using server = await openModelServer(answer)
    await using router = openTestRouter([{ name: 'one', url: server.url, model: 'm' }])
    await using door = await openTestGateway(router)
    const { promise: ended, resolve } = Promise.withResolvers<number>()
    const stop = gatewayChannel.subscribe((event) => event.event === 'request-ended' && resolve(event.status))
    assert.equal((await door.chat({}, { headers: { 'x-andon-priority': 'soon' } })).status, 400)
    assert.equal(await ended, 400)
    stop()
  })

  it('of models, endpoints and demand', async () => {
    await using server = await openModelServer(answer)
    await using router = openTestRouter([{ name: 'one', url: server.url, model: 'm' }])
    await using door = await openTestGateway(router)
    const heard: string[] = []
    const stop = gatewayChannel.subscribe((event) => {
      if (event.event === 'request-ended') heard.push(`${event.route} ${event.status}`)
    })
    await (await door.chat({ stream: true })).text()
    const text = async (path: string): Promise<string> => (await fetch(door.gateway.url + path)).text()
    assert.match(await text('/v1/models'), /"id":"m"/)
    assert.match(await text('/v1/models/m'), /"id":"m"/)
    assert.match(await text('/v1/models/none'), /No endpoint serves the model \\"none\\"/)
    assert.match(await text('/health/live'), /alive/)
    assert.match(await text('/health/ready'), /"ready":true/)
    assert.match(await text('/v1/router'), /"name":"one"/)
    assert.match(await text('/v1/router/signals'), /"desired_replicas":1/)
    const metrics = await text('/metrics')
    assert.match(metrics, /andon_endpoint_attempts_total\{endpoint="one",outcome="begun"\} 1/)
    assert.match(metrics, /andon_endpoint_first_token_seconds_count\{endpoint="one"\} 1/)
    assert.match(metrics, /andon_endpoint_breaker\{endpoint="one"\} 0/)
    assert.match(metrics, /andon_desired_replicas\{model="m"\} 1/)
    assert.equal(heard[0], '/v1/chat/completions 200')
    stop()
  })

  it('of a model that nobody serves', async () => {
    await using router = openTestRouter([{ name: 'one', url: 'http://127.0.0.1:1', model: 'm' }])
    await using door = await openTestGateway(router)
    for (const fields of [{ model: 'other' }, { model: 'andon' }]) {
      const response = await door.chat(fields)
      assert.equal(response.status, 404)
      assert.match(await response.text(), /model_not_found/)
    }
    assert.equal((await door.chat({ model: undefined })).status, 400)
  })

  it('of a model that is there and cannot do what is asked', async () => {
    await using router = openTestRouter([{ name: 'one', url: 'http://127.0.0.1:1', model: 'm' }])
    await using door = await openTestGateway(router)
    const response = await fetch(`${door.gateway.url}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"m","input":"Hello"}',
    })
    assert.equal(response.status, 404)
    assert.match(await response.text(), /No endpoint of the model \\"m\\" takes \/v1\/embeddings/)
  })

  it('of a body that is too large, whose limit is no option', async () => {
    await using router = openTestRouter([{ name: 'one', url: 'http://127.0.0.1:1', model: 'm' }])
    await using door = await openTestGateway(router)
    const response = await door.chat({ content: 'x'.repeat(33 * 1024 * 1024) })
    assert.equal(response.status, 413)
    assert.match(await response.text(), /larger than 32 MiB\. Send less\."/)
  })
})

describe('A door that has documents, too', () => {
  it('answers from them under its own name, and passes the others on', async () => {
    await using server = await openModelServer(answer)
    await using router = openTestRouter([{ name: 'one', url: server.url, model: 'm' }])
    await using door = await openDoor({ router })
    const ask = (model: string): Promise<Response> =>
      door.post('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'What does a lock do?' }] })
    assert.match(await (await ask('andon')).text(), /lets one in at a time/)
    assert.match(await (await ask('m')).text(), /Hello wörld/)
    assert.equal((await ask('other')).status, 404)
    assert.match(await (await door.get('/v1/models')).text(), /"andon".*"m"/)
    assert.match(await (await door.get('/metrics')).text(), /andon_endpoint_attempts_total/)
    const broken = await door.post('/v1/chat/completions', '{"model":"m"')
    assert.equal(broken.status, 400)
  })
})

describe('An endpoint of another protocol', () => {
  const model = (chat: (request: ChatRequest) => AsyncIterable<ChatEvent>): ChatModel => ({ name: 'claude', chat })

  it('answers in the shape of OpenAI, whole and word by word', async () => {
    const asked: ChatRequest[] = []
    const claude = model(async function* (request) {
      asked.push(request)
      yield { type: 'reasoning-delta', text: 'Hm.' }
      yield { type: 'text-delta', text: 'Hello' }
      yield { type: 'tool-call', call: { id: 'c1', name: 'look', arguments: '{"at":1}' } }
      yield { type: 'usage', usage: { promptTokens: 9, completionTokens: 4, estimated: false } }
      yield { type: 'finish', reason: 'tools' }
    })
    await using router = openTestRouter(
      [{ name: 'a', url: 'http://127.0.0.1:1', protocol: 'anthropic', model: 'claude' }],
      { a: claude },
    )
    await using door = await openTestGateway(router)
    const whole = await jsonOf(await door.chat({ model: 'claude', max_tokens: 9 }))
    assert.deepEqual(whole['choices']?.[0]?.['message'], {
      role: 'assistant',
      content: 'Hello',
      reasoning_content: 'Hm.',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } }],
    })
    assert.equal(asked[0]?.maxTokens, 9)
    const fields = { model: 'claude', stream: true, stream_options: { include_usage: true } }
    const text = await (await door.chat(fields)).text()
    assert.match(text, /"role":"assistant".*"Hm\.".*"Hello".*"look".*"tool_calls".*"prompt_tokens":9.*\[DONE\]\n\n$/s)
    assert.equal(router.records.at(-1)?.outputTokens, 4)
    assert.equal((await door.chat({ model: 'claude', messages: [] })).status, 400)
  })

  it('is left for another before its first word, and told of after it', async () => {
    await using server = await openModelServer(answer)
    const failing = (first: ChatEvent[]): ChatModel =>
      model(async function* () {
        yield* first
        throw new AndonError('unavailable', 'It is gone.', { detail: { retry: true } })
      })
    for (const [first, pattern] of [
      [[], /Hello.*\[DONE\]/s],
      [[{ type: 'text-delta', text: 'Half' } as const], /Half.*upstream_interrupted/s],
    ] as const) {
      await using router = openTestRouter(
        [
          { name: 'a', url: 'http://127.0.0.1:1', protocol: 'anthropic' },
          { name: 'b', url: server.url },
        ],
        { a: failing([...first]) },
      )
      await using door = await openTestGateway(router)
      const response = await door.chat({ stream: true })
      let text = ''
      try {
        for await (const part of response.body ?? []) text += Buffer.from(part).toString()
      } catch {
        // It does not end as a whole answer would.
      }
      assert.match(text, pattern)
      assert.equal(router.open.size, 0)
    }
  })

  it('is left for another when it ends without a word, and not when its limit or its provider cut it', async () => {
    await using server = await openModelServer(answer)
    for (const [reason, pattern] of [
      ['stop', /Hello/],
      ['length', /"finish_reason":"length"/],
      ['filter', /"finish_reason":"content_filter"/],
    ] as const)
      for (const stream of [true, false]) {
        const silent = model(async function* () {
          yield { type: 'finish', reason }
        })
        await using router = openTestRouter(
          [
            { name: 'a', url: 'http://127.0.0.1:1', protocol: 'anthropic' },
            { name: 'b', url: server.url },
          ],
          { a: silent },
        )
        await using door = await openTestGateway(router)
        assert.match(await (await door.chat({ stream })).text(), pattern)
      }
  })
})
