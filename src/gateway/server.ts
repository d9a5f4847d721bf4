// The front door: HTTP in, events out. It opens on an address, serves any Factory, and closes without cutting anyone
// off: no new connections, then the requests under way, then the idle connections.

import type { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import { watchLateness } from '../observe/lateness.ts'
import type { Options, OptionsInput } from '../options.ts'
import { parseOptions } from '../parse-options.ts'
import { openAdmission } from './admission.ts'
import { listen, makeApp } from './app.ts'
import { addAnswers } from './answers.ts'
import { addAsk } from './ask.ts'
import { addBodyGuard } from './body-guard.ts'
import { callerOf } from './caller.ts'
import { addChat } from './chat.ts'
import { addDocumentFile } from './documents-file.ts'
import { addDocumentText } from './documents-text.ts'
import { addDocuments } from './documents.ts'
import type { App, Door } from './door.ts'
import { addDrain } from './drain.ts'
import { heartbeatMs } from './event-stream.ts'
import { addEmbeddings } from './embeddings.ts'
import { addHeaders } from './headers.ts'
import { HealthWatch } from './health-watch.ts'
import { addHealth } from './health.ts'
import { addHostGuard, isLoopback } from './host-guard.ts'
import { addRate } from './rate.ts'
import { addOnce } from './idempotency.ts'
import { addIdentity } from './identity/identity.ts'
import { addJobs } from './jobs.ts'
import { addKeys } from './keys.ts'
import { addLanes } from './lanes.ts'
import { addLinks } from './links.ts'
import { addMcp } from './mcp/routes.ts'
import { addMetrics } from './metrics.ts'
import { addModels } from './models.ts'
import { addHandedBodies } from './models/handed-body.ts'
import { ModelDoor } from './models/model-door.ts'
import { addModelRoutes } from './models/routes.ts'
import type { ModelRouter } from './models/router.ts'
import { addMe } from './me.ts'
import { addOrigins } from './origins.ts'
import { addOpenapi } from './openapi.ts'
import { addPage } from './page.ts'
import { addStatus } from './status.ts'
import { traceFrom } from './trace.ts'
import { addRerank } from './rerank.ts'
import { addResponses } from './responses.ts'
import { addUploads } from './uploads.ts'
import { addUiMessages } from './ui-messages.ts'
import { addSearch } from './search.ts'
import { addSocket } from './socket.ts'
import { addSessions } from './sessions.ts'
import { addToolApprovals } from './tools-approvals.ts'
import { addTools } from './tools.ts'
import { Visits } from './visits.ts'

export interface GatewayOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string
  /** Port to listen on; 0 takes a free one. Default 8642. */
  port?: number
  /** Whose documents callers without a key see. Default `default`. */
  tenant?: string
  /** Who is let in. */
  auth?: OptionsInput['auth']
  /** How much at once, and how much in a minute. */
  limits?: OptionsInput['limits']
  /** Where documents may be fetched from. */
  links?: OptionsInput['links']
  /** Web pages that may use the API from a browser, with commas between. Default: none. */
  origins?: string
  /** How large an upload may be; as the factory's. */
  loading?: OptionsInput['loading']
  /** The options of the whole house, so that GET /v1/status can tell how it is set up. */
  house?: Options
  /** How the command is written where this server was started, for lines that the page offers. Default `andon`. */
  command?: string
  /** Passes requests for other models than Andon's on to where they are. Default: there are no others. */
  router?: ModelRouter
  /** What has to be done before the door calls itself ready; it serves meanwhile. Failing is being done, too. */
  startup?: Promise<unknown>
  /** How long requests under way may take to finish once the gateway closes, in milliseconds. Default 10,000. */
  drainMs?: number
  /**
   * How long idle connections stay open after the last request, in milliseconds: a client may just be sending on one.
   * Default 250.
   */
  lingerMs?: number
  /** Silence after which a stream sends a comment, in milliseconds. Default 10,000. */
  heartbeatMs?: number
}

/** A gateway that listens. Disposal is `close`. */
export interface Gateway extends AsyncDisposable {
  /** Where it is reached, like `http://127.0.0.1:8642`. */
  readonly url: string
  readonly port: number
  /** Stops accepting, lets requests finish for `drainMs`, then ends them; resolves when every connection is closed. */
  close(): Promise<void>
}

/** Opens the door to a factory. Throws `unavailable` when the address is taken or not of this machine. */
export async function openGateway(factory: Factory, options: GatewayOptions = {}): Promise<Gateway> {
  const { host = '127.0.0.1', port = 8642, tenant = 'default', drainMs = 10_000, lingerMs = 250 } = options
  const { auth, limits, links, origins, loading } = parseOptions({
    ...(options.auth ? { auth: options.auth } : {}),
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.links ? { links: options.links } : {}),
    ...(options.loading ? { loading: options.loading } : {}),
    ...(options.origins === undefined ? {} : { origins: options.origins }),
  })
  const visits = new Visits()
  let starting = options.startup !== undefined
  const started = (): void => void (starting = false)
  void options.startup?.then(started, started)
  const lateness = watchLateness()
  let models: ModelDoor | undefined
  const { router } = options
  const app = makeApp(
    { bytes: limits.bodyBytes, advice: 'Send less, or raise limits.bodyBytes.' },
    router && ((request, response, routes) => models?.takes(request, response, routes) === true),
  )
  app.decorateRequest('trace', '')
  app.addHook('onRequest', async (request, reply) => {
    request.trace = traceFrom(request.headers.traceparent)
    void reply.header('traceparent', request.trace)
    visits.begin(request, reply)
  })
  addHeaders(app)
  const admission = openAdmission(limits)
  const lines = {
    close(reason: AndonError) {
      admission.close(reason)
      models?.close(reason)
    },
  }
  const drain = addDrain(app, visits, lines, { drainMs, lingerMs })
  const door: Door = {
    factory,
    visits,
    options: { auth, limits, links, loading, origins },
    admission,
    heartbeatMs: options.heartbeatMs ?? heartbeatMs,
    health: new HealthWatch(factory),
    router,
    local: isLoopback(host),
    house: options.house,
    command: options.command ?? 'andon',
    draining: () => drain.began,
    starting: () => starting,
    late: () => lateness.late,
    callerOf: (request) => callerOf(request, visits),
  }

  addBodyGuard(app)
  addHostGuard(app, host)
  const allowed = await addOrigins(app, origins)
  const identify = addIdentity(app, door, { host, tenant })
  const rate = addRate(app, door)
  addOnce(app, door)
  addLanes(app, door)
  await addOpenapi(app)
  for (const add of routes) add(app, door)
  if (router) {
    const shared = { visits, identify, rate, origins: allowed, host, limits, draining: () => drain.began }
    models = new ModelDoor(router, shared)
    addHandedBodies(app)
    addModelRoutes(app, router)
  }
  app.addHook('onClose', async () => lateness[Symbol.dispose]())

  return {
    ...(await listen(app, host, port)),
    close: () => drain.close(),
    [Symbol.asyncDispose]: () => drain.close(),
  }
}

/** Everything that the door does, in the order in which it is described. */
const routes: ((app: App, door: Door) => void)[] = [
  addAsk,
  addAnswers,
  addSearch,
  addSocket,
  addChat,
  addModels,
  addResponses,
  addEmbeddings,
  addRerank,
  addUiMessages,
  addHealth,
  addMetrics,
  addStatus,
  addKeys,
  addMe,
  addUploads,
  addLinks,
  addDocuments,
  addDocumentText,
  addDocumentFile,
  addJobs,
  addSessions,
  addTools,
  addToolApprovals,
  addMcp,
  addPage,
]
