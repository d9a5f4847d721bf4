// What every route of the door is given, and how each is written: its schema validates and documents, its `config` says
// who may use it and which line it stands in.
//
//   app.post('/v1/things/:id', {
//     schema: { tags: ['Things'], summary: 'Does a thing', params, body, response: { 200: thing } },
//     config: { scope: 'load', lane: 'load' },
//   }, async (request) => door.factory.doThing(request.params.id, door.callerOf(request)))

import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { AndonError } from '../core/errors.ts'
import type { Caller, Factory } from '../core/factory.ts'
import type { Scope } from '../core/key.ts'
import type { Options } from '../options.ts'
import type { ModelRouter } from './models/router.ts'
import type { HealthWatch } from './health-watch.ts'
import type { Visits } from './visits.ts'

/** The Fastify instance that routes are added to: schemas are zod's. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>

/** Who a request comes from, once it was let in. */
export interface Principal {
  kind: 'anonymous' | 'key' | 'token'
  /** For logs and the page: the key's name, the token's subject. */
  name: string
  tenant: string
  scopes: readonly Scope[]
  keyId?: string
}

/** Which line a request stands in: questions come before loading. Without one it is served at once. */
export type Lane = 'question' | 'load'

/** A place among the requests that are served at once. Disposal gives it back. */
export type Permit = Disposable

/** Lets requests in, a bounded number at once; the others wait in fair order or are refused. */
export interface Admission {
  /** Throws `overloaded` with an honest `retryAfterMs` when there is no room to wait, or the wait was too long. */
  enter(lane: Lane, principal: Principal, signal: AbortSignal): Promise<Permit>
  /** Throws what `enter` would throw at once, before anything of a request's body was read; takes no place. */
  check(lane: Lane, principal: Principal): void
  state(): Record<Lane, LaneState>
  /** Lets nobody in any more: who waits hears the reason. */
  close(reason: AndonError): void
}

/** What one lane is doing. */
export interface LaneState {
  /** How many at once. */
  places: number
  running: number
  /** How many may wait. */
  room: number
  waiting: number
  /** Since the door opened. */
  refused: number
  /** How long a place is held, in milliseconds: the running mean. */
  meanMs: number
}

/** The options that the door follows. */
export type DoorOptions = Pick<Options, 'auth' | 'limits' | 'links' | 'origins' | 'loading'>

export interface Door {
  readonly factory: Factory
  readonly visits: Visits
  readonly options: DoorOptions
  readonly admission: Admission
  /** Where other models than Andon's are, when there are any. */
  readonly router: ModelRouter | undefined
  readonly heartbeatMs: number
  /** How the factory is, read at most four times a second. */
  readonly health: HealthWatch
  /** Whether the door listens to this machine only. */
  readonly local: boolean
  /** The options of the whole house, for GET /v1/status. */
  readonly house: Options | undefined
  /** How the command is written where the server was started. */
  readonly command: string
  draining(): boolean
  /** Whether what has to be done first is still under way. */
  starting(): boolean
  /** Whether the loop of this process has been late for seconds. */
  late(): boolean
  /** The caller of a request as the factory knows it: its tenant, its signal and its trace. */
  callerOf(request: FastifyRequest): Caller
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * What a caller must be allowed: `any` lets everybody in who has an identity, `open` needs none. Default `admin`: a
     * route that forgets it is closed.
     */
    scope?: Scope | 'any' | 'open'
    lane?: Lane
    /** Whether errors are told in OpenAI's shape. */
    openai?: boolean
  }
  interface FastifyRequest {
    principal: Principal
    /** W3C traceparent: the caller's trace, or a new one, with a span of our own. */
    trace: string
    /** The place of a request in its lane, given back when its response closes. */
    permit: Permit | undefined
    /** Takes the permit over: the route gives it back itself, for work that outlives the response. */
    takePermit(): Permit
  }
}
