// Who is being served: each request's signal, and the moment when nobody is left.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { AndonError } from '../core/errors.ts'
import { gatewayChannel } from './channel.ts'
import type { Principal } from './door.ts'
import { traceIdOf } from './trace.ts'

/** The requests that are under way at one gateway. */
export class Visits {
  readonly #open = new Map<FastifyRequest, AbortController>()
  /** Those that only wait for news. */
  readonly #waiting = new Set<AbortController>()
  readonly #closing = new Set<() => void>()
  #empty: PromiseWithResolvers<void> | undefined

  /** Counts a request until its response is complete or its caller has left. */
  begin(request: FastifyRequest, reply: FastifyReply): void {
    const controller = new AbortController()
    const began = performance.now()
    this.#open.set(request, controller)
    reply.raw.once('close', () => {
      this.#open.delete(request)
      this.#waiting.delete(controller)
      const left = !reply.raw.writableFinished
      if (left) controller.abort(new AndonError('cancelled', 'The caller closed the connection.'))
      gatewayChannel.announce(() => ({
        event: 'request-ended',
        id: request.id,
        traceId: traceIdOf(request.trace),
        method: request.method,
        path: request.url.split('?')[0] ?? request.url,
        route: request.routeOptions.url ?? 'none',
        status: reply.raw.statusCode,
        ms: performance.now() - began,
        left,
        ...whose(request.principal),
      }))
      if (this.#open.size === 0) this.#empty?.resolve()
    })
  }

  /** Aborts when the caller leaves or the gateway may wait no longer. Its reason is an AndonError. */
  signalOf(request: FastifyRequest): AbortSignal {
    const controller = this.#open.get(request)
    return controller?.signal ?? AbortSignal.abort(new AndonError('cancelled', 'The caller closed the connection.'))
  }

  /** Resolves to true once nobody is being served, to false after so many milliseconds. */
  async empty(withinMs: number): Promise<boolean> {
    if (this.#open.size === 0) return true
    const empty = (this.#empty ??= Promise.withResolvers<void>())
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, withinMs)
    await Promise.race([empty.promise, late.promise])
    clearTimeout(timer)
    this.#empty = undefined
    return this.#open.size === 0
  }

  /** A request that only waits for news is ended as soon as the door begins to close: it could wait for ever. */
  endWhenClosing(request: FastifyRequest): void {
    const controller = this.#open.get(request)
    if (controller) this.#waiting.add(controller)
  }

  /** Calls back when the door begins to close: who only waits should go. Returns how to stop listening. */
  onClosing(listener: () => void): () => void {
    this.#closing.add(listener)
    return () => this.#closing.delete(listener)
  }

  /** The door begins to close, for this reason. */
  beginClosing(reason: AndonError): void {
    for (const controller of this.#waiting) controller.abort(reason)
    for (const listener of this.#closing) listener()
  }

  /** Ends everybody's work. Streams tell their callers why. */
  end(reason: AndonError): void {
    for (const controller of this.#open.values()) controller.abort(reason)
  }
}

/** A request that was refused before anybody looked who it is has no principal. */
function whose(principal: Principal | undefined): { tenant?: string; keyId?: string } {
  if (principal === undefined) return {}
  return { tenant: principal.tenant, ...(principal.keyId === undefined ? {} : { keyId: principal.keyId }) }
}
