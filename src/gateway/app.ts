// The HTTP server and its Fastify instance: limits of the protocol, how bodies are read, and what is said where nothing is.

import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fastify, type HTTPMethods } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { AndonError } from '../core/errors.ts'
import { answerClientError, answerExpectation } from './client-errors.ts'
import type { App } from './door.ts'
import { frameworkCode, sendError } from './errors.ts'
import { isLoopback } from './host-guard.ts'
import { addJsonBody } from './json-body.ts'
import { requestIdOf } from './request-id.ts'
import { megabytes } from './settings/setting.ts'
import { mayUpgrade } from './socket.ts'
import { validator } from './validation.ts'

/** Connections that the system keeps for us until they are accepted: a burst of streams comes all at once. */
const backlog = 4096

/** How long an idle connection stays open, in milliseconds: longer than the proxies in front keep theirs. */
const keepAliveMs = 72_000

/** Sees each request before the routes do; true when it has taken it. */
export type Before = (
  request: IncomingMessage,
  response: Parameters<RequestListener>[1],
  routes: RequestListener,
) => boolean

/** How large a body may be that the routes read, and what to do about one that is larger. */
export interface BodyLimit {
  bytes: number
  advice: string
}

/** Makes the server. `before`, when it is there, takes what is not for the routes. */
export function makeApp(bodies: BodyLimit, before?: Before): App {
  const http = {
    headersTimeout: 30_000,
    connectionsCheckingInterval: 5_000,
    // Node would answer a missing Host with nothing but a status; the guard of hosts says what is wrong.
    requireHostHeader: false,
    shouldUpgradeCallback: mayUpgrade,
  }
  const app: App = fastify({
    bodyLimit: bodies.bytes,
    serverFactory: (routes) => makeServer(http, routes, before),
    clientErrorHandler: answerClientError,
    frameworkErrors: (reason, request, reply) => void sendError(request, reply, reason),
    genReqId: requestIdOf,
    // A trailing slash is a slip, not another page.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
  }).withTypeProvider<ZodTypeProvider>()
  app.server.on('checkExpectation', answerExpectation)
  app.setValidatorCompiler(validator)
  // Response schemas document; what is sent is ours and is not checked again.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  // Only JSON: a form or plain text is what a web page of somebody else may send here without being asked.
  app.removeContentTypeParser('text/plain')
  addJsonBody(app)
  app.setErrorHandler((reason, request, reply) => sendError(request, reply, tooLarge(reason, bodies) ?? reason))
  app.setNotFoundHandler((request, reply) => {
    const url = request.url.split('?')[0] ?? '/'
    const allowed = (['GET', 'POST', 'PATCH', 'DELETE'] satisfies HTTPMethods[]).filter(
      (method) => app.findRoute({ method, url }) !== null,
    )
    if (allowed.length === 0) {
      const shown = url.length > 200 ? `${url.slice(0, 200)}…` : url
      const hasPage = app.findRoute({ method: 'GET', url: '/' }) !== null
      const where = hasPage ? 'The page at / says what there is.' : 'GET /v1/models says which models can be asked.'
      const sentence = `There is nothing at ${request.method} ${shown}. ${where}`
      return sendError(request, reply, new AndonError('not-found', sentence))
    }
    void reply.header('allow', allowed.join(', '))
    const sentence = `${url} does not take ${request.method}. Use ${allowed.join(' or ')}.`
    return sendError(request, reply, new AndonError('unsupported', sentence), 405)
  })
  return app
}

/** Fastify says that a body is too large, and not how large it may be. */
function tooLarge(reason: unknown, { bytes, advice }: BodyLimit): AndonError | undefined {
  if (frameworkCode(reason) !== 'FST_ERR_CTP_BODY_TOO_LARGE') return undefined
  return new AndonError('too-large', `The body is larger than ${megabytes(bytes)}. ${advice}`, { cause: reason })
}

function makeServer(options: object, routes: RequestListener, before: Before | undefined): Server {
  const listener: RequestListener =
    before === undefined
      ? routes
      : (request, response) => {
          if (!before(request, response, routes)) routes(request, response)
        }
  const server = createServer(options, listener)
  server.keepAliveTimeout = keepAliveMs
  // How long a body may take is the matter of body-guard.ts: an upload takes longer than a question.
  server.requestTimeout = 0
  server.setTimeout(0)
  return server
}

/** Opens it. Returns where it is reached. Throws `unavailable` when the address is taken or not of this machine. */
export async function listen(app: App, host: string, port: number): Promise<{ url: string; port: number }> {
  try {
    await app.listen({ host, port, backlog })
  } catch (reason) {
    await app.close()
    throw cannotListen(reason, host, port)
  }
  const bound = boundPort(app, port)
  const name = isLoopback(host) || !/^(0\.0\.0\.0|::)$/.test(host) ? host : '127.0.0.1'
  return { url: `http://${name.includes(':') ? `[${name}]` : name}:${bound}`, port: bound }
}

function boundPort(app: App, asked: number): number {
  const address: AddressInfo | string | null = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : asked
}

function cannotListen(reason: unknown, host: string, port: number): AndonError {
  const code = reason instanceof Error && 'code' in reason ? reason.code : undefined
  const sentence =
    code === 'EADDRINUSE'
      ? `Port ${port} on ${host} is taken by another program. Stop it, or choose another with --port (0 takes a free one).`
      : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
        ? `${host} is not an address of this machine. Set host to 127.0.0.1 or to one that is.`
        : code === 'EACCES'
          ? `This user may not listen on port ${port}. Choose one above 1023 with --port.`
          : `Andon cannot listen on ${host}:${port}: ${AndonError.from(reason).sentence}.`
  return new AndonError('unavailable', sentence, { cause: reason })
}
