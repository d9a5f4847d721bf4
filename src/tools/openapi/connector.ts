// Calls operations of services: one pool of connections per service, kept open in the worker that the calls run in.

import { Pool } from 'undici'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import { withoutSecrets } from '../secrets.ts'
import type { RemoteSource, ToolContext } from '../tool.ts'
import { exchange } from './exchange.ts'
import type { Operation, ServiceConfig } from './operation.ts'
import { header, statusFailure, valueOf } from './reply.ts'
import type { ServiceReply } from './reply.ts'
import { RequestMaker } from './request.ts'
import type { ServiceRequest } from './request.ts'

/** Milliseconds to find a service and connect to it. */
const connectMs = 10_000

/** How often an answer may lead on to another place of the same service. */
const mostRedirects = 3

/**
 * Calls an operation. Aborting the signal closes the connection. Fails with the code that the answer's status means; with
 * `unavailable` when the service did not take the request, which may be sent again.
 */
export async function call(source: RemoteSource, input: unknown, context: ToolContext): Promise<Plain> {
  return linesOf(source).call(input as { [argument: string]: unknown }, context)
}

/** Connects, so that the first call finds an open connection. A service that is not there is told by the calls. */
export async function open(source: RemoteSource): Promise<void> {
  await linesOf(source).open()
}

/** Closes the connections to a service, or all. */
export async function close(connection?: string): Promise<void> {
  const closing = [...pools].filter(([, { name }]) => connection === undefined || name === connection)
  for (const [key] of closing) pools.delete(key)
  await Promise.all(closing.map(([, { pool }]) => pool.destroy()))
}

/** Lines to services, by source: what is worked out of it is worked out once. */
const known = new WeakMap<RemoteSource, Line>()
const pools = new Map<string, { name: string; pool: Pool }>()

function linesOf(source: RemoteSource): Line {
  let line = known.get(source)
  if (!line) known.set(source, (line = new Line(source)))
  return line
}

class Line {
  readonly #config: ServiceConfig
  readonly #operation: Operation
  readonly #maker: RequestMaker
  readonly #base: URL
  readonly #name: string
  readonly #key: string
  readonly #secrets: readonly string[]
  /** For messages. */
  readonly #who: string

  constructor({ connection, operation }: RemoteSource) {
    this.#config = connection.config as unknown as ServiceConfig
    this.#operation = operation as unknown as Operation
    this.#maker = new RequestMaker(this.#operation, this.#config)
    this.#base = new URL(this.#config.baseUrl)
    this.#name = connection.name
    this.#key = JSON.stringify([connection.name, this.#base.origin, this.#config.connections])
    this.#secrets = [
      ...Object.values(this.#config.credentials).map(({ value }) => value),
      ...Object.values(this.#config.headers),
    ]
    this.#who = `The service ${connection.name} at ${this.#base.host}`
  }

  async call(input: { [argument: string]: unknown }, context: ToolContext): Promise<Plain> {
    const { maxResponseBytes } = this.#config
    const request = this.#maker.make(input)
    if (context.budgetMs !== undefined) {
      request.headers['x-andon-budget-ms'] = String(Math.max(0, Math.floor(context.budgetMs)))
    }
    const reply = await this.#settled(request, context.signal)
    if (reply.status >= 200 && reply.status < 300) return valueOf(reply, request.method, maxResponseBytes)
    throw statusFailure(reply, this.#who, this.#secrets, maxResponseBytes)
  }

  /** Asks for nothing but a connection: any answer will do. */
  async open(): Promise<void> {
    const request = { method: 'HEAD', path: this.#base.pathname, headers: { 'user-agent': 'andon' }, body: null }
    await exchange(this.#pool, request, AbortSignal.timeout(connectMs), 2 ** 20).catch(() => {})
  }

  /** Made again after it was closed. */
  get #pool(): Pool {
    const kept = pools.get(this.#key)
    if (kept) return kept.pool
    const { connections } = this.#config
    const connect = { timeout: connectMs }
    const pool = new Pool(this.#base.origin, { connections, pipelining: 1, connect, keepAliveTimeout: 30_000 })
    pools.set(this.#key, { name: this.#name, pool })
    return pool
  }

  /** The answer at the end of the way. */
  async #settled(first: ServiceRequest, signal: AbortSignal): Promise<ServiceReply> {
    let request = first
    for (let hop = 0; ; hop += 1) {
      const reply = await this.#asked(request, signal)
      const to = header(reply.headers, 'location')
      if (reply.status < 301 || reply.status > 308 || to === undefined) return reply
      request = this.#led(request, reply.status, to)
      if (hop === mostRedirects) {
        throw new AndonError(
          'internal',
          `${this.#who} leads on more than ${mostRedirects} times: the base URL may be wrong`,
        )
      }
    }
  }

  async #asked(request: ServiceRequest, signal: AbortSignal): Promise<ServiceReply> {
    try {
      return await exchange(this.#pool, request, signal, this.#config.maxResponseBytes)
    } catch (reason) {
      if (reason instanceof AndonError) throw reason
      if (!this.#operation.idempotent || !wasCut(reason)) throw this.#unreachable(reason)
    }
    try {
      return await exchange(this.#pool, request, signal, this.#config.maxResponseBytes)
    } catch (reason) {
      throw reason instanceof AndonError ? reason : this.#unreachable(reason)
    }
  }

  /** Where an answer leads on to: a place of the same service, or nowhere. */
  #led(request: ServiceRequest, status: number, to: string): ServiceRequest {
    const next = URL.parse(to, this.#base.origin + request.path)
    const below = `${this.#base.pathname.replace(/\/$/, '')}/`
    if (next?.origin !== this.#base.origin || !`${next.pathname}/`.startsWith(below)) {
      const where = next ? next.origin : 'an address that is none'
      throw new AndonError(
        'forbidden',
        `${this.#who} answered ${status} and leads away to ${where}, which is not followed: correct the base URL`,
      )
    }
    const path = next.pathname + next.search
    const safe = request.method === 'GET' || request.method === 'HEAD'
    if (safe || status === 307 || status === 308) return { ...request, path }
    const { 'content-type': _, ...headers } = request.headers
    return { method: 'GET', path, headers, body: null }
  }

  #unreachable(reason: unknown): AndonError {
    const error = AndonError.from(reason)
    const code = (reason as NodeJS.ErrnoException).code ?? error.code
    const why = withoutSecrets(error.sentence === '' ? code : error.sentence, this.#secrets)
    if (wasCut(reason) && !this.#operation.idempotent) {
      return new AndonError(
        'internal',
        `${this.#who} broke off (${why}): whether it did what it was asked is unknown, look before asking again`,
        { cause: reason },
      )
    }
    return new AndonError('unavailable', `${this.#who} cannot be reached (${why}): see that it runs`, { cause: reason })
  }
}

/** Whether a connection ended that had been open, so that the request may have arrived. */
function wasCut(reason: unknown): boolean {
  const { code } = reason as NodeJS.ErrnoException
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}
