// The front door: HTTP in, events out. It opens on an address, serves any Factory, and closes without cutting anyone
// off: no new connections, then the requests under way, then the idle connections.

import type { AddressInfo } from 'node:net'
import { fastify, type HTTPMethods } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import { watchLateness } from '../observe/lateness.ts'
import { parseOptions, type Options, type OptionsInput } from '../options.ts'
import { openAdmission } from './admission.ts'
import { addAnswers } from './answers.ts'
import { addAsk } from './ask.ts'
import { addBodyGuard } from './body-guard.ts'
import { callerOf } from './caller.ts'
import { addChat } from './chat.ts'
import { answerClientError, answerExpectation } from './client-errors.ts'
import { addDocumentFile } from './documents-file.ts'
import { addDocumentText } from './documents-text.ts'
import { addDocuments } from './documents.ts'
import type { App, Door } from './door.ts'
import { addDrain } from './drain.ts'
import { sendError } from './errors.ts'
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
import { addJsonBody } from './json-body.ts'
import { addKeys } from './keys.ts'
import { addLanes } from './lanes.ts'
import { addLinks } from './links.ts'
import { addMcp } from './mcp/routes.ts'
import { addMetrics } from './metrics.ts'
import { addModels } from './models.ts'
import { addMe } from './me.ts'
import { addOrigins } from './origins.ts'
import { addOpenapi } from './openapi.ts'
import { addPage } from './page.ts'
import { addStatus } from './status.ts'
import { requestIdOf } from './request-id.ts'
import { traceFrom } from './trace.ts'
import { addRerank } from './rerank.ts'
import { addResponses } from './responses.ts'
import { addUploads } from './uploads.ts'
import { addUiMessages } from './ui-messages.ts'
import { addSearch } from './search.ts'
import { addSocket, mayUpgrade } from './socket.ts'
import { addSessions } from './sessions.ts'
import { addToolApprovals } from './tools-approvals.ts'
import { addTools } from './tools.ts'
import { validator } from './validation.ts'
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
  const app = makeApp(limits.bodyBytes)
  app.decorateRequest('trace', '')
  app.addHook('onRequest', async (request, reply) => {
    request.trace = traceFrom(request.headers.traceparent)
    void reply.header('traceparent', request.trace)
    visits.begin(request, reply)
  })
  addHeaders(app)
  const admission = openAdmission(limits)
  const drain = addDrain(app, visits, admission, { drainMs, lingerMs })
  const door: Door = {
    factory,
    visits,
    options: { auth, limits, links, loading, origins },
    admission,
    heartbeatMs: options.heartbeatMs ?? heartbeatMs,
    health: new HealthWatch(factory),
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
  await addOrigins(app, origins)
  addIdentity(app, door, { host, tenant })
  addRate(app, door)
  addOnce(app, door)
  addLanes(app, door)
  await addOpenapi(app)
  for (const add of routes) add(app, door)
  app.addHook('onClose', async () => lateness[Symbol.dispose]())

  try {
    await app.listen({ host, port })
  } catch (reason) {
    await app.close()
    throw cannotListen(reason, host, port)
  }
  const bound = boundPort(app, port)

  const name = isLoopback(host) || !/^(0\.0\.0\.0|::)$/.test(host) ? host : '127.0.0.1'
  return {
    url: `http://${name.includes(':') ? `[${name}]` : name}:${bound}`,
    port: bound,
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

function makeApp(bodyBytes: number): App {
  const app: App = fastify({
    bodyLimit: bodyBytes,
    // How long a body may take is the matter of body-guard.ts: an upload takes longer than a question.
    requestTimeout: 0,
    clientErrorHandler: answerClientError,
    frameworkErrors: (reason, request, reply) => void sendError(request, reply, reason),
    // Node would answer a missing Host with nothing but a status; the guard of hosts says what is wrong.
    http: {
      headersTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      requireHostHeader: false,
      shouldUpgradeCallback: mayUpgrade,
    },
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
  app.setErrorHandler((reason, request, reply) => sendError(request, reply, reason))
  app.setNotFoundHandler((request, reply) => {
    const url = request.url.split('?')[0] ?? '/'
    const allowed = (['GET', 'POST', 'PATCH', 'DELETE'] satisfies HTTPMethods[]).filter(
      (method) => app.findRoute({ method, url }) !== null,
    )
    if (allowed.length === 0) {
      const shown = url.length > 200 ? `${url.slice(0, 200)}…` : url
      const sentence = `There is nothing at ${request.method} ${shown}. The page at / says what there is.`
      return sendError(request, reply, new AndonError('not-found', sentence))
    }
    void reply.header('allow', allowed.join(', '))
    const sentence = `${url} does not take ${request.method}. Use ${allowed.join(' or ')}.`
    return sendError(request, reply, new AndonError('unsupported', sentence), 405)
  })
  return app
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
