// What users of other gateways have complained of, as far as it is about callers who leave, many at once, long runs and
// how it is installed: through the real door, over real sockets.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { Pool } from 'undici'
import { ConcurrentRouter, type ModelEndpoint, type RouterOptions } from '../../src/router/index.ts'
import { saying, startCommand } from '../command-line.ts'
import { start } from './gateway-process.ts'
import { openTestGateway, type TestGateway } from './gateway.ts'
import { ModelServer } from './model-server.ts'
import { frame, openModelServer, sayWhole, streamWords, type Came } from './upstream-server.ts'

/** A gateway before one server that behaves so. */
async function open(behave: (came: Came) => void, endpoint: Partial<ModelEndpoint> = {}, options: RouterOptions = {}) {
  const stack = new AsyncDisposableStack()
  const server = stack.use(await openModelServer(behave))
  const { endpoints: others = [], ...rest } = options
  const router = stack.use(
    new ConcurrentRouter({
      endpoints: [{ name: 'one', url: server.url, model: 'm', firstTokenMs: 60_000, ...endpoint }, ...others],
      ...rest,
    }),
  )
  const door = stack.use(await openTestGateway(router))
  return { server, router, door, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Posts, leaves as soon as `until` is true, and waits until nothing is open any more. */
async function leaveWhen(door: TestGateway, path: string, body: object, until: () => boolean): Promise<void> {
  const leave = new AbortController()
  const asked = fetch(`${door.gateway.url}/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', ...body }),
    signal: leave.signal,
  }).then(async (response) => response.text())
  while (!until()) await turn()
  leave.abort()
  await assert.rejects(asked)
}

describe('BerriAI/litellm#36123: whoever leaves closes the line to the server, on every path and for every protocol', () => {
  const chat = { messages: [{ role: 'user', content: 'Hi' }] }
  const begins = ({ response }: Came): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frame({ content: 'Hello' }))
  }
  const beginsAsAnthropic = ({ response }: Came): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":3}}}\n\n')
    response.write(
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}\n\n',
    )
  }
  const ways: [string, string, object, (came: Came) => void, Partial<ModelEndpoint>][] = [
    [
      'BerriAI/litellm#3341, #17364, #17365, #30245, maximhq/bifrost#3341: a stream of a chat',
      '/chat/completions',
      { ...chat, stream: true },
      begins,
      {},
    ],
    ['BerriAI/litellm#13774, #14295, #14304, #25776, #37140: a whole answer', '/chat/completions', chat, () => {}, {}],
    ['a stream of a completion', '/completions', { prompt: 'Hi', stream: true }, begins, { can: ['completions'] }],
    ['vectors', '/embeddings', { input: 'Hi' }, () => {}, { can: ['embeddings'] }],
    ['scores', '/rerank', { query: 'Hi', documents: ['Ho'] }, () => {}, { can: ['rerank'] }],
    [
      "a stream that is translated from Anthropic's messages",
      '/chat/completions',
      { ...chat, stream: true },
      beginsAsAnthropic,
      { protocol: 'anthropic', apiKey: 'secret-key' },
    ],
  ]
  for (const [name, path, body, behave, endpoint] of ways)
    test(name, async () => {
      await using all = await open(behave, endpoint)
      await leaveWhen(all.door, path, body, () => all.server.came.length === 1)
      while (all.server.left === 0) await turn()
      while (all.router.state().inFlight > 0) await turn()
      assert.equal(all.server.came.length, 1)
    })
})

test('BerriAI/litellm#40404: a stream that is garbled after its first token ends with an error, never as a whole answer', async () => {
  await using all = await open(({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(frame({ content: 'Hello' }))
  })
  const response = await all.door.chat({ stream: true })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  // The first word is with the caller before anything is wrong.
  let text = (await reader?.read())?.value ?? ''
  all.server.came[0]?.response.end(
    `data: {"id": "simulated fa\n\n${frame({ content: ' world' })}${frame({}, 'stop')}data: [DONE]\n\n`,
  )
  await assert.rejects(async () => {
    for (;;) {
      const part = await reader?.read()
      if (!part || part.done) return
      text += part.value
    }
  })
  assert.match(text, /Hello[^]*data: \{"error":[^\n]*no JSON[^\n]*"code":"upstream_interrupted"\}\}\n\n$/)
  assert.doesNotMatch(text, /\[DONE\]| world/)
  assert.equal(all.router.state().endpoints[0]?.counts.failed, 1)
})

test('maximhq/bifrost#7106, #7199, musistudio/claude-code-router#1605: who leaves before the first byte is noticed by the closing itself, and nobody else is asked', async () => {
  await using other = await ModelServer.start()
  // Neither a silent server nor the pause before another attempt hides that nobody listens.
  for (const silent of [true, false]) {
    await using all = await open(
      ({ response }) => void (silent || response.writeHead(500).end()),
      {},
      silent ? { endpoints: [{ name: 'other', url: other.url, model: 'm', priority: 1 }] } : {},
    )
    const ended = Promise.withResolvers<string>()
    all.router.subscribe((event) => void (event.type === 'record' && ended.resolve(event.record.outcome)))
    const body = { messages: [{ role: 'user', content: 'Hi' }], stream: true }
    await leaveWhen(all.door, '/chat/completions', body, () => all.server.came.length === 1)
    assert.equal(await ended.promise, 'cancelled')
    while (silent && all.server.left === 0) await turn()
    const state = all.router.state()
    assert.deepEqual([state.inFlight, state.waiting, other.asked], [0, 0, 0])
    // Four attempts would be made for one who stays.
    assert.ok(all.server.came.length <= 2)
  }
})

test('vllm-project/production-stack#448: 1,200 callers at once are all served, and the door is as well as before', async () => {
  await using all = await open(
    (came) => streamWords(came, ['Hello', ' world']),
    { maxConcurrent: 256, adaptive: false },
    { scheduling: { queue: 2_000 } },
  )
  await using pool = Object.assign(new Pool(all.door.gateway.url), { [Symbol.asyncDispose]: () => pool.destroy() })
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] })
  const headers = { 'content-type': 'application/json' }
  const texts = await Promise.all(
    Array.from({ length: 1_200 }, async () => {
      const answer = await pool.request({ method: 'POST', path: '/v1/chat/completions', headers, body })
      return `${answer.statusCode} ${(await answer.body.text()).endsWith('data: [DONE]\n\n')}`
    }),
  )
  assert.deepEqual([...new Set(texts)], ['200 true'])
  assert.equal(all.server.came.length, 1_200)
  assert.equal((await fetch(`${all.door.gateway.url}/health/ready`)).status, 200)
  assert.deepEqual([all.router.state().inFlight, all.router.state().waiting], [0, 0])
})

test('vllm-project/production-stack#706: after failures, leaving callers and dropped connections requests still reach the server', async () => {
  await using server = await ModelServer.start()
  await using router = new ConcurrentRouter({
    endpoints: [{ name: 'one', url: server.url, model: 'm', maxConcurrent: 4, firstTokenMs: 100, idleMs: 100 }],
    attempts: 1,
  })
  await using door = await openTestGateway(router)
  for (const manner of ['cut-before', 'cut-after', '500', 'malformed', 'empty', 'ends-early'] as const) {
    server.manner = manner
    await Promise.all(Array.from({ length: 4 }, async () => (await door.chat({ stream: true })).text().catch(() => '')))
    server.manner = 'endless'
    const leave = new AbortController()
    const left = door.chat({ stream: true }, { signal: leave.signal })
    await left.catch(() => undefined)
    leave.abort()
    // A server that was started anew knows none of the connections that are kept here.
    await server.stop()
    await server.listen()
    server.manner = 'well'
    const before = server.asked
    for (;;) {
      const response = await door.chat()
      await response.text()
      if (response.status === 200) break
      assert.ok([429, 502, 503].includes(response.status), `it was ${response.status}`)
    }
    assert.ok(server.asked > before)
  }
  await Promise.all(Array.from({ length: 50 }, async () => assert.equal((await door.chat()).status, 200)))
  assert.deepEqual([router.state().inFlight, router.state().waiting], [0, 0])
})

test('envoyproxy/ai-gateway#1855: a request that meets a 429 and is tried again ends no gateway', async () => {
  // Whoever asks is refused once, wherever it is, and answered after that.
  const refused = new Set<string>()
  const behave = (came: Came): void => {
    const { user, stream } = JSON.parse(came.body.toString()) as { user: string; stream: boolean }
    if (refused.has(user)) return stream ? streamWords(came, ['Hello', ' world']) : sayWhole(came, 'Hello world')
    refused.add(user)
    came.response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '0' })
    came.response.end('{"error":{"message":"Slow down","code":"429"}}')
  }
  await using one = await openModelServer(behave)
  await using other = await openModelServer(behave)
  const endpoints = [one, other].map(({ url }, index) => ({ name: `e${index}`, url, model: 'm' }))
  await using gateway = await start(endpoints, [])
  for (let count = 0; count < 40; count++) {
    const stream = count % 2 === 0
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', user: `${count}`, stream, messages: [{ role: 'user', content: 'Hi' }] }),
    })
    const text = await response.text()
    assert.equal(response.status, 200, text)
    assert.match(text, stream ? /Hello[^]* world[^]*data: \[DONE\]/ : /Hello world/)
  }
  assert.equal(one.came.length + other.came.length, 80)
  assert.deepEqual([gateway.child.exitCode, gateway.child.signalCode], [null, null])
  assert.equal(await gateway.stop(), 0, gateway.said())
})

test('lightseekorg/smg#1714: long prompts for a word each stand at every server before any of them answers', async () => {
  const waiting: Came[] = []
  await using servers = new AsyncDisposableStack()
  const opened = await Promise.all(
    Array.from({ length: 4 }, async () => servers.use(await openModelServer((came) => void waiting.push(came)))),
  )
  await using router = new ConcurrentRouter({
    endpoints: opened.map(({ url }, index) => ({ name: `e${index}`, url, model: 'm', firstTokenMs: 60_000 })),
  })
  await using door = await openTestGateway(router)
  const content = 'A long story. '.repeat(8_000)
  const asked = Array.from({ length: 16 }, async (_, index) => {
    const fields = { stream: true, max_tokens: 1, messages: [{ role: 'user', content: `${index} ${content}` }] }
    return (await door.chat(fields)).text()
  })
  while (waiting.length < 16) await turn()
  assert.deepEqual(
    opened.map(({ came }) => came.length),
    [4, 4, 4, 4],
  )
  for (const came of waiting) streamWords(came, ['Yes'])
  for (const text of await Promise.all(asked)) assert.match(text, /Yes[^]*\[DONE\]/)
})

describe('Portkey-AI/gateway#1389, #1550: what is installed is what was tested, and it streams', () => {
  test('every dependency is one version, so that a later install gets the same', () => {
    const { dependencies } = createRequire(import.meta.url)('../../package.json') as {
      dependencies: Record<string, string>
    }
    assert.deepEqual(
      Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
      [],
    )
  })

  test('andon gateway streams, with headers of its own beside the answer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'andon-test-'))
    await using server = await openModelServer((came) =>
      came.body.includes('"stream":true') ? streamWords(came, ['Hello', ' world']) : sayWhole(came, 'Hello'),
    )
    writeFileSync(
      join(folder, 'andon.json'),
      JSON.stringify({ models: { endpoints: [{ name: 'one', url: server.url, model: 'm' }] } }),
    )
    const child = startCommand(['gateway', '--config', 'andon.json', '--port', '0'], { directory: folder })
    try {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(await saying(child.stdout, /http:\/\/127\.0\.0\.1:\d+/))?.[0]
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
      })
      assert.deepEqual(
        [response.status, response.headers.get('x-andon-endpoint'), response.headers.get('content-type')],
        [200, 'one', 'text/event-stream'],
      )
      assert.match(await response.text(), /Hello[^]* world[^]*data: \[DONE\]\n\n$/)
    } finally {
      child.kill('SIGTERM')
      await once(child, 'close')
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
