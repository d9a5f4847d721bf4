// A model server that does what a test tells it: OpenAI-compatible chat, embeddings and both shapes of rerank, on
// port 0 of this machine, with every fault a real one can have. It counts what reaches it and tells when sockets close.

import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { AddressInfo, Socket } from 'node:net'
import { hashedVector } from './hashed-vectors.ts'
import type { ChatBody, ChatScript, Fault, ModelServerOptions, ScriptedCall } from './model-script.ts'

export type { ChatBody, ChatScript, Fault, ModelServerOptions } from './model-script.ts'

/** What a request was, as it came. */
export interface Seen {
  path: string
  body: unknown
  authorization: string | undefined
  traceparent: string | string[] | undefined
}

export class ModelServer implements AsyncDisposable {
  readonly requests: Seen[] = []
  /** Answers whose socket closed before they were whole. */
  cancelled = 0
  /** Requests that were being answered at once, at most. */
  mostRunning = 0
  #running = 0
  /** Sockets that are open now. */
  sockets = 0
  /** Sockets that were ever opened. */
  connections = 0
  readonly #options: ModelServerOptions
  readonly #server: Server
  readonly #open = new Set<Socket>()
  readonly #waiting: { done: () => boolean; resolve: () => void }[] = []
  readonly #counts = new Map<string, number>()

  private constructor(options: ModelServerOptions) {
    this.#options = options
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.#count(request, response).catch(() => response.destroy())
    })
    this.#server.on('connection', (socket) => {
      this.connections++
      this.sockets++
      this.#open.add(socket)
      socket.on('close', () => {
        this.sockets--
        this.#open.delete(socket)
        this.#changed()
      })
      this.#changed()
    })
  }

  /** Listens on a free port of this machine. */
  static async start(options: ModelServerOptions = {}): Promise<ModelServer> {
    const server = new ModelServer(options)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.#server.once('error', reject)
    server.#server.listen(0, '127.0.0.1', resolve)
    await promise
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Without `/v1`. */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** With `/v1`. */
  get baseUrl(): string {
    return `${this.origin}/v1`
  }

  /** How many requests came to this path. */
  count(path: string): number {
    return this.#counts.get(path) ?? 0
  }

  /** Bodies of the requests to this path. */
  bodies<Body>(path: string): Body[] {
    return this.requests.filter((seen) => seen.path === path).map((seen) => seen.body as Body)
  }

  /** Settles when the condition holds; it is looked at when a request comes, an answer is cut or a socket closes. */
  async until(done: (server: ModelServer) => boolean): Promise<void> {
    if (done(this)) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ done: () => done(this), resolve })
    await promise
  }

  /** Closes every connection, as a server does that restarts. */
  dropConnections(): void {
    for (const socket of this.#open) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dropConnections()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    await promise
  }

  #changed(): void {
    for (const entry of this.#waiting.splice(0)) {
      if (entry.done()) entry.resolve()
      else this.#waiting.push(entry)
    }
  }

  async #count(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostRunning = Math.max(this.mostRunning, ++this.#running)
    try {
      await this.#serve(request, response)
    } finally {
      this.#running--
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.origin).pathname
    const body = await readBody(request)
    const count = this.count(path)
    this.#counts.set(path, count + 1)
    const { authorization, traceparent } = request.headers
    this.requests.push({ path, body, authorization, traceparent })
    response.on('close', () => {
      if (response.writableFinished) return
      this.cancelled++
      this.#changed()
    })
    this.#changed()

    if (this.#options.delayMs !== undefined) await delay(this.#options.delayMs)
    if (this.#options.apiKey !== undefined && request.headers.authorization !== `Bearer ${this.#options.apiKey}`) {
      const given = request.headers.authorization ?? 'none'
      return send(response, 401, {
        error: { message: `Incorrect API key provided: ${given}`, code: 'invalid_api_key' },
      })
    }
    const fault = this.#options.fault?.(path, count, body)
    if (fault !== undefined) return this.#fail(response, fault)
    const refused = Object.keys(body as object).find((name) => this.#options.refusedFields?.includes(name))
    if (refused !== undefined)
      return send(response, 400, { error: { message: `Unsupported parameter: '${refused}'`, param: refused } })

    switch (path) {
      case '/v1/models':
        return send(response, 200, { object: 'list', data: (this.#options.models ?? ['test']).map((id) => ({ id })) })
      case '/v1/chat/completions':
        return this.#chat(body as ChatBody, count, response)
      case '/v1/embeddings':
        return this.#embeddings(body as EmbeddingBody, response)
      case '/embed':
        return this.#teiEmbed(body as { inputs: string[] }, response)
      case '/rerank':
      case '/v1/rerank':
        return this.#rerank(body as RerankBody, response)
      default:
        return send(response, 404, { detail: 'Not Found' })
    }
  }

  async #fail(response: ServerResponse, fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'status':
        response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
        response.end(fault.body ?? JSON.stringify({ error: { message: `Scripted status ${fault.status}` } }))
        return
      case 'hang-before-headers':
        return
      case 'hang-after-headers':
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.flushHeaders()
        return
      case 'frame':
        response.end(fault.frame)
        return
      case 'end-early':
        response.end()
        return
      case 'hang-up':
      case 'cut':
        response.socket?.destroy()
        return
      case 'stall':
        return
    }
  }

  async #chat(body: ChatBody, count: number, response: ServerResponse): Promise<void> {
    const answer = this.#options.chat?.(body, count) ?? 'Hello from the model.'
    const script: ChatScript = typeof answer === 'string' ? { text: answer } : answer
    const tokens = typeof script.text === 'string' ? script.text.split(/(?= )/) : script.text
    const usage = {
      prompt_tokens: body.messages.reduce((sum, message) => sum + Math.ceil((message.content ?? '').length / 4), 0),
      completion_tokens: tokens.length,
    }
    const { fault } = script
    if (fault !== undefined && !('afterTokens' in fault)) return this.#fail(response, fault)
    if (script.whole === true || body.stream !== true) {
      if (script.firstTokenMs !== undefined) await delay(script.firstTokenMs)
      const calls = script.calls ? { tool_calls: script.calls.map(wholeCall) } : {}
      const message = { role: 'assistant', content: tokens.join(''), reasoning_content: script.reasoning, ...calls }
      const choices = [{ index: 0, message, finish_reason: script.finish ?? finishOf(script) }]
      return send(response, 200, { object: 'chat.completion', choices, ...(script.usage === false ? {} : { usage }) })
    }

    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
    response.flushHeaders()
    const newline = script.newline ?? '\n'
    const write = async (text: string): Promise<void> => {
      const bytes = Buffer.from(text)
      if (script.bytewise !== true) response.write(bytes)
      else
        for (const byte of bytes) {
          response.write(Uint8Array.of(byte))
          await new Promise(setImmediate)
        }
    }
    const chunk = (delta: object, finish: string | null = null): Promise<void> =>
      write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}${newline}${newline}`)

    await chunk({ role: 'assistant', content: '' })
    if (script.firstTokenMs !== undefined) await delay(script.firstTokenMs)
    if (script.reasoning !== undefined) await chunk({ reasoning_content: script.reasoning })
    for (const [index, token] of tokens.entries()) {
      if (fault?.afterTokens === index) {
        if (fault.kind === 'cut') await flushed(response)
        return this.#fail(response, fault)
      }
      if (response.destroyed) return
      if (index > 0 && script.tokenMs !== undefined) await delay(script.tokenMs)
      if (script.comment !== undefined) await write(`: ${script.comment}${newline}${newline}`)
      await chunk({ content: token })
    }
    if (fault !== undefined) {
      if (fault.kind === 'cut') await flushed(response)
      return this.#fail(response, fault)
    }
    for (const [index, call] of (script.calls ?? []).entries()) {
      const { id, type, function: asked } = wholeCall(call, index)
      await chunk({ tool_calls: [{ index, id, type, function: { name: asked.name, arguments: '' } }] })
      const middle = Math.ceil(asked.arguments.length / 2)
      for (const piece of [asked.arguments.slice(0, middle), asked.arguments.slice(middle)])
        await chunk({ tool_calls: [{ index, function: { arguments: piece } }] })
    }
    for (const delta of script.deltas ?? []) await chunk(delta)
    await chunk({}, script.finish ?? finishOf(script))
    if (script.usage !== false) await write(`data: ${JSON.stringify({ choices: [], usage })}${newline}${newline}`)
    if (script.done !== false) await write(`data: [DONE]${newline}${newline}`)
    response.end()
  }

  #embeddings(body: EmbeddingBody, response: ServerResponse): void {
    const texts = typeof body.input === 'string' ? [body.input] : body.input
    const kind = this.#options.embeddings ?? 'base64'
    if (this.#tooMany(texts, response)) return
    if (body.encoding_format === 'base64' && kind === 'refuse-base64')
      return send(response, 400, { error: { message: 'encoding_format must be float' } })
    const base64 = body.encoding_format === 'base64' && kind === 'base64'
    const data = texts.map((text, index) => {
      const vector = this.#vector(text, body.dimensions)
      return { index, embedding: base64 ? Buffer.from(vector.buffer).toString('base64') : [...vector] }
    })
    // Backwards, because the order of an answer is its indexes and not its lines.
    send(response, 200, { object: 'list', data: data.toReversed(), usage: { prompt_tokens: 1, total_tokens: 1 } })
  }

  #teiEmbed(body: { inputs: string[] }, response: ServerResponse): void {
    if (this.#tooMany(body.inputs, response)) return
    send(
      response,
      200,
      body.inputs.map((text) => [...this.#vector(text)]),
    )
  }

  #rerank(body: RerankBody, response: ServerResponse): void {
    const texts = body.texts ?? body.documents ?? []
    if (this.#tooMany(texts, response)) return
    const score = this.#options.score ?? sharedWords
    const scores = texts.map((text, index) => ({ index, score: score(body.query, text) }))
    scores.sort((a, b) => b.score - a.score)
    if (body.texts !== undefined) return send(response, 200, scores)
    const results = scores.map(({ index, score }) => ({ index, relevance_score: score }))
    send(response, 200, { results: results.slice(0, body.top_n) })
  }

  #vector(text: string, dimension = this.#options.dimension ?? 32): Float32Array {
    const vector = hashedVector(text, dimension)
    return this.#options.vector?.(text, vector) ?? vector
  }

  #tooMany(texts: string[], response: ServerResponse): boolean {
    const most = this.#options.mostInputs ?? Infinity
    if (texts.length <= most) return false
    send(response, 413, {
      error: `batch size ${texts.length} > maximum allowed batch size ${most}`,
      error_type: 'Validation',
    })
    return true
  }
}

interface EmbeddingBody {
  model: string
  input: string | string[]
  encoding_format?: string
  dimensions?: number
}

interface RerankBody {
  query: string
  texts?: string[]
  documents?: string[]
  top_n?: number
}

function finishOf({ calls = [] }: ChatScript): string {
  return calls.length > 0 ? 'tool_calls' : 'stop'
}

function wholeCall(call: Exclude<ChatScript['calls'], undefined>[number], index = 0): ScriptedCall {
  const { id = `call_${index}`, name, arguments: given = {} } = call
  return {
    id,
    type: 'function',
    function: { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString()) as unknown)
}

/** Waits until what was written has left, so that a cut comes after it and not instead of it. */
async function flushed(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  response.write(': cut\n\n', () => resolve())
  await promise
}

function sharedWords(query: string, text: string): number {
  const words = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
  return (query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => words.has(word)).length
}
