// Calls of tools over a connection that the SDK has opened. The SDK reads every message three times against schemas; what
// answers a call is looked at once here, everything else stays the SDK's.

import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import type { Plain } from '../../core/plain.ts'
import type { ToolContext } from '../tool.ts'
import { ProtocolFailure } from './failure.ts'
import type { ReasonedTransport } from './wire.ts'

interface Waiting {
  context: ToolContext
  resolve(result: unknown): void
  reject(reason: unknown): void
}

/** Longest time that is told, in milliseconds. */
const longestMs = 2 ** 31 - 1

export class Exchange {
  readonly #transport: ReasonedTransport
  readonly #waiting = new Map<string, Waiting>()
  #last = 0

  /** Takes its messages out of those of a transport that is connected. */
  constructor(transport: ReasonedTransport) {
    this.#transport = transport
    const others = transport.onmessage
    // No event target: its one listener is this property.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    transport.onmessage = (message: JSONRPCMessage) => {
      if (!this.#hear(message)) others?.(message)
    }
  }

  /** Calls that wait for their answers. */
  get size(): number {
    return this.#waiting.size
  }

  /** Calls a tool; returns the result as it came. Stops at the signal of its context, and tells the server. */
  call(name: string, input: unknown, context: ToolContext): Promise<unknown> {
    const { signal, budgetMs } = context
    const id = `call-${++this.#last}`
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const stop = (): void => {
      reject(signal.reason)
      const params = { requestId: id, reason: String(signal.reason) }
      this.#transport.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch(() => {})
      this.#waiting.delete(id)
    }
    const done = (): void => {
      signal.removeEventListener('abort', stop)
      this.#waiting.delete(id)
    }
    this.#waiting.set(id, {
      context,
      resolve: (result) => {
        done()
        resolve(result)
      },
      reject: (reason) => {
        done()
        reject(reason)
      },
    })
    signal.addEventListener('abort', stop, { once: true })
    const budget = budgetMs === undefined ? {} : { 'andon/budgetMs': Math.min(longestMs, Math.ceil(budgetMs)) }
    const params = { name, arguments: input as { [key: string]: Plain }, _meta: { progressToken: id, ...budget } }
    this.#transport
      .send({ jsonrpc: '2.0', id, method: 'tools/call', params })
      .catch((reason: unknown) => this.#waiting.get(id)?.reject(reason))
    return promise
  }

  /** The connection is gone: all that wait fail with this. */
  lose(reason: unknown): void {
    for (const each of this.#waiting.values()) each.reject(reason)
  }

  /** Whether a message was for a call. */
  #hear(message: JSONRPCMessage): boolean {
    if ('method' in message) return message.method === 'notifications/progress' && this.#progress(message.params)
    const waiting = typeof message.id === 'string' ? this.#waiting.get(message.id) : undefined
    if (!waiting) return typeof message.id === 'string' && message.id.startsWith('call-')
    if ('result' in message) waiting.resolve(message.result)
    else waiting.reject(new ProtocolFailure(message.error))
    return true
  }

  #progress(params: unknown): boolean {
    const { progressToken, progress, total, message } = (params ?? {}) as { [name: string]: unknown }
    if (typeof progressToken !== 'string') return false
    const { context } = this.#waiting.get(progressToken) ?? {}
    if (!context || typeof progress !== 'number') return true
    if (typeof total === 'number' && total > 0) context.progress(Math.min(1, Math.max(0, progress / total)))
    if (typeof message === 'string') context.progress(message.slice(0, 1_000))
    else if (total === undefined) context.progress(String(progress))
    return true
  }
}
