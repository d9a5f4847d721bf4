// One server and the connection to it: made when it is needed, shared by all calls, made again when it was lost.

import { setTimeout as wait } from 'node:timers/promises'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import { connectionChannel } from '../connection-news.ts'
import type { ConnectionNews } from '../connection-news.ts'
import { callFailed } from '../failure.ts'
import { withoutSecrets } from '../secrets.ts'
import type { ToolContext } from '../tool.ts'
import { dial } from './dial.ts'
import type { Dialled } from './dial.ts'
import { discreet, secretsOf } from './discreet.ts'
import { Exchange } from './exchange.ts'
import { failure, isClosed, isOver } from './failure.ts'
import { listTools } from './listing.ts'
import { Restarts } from './restarts.ts'
import { valueOf } from './result.ts'
import type { McpOperation, McpReach } from './server.ts'
import { SessionForgotten } from './streamable.ts'
import type { ReasonedTransport } from './wire.ts'

/** Longest time that a timer takes, in milliseconds. */
const longestMs = 2 ** 31 - 1

interface Live extends Dialled {
  exchange: Exchange
}

export class McpConnection {
  readonly #name: string
  readonly #reach: McpReach
  readonly #restarts: Restarts
  readonly #secrets: readonly string[]
  readonly #closed = new AbortController()
  #live: Promise<Live> | undefined
  /** The same, once it is there: most calls need not wait for it. */
  #ready: Live | undefined
  #lostBefore = false

  constructor(name: string, reach: McpReach) {
    this.#name = name
    this.#reach = reach
    this.#secrets = secretsOf(reach)
    this.#restarts = new Restarts(reach.restart)
  }

  /** Connects, unless that is done. */
  async open(): Promise<void> {
    try {
      await this.#connected(this.#closed.signal)
    } catch (reason) {
      throw discreet(reason, this.#secrets)
    }
  }

  /** Does what a source says. Every failure names the server, and no secret that it is reached with. */
  async call(operation: McpOperation, input: unknown, context: ToolContext): Promise<Plain> {
    try {
      const answer = await this.#answer(operation, input, context)
      return 'list' in operation ? (answer as Plain) : valueOf(answer, operation)
    } catch (reason) {
      throw discreet(reason, this.#secrets)
    }
  }

  async close(): Promise<void> {
    this.#closed.abort(new AndonError('cancelled', 'was closed'))
    const live = await this.#live?.catch(() => undefined)
    await live?.client.close().catch(() => {})
  }

  async #answer(operation: McpOperation, input: unknown, context: ToolContext): Promise<unknown> {
    try {
      return await this.#try(operation, input, context)
    } catch (reason) {
      // The server did not look at it: it forgot the session it came in.
      if (!(reason instanceof SessionForgotten)) throw this.#blamed(reason, context)
    }
    try {
      return await this.#try(operation, input, context)
    } catch (reason) {
      throw this.#blamed(reason, context)
    }
  }

  async #try(operation: McpOperation, input: unknown, context: ToolContext): Promise<unknown> {
    const live = this.#ready ?? (await this.#connected(context.signal))
    try {
      if ('tool' in operation) return await live.exchange.call(operation.tool, input, context)
      return await listTools(live.client, context.signal, Math.min(longestMs, context.budgetMs ?? longestMs))
    } catch (reason) {
      throw isClosed(reason) ? this.#lost(live.transport, 1) : reason
    }
  }

  /** The connection closed under a call. */
  #lost({ lostBecause: why }: ReasonedTransport, calls: number): unknown {
    if (why instanceof SessionForgotten || why?.code === 'cancelled') return why
    const message = `${why?.sentence ?? 'closed its connection'}. It had this call${calls > 1 ? ` and ${calls - 1} more` : ''}`
    const alone = calls <= 1 && this.#reach.program !== undefined
    return callFailed({ kind: alone ? 'crashed' : 'outcome-unknown', message })
  }

  #blamed(reason: unknown, { signal }: ToolContext): unknown {
    if (signal.aborted) return AndonError.from(signal.reason, 'cancelled')
    if (isOver(reason)) return new AndonError('deadline', `The MCP server ${this.#name} did not answer in time`)
    return failure(this.#name, reason)
  }

  /** The connection, when there is one; waits no longer than the signal says, and goes on trying for others. */
  async #connected(signal: AbortSignal): Promise<Live> {
    signal.throwIfAborted()
    const live = (this.#live ??= this.#connect())
    const { promise, reject } = Promise.withResolvers<never>()
    const left = (): void => reject(signal.reason)
    signal.addEventListener('abort', left, { once: true })
    try {
      return await Promise.race([live, promise])
    } finally {
      signal.removeEventListener('abort', left)
    }
  }

  async #connect(): Promise<Live> {
    try {
      this.#closed.signal.throwIfAborted()
      const rests = this.#restarts.resting()
      if (rests) throw callFailed({ kind: 'quarantined', message: rests.why, retryable: true, retryAfterMs: rests.ms })
      const waitMs = this.#restarts.waitMs()
      if (waitMs > 0) await wait(waitMs, undefined, { signal: this.#closed.signal })
      let exchange: Exchange | undefined
      const dialled = await dial(this.#reach, this.#closed.signal, {
        onToolsChanged: () => this.#announce('tools-changed'),
        onClosed: () => {
          this.#ended(dialled.transport.lostBecause)
          exchange?.lose(this.#lost(dialled.transport, exchange.size))
        },
      })
      if (dialled.transport.lostBecause) throw dialled.transport.lostBecause
      if (this.#lostBefore) this.#announce('tools-changed')
      this.#lostBefore = false
      exchange = new Exchange(dialled.transport)
      return (this.#ready = { ...dialled, exchange })
    } catch (reason) {
      this.#live = undefined
      if (this.#reach.program && !this.#restarts.resting()) this.#died(reason)
      throw reason
    }
  }

  /** It closed: the next call connects again. */
  #ended(why: AndonError | undefined): void {
    this.#live = undefined
    this.#ready = undefined
    this.#lostBefore = true
    if (this.#closed.signal.aborted) return
    if (this.#reach.program) this.#died(why)
    else this.#announce('lost', why?.sentence)
  }

  #died(reason: unknown): void {
    if (this.#closed.signal.aborted) return
    const why = AndonError.from(reason ?? 'ended').sentence
    const rests = this.#restarts.died(why)
    this.#announce(rests ? 'resting' : 'lost', rests ? this.#restarts.resting()?.why : why)
  }

  #announce(event: ConnectionNews['event'], why?: string): void {
    const told = why === undefined ? undefined : withoutSecrets(`The MCP server ${this.#name} ${why}`, this.#secrets)
    const message = told === undefined ? {} : { message: told }
    connectionChannel.announce(() => ({ id: this.#reach.id, event, ...message }))
  }
}
