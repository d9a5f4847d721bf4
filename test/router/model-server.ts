// A model server of OpenAI's API that answers well or badly, as told, and counts what was asked of it and what was left.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a server behaves towards one request. */
export type Manner =
  | 'well'
  /** Status 500, with a word of JSON. */
  | '500'
  /** Status 502, with a web page. */
  | '502'
  /** Status 429, with `Retry-After: 1`. */
  | '429'
  /** Status 200, and the error in the body. */
  | '200-error'
  | '400'
  | '401'
  | '413'
  /** Headers, and nothing more. */
  | 'silence'
  /** Not even headers. */
  | 'hang'
  /** Its first frame is an error. */
  | 'error-frame'
  /** A role, then an error. */
  | 'late-error-frame'
  /** Its first frame is no JSON. */
  | 'malformed'
  /** The line breaks before the first word. */
  | 'cut-before'
  /** The line breaks after two words. */
  | 'cut-after'
  /** It ends after two words, without a reason and without [DONE]. */
  | 'ends-early'
  /** An error after two words. */
  | 'error-after'
  /** Two words, then nothing. */
  | 'stalls'
  /** A reason to stop and no word. */
  | 'empty'
  /** Words, until its reader leaves. */
  | 'endless'

export class ModelServer implements AsyncDisposable {
  manner: Manner = 'well'
  /** For `well`: milliseconds before the first word. */
  firstMs = 0
  /** For `well`: of the tokens of the prompt, those that it says it had in its cache. */
  cachedTokens: number | undefined
  /** Requests for answers, vectors and scores. */
  asked = 0
  /** Whose reader left before the end. */
  left = 0
  /** Under way now, and most at once. */
  open = 0
  mostOpen = 0
  /** Questions for its health. */
  probed = 0
  /** Says nothing to them while it hangs. */
  healthy: boolean | 'hangs' = true
  /** Of the questions beside the requests. */
  readonly paths: (string | undefined)[] = []
  metrics = ''
  /** Said of vectors and scores, where it is set. */
  textsUsage: Record<string, unknown> | undefined
  readonly bodies: Record<string, unknown>[] = []
  readonly #server: Server
  #port = 0

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(manner: Manner = 'well'): Promise<ModelServer> {
    const server = new ModelServer()
    server.manner = manner
    await server.listen()
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Takes requests, again on the same port after `stop`. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Refuses connections and cuts those there are. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      this.paths.push(request.url)
      if (request.url === '/metrics') return void response.end(this.metrics)
      this.probed++
      if (this.healthy === 'hangs') return
      response.statusCode = this.healthy ? 200 : 503
      return void response.end('{"data":[{"id":"m"}]}')
    }
    this.asked++
    this.open++
    this.mostOpen = Math.max(this.mostOpen, this.open)
    response.on('close', () => {
      this.open--
      if (!response.writableFinished) this.left++
    })
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>
    this.bodies.push(body)
    if (this.#refuse(response)) return
    if (request.url?.endsWith('/embeddings') === true) return json(response, { ...vectors(body), ...this.textsUsage })
    if (request.url?.endsWith('/rerank') === true) return json(response, { ...scores(body), ...this.textsUsage })
    await this.#stream(response)
  }

  #refuse(response: ServerResponse): boolean {
    const said = { error: { message: `It is ${this.manner}.` } }
    switch (this.manner) {
      case '502':
        response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad gateway</html>')
        return true
      case '429':
        json(response, said, 429, { 'retry-after': '1' })
        return true
      case '200-error':
        json(response, { error: { message: 'network connection lost' } })
        return true
      case '500':
      case '400':
      case '401':
      case '413':
        json(response, said, Number(this.manner))
        return true
      case 'hang':
        return true
      default:
        return false
    }
  }

  async #stream(response: ServerResponse): Promise<void> {
    const say = (delta: object, finish: string | null = null): void =>
      void response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    if (this.manner === 'silence') return
    if (this.manner === 'error-frame')
      return void response.end('data: {"error":{"message":"Overloaded","code":529}}\n\n')
    if (this.manner === 'malformed') return void response.end('data: {"choices":[{"del\n\n')
    if (this.manner === 'cut-before') return void setImmediate(() => response.destroy())
    if (this.firstMs > 0) await new Promise((resolve) => setTimeout(resolve, this.firstMs))
    say({ role: 'assistant', content: '' })
    if (this.manner === 'late-error-frame')
      return void response.end(
        'event: error\ndata: {"error":{"message":"Quota used up","type":"insufficient_quota"}}\n\n',
      )
    if (this.manner === 'empty') {
      say({}, 'stop')
      return void response.end('data: [DONE]\n\n')
    }
    say({ content: 'Hello' })
    say({ content: ' world' })
    if (this.manner === 'cut-after') return void setTimeout(() => response.destroy(), 5)
    if (this.manner === 'ends-early') return void response.end()
    if (this.manner === 'error-after') return void response.end('data: {"error":{"message":"It broke","code":500}}\n\n')
    if (this.manner === 'stalls') return
    if (this.manner === 'endless') {
      const timer = setInterval(() => say({ content: ' and' }), 2)
      return void response.on('close', () => clearInterval(timer))
    }
    say({}, 'stop')
    const details =
      this.cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: this.cachedTokens } }
    const usage = { prompt_tokens: 7, completion_tokens: 2, ...details }
    response.write(`data: ${JSON.stringify({ choices: [], usage })}\n\n`)
    response.end('data: [DONE]\n\n')
  }
}

function json(response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

function vectors(body: Record<string, unknown>): object {
  const input = body['input'] as string[]
  return { data: input.map((text, index) => ({ index, embedding: [text.length, 1] })) }
}

function scores(body: Record<string, unknown>): object {
  const documents = body['documents'] as string[]
  return { results: documents.map((text, index) => ({ index, relevance_score: text.length })) }
}
