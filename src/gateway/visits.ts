// Who is being served: each request's signal, and the moment when nobody is left.

import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Bag } from '../core/bag.ts'
import { AndonError } from '../core/errors.ts'
import { breakOf } from '../router/wire/interruption.ts'
import { gatewayChannel, type RequestEnded } from './channel.ts'
import type { Principal } from './door.ts'
import { failureOf } from './failed-answers.ts'
import { traceIdOf } from './trace.ts'

/** What can be told that it is over. */
export interface Ending {
  abort(reason: AndonError): void
}

/** A request, as it is told of when it has ended. */
export interface Visit {
  id: string
  /** W3C traceparent. */
  trace: string
  method: string
  url: string
  /** The pattern that its path follows. */
  route: string
  principal: Principal | undefined
}

/** The requests that are under way at one gateway. */
export class Visits {
  readonly #open = new Bag<Ending>()
  readonly #controllers = new WeakMap<FastifyRequest, AbortController>()
  /** Those that only wait for news. */
  readonly #waiting = new Set<Ending>()
  readonly #closing = new Set<() => void>()
  #empty: PromiseWithResolvers<void> | undefined

  /** Counts a request until its response is complete or its caller has left. */
  begin(request: FastifyRequest, reply: FastifyReply): void {
    const controller = new AbortController()
    this.#controllers.set(request, controller)
    reply.raw.once('close', () => this.#controllers.delete(request))
    this.count(reply.raw, controller, () => ({
      id: request.id,
      trace: request.trace,
      method: request.method,
      url: request.url,
      route: request.routeOptions.url ?? 'none',
      principal: request.principal,
    }))
  }

  /**
   * Counts a response until it is complete or its caller has left; `ending` hears why it is to end before. `describe`
   * says what it answers, once it is over.
   */
  count(response: ServerResponse, ending: Ending, describe: () => Visit): void {
    const began = performance.now()
    const leave = this.#open.add(ending)
    response.once('close', () => {
      leave()
      this.#waiting.delete(ending)
      const brokenOff = response.writableFinished ? undefined : breakOf(response)
      const left = !response.writableFinished && brokenOff === undefined
      if (left) ending.abort(new AndonError('cancelled', 'The caller closed the connection.'))
      gatewayChannel.announce(() => {
        const { id, trace, method, url, route, principal } = describe()
        const query = url.indexOf('?')
        const ended: RequestEnded = {
          event: 'request-ended',
          id,
          traceId: traceIdOf(trace),
          method,
          path: query === -1 ? url : url.slice(0, query),
          route,
          status: response.statusCode,
          ms: performance.now() - began,
          left,
        }
        const failure = failureOf(response)
        if (failure !== undefined) ended.error = ended.status >= 500 ? failure.message : `[${failure.code}]`
        if (brokenOff !== undefined) ended.brokenOff = brokenOff
        // A request that was refused before anybody looked who it is has no principal.
        if (principal === undefined) return ended
        ended.tenant = principal.tenant
        if (principal.keyId !== undefined) ended.keyId = principal.keyId
        return ended
      })
      if (this.#open.size === 0) this.#empty?.resolve()
    })
  }

  /** Aborts when the caller leaves or the gateway may wait no longer. Its reason is an AndonError. */
  signalOf(request: FastifyRequest): AbortSignal {
    const controller = this.#controllers.get(request)
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
    const controller = this.#controllers.get(request)
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
    for (const ending of this.#open) ending.abort(reason)
  }
}
