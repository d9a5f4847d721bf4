// A server that says what a test tells it, word for word: for dialogues that were written after a provider's
// documentation. It listens on port 0 of this machine and keeps every request.

import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'

/** A request as it came. */
export interface Replayed {
  method: string
  /** With its query. */
  url: string
  headers: IncomingHttpHeaders
  body: unknown
}

export interface Reply {
  /** Default 200. */
  status?: number
  /** Default `text/event-stream` for a text, JSON for anything else. */
  headers?: Record<string, string>
  /** A stream as it is written, or a value that is sent as JSON. */
  body: unknown
  /** Byte by byte, each in a packet of its own as far as the system lets it. */
  bytewise?: boolean
  /** How it ends. Default: as it should. */
  end?: 'cut' | 'never'
}

export class ReplayServer implements AsyncDisposable {
  readonly requests: Replayed[] = []
  readonly #answer: (request: Replayed, count: number) => Reply
  readonly #server: Server

  private constructor(answer: (request: Replayed, count: number) => Reply) {
    this.#answer = answer
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  /** `answer` is asked for every request; `count` is how many came before it. */
  static async start(answer: (request: Replayed, count: number) => Reply): Promise<ReplayServer> {
    const server = new ReplayServer(answer)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The body of a request. */
  body(index: number): Record<string, unknown> {
    return this.requests[index]?.body as Record<string, unknown>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const bytes of request) text += String(bytes)
    const seen: Replayed = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    const { status = 200, headers, body, bytewise, end } = this.#answer(seen, this.requests.push(seen) - 1)
    const isText = typeof body === 'string'
    response.writeHead(status, { 'content-type': isText ? 'text/event-stream' : 'application/json', ...headers })
    const bytes = Buffer.from(isText ? body : JSON.stringify(body))
    if (bytewise) {
      for (const [index] of bytes.entries()) {
        response.write(bytes.subarray(index, index + 1))
        await nextTurn()
      }
    } else if (bytes.length > 0) await new Promise((resolve) => response.write(bytes, resolve))
    if (end === 'cut') response.destroy()
    else if (end !== 'never') response.end()
  }
}
