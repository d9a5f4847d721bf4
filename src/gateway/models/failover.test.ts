// An endpoint in trouble before its first word is never noticed by the caller; after it, the caller is told and nobody
// takes the answer for a whole one.

import assert from 'node:assert/strict'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { describe, it } from 'node:test'
import { frame, openModelServer, sayWhole, streamWords, type Came } from '../../../test/router/upstream-server.ts'
import { openTestRouter, type TestRouter } from '../../../test/router/wire-router.ts'
import { openTestGateway, type TestGateway } from '../../../test/router/gateway.ts'
import type { FailureKind } from '../../router/order.ts'

/** Answers as it should, whole or word by word. */
function good(came: Came): void {
  if (came.body.includes('"stream":true')) streamWords(came, ['Good', ' answer'])
  else sayWhole(came, 'Good answer')
}

/** A gateway over an endpoint that behaves so, and then one that behaves well. */
async function withTrouble(
  behave: (came: Came) => void,
  test: (door: TestGateway, router: TestRouter) => Promise<void>,
): Promise<void> {
  await using trouble = await openModelServer(behave)
  await using fine = await openModelServer(good)
  await using router = openTestRouter([
    { name: 'trouble', url: trouble.url, firstTokenMs: 60, idleMs: 60 },
    { name: 'fine', url: fine.url },
  ])
  await using door = await openTestGateway(router)
  await test(door, router)
  assert.equal(router.open.size, 0)
}

const sse = { 'content-type': 'text/event-stream' }
const roleFrame = frame({ role: 'assistant', content: '' })

const troubles: [string, FailureKind, 'stream' | 'whole' | 'both', (came: Came) => void][] = [
  ['closes the connection', 'cut', 'both', ({ response }) => response.destroy()],
  ['answers 500', 'failed', 'both', ({ response }) => response.writeHead(500).end('{"error":{"message":"no"}}')],
  [
    'answers 502 with a page',
    'failed',
    'both',
    ({ response }) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>'),
  ],
  [
    'answers 200 with a page',
    'malformed',
    'both',
    ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Login</html>'),
  ],
  ['answers 429', 'busy', 'both', ({ response }) => response.writeHead(429, { 'retry-after': '7' }).end('{}')],
  ['answers 401', 'key', 'both', ({ response }) => response.writeHead(401).end('{"error":{"message":"bad key"}}')],
  ['says nothing', 'silent', 'both', () => {}],
  ['is silent after its headers', 'silent', 'stream', ({ response }) => response.writeHead(200, sse).flushHeaders()],
  [
    'only sends comments',
    'silent',
    'stream',
    ({ response }) => {
      response.writeHead(200, sse)
      response.write(`: wait\n\n${roleFrame}`)
    },
  ],
  [
    'sends an error as its first frame',
    'failed',
    'stream',
    ({ response }) => response.writeHead(200, sse).end('data: {"error":{"message":"out of memory"}}\n\n'),
  ],
  [
    'sends an error right behind its first word',
    'failed',
    'stream',
    ({ response }) =>
      response.writeHead(200, sse).end(`${frame({ content: 'Ba' })}data: {"error":{"message":"oom"}}\n\n`),
  ],
  [
    'sends a frame that is no JSON',
    'malformed',
    'stream',
    ({ response }) => response.writeHead(200, sse).end('data: {"choi\n\n'),
  ],
  [
    'is cut before its first word',
    'cut',
    'stream',
    ({ response }) => {
      response.writeHead(200, sse)
      response.write(roleFrame, () => response.destroy())
    },
  ],
  [
    'ends right behind its first word',
    'cut',
    'stream',
    ({ response }) => response.writeHead(200, sse).end(frame({ content: 'Ba' })),
  ],
  ['ends without a word', 'malformed', 'stream', ({ response }) => response.writeHead(200, sse).end(roleFrame)],
  [
    'stops before it has said anything',
    'malformed',
    'stream',
    ({ response }) => response.writeHead(200, sse).end(`${frame({}, 'stop')}data: [DONE]\n\n`),
  ],
  ['stops before it has said anything, whole', 'malformed', 'whole', (came) => sayWhole(came, '')],
  [
    'is cut in the middle of a whole answer',
    'cut',
    'whole',
    ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      response.write('{"choices":[', () => response.destroy())
    },
  ],
  [
    'answers 200 with an error',
    'failed',
    'whole',
    ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}'),
  ],
]

describe('An endpoint that fails before its first word', () => {
  for (const [what, kind, how, behave] of troubles)
    for (const stream of [true, false]) {
      if ((how === 'stream' && !stream) || (how === 'whole' && stream)) continue
      it(`${what}: another answers, ${stream ? 'word by word' : 'whole'}`, async () => {
        await withTrouble(behave, async (door, router) => {
          const response = await door.chat({ stream })
          const text = await response.text()
          assert.equal(response.status, 200, text)
          assert.match(text, stream ? /Good.*\[DONE\]/s : /Good answer/)
          assert.doesNotMatch(text, /Ba|error/)
          assert.equal(response.headers.get('x-andon-endpoint'), 'fine')
          assert.equal(response.headers.get('x-andon-attempts'), '2')
          const [first] = router.outcomes
          assert.ok(first?.outcome.kind === 'failed', JSON.stringify(first))
          assert.equal(first.outcome.failure.kind, kind)
        })
      })
    }

  it('is not there at all: another answers', async () => {
    const gone = await openModelServer(good)
    await gone[Symbol.asyncDispose]()
    await using fine = await openModelServer(good)
    await using router = openTestRouter([
      { name: 'gone', url: gone.url },
      { name: 'fine', url: fine.url },
    ])
    await using door = await openTestGateway(router)
    assert.match(await (await door.chat({ stream: true })).text(), /Good.*\[DONE\]/s)
    assert.equal(router.records[0]?.attempts[0]?.outcome, 'refused')
  })

  it('sends a connection away that was kept from before: the request is sent again on a new one', async () => {
    let last: Came | undefined
    await using server = await openModelServer((came) => {
      const isOld = last?.response.req.socket === came.response.req.socket
      last = came
      if (isOld) came.response.req.socket.destroy()
      else good(came)
    })
    await using router = openTestRouter([{ name: 'only', url: server.url }])
    await using door = await openTestGateway(router)
    for (let times = 0; times < 3; times++) assert.match(await (await door.chat()).text(), /Good answer/)
    assert.ok(router.records.every(({ attempts }) => attempts.length === 1))
  })
})

describe('A server that says when to come back', () => {
  for (const [headers, ms] of [
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '7', 'retry-after-ms': '6500' }, 6_500],
    [{ 'retry-after': '7200' }, 7_200_000],
  ] as const)
    it(`is believed: ${JSON.stringify(headers)}`, async () => {
      await withTrouble(
        ({ response }) => response.writeHead(429, headers).end('{}'),
        async (door, router) => {
          assert.equal((await door.chat()).headers.get('x-andon-endpoint'), 'fine')
          const outcome = router.outcomes[0]?.outcome
          assert.equal(outcome?.kind === 'failed' && outcome.failure.retryAfterMs, ms)
        },
      )
    })
})

describe('An answer that breaks off after its first word', () => {
  const breaks: [string, (came: Came) => void][] = [
    ['is cut', ({ response }) => response.write('data: {"half', () => response.destroy())],
    ['ends clean without an end', ({ response }) => response.end()],
    ['says that it failed', ({ response }) => response.end('data: {"error":{"message":"oom"}}\n\ndata: [DONE]\n\n')],
    [
      'sends what is no JSON, and goes on',
      ({ response }) =>
        response.end(`data: {"half\n\n${frame({ content: 'More' })}${frame({}, 'stop')}data: [DONE]\n\n`),
    ],
    ['falls silent', () => {}],
  ]
  for (const [what, go] of breaks)
    it(`${what}: the last frame says so, and the connection does not end as a whole answer would`, async () => {
      await withTrouble(
        (came) => {
          came.response.writeHead(200, sse)
          came.response.write(frame({ content: 'First' }))
          // The first word has gone on before the trouble begins.
          setImmediate(() => setTimeout(() => go(came), 20))
        },
        async (door, router) => {
          const { text, isWhole } = await readRaw(door, { stream: true })
          assert.match(text, /First/)
          assert.match(text, /data: \{"error":\{.*"code":"upstream_interrupted"\}\}\n\n$/)
          assert.doesNotMatch(text, /DONE|More|half\n/)
          assert.equal(isWhole, false)
          const outcome = router.outcomes[0]?.outcome
          assert.equal(outcome?.kind, 'failed')
          if (what.includes('JSON')) assert.equal(outcome.failure.kind, 'malformed')
          assert.ok(router.records[0]?.error)
        },
      )
    })

  it('lacks only its [DONE]: it is whole, and gets one', async () => {
    await withTrouble(
      ({ response }) => response.writeHead(200, sse).end(frame({ content: 'All' }) + frame({}, 'stop')),
      async (door) => {
        const { text, isWhole } = await readRaw(door, { stream: true })
        assert.match(text, /All.*"stop".*data: \[DONE\]\n\n$/s)
        assert.equal(isWhole, true)
      },
    )
  })
})

describe('First content', () => {
  it('that is larger than what is read of a stream goes on from the endpoint that was asked', async () => {
    const call = {
      index: 0,
      id: 'c',
      type: 'function',
      function: { name: 'write_file', arguments: 'x'.repeat(400_000) },
    }
    await using server = await openModelServer(({ response }) => {
      response.writeHead(200, sse).write(frame({ tool_calls: [call] }))
      response.end(`${frame({}, 'tool_calls')}data: [DONE]\n\n`)
    })
    await using router = openTestRouter([{ name: 'only', url: server.url }])
    await using door = await openTestGateway(router)
    const answer = await door.chat({ stream: true })
    assert.equal(answer.status, 200)
    assert.match(await answer.text(), /x{400000}.*\[DONE\]/s)
    assert.equal(server.came.length, 1)
  })
})

describe('An answer of nothing', () => {
  it('is believed the second time', async () => {
    await using server = await openModelServer((came) => sayWhole(came, ''))
    await using router = openTestRouter([
      { name: 'one', url: server.url },
      { name: 'two', url: server.url },
    ])
    await using door = await openTestGateway(router)
    const response = await door.chat()
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('x-andon-attempts'), '2')
  })
})

/** Reads a reply to its very end, and whether that was the end of a whole one. */
async function readRaw(door: TestGateway, fields: object): Promise<{ text: string; isWhole: boolean }> {
  const request = httpRequest(`${door.gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  request.end(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...fields }))
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
  request.once('response', resolve)
  const response = await promise
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (part: string) => (text += part))
  response.on('error', () => {})
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  response.once('close', close)
  await closed
  return { text, isWhole: response.complete }
}
