// MCP as it went over HTTP before: one stream brings all messages, and what is sent goes to an address that it names.

import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import { AndonError } from '../../core/errors.ts'
import { drain, HttpExchange } from './http.ts'
import type { Reply } from './http.ts'
import type { McpReach } from './server.ts'
import { sentEvents } from './sse-events.ts'
import { readMessage } from './wire.ts'
import type { ReasonedTransport } from './wire.ts'

export class SseTransport implements ReasonedTransport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  lostBecause: AndonError | undefined
  readonly #http: HttpExchange
  readonly #closed = new AbortController()
  #endpoint: URL | undefined
  #version: string | undefined

  constructor(address: NonNullable<McpReach['address']>) {
    this.#http = new HttpExchange(address)
  }

  /** Resolves when the server has said where messages go. */
  async start(): Promise<void> {
    const reply = await this.#http.send('GET', {
      headers: { accept: 'text/event-stream' },
      signal: this.#closed.signal,
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    void this.#listen(reply, resolve).then(() => {
      reject(this.lostBecause)
      void this.close()
    })
    await promise
  }

  setProtocolVersion(version: string): void {
    this.#version = version
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!this.#endpoint || this.lostBecause) throw this.lostBecause ?? new AndonError('unavailable', 'is not connected')
    drain(
      await this.#http.send('POST', {
        url: this.#endpoint,
        headers: {
          'content-type': 'application/json',
          ...(this.#version === undefined ? {} : { 'mcp-protocol-version': this.#version }),
        },
        body: JSON.stringify(message),
        signal: this.#closed.signal,
      }),
    )
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.lostBecause ??= new AndonError('cancelled', 'was closed')
    this.#closed.abort(this.lostBecause)
    this.#http[Symbol.dispose]()
    this.onclose?.()
  }

  async #listen(reply: Reply, ready: () => void): Promise<void> {
    try {
      for await (const { event, data } of sentEvents(reply.body)) {
        if (event === 'endpoint') {
          this.#endpoint = this.#http.within(data)
          ready()
        } else if (event === 'message') {
          const message = readMessage(data)
          if (message) this.onmessage?.(message)
        }
      }
      this.lostBecause ??= new AndonError('unavailable', 'ended its stream')
    } catch (reason) {
      this.lostBecause ??= new AndonError('unavailable', `broke off its stream (${AndonError.from(reason).sentence})`)
    }
  }
}
