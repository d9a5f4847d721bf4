// However the bytes of a request for a model arrive, the same bytes go on, every caller is answered in turn, and nothing
// is held of one who is gone.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { openTestGateway } from '../../../test/router/gateway.ts'
import { openModelServer, sayWhole, type ModelServer } from '../../../test/router/upstream-server.ts'
import { openTestRouter } from '../../../test/router/wire-router.ts'

const post = 'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'

/** A request, with these headers more. */
function request(body: string, more = ''): string {
  return `${post}${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

function asking(text: string): string {
  return JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] })
}

/** A caller that writes bytes as it likes, and reads until it has seen something. */
class Caller {
  readonly socket: Socket
  text = ''

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').setEncoding('utf8').setNoDelay(true)
    this.socket.on('data', (part: string) => (this.text += part))
  }

  async write(bytes: string): Promise<void> {
    await new Promise((resolve) => this.socket.write(bytes, resolve))
  }

  async sees(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      if (this.socket.closed) assert.fail(`The connection ended, and nothing was ${String(pattern)}: ${this.text}`)
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')])
    }
  }
}

/** One that says back what was asked. */
function openEcho(): Promise<ModelServer> {
  return openModelServer((came) => {
    const { messages } = JSON.parse(came.body.toString()) as { messages: { content: string }[] }
    sayWhole(came, `You said ${messages[0]?.content.slice(0, 20)}.`)
  })
}

describe('A request', () => {
  it('may come in pieces, in chunks, larger than one read, or several at once on one connection', async () => {
    await using server = await openEcho()
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    const caller = new Caller(door.gateway.port)

    const pieces = request(asking('piece by piece'))
    await caller.write(pieces.slice(0, 100))
    await caller.write(pieces.slice(100, -10))
    await caller.write(pieces.slice(-10))
    await caller.sees(/You said piece by piece\./)

    // Two in one write, and a third cut in two.
    const third = request(asking('third'))
    await caller.write(request(asking('first')) + request(asking('second')) + third.slice(0, -5))
    await caller.sees(/You said first\.[^]*You said second\./)
    await caller.write(third.slice(-5))
    await caller.sees(/You said third\./)

    const large = asking('large '.repeat(200_000))
    await caller.write(request(large))
    await caller.sees(/You said large large large la\./)
    assert.equal(server.came.at(-1)?.body.toString(), large)

    const body = asking('chunk by chunk')
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
    await caller.write(`${post}Transfer-Encoding: chunked\r\n\r\n${chunk(body.slice(0, 9))}`)
    await caller.write(`${chunk(body.slice(9))}0\r\n\r\n`)
    await caller.sees(/You said chunk by chunk\./)

    await caller.write(`${post}Expect: 100-continue\r\nContent-Length: ${asking('go').length}\r\n\r\n`)
    await caller.sees(/100 Continue/)
    await caller.write(asking('go'))
    await caller.sees(/You said go\./)
    caller.socket.destroy()
    assert.equal(server.came.length, 7)
    assert.equal(caller.text.match(/HTTP\/1\.1 200/g)?.length, 7)
    assert.equal(router.open.size, 0)
  })

  it('that is empty or no JSON is refused, and its connection closed', async () => {
    await using server = await openEcho()
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router)
    for (const [body, said] of [
      ['', /The body is empty/],
      ['{"model":"m"', /The body is not valid JSON/],
    ] as const) {
      const caller = new Caller(door.gateway.port)
      const closed = once(caller.socket, 'close')
      await caller.write(request(body))
      await closed
      assert.match(caller.text, /^HTTP\/1\.1 400/)
      assert.match(caller.text, said)
    }
    assert.equal(server.came.length, 0)
  })

  it('that ends early is sent nowhere, and holds nothing', async () => {
    await using server = await openEcho()
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    const limits = { tenantAtOnce: 1, questionsWaiting: 0 }
    await using door = await openTestGateway(router, { limits })
    for (const length of [0, 20]) {
      const caller = new Caller(door.gateway.port)
      caller.socket.on('error', () => {})
      const text = request(asking('never'))
      await caller.write(text.slice(0, text.indexOf('\r\n\r\n') + 4 + length))
      caller.socket.destroy()
      await once(caller.socket, 'close')
    }
    assert.equal((await door.chat()).status, 200)
    assert.equal(server.came.length, 1)
    assert.equal(router.open.size, 0)
  })
})

describe('The headers of a reply', () => {
  it('say to browsers what only browsers heed, and to all what all do', async () => {
    await using server = await openEcho()
    await using router = openTestRouter([{ name: 'one', url: server.url }])
    await using door = await openTestGateway(router, { origins: 'https://page.example' })
    const program = (await door.chat()).headers
    const page = (await door.chat({}, { headers: { origin: 'https://page.example' } })).headers
    const refused = await door.chat({ model: 'm', stream: true }, { headers: { origin: 'https://evil.example' } })
    for (const headers of [program, page, refused.headers]) {
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('cache-control'), 'no-store')
    }
    assert.equal(program.get('content-security-policy'), null)
    assert.match(page.get('content-security-policy') ?? '', /default-src 'none'/)
    assert.equal(page.get('access-control-allow-origin'), 'https://page.example')
    assert.equal(refused.status, 403)
    assert.match(refused.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  })
})
