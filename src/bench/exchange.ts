// One request on its way: bytes in, times out. Everything is measured where the bytes come, before they are understood.

import type { Dispatcher } from 'undici'
import { EventParser } from '../models/sse.ts'
import { parsed, problemIn } from '../models/failure.ts'
import { Reading, type EventReader } from './reading.ts'
import type { Outcome, RequestRecord } from './record.ts'

/** What is known of a request before it is sent. */
export interface ExchangeStart {
  index: number
  scheduledMs: number
  /** Milliseconds since the start of the phase. */
  now: () => number
  read: EventReader
  /** When the client leaves, after sending. */
  cancelAfterMs?: number
  /** When the client gives up, after sending. */
  timeoutMs: number
}

/** An error's body or an answer in one piece that is larger is not kept. */
const largest = 8 * 1024 * 1024

/** A handler for undici's `dispatch`, and the promise of its record. The record always comes; nothing is thrown. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly record: Promise<RequestRecord>
  readonly #start: ExchangeStart
  readonly #sentMs: number
  readonly #reading = new Reading()
  readonly #parser = new EventParser()
  readonly #timers: NodeJS.Timeout[] = []
  #settle: (record: RequestRecord) => void = () => {}
  #controller: Dispatcher.DispatchController | undefined
  #left: { outcome: Outcome; error?: string } | undefined
  #status: number | undefined
  #headersMs: number | undefined
  #streams = false
  #body: Buffer[] = []
  #size = 0
  #settled = false

  constructor(start: ExchangeStart) {
    this.#start = start
    this.record = new Promise((resolve) => (this.#settle = resolve))
    this.#sentMs = start.now()
    const { cancelAfterMs, timeoutMs } = start
    if (cancelAfterMs !== undefined)
      this.#timers.push(setTimeout(() => this.leave({ outcome: 'cancelled' }), cancelAfterMs))
    const late = { outcome: 'failed' as const, error: `No end within ${timeoutMs} ms.` }
    this.#timers.push(setTimeout(() => this.leave(late), timeoutMs))
  }

  /** Closes the connection now, with this outcome. */
  leave(how: { outcome: Outcome; error?: string }): void {
    if (this.#settled) return
    this.#left = how
    this.#controller?.abort(new Error('left'))
    this.#finish(how.outcome, how.error)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#left) controller.abort(new Error('left'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status
    this.#headersMs = this.#start.now()
    this.#streams = status < 300 && String(headers['content-type'] ?? '').startsWith('text/event-stream')
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const atMs = this.#start.now()
    if (!this.#streams) {
      this.#size += chunk.length
      if (this.#size <= largest) this.#body.push(chunk)
      else controller.abort(new Error('too large'))
      return
    }
    try {
      for (const event of this.#parser.push(chunk)) this.#start.read(this.#reading, event, atMs)
    } catch (reason) {
      controller.abort(reason instanceof Error ? reason : new Error('unreadable'))
    }
  }

  onResponseEnd(): void {
    const reading = this.#reading
    const atMs = this.#start.now()
    if (this.#streams) {
      for (const event of this.#parser.end()) this.#start.read(reading, event, atMs)
      if (!reading.ended) reading.error ??= 'The stream stopped before its end.'
    } else this.#whole(atMs)
    this.#finish(reading.error === undefined ? 'ok' : 'failed', reading.error)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#left) return
    // What the server said of itself tells more than that it closed the connection afterwards.
    this.#finish('failed', this.#reading.error ?? causeOf(error))
  }

  /** An answer in one piece: there is no first token to tell apart from the end. */
  #whole(atMs: number): void {
    const text = Buffer.concat(this.#body).toString('utf8')
    const status = this.#status ?? 0
    const reading = this.#reading
    if (status >= 300) {
      reading.error = `Status ${status}: ${(problemIn(parsed(text))?.message ?? text).slice(0, 300)}`
      return
    }
    this.#start.read(reading, { event: 'message', data: text }, atMs)
    reading.firstTokenMs = undefined
    reading.lastTokenMs = undefined
  }

  #finish(outcome: Outcome, error?: string): void {
    if (this.#settled) return
    this.#settled = true
    for (const timer of this.#timers) clearTimeout(timer)
    const { index, scheduledMs, now } = this.#start
    const { firstTokenMs, lastTokenMs, gapsMs, usage, finishReason, stages, answerId, simulated } = this.#reading
    this.#settle({
      index,
      scheduledMs: microseconds(scheduledMs),
      sentMs: microseconds(this.#sentMs),
      ...(this.#headersMs === undefined ? {} : { headersMs: microseconds(this.#headersMs) }),
      ...(firstTokenMs === undefined ? {} : { firstTokenMs: microseconds(firstTokenMs) }),
      ...(lastTokenMs === undefined ? {} : { lastTokenMs: microseconds(lastTokenMs) }),
      endMs: microseconds(now()),
      outcome,
      ...(this.#status === undefined ? {} : { status: this.#status }),
      ...(error === undefined ? {} : { error }),
      gapsMs,
      ...(usage ? { promptTokens: usage.promptTokens, cachedTokens: usage.cachedTokens } : {}),
      ...this.#reading.tokens,
      ...(finishReason === undefined ? {} : { finishReason }),
      ...(stages.length === 0 ? {} : { stages }),
      ...(answerId === undefined ? {} : { answerId }),
      ...(simulated ? { simulated } : {}),
    })
  }
}

/** Milliseconds to the microsecond: the clock knows no more. */
function microseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** The system's word for it where there is one: those are the same for every request, so that they can be counted. */
function causeOf(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string'
    ? `The connection failed: ${error.code}.`
    : `The connection failed: ${error.message}`
}
