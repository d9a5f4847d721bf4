// The same door for models only: no documents, stores or pages behind it, and small. Its routes say how it is; what it is
// for goes past them (model-door.ts).

import { z } from 'zod'
import { watchLateness } from '../../observe/lateness.ts'
import type { OptionsInput } from '../../options.ts'
import { parseOptions } from '../../parse-options.ts'
import { listen, makeApp } from '../app.ts'
import { addBodyGuard } from '../body-guard.ts'
import type { App } from '../door.ts'
import { addDrain } from '../drain.ts'
import { addHeaders } from '../headers.ts'
import { addHostGuard } from '../host-guard.ts'
import { addIdentity } from '../identity/identity.ts'
import { addOrigins } from '../origins.ts'
import { modelOf } from '../models.ts'
import type { Line } from '../processes/line.ts'
import { addRate } from '../rate.ts'
import { traceFrom } from '../trace.ts'
import { Visits } from '../visits.ts'
import { addHandedBodies } from './handed-body.ts'
import { addModelHealth } from './health.ts'
import { addModelMetrics } from './metrics.ts'
import { ModelDoor } from './model-door.ts'
import { mostBodyBytes } from './read-body.ts'
import type { ModelRouter } from './router.ts'
import { addModelRoutes, noModel } from './routes.ts'
import { openStaticKeys, type StaticKeys } from './static-keys.ts'

export interface ModelGatewayOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string
  /** Port to listen on; 0 takes a free one. Default 8642. */
  port?: number
  /** Whose budget pays for callers without a key. Default `default`. */
  tenant?: string
  /** Who is let in by tokens, and whether requests from this machine need a key. */
  auth?: OptionsInput['auth']
  /** How much at once of one tenant or key, and how much in a minute. */
  limits?: OptionsInput['limits']
  /** Web pages that may use it from a browser, with commas between. Default: none. */
  origins?: string
  /** Keys that let in. Default: none. */
  keys?: StaticKeys
  /** How long requests under way may take to finish once it closes, in milliseconds. Default 10,000. */
  drainMs?: number
  /** How long idle connections stay open after the last request, in milliseconds. Default 250. */
  lingerMs?: number
  /** The other processes on the same port: limits hold over all, and whoever is asked tells of all. Default: none. */
  line?: Line
}

/** A gateway that listens. Disposal is `close`; the router stays open. */
export interface ModelGateway extends AsyncDisposable {
  /** Where it is reached, like `http://127.0.0.1:8642`. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Opens a gateway to a router. Throws `unavailable` when the address is taken or not of this machine. */
export async function openModelGateway(router: ModelRouter, options: ModelGatewayOptions = {}): Promise<ModelGateway> {
  const { host = '127.0.0.1', port = 8642, tenant = 'default', drainMs = 10_000, lingerMs = 250, line } = options
  const { auth, limits, origins } = parseOptions({
    ...(options.auth ? { auth: options.auth } : {}),
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.origins === undefined ? {} : { origins: options.origins }),
  })
  const keys = options.keys ?? openStaticKeys([], 'the options')
  const visits = new Visits()
  const lateness = watchLateness()
  let models: ModelDoor | undefined
  // No option: what is for models is as large as a conversation with pictures may be.
  const bodies = { bytes: mostBodyBytes, advice: 'Send less.' }
  const app = makeApp(bodies, (request, response, routes) => models?.takes(request, response, routes) === true)
  app.decorateRequest('trace', '')
  app.addHook('onRequest', async (request, reply) => {
    request.trace = traceFrom(request.headers.traceparent)
    void reply.header('traceparent', request.trace)
    visits.begin(request, reply)
  })
  addHeaders(app)
  const drain = addDrain(app, visits, { close: (reason) => models?.close(reason) }, { drainMs, lingerMs })
  addBodyGuard(app)
  addHostGuard(app, host)
  const allowed = await addOrigins(app, origins)
  const identify = addIdentity(app, { factory: keys, options: { auth } }, { host, tenant, anyKey: true })
  const rate = addRate(app, { options: { limits } }, line)
  const draining = (): boolean => drain.began
  models = new ModelDoor(router, { visits, identify, rate, origins: allowed, host, limits, draining })
  addHandedBodies(app)
  addModelRoutes(app, router, line)
  addModelList(app, router)
  addModelHealth(app, router, () => (drain.began ? 'draining' : lateness.late ? 'late' : undefined), line)
  addModelMetrics(app, router, line)
  app.addHook('onClose', async () => lateness[Symbol.dispose]())
  return {
    ...(await listen(app, host, port)),
    close: () => drain.close(),
    [Symbol.asyncDispose]: () => drain.close(),
  }
}

function addModelList(app: App, router: ModelRouter): void {
  const config = { scope: 'ask', openai: true } as const
  const all = { tags: ['Models'], summary: 'The models that endpoints serve' }
  app.get('/v1/models', { schema: all, config }, async () => ({
    object: 'list',
    data: router.models().map(({ id }) => modelOf(id)),
  }))
  const params = z.object({ '*': z.string().describe('The name, which may have slashes.') })
  const one = { tags: ['Models'], summary: 'One of them', params }
  app.get('/v1/models/*', { schema: one, config }, async (request) => {
    const name = request.params['*']
    const known = router.models().map(({ id }) => id)
    if (known.includes(name)) return modelOf(name)
    throw noModel(name, known)
  })
}
