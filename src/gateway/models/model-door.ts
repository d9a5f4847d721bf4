// The door for requests to a model as it is: on the bare server, before the routes, with the same guards, identity, counts
// and records. It takes only what it lets in. Whatever is wrong, and whatever asks for Andon itself, goes on to the
// routes, which say so as they say everything.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { endCall, openCall, type OwnedCall } from '../../core/call.ts'
import type { AndonError } from '../../core/errors.ts'
import type { Options } from '../../options.ts'
import type { Order } from '../../router/order.ts'
import { AskedBody } from '../../router/wire/asked-body.ts'
import { PassThrough } from '../../router/wire/pass.ts'
import type { Permit, Principal } from '../door.ts'
import { hostsOf, isLoopback } from '../host-guard.ts'
import type { Identify } from '../identity/identity.ts'
import { WaitingLane } from '../lane.ts'
import { modelName } from '../models.ts'
import { exposedHeaders, isOwn } from '../origins.ts'
import type { Rate } from '../rate.ts'
import { requestIdOf } from '../request-id.ts'
import { traceFrom } from '../trace.ts'
import type { Visits } from '../visits.ts'
import { handBody } from './handed-body.ts'
import { beginHead, headOf, type Head } from './head.ts'
import { modelPathOf, type ModelPath } from './paths.ts'
import { mostBodyBytes, readBody } from './read-body.ts'
import { refuse, repeatRefusal } from './refusal.ts'
import type { ModelRouter } from './router.ts'
import { wishesOf, type Wishes } from './wishes.ts'

/** What it shares with the routes. */
export interface SharedDoor {
  visits: Visits
  identify: Identify
  rate: Rate
  /** Web pages that may use the API from a browser. */
  origins: readonly string[]
  /** Where the server listens. */
  host: string
  limits: Options['limits']
  draining(): boolean
}

/** Requests for models at once, of all tenants: endpoints have limits of their own, this one keeps the memory. */
const mostAtOnce = 10_000

export class ModelDoor {
  readonly #wire: ModelRouter['wire']
  readonly #door: SharedDoor
  readonly #pass: PassThrough
  readonly #lane: WaitingLane
  readonly #onlyLoopback: boolean
  /** The Host that was last found to be this machine: callers seldom change it. */
  #loopbackHost: string | undefined

  constructor(router: ModelRouter, door: SharedDoor) {
    const { tenantAtOnce, keyAtOnce, waitMs, questionsWaiting } = door.limits
    this.#wire = router.wire
    this.#door = door
    this.#pass = new PassThrough(router.wire)
    this.#onlyLoopback = isLoopback(door.host)
    this.#lane = new WaitingLane('model', {
      places: mostAtOnce,
      room: questionsWaiting,
      waitMs,
      tenantAtOnce,
      keyAtOnce,
    })
  }

  /** Whether it takes a request; `routes` may still get it then. */
  takes(request: IncomingMessage, response: ServerResponse, routes: RequestListener): boolean {
    const path = modelPathOf(request)
    if (path === undefined || this.#door.draining() || !this.#mayCome(request)) return false
    void this.#serve(path, request, response, routes)
    return true
  }

  /** Lets nobody in any more: who waits hears the reason. */
  close(reason: AndonError): void {
    this.#lane.close(reason)
  }

  async #serve(
    path: ModelPath,
    request: IncomingMessage,
    response: ServerResponse,
    routes: RequestListener,
  ): Promise<void> {
    const id = requestIdOf(request)
    const head = beginHead(id, request.headers)
    try {
      const found = this.#principalOf(request)
      const principal = found instanceof Promise ? await found : found
      if (principal === undefined) return routes(request, response)
      const bytes = await readBody(request)
      const body = bodyOf(bytes)
      if (response.destroyed) return
      if (this.#isForRoutes(path, body)) {
        handBody(request, bytes)
        return routes(request, response)
      }
      if (body === undefined) return
      await this.#passOn(path, principal, body, request, response, head, id)
    } catch (reason) {
      refuse(response, reason, id, head)
      // Who is still sending would otherwise go on.
      if (!request.complete) response.once('finish', () => request.destroy())
    }
  }

  #isForRoutes({ ability }: ModelPath, body: AskedBody | undefined): boolean {
    const model = body?.model
    return this.#door.draining() || model === undefined || isAndon(model) || !this.#wire.serves(ability, model)
  }

  async #passOn(
    path: ModelPath,
    principal: Principal,
    body: AskedBody,
    request: IncomingMessage,
    response: ServerResponse,
    head: Head,
    id: string,
  ): Promise<void> {
    const { visits, rate } = this.#door
    const trace = traceFrom(request.headers.traceparent)
    head.push('traceparent', trace)
    this.#allowPage(request, head)
    let call: OwnedCall | undefined
    let place: Permit | undefined
    // Not `using`, which costs more than what it would end.
    try {
      const { method = 'POST', url = '/' } = request
      const visit = { id, trace, method, url, route: path.route, principal }
      visits.count(response, { abort: (reason) => call && endCall(call, reason) }, () => visit)
      const { budgetMs: wished = Infinity, ...wishes } = wishesOf(request.headers)
      const budgetMs = Math.min(wished, this.#wire.budgetMs)
      call = openCall({ id, tenant: principal.tenant, trace, budgetMs })
      const counted = rate.take(principal)
      if (counted) head.push(...Object.entries(counted).flat())
      // The signal is made for those only who have to wait.
      place = this.#lane.tryEnter(principal) ?? (await this.#lane.enter(principal, call.signal))
      const { error, refusal } = await this.#pass.run(
        orderOf(path, body, principal, wishes),
        { path: path.path, body },
        call,
        response,
        (answering, contentType, length) => headOf(head, answering, contentType, length),
      )
      if (refusal) repeatRefusal(response, refusal, head)
      else if (error) refuse(response, error, id, head)
    } finally {
      place?.[Symbol.dispose]()
      call?.[Symbol.dispose]()
    }
  }

  /** Who asks, when the routes would let them in, too; else undefined. */
  #principalOf(request: IncomingMessage): Principal | undefined | Promise<Principal | undefined> {
    const { 'content-type': type = '', 'content-length': length = '0' } = request.headers
    if (!type.startsWith('application/json') || Number(length) > mostBodyBytes) return undefined
    const allowed = (principal: Principal): Principal | undefined =>
      this.#door.rate.allows(principal, request) ? principal : undefined
    try {
      const found = this.#door.identify(request, 'ask')
      return found instanceof Promise ? found.then(allowed, () => undefined) : allowed(found)
    } catch {
      return undefined
    }
  }

  /** As the guards of hosts and origins have it. */
  #mayCome(request: IncomingMessage): boolean {
    const { host = '', origin, 'sec-fetch-site': site } = request.headers
    if (hostsOf(request) !== 1) return false
    if (this.#onlyLoopback && host !== this.#loopbackHost) {
      if (!isLoopback(host.replace(/:\d*$/, ''))) return false
      this.#loopbackHost = host
    }
    if (origin === undefined) return site !== 'cross-site'
    return this.#door.origins.includes(origin) || isOwn(origin, host)
  }

  #allowPage({ headers: { origin } }: IncomingMessage, head: Head): void {
    if (this.#door.origins.length === 0) return
    head.push('vary', 'Origin')
    if (origin === undefined || !this.#door.origins.includes(origin)) return
    head.push('access-control-allow-origin', origin, 'access-control-expose-headers', exposedHeaders.join(', '))
  }
}

function orderOf(
  { ability }: ModelPath,
  { stream, prefix, promptTokens, likelyTokens, maxTokens, model }: AskedBody,
  { keyId, name }: Principal,
  wishes: Omit<Wishes, 'budgetMs'>,
): Order {
  return {
    ability,
    whole: !stream,
    prefix,
    promptTokens,
    outputTokens: maxTokens,
    // Of many texts each stands for itself.
    likelyTokens: ability === 'chat' || ability === 'completions' ? likelyTokens : 0,
    ...wishes,
    ...(model === undefined ? {} : { model }),
    ...(keyId === undefined ? {} : { keyId, keyName: name }),
  }
}

/** A body that cannot be read is told of by the routes. */
function bodyOf(bytes: Buffer): AskedBody | undefined {
  try {
    return new AskedBody(bytes)
  } catch {
    return undefined
  }
}

function isAndon(model: string): boolean {
  return model === modelName || model.startsWith(`${modelName}/`)
}
