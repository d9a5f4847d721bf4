// MCP over streamable HTTP: every message is a request, whose reply is JSON or a stream of events; one more stream brings
// what the server says by itself.

import { setTimeout as wait } from 'node:timers/promises'
import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import { atDeadline } from '../../core/deadlines.ts'
import { AndonError } from '../../core/errors.ts'
import { drain, headerOf, HttpExchange, Refused, textOf } from './http.ts'
import type { Reply } from './http.ts'
import type { McpReach } from './server.ts'
import { sentEvents } from './sse-events.ts'
import { answeredId, cancelledId, isMessage, lostReply, requestId } from './wire.ts'
import type { ReasonedTransport } from './wire.ts'

/** Milliseconds before a stream that broke off is asked for again, where the server does not say; grows up to the other. */
const againMs = 1_000
const longestAgainMs = 30_000
/** A server may not ask to be asked again sooner, in milliseconds. */
const shortestAgainMs = 100

/** A stream that goes on for so many milliseconds behind its answer is cut. */
const lingerMs = 5_000

/** How often the rest of one reply is asked for. */
const resumes = 5

export class StreamableTransport implements ReasonedTransport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  lostBecause: AndonError | undefined
  sessionId: string | undefined
  readonly #http: HttpExchange
  readonly #closed = new AbortController()
  /** Requests that wait for their replies. */
  readonly #open = new Map<string | number, AbortController>()
  #version: string | undefined

  constructor(address: NonNullable<McpReach['address']>) {
    this.#http = new HttpExchange(address)
  }

  async start(): Promise<void> {}

  setProtocolVersion(version: string): void {
    this.#version = version
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const id = requestId(message)
    if (id === undefined) {
      try {
        await this.#tell(message)
      } finally {
        // Also when the server does not want to hear that it is cancelled.
        const cancelled = cancelledId(message)
        if (typeof cancelled === 'number' || typeof cancelled === 'string') this.#open.get(cancelled)?.abort()
      }
      return
    }
    const over = new AbortController()
    this.#open.set(id, over)
    try {
      const isFirst = 'method' in message && message.method === 'initialize'
      const reply = await this.#post(message, over.signal)
      if (isFirst) this.sessionId = headerOf(reply, 'mcp-session-id')
      await this.#read(reply, id, over)
    } finally {
      this.#open.delete(id)
    }
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.lostBecause ??= new AndonError('cancelled', 'was closed')
    if (this.sessionId !== undefined) {
      const signal = AbortSignal.timeout(1_000)
      await this.#http.send('DELETE', { headers: this.#session(), signal }).then(drain, () => {})
    }
    this.#end()
  }

  #end(): void {
    if (this.#closed.signal.aborted) return
    this.#closed.abort(this.lostBecause)
    for (const over of this.#open.values()) over.abort(this.lostBecause)
    this.#http[Symbol.dispose]()
    this.onclose?.()
  }

  /** What wants no reply. */
  async #tell(message: JSONRPCMessage): Promise<void> {
    drain(await this.#post(message, this.#closed.signal))
    if ('method' in message && message.method === 'notifications/initialized') void this.#listen()
  }

  async #post(message: JSONRPCMessage, signal: AbortSignal): Promise<Reply> {
    try {
      return await this.#http.send('POST', {
        headers: {
          ...this.#session(),
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
        },
        body: JSON.stringify(message),
        signal,
      })
    } catch (reason) {
      if (reason instanceof Refused && reason.status === 404 && this.sessionId !== undefined) this.#forgotten()
      throw this.lostBecause ?? reason
    }
  }

  #session(): Record<string, string> {
    return {
      ...(this.sessionId === undefined ? {} : { 'mcp-session-id': this.sessionId }),
      ...(this.#version === undefined ? {} : { 'mcp-protocol-version': this.#version }),
    }
  }

  /** The session is over there: here as well. */
  #forgotten(): void {
    this.lostBecause ??= new SessionForgotten()
    this.sessionId = undefined
    this.#end()
  }

  async #read(reply: Reply, id: string | number, over: AbortController): Promise<void> {
    const type = headerOf(reply, 'content-type')?.split(';')[0]?.trim().toLowerCase()
    if (type === 'text/event-stream') return this.#follow(reply, id, over)
    if (type !== 'application/json') {
      drain(reply)
      throw new Refused(reply.statusCode, `its content is ${type ?? 'of no type'}, and neither JSON nor events`)
    }
    const said: unknown = JSON.parse(await textOf(reply))
    for (const message of Array.isArray(said) ? said : [said]) if (isMessage(message)) this.onmessage?.(message)
  }

  /** The events of a reply, and where they break off the rest of them if the server keeps it. */
  async #follow(first: Reply, id: string | number, over: AbortController): Promise<void> {
    const { signal } = over
    let reply = first
    let last: string | undefined
    let pause = againMs
    let why = 'ended its reply without an answer'
    let forget: (() => void) | undefined
    for (let tries = 0; ; tries++) {
      try {
        // Read to its end, so that its connection can be used again.
        for await (const { data, id: event, retryMs } of sentEvents(reply.body)) {
          if (event !== undefined) last = event
          if (retryMs !== undefined) pause = pauseOf(retryMs)
          if (this.#hear(data) === id) forget ??= atDeadline(performance.now() + lingerMs, () => over.abort())
        }
      } catch (reason) {
        why = `broke off its reply (${AndonError.from(reason).sentence})`
      }
      forget?.()
      if (forget || signal.aborted) return
      if (last === undefined || tries === resumes) break
      try {
        await wait(pause, undefined, { signal })
        reply = await this.#events(last, signal)
      } catch (reason) {
        if (signal.aborted) return
        why = AndonError.from(reason).sentence
        break
      }
    }
    this.onmessage?.(lostReply(id, why))
  }

  /** What the server says by itself, for as long as this is open. Servers that have nothing to say refuse it. */
  async #listen(): Promise<void> {
    const { signal } = this.#closed
    let pause = againMs
    let last: string | undefined
    for (let begun = false; !signal.aborted;) {
      try {
        const reply = await this.#events(last, signal)
        // What was said between two streams was not heard.
        if (begun) this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })
        begun = true
        for await (const { data, id, retryMs } of sentEvents(reply.body)) {
          // A stream that ends before it says anything is asked for less and less often.
          if (data !== '') pause = againMs
          if (id !== undefined) last = id
          if (retryMs !== undefined) pause = pauseOf(retryMs)
          this.#hear(data)
        }
      } catch (reason) {
        if (reason instanceof Refused) return reason.status === 404 && begun ? this.#forgotten() : undefined
      }
      await wait(pause, undefined, { signal, ref: false }).catch(() => {})
      pause = Math.min(pause * 1.5, longestAgainMs)
    }
  }

  #events(last: string | undefined, signal: AbortSignal): Promise<Reply> {
    return this.#http.send('GET', {
      headers: {
        ...this.#session(),
        accept: 'text/event-stream',
        ...(last === undefined ? {} : { 'last-event-id': last }),
      },
      signal,
    })
  }

  /** Returns the id that it answers. */
  #hear(data: string): string | number | undefined {
    if (data === '') return undefined
    const message: unknown = JSON.parse(data)
    if (!isMessage(message)) return undefined
    this.onmessage?.(message)
    return answeredId(message)
  }
}

function pauseOf(retryMs: number): number {
  return Math.min(Math.max(retryMs, shortestAgainMs), longestAgainMs)
}

/** The server knows the session no more: what was sent in it was not accepted. */
export class SessionForgotten extends AndonError {
  constructor() {
    super('unavailable', 'forgot its session')
  }
}
