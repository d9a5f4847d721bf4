// Sends requests to one target, over connections that it counts.

import { Pool } from 'undici'
import { AndonError } from '../core/errors.ts'
import { Exchange } from './exchange.ts'
import { readAndon, readOpenAi } from './reading.ts'
import type { RequestRecord } from './record.ts'
import { headersFor, type Target } from './target.ts'
import type { Work } from './workload.ts'

/** How every request of a run is made. */
export interface RequestStyle {
  /** Whether answers are streamed. Without it there is no time to first token. */
  stream: boolean
  /** Whether the server is told to go on to `max_tokens` (vLLM's and SGLang's `ignore_eos`). */
  ignoreEos: boolean
  /** Milliseconds after which a request without its end is given up. */
  timeoutMs: number
}

/** Opens at most `connections`, each for one request at a time. Close it. */
export class TargetClient implements AsyncDisposable {
  readonly #target: Target
  readonly #style: RequestStyle
  readonly #pool: Pool
  readonly #path: string
  readonly #headers: Record<string, string>
  readonly #underWay = new Set<Exchange>()
  #opened = 0
  #peak = 0

  constructor(target: Target, style: RequestStyle, connections: number) {
    const url = new URL(target.url)
    this.#target = target
    this.#style = style
    this.#pool = new Pool(url.origin, {
      connections,
      pipelining: 1,
      // The exchange has a timer of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 10_000 },
    })
    this.#pool.on('connect', () => (this.#opened += 1))
    const base = url.pathname.replace(/\/+$/, '')
    this.#path = target.speaks === 'andon' ? `${base}/v1/ask` : `${base}/chat/completions`
    this.#headers = { ...headersFor(target), accept: style.stream ? 'text/event-stream' : 'application/json' }
  }

  /** Connections opened so far. */
  get opened(): number {
    return this.#opened
  }

  /** Most requests under way at once so far. */
  get peak(): number {
    return this.#peak
  }

  get inFlight(): number {
    return this.#underWay.size
  }

  /** Makes one request. The record always comes. */
  async send(work: Work, at: { index: number; scheduledMs: number; now: () => number }): Promise<RequestRecord> {
    const body = JSON.stringify(this.#bodyOf(work))
    const exchange = new Exchange({
      ...at,
      read: this.#target.speaks === 'andon' ? readAndon : readOpenAi,
      ...(work.cancelAfterMs === undefined ? {} : { cancelAfterMs: work.cancelAfterMs }),
      timeoutMs: this.#style.timeoutMs,
    })
    this.#underWay.add(exchange)
    this.#peak = Math.max(this.#peak, this.#underWay.size)
    this.#pool.dispatch({ path: this.#path, method: 'POST', headers: this.#headers, body }, exchange)
    try {
      return await exchange.record
    } finally {
      this.#underWay.delete(exchange)
    }
  }

  /** Ends all that is under way as `incomplete`. */
  leaveAll(): void {
    for (const exchange of this.#underWay) exchange.leave({ outcome: 'incomplete' })
  }

  /** A GET below the target's origin, as JSON or text; undefined when it does not answer 200 within 5 s. */
  async look(path: string): Promise<string | undefined> {
    try {
      const { statusCode, body } = await this.#pool.request({
        path,
        method: 'GET',
        headers: headersFor(this.#target),
        signal: AbortSignal.timeout(5000),
      })
      const text = await body.text()
      return statusCode === 200 ? text : undefined
    } catch {
      return undefined
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leaveAll()
    await this.#pool.destroy()
  }

  #bodyOf({ messages, maxTokens }: Work): Record<string, unknown> {
    if (this.#target.speaks === 'andon') return { question: messages.at(-1)?.content ?? '' }
    const { model } = this.#target
    if (model === undefined)
      throw new AndonError('invalid', `The target ${this.#target.name} has no model: give --model.`)
    const { stream, ignoreEos } = this.#style
    return {
      model,
      messages,
      max_tokens: maxTokens,
      ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
      ...(ignoreEos ? { ignore_eos: true } : {}),
    }
  }
}
