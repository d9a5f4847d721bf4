// A service for tests: it says what it was asked, or answers in any way that a service may.

import swagger from '@fastify/swagger'
import fastify from 'fastify'
import type { FastifyReply } from 'fastify'

/** What `echo` paths answer. */
export interface Echo {
  method: string
  url: string
  headers: Record<string, string>
  body: string
}

export interface Service extends AsyncDisposable {
  /** Without a slash at its end. */
  url: string
  /** Ends when somebody asked for `/hang`, which has no answer. */
  hung: Promise<void>
  /** Ends when they have gone. */
  left: Promise<void>
  /** Sockets that were ever opened. */
  readonly sockets: number
  /** Requests so far. */
  readonly asked: number
}

/** Starts it. Its own document is at `/openapi.json`; paths that it does not know echo. */
export async function startService(): Promise<Service> {
  const app = fastify({ forceCloseConnections: true })
  let sockets = 0
  let asked = 0
  const hung = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  app.server.on('connection', () => (sockets += 1))
  app.addHook('onRequest', async () => void (asked += 1))
  await app.register(swagger, { openapi: { openapi: '3.1.0', info: { title: 'Calculator', version: '1' } } })
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  app.removeContentTypeParser(['application/json', 'text/plain'])

  await app.register(async (own) => {
    const two = { type: 'object', required: ['a', 'b'], properties: { a: { type: 'number' }, b: { type: 'number' } } }
    const schema = {
      operationId: 'add',
      summary: 'Adds two numbers',
      querystring: two,
      response: { 200: { type: 'number' } },
    }
    own.get<{ Querystring: { a: number; b: number } }>('/add', { schema }, async ({ query }) => query.a + query.b)
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  for (const [path, answer] of Object.entries(answers)) {
    app.all(path, { schema: { hide: true } }, (request, reply) =>
      answer(reply, request.headers as Record<string, string>),
    )
  }
  app.all('/hang', { schema: { hide: true } }, (_, reply) => {
    reply.hijack()
    reply.raw.on('close', () => left.resolve())
    hung.resolve()
  })
  app.setNotFoundHandler(({ method, url, headers, body }, reply) => {
    const said = Buffer.isBuffer(body) ? body.toString('latin1') : ''
    return reply.send({ method, url, headers, body: said })
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url,
    hung: hung.promise,
    left: left.promise,
    get sockets() {
      return sockets
    },
    get asked() {
      return asked
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}

let cuts = 0

const answers: Record<string, (reply: FastifyReply, headers: Record<string, string>) => unknown> = {
  '/text': (reply) => reply.type('text/plain; charset=latin1').send(Buffer.from('gr\u00fcn', 'latin1')),
  '/bytes': (reply) => reply.type('image/png').send(Buffer.from([1, 2, 250])),
  '/nothing': (reply) => reply.code(204).send(),
  '/made': (reply) => reply.code(201).header('location', '/things/7').send(),
  '/not-json': (reply) => reply.type('application/json').send('<html>'),
  '/large': (reply) => reply.type('text/plain').send('x'.repeat(100_000)),
  '/busy': (reply) => reply.code(429).header('retry-after', '7').send({ error: 'slow down' }),
  '/down': (reply) => reply.code(503).send('later'),
  '/broken': (reply) => reply.code(500).send({ error: 'no' }),
  '/refused': (reply, headers) => reply.code(401).send({ youSent: headers['authorization'] }),
  '/moved': (reply) => reply.redirect('/text', 302),
  '/moved-away': (reply) => reply.redirect('http://127.0.0.2:1/secret', 302),
  '/moved-again': (reply) => reply.redirect('/moved-again', 302),
  '/cut-once': (reply) => {
    cuts += 1
    if (cuts > 1) return reply.send('whole')
    reply.hijack()
    return reply.raw.socket?.destroy()
  },
  '/cut-always': (reply) => {
    reply.hijack()
    return reply.raw.socket?.destroy()
  },
}
