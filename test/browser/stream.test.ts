// The page's reading of an answer, against a real server behind a line that is cut: nothing is lost, nothing comes
// twice. It runs here with the few things of a browser that it touches.

import assert from 'node:assert/strict'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { NumberedEvent } from '../../src/core/answer-record.ts'
import type { Factory } from '../../src/core/factory.ts'
import { openGateway, type Gateway } from '../../src/gateway/server.ts'
import { openLibrary, travel } from '../journeys/library.ts'
import { ModelServer } from '../servers/model-server.ts'

/** What the page's files give. They are written for a browser: their types are checked with the page's. */
interface Stream {
  ask(
    body: { question: string },
    options?: { signal?: AbortSignal; onLost?: (lost: boolean) => void },
  ): AsyncGenerator<NumberedEvent>
  follow(id: string, options?: { after?: number }): AsyncGenerator<NumberedEvent>
  stopAnswer(id: string): Promise<void>
}

interface Events {
  eventsIn(
    response: Response,
    silenceMs?: number,
  ): AsyncGenerator<{ id: string | undefined; event: string; data: string }>
}

const sentences = ['The finance director approves it [1].', 'The moon is cheese.', 'Ask the team lead [1].']

/** A line to a port that can be told to break after so many bytes from there. */
class Line implements AsyncDisposable {
  /** Bytes until it breaks; the next connection is whole again. */
  breakAfter = Number.POSITIVE_INFINITY
  /** Whether nobody is let through at all. */
  down = false
  breaks = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(port: number) {
    this.#server = createServer((near) => {
      if (this.down) {
        near.destroy()
        return
      }
      const far = connect(port, '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => {
          for (const each of [near, far]) {
            each.destroy()
            this.#sockets.delete(each)
          }
        })
      }
      near.pipe(far)
      far.on('data', (bytes: Buffer) => {
        const left = this.breakAfter
        near.write(bytes.subarray(0, left))
        this.breakAfter -= bytes.length
        if (this.breakAfter > 0) return
        this.breakAfter = Number.POSITIVE_INFINITY
        this.breaks += 1
        near.end(() => near.destroy())
      })
    })
  }

  async open(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.listen(0, '127.0.0.1', resolve)
    await promise
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    await promise
  }
}

describe('Reading an answer', () => {
  let model: ModelServer
  let factory: Factory
  let gateway: Gateway
  let line: Line
  let stream: Stream
  let events: Events
  const seen = Object.assign(new EventTarget(), { hidden: false })
  const fetched = globalThis.fetch

  before(async () => {
    model = await ModelServer.start({ chat: () => ({ text: sentences.join(' '), tokenMs: 15 }) })
    factory = await openLibrary([travel], {
      cache: { answers: false },
      models: { baseUrl: model.baseUrl, model: 'scripted' },
    })
    gateway = await openGateway(factory, { port: 0, lingerMs: 0, drainMs: 100 })
    line = new Line(gateway.port)
    const origin = await line.open()
    const page = new EventTarget()
    Object.assign(globalThis, {
      document: seen,
      addEventListener: page.addEventListener.bind(page),
      // A connection of its own each time, as far as the line can tell.
      fetch: (path: string, init: { headers?: Record<string, string> } = {}) =>
        fetched(new URL(path, origin), { ...init, headers: { ...init.headers, connection: 'close' } }),
    })
    stream = await import(new URL('../../web/src/api/stream.ts', import.meta.url).href)
    events = await import(new URL('../../web/src/api/events.ts', import.meta.url).href)
  })
  after(async () => {
    // A page that nobody sees asks nothing.
    seen.hidden = true
    seen.dispatchEvent(new Event('visibilitychange'))
    Object.assign(globalThis, { fetch: fetched })
    await line[Symbol.asyncDispose]()
    await gateway.close()
    await factory[Symbol.asyncDispose]()
    await model[Symbol.asyncDispose]()
  })

  const question = 'Who approves travel over 2,500 euros?'

  async function whole(options: { onLost?: (lost: boolean) => void } = {}) {
    const told = await Array.fromAsync(stream.ask({ question }, options))
    const last = told.at(-1)?.event
    assert.equal(last?.type, 'answer-end')
    assert.deepEqual(
      told.map(({ number }) => number),
      told.map((_, index) => index + 1),
    )
    const text = told.map(({ event }) => (event.type === 'text-delta' ? event.text : '')).join('')
    assert.equal(text, last.type === 'answer-end' ? last.text : '')
    return told
  }

  it('tells all its events, numbered, to its end', async () => {
    await whole()
  })

  for (const bytes of [1200, 2000, 3000, 4000, 5000])
    it(`goes on where it was when the line breaks after ${bytes} bytes`, async () => {
      line.breakAfter = bytes
      const lost: boolean[] = []
      const before = line.breaks
      await whole({ onLost: (now) => lost.push(now) })
      assert.equal(line.breaks, before + 1)
      assert.deepEqual(lost, [true, false])
    })

  it('throws what the server refuses, with its code', async () => {
    await assert.rejects(Array.fromAsync(stream.ask({ question: ' ' })), { code: 'invalid', status: 400 })
    await assert.rejects(Array.fromAsync(stream.follow('none')), { code: 'not-found', status: 404 })
  })

  it('throws when nobody answers at all', async () => {
    line.down = true
    await assert.rejects(Array.fromAsync(stream.ask({ question })), { code: 'offline', status: 0 })
    line.down = false
  })

  it('can be stopped, and tells its end', async () => {
    const types: string[] = []
    for await (const { event } of stream.ask({ question })) {
      types.push(event.type)
      if (event.type === 'answer-start') await stream.stopAnswer(event.id)
    }
    assert.match(types.at(-1) ?? '', /^answer-(end|failed)$/)
  })

  it('can be followed from any event on, also after its end', async () => {
    const all = await whole()
    const [first] = all
    assert.equal(first?.event.type, 'answer-start')
    const id = first?.event.type === 'answer-start' ? first.event.id : ''
    for (const after of [0, 1, all.length - 1])
      assert.deepEqual(await Array.fromAsync(stream.follow(id, { after })), all.slice(after))
    assert.deepEqual(await Array.fromAsync(stream.follow(id, { after: all.length })), [])
  })

  it('ends with its signal', async () => {
    const leaving = new AbortController()
    const reading = (async () => {
      for await (const { event } of stream.ask({ question }, { signal: leaving.signal }))
        if (event.type === 'text-delta') leaving.abort()
    })()
    await assert.rejects(reading, { name: 'AbortError' })
  })

  it('takes silence for a lost line', async () => {
    const silent = new Response(new ReadableStream({ start: (to) => to.enqueue(Buffer.from(': here\n\n')) }))
    await assert.rejects(Array.fromAsync(events.eventsIn(silent, 20)), { name: 'Silence' })
  })

  it('reads events however they are cut, with either end of line', async () => {
    for (const end of ['\n', '\r\n']) {
      const text = [
        'id: a.1',
        'event: x',
        'data: {"text":"线程"}',
        '',
        ': here',
        '',
        'data: one',
        'data: two',
        '',
        '',
      ].join(end)
      const bytes = Buffer.from(text)
      const cut = new Response(
        new ReadableStream({
          start(to) {
            for (const byte of bytes) to.enqueue(Buffer.from([byte]))
            to.close()
          },
        }),
      )
      assert.deepEqual(await Array.fromAsync(events.eventsIn(cut)), [
        { id: 'a.1', event: 'x', data: '{"text":"线程"}' },
        { id: undefined, event: 'message', data: 'one\ntwo' },
      ])
    }
  })
})
