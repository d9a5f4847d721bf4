// Four model servers in one process: each takes so many requests at once and lets others wait in line, draws how long it
// takes from its own seed, and behaves badly when it is told to. Every count is taken here, where a gateway cannot improve it.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { serveParent, sharedNow } from '../door/process.ts'
import { seeded } from '../harness.ts'
import type { EndpointSettings, EndpointState } from './shapes.ts'

/** How the endpoints behave until they are told otherwise: the fleet of every scenario. */
const usual: EndpointSettings = {
  mode: 'ok',
  slots: 16,
  meanMs: 100,
  sigma: 0.5,
  slow: 1,
  itlMs: 20,
  cutAfter: 3,
  retryAfterS: 1,
}

interface Work {
  readonly id: string
  readonly response: ServerResponse
  readonly stream: boolean
  readonly tokens: number
  /** Which life of the endpoint took it: what an earlier one had is nobody's fault. */
  readonly life: number
  over: boolean
  serving: boolean
  timer: NodeJS.Timeout | undefined
}

const head =
  '{"id":"chatcmpl-bench","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"'
const tail = '"},"finish_reason":"stop"}],"usage":{"prompt_tokens":60,"completion_tokens":20,"total_tokens":80}}'
/** About a kilobyte, as a short answer is. */
const whole = Buffer.from(head + 'An answer of some length. '.repeat(32) + tail)
const frame = (delta: string, finish = 'null'): string =>
  `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`
const opening = Buffer.from(frame('{"role":"assistant","content":""}'))
const word = Buffer.from(frame('{"content":"word "}'))
const first = Buffer.concat([opening, word])
const last = Buffer.from(`${frame('{}', '"stop"')}data: [DONE]\n\n`)

class Endpoint {
  readonly #number: number
  settings: EndpointSettings = { ...usual }
  readonly state: EndpointState = fresh()
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #life = 0
  #random = seeded(0)
  #serving = 0
  #line: Work[] = []
  #counted = sharedNow()

  constructor(number: number) {
    this.#number = number
  }

  /** Listens, where it listened before. */
  async up(): Promise<void> {
    if (this.#server) return
    const server = createServer((request, response) => this.#take(request, response))
    this.#server = server
    server.keepAliveTimeout = 72_000
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    const port = this.state.url === '' ? 0 : Number(new URL(this.state.url).port)
    server.listen({ host: '127.0.0.1', port, backlog: 4_096 })
    await once(server, 'listening')
    this.state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** Nobody listens any more, and all connections break. */
  kill(): void {
    this.#server?.close()
    this.#server = undefined
    this.#count(-this.state.open)
    this.#life++
    this.#line = []
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Behaves as usual, has nothing under way, counts from zero, and draws from the beginning of its seed. */
  async reset(seed: number, settings: Partial<EndpointSettings>): Promise<void> {
    this.#life++
    this.#line = []
    for (const socket of this.#sockets) socket.destroy()
    await this.up()
    this.settings = { ...usual, ...settings }
    this.#random = seeded(seed * 1_000 + this.#number)
    Object.assign(this.state, fresh(), { url: this.state.url })
    this.#counted = sharedNow()
  }

  report(): EndpointState {
    this.#count(0)
    return { ...this.state }
  }

  #count(change: number): void {
    const now = sharedNow()
    this.state.openMs += this.state.open * (now - this.#counted)
    this.#counted = now
    this.state.open += change
    this.state.mostOpen = Math.max(this.state.mostOpen, this.state.open)
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'GET') {
      this.state.checks++
      this.#check(request, response)
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      const body = Buffer.concat(chunks).toString('latin1')
      const id = /"user":\s*"([^"]*)"/.exec(body)?.[1] ?? ''
      const work: Work = {
        id,
        response,
        stream: /"stream":\s*true/.test(body),
        tokens: Number(/"max_tokens":\s*(\d+)/.exec(body)?.[1] ?? 20),
        life: this.#life,
        over: false,
        serving: false,
        timer: undefined,
      }
      this.state.arrived++
      if (id !== '') this.state.arrivals.push({ id, at: sharedNow() })
      this.#count(1)
      response.once('close', () => {
        if (work.over || work.life !== this.#life) {
          clearTimeout(work.timer)
          this.#free(work)
          return
        }
        this.state.aborted++
        this.#over(work, this.state.lefts)
      })
      this.#answer(work)
    })
  }

  #check(request: IncomingMessage, response: ServerResponse): void {
    if (this.settings.mode === 'hang') return
    if (this.settings.mode === 'failing') response.writeHead(500).end()
    else if (request.url?.endsWith('/models') === true)
      json(response, 200, '{"object":"list","data":[{"id":"m","object":"model"}]}')
    else json(response, 200, '{}')
  }

  #answer(work: Work): void {
    const { response } = work
    const { mode, retryAfterS } = this.settings
    if (mode === 'ok' || mode === 'cut') {
      this.#line.push(work)
      this.#serve()
      return
    }
    if (mode === 'hang') return
    if (mode === 'silent') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      return
    }
    this.#over(work)
    if (mode === 'failing') json(response, 500, '{"error":{"message":"It broke.","type":"server_error"}}')
    else if (mode === 'html')
      response.writeHead(502, { 'content-type': 'text/html' }).end('<html><body><h1>502 Bad Gateway</h1></body></html>')
    else if (mode === 'busy') {
      response.setHeader('retry-after', String(retryAfterS))
      json(response, 429, '{"error":{"message":"Too many requests.","type":"rate_limit_error"}}')
    } else {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (mode === 'error-frame')
        response.end('data: {"error":{"message":"Overloaded.","type":"server_error","code":529}}\n\n')
      else if (mode === 'malformed') response.end('data: {"choices":[{"index":0,"delta":{"con\n\n')
      else response.end(Buffer.concat([opening, last]))
    }
  }

  /** Begins what waits while there are slots. Who left the line is passed over. */
  #serve(): void {
    while (this.#serving < this.settings.slots) {
      const work = this.#line.shift()
      if (!work) return
      if (work.over || work.response.destroyed) continue
      work.serving = true
      this.#serving++
      const { meanMs, sigma, slow } = this.settings
      // The mean of a lognormal distribution is `meanMs` when its logarithm has the mean ln(meanMs) − σ²/2.
      const takes = meanMs * slow * Math.exp(sigma * this.#gauss() - sigma ** 2 / 2)
      if (takes === 0) this.#begin(work)
      else work.timer = setTimeout(() => this.#begin(work), takes)
    }
  }

  #begin(work: Work): void {
    const { response } = work
    if (this.settings.mode === 'hang') return
    if (!work.stream) {
      this.#over(work)
      if (this.settings.mode === 'cut') response.destroy()
      else response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length }).end(whole)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    let said = 0
    const say = (): void => {
      const { mode, cutAfter } = this.settings
      if (mode === 'hang') return
      if (mode === 'cut' && said >= cutAfter) {
        this.#over(work)
        response.destroy()
      } else if (said === work.tokens) {
        this.#over(work)
        response.end(last)
      } else {
        response.write(said === 0 ? first : word)
        said++
      }
    }
    work.timer = setInterval(say, this.settings.itlMs)
    if (this.settings.mode === 'cut' && this.settings.cutAfter === 0) response.flushHeaders()
    say()
  }

  /** It counts no more, before its end can be seen by anybody. */
  #over(work: Work, noted = this.state.overs): void {
    if (work.over) return
    work.over = true
    clearTimeout(work.timer)
    if (work.id !== '') noted.push({ id: work.id, at: sharedNow() })
    if (work.life === this.#life) this.#count(-1)
    this.#free(work)
  }

  #free(work: Work): void {
    if (!work.serving) return
    work.serving = false
    this.#serving--
    this.#serve()
  }

  #gauss(): number {
    return Math.sqrt(-2 * Math.log(this.#random() || 1e-9)) * Math.cos(2 * Math.PI * this.#random())
  }
}

function fresh(): EndpointState {
  return {
    url: '',
    arrived: 0,
    checks: 0,
    aborted: 0,
    open: 0,
    mostOpen: 0,
    openMs: 0,
    arrivals: [],
    lefts: [],
    overs: [],
  }
}

function json(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
}

const endpoints = [0, 1, 2, 3].map((number) => new Endpoint(number))
await Promise.all(endpoints.map((endpoint) => endpoint.up()))

function at(number: number): Endpoint {
  const endpoint = endpoints[number]
  if (!endpoint) throw new Error(`The fleet has no endpoint ${number}.`)
  return endpoint
}

/** What the parent may ask. Those that change something answer with when it was so, on the shared clock. */
export const handlers = {
  urls: () => endpoints.map(({ state }) => state.url),
  /** All of them, and then some settings for all. */
  async reset({ seed, settings }: { seed: number; settings?: Partial<EndpointSettings> }) {
    await Promise.all(endpoints.map((endpoint) => endpoint.reset(seed, settings ?? {})))
    return sharedNow()
  },
  set({ endpoint, settings }: { endpoint: number; settings: Partial<EndpointSettings> }) {
    Object.assign(at(endpoint).settings, settings)
    return sharedNow()
  },
  kill({ endpoint }: { endpoint: number }) {
    at(endpoint).kill()
    return sharedNow()
  },
  async up({ endpoint }: { endpoint: number }) {
    await at(endpoint).up()
    return sharedNow()
  },
  report: () => endpoints.map((endpoint) => endpoint.report()),
}

export type FleetHandlers = typeof handlers

serveParent(handlers)
