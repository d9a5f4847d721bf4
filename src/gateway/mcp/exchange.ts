// The exchanges of /mcp: each message goes to its session, or is served for itself, in the revisions up to 2026-07-28.

import {
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
  legacyStatelessFallback,
} from '@modelcontextprotocol/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AndonError } from '../../core/errors.ts'
import type { Door } from '../door.ts'
import { Links } from '../links-source.ts'
import { sendWeb, webRequest } from './web.ts'
import { makeMcpServer } from './server.ts'
import { McpSessions, type McpSession } from './sessions.ts'
import { ToolsWatch } from './tools-watch.ts'
import type { McpHouse, McpVisit } from './visit.ts'

/** Streams of the door that wait for news without a session. */
const mostListening = 1_000
/** What the routes share: the sessions, and who hears of changed tools (looked at in every heartbeat of a stream). */
export class McpExchange implements AsyncDisposable {
  readonly #door: Door
  readonly #house: McpHouse
  readonly #sessions = new McpSessions()
  readonly #tools: ToolsWatch
  /** Who sent a request, by the request as the library knows it. */
  readonly #visits = new WeakMap<Request, McpVisit>()
  #listening = 0

  constructor(door: Door) {
    this.#door = door
    this.#house = { factory: door.factory, links: new Links(door.options) }
    this.#tools = new ToolsWatch(door.factory, door.heartbeatMs)
  }

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // Each message of a list counts like one that came alone.
    if (Array.isArray(request.body)) for (let more = request.body.length; more > 1; more -= 1) request.countAgain()
    const { signal } = this.#door.callerOf(request)
    const web = webRequest(request, signal)
    using stack = new DisposableStack()
    const response = await this.#respond(request, web, stack)
    const owned = stack.move()
    return await sendWeb(reply, response, {
      signal,
      heartbeatMs: this.#door.heartbeatMs,
      ended: () => owned.dispose(),
    })
  }

  /** What is pushed on the stack is undone when the response has ended. */
  async #respond(request: FastifyRequest, web: Request, stack: DisposableStack): Promise<Response> {
    const { body: parsedBody } = request
    const visit = visitOf(this.#door, request)
    if (request.method === 'POST' && !(await isLegacyRequest(web, parsedBody ?? null)))
      return this.#single(request, web, visit, stack)
    const id = request.headers['mcp-session-id']
    if (typeof id === 'string') {
      const session = this.#sessions.find(id, request.principal)
      if (session === undefined) return noSession()
      return this.#inSession(session, request, web, visit, stack)
    }
    if (!isInitializeRequest(parsedBody))
      return legacyStatelessFallback(() => makeMcpServer(this.#house, () => visit))(web, {
        parsedBody: parsedBody ?? null,
      })
    const visits = this.#visits
    const server = makeMcpServer(this.#house, ({ http }) => (http?.req && visits.get(http.req)) ?? visit)
    const session = await this.#sessions.begin(request.principal, server)
    const response = await this.#inSession(session, request, web, visit, stack)
    if (session.transport.sessionId === undefined) await server.close()
    return response
  }

  async #inSession(
    session: McpSession,
    request: FastifyRequest,
    web: Request,
    visit: McpVisit,
    stack: DisposableStack,
  ): Promise<Response> {
    this.#visits.set(web, visit)
    session.busy += 1
    stack.defer(() => {
      session.busy -= 1
      session.usedAt = performance.now()
    })
    const { server, transport } = session
    if (request.method === 'GET') {
      const last = request.headers['last-event-id']
      if (typeof last === 'string' && !session.events.has(last)) return notKept()
      this.#door.visits.endWhenClosing(request)
      const tell = (): unknown => server.sendToolListChanged()
      stack.defer(this.#listen(request, visit, tell, () => transport.closeStandaloneSSEStream()))
    }
    return transport.handleRequest(web, request.body === undefined ? {} : { parsedBody: request.body })
  }

  /** A message that stands for itself: of the revision without sessions. */
  async #single(request: FastifyRequest, web: Request, visit: McpVisit, stack: DisposableStack): Promise<Response> {
    const handler = createMcpHandler(() => makeMcpServer(this.#house, () => visit), {
      legacy: 'reject',
      keepAliveMs: 0,
    })
    if (methodOf(request.body) === 'subscriptions/listen') {
      if (this.#listening >= mostListening)
        throw new AndonError('overloaded', 'There are too many streams that wait for news. Try again later.', {
          retryAfterMs: 60_000,
        })
      this.#listening += 1
      this.#door.visits.endWhenClosing(request)
      stack.defer(() => (this.#listening -= 1))
      const tell = (): unknown => handler.notify.toolsChanged()
      stack.defer(this.#listen(request, visit, tell, () => handler.close()))
    }
    return handler.fetch(web, { parsedBody: request.body })
  }

  /** Tells of changed tools, until what is returned is called. */
  #listen(request: FastifyRequest, { caller }: McpVisit, tell: () => unknown, end: () => unknown): () => void {
    return this.#tools.listen(caller.tenant, () => void this.#tell(request, tell, end))
  }

  /** News for who is still let in; the stream of anybody else ends. */
  async #tell(request: FastifyRequest, tell: () => unknown, end: () => unknown): Promise<void> {
    try {
      await request.identifyAgain()
      await tell()
    } catch {
      await end()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tools[Symbol.dispose]()
    await this.#sessions[Symbol.asyncDispose]()
  }
}

function visitOf({ admission }: Door, request: FastifyRequest): McpVisit {
  const { principal, trace, id } = request
  return {
    id,
    caller: { tenant: principal.tenant, trace },
    may: (scope) => principal.scopes.includes(scope) || principal.scopes.includes('admin'),
    enter: (lane, signal) => admission.enter(lane, principal, signal),
  }
}

function notKept(): Response {
  const error = { code: -32_000, message: 'The event of Last-Event-ID is not kept, or not any more. Ask again.' }
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 400 })
}

/** In the protocol's words, so that a client begins another session. */
function noSession(): Response {
  const error = { code: -32_001, message: 'Session not found: it has ended, or never was. Begin another one.' }
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 404 })
}

function methodOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'method' in body ? body.method : undefined
}
