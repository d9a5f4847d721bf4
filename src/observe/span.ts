// One piece of work as it is announced: begun, perhaps after a wait, and ended with its outcome.

import { overReason } from '../core/call.ts'
import { spanChannel, type SpanEvent } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'

/** What is known of a span when it begins. */
export interface SpanStart {
  station: string
  place?: string
  /** Which attempt, from 1. */
  attempt?: number
}

/** Measures one span, and announces it when it ends. Costs next to nothing when nobody listens. */
export class SpanTimer {
  readonly #call: Call
  readonly #start: SpanStart
  readonly #startedAt = performance.now()
  #workedFrom = this.#startedAt
  #firstTextAt: number | undefined
  #fallback: { place: string; degraded?: string } | undefined

  constructor(call: Call, start: SpanStart) {
    this.#call = call
    this.#start = start
  }

  /** The waiting is over. */
  begun(): void {
    this.#workedFrom = performance.now()
  }

  /** Text came; only the first time counts. */
  text(): void {
    this.#firstTextAt ??= performance.now()
  }

  /** Another does it than the one that was to. */
  fellBack(place: string): void {
    const { place: degraded } = this.#start
    this.#fallback = { place, ...(degraded === undefined ? {} : { degraded }) }
  }

  /** It ended well, or its reader had enough of it. */
  done(note?: string): void {
    this.#end(overReason(this.#call) === undefined ? 'ok' : 'cancelled', note)
  }

  /** It failed, or was cancelled: the reason says which. */
  failed(reason: unknown): void {
    const { code, sentence } = AndonError.from(reason)
    if (code === 'cancelled') this.#end('cancelled')
    else this.#end('failed', sentence)
  }

  #end(outcome: SpanEvent['outcome'], note?: string): void {
    const endedAt = performance.now()
    spanChannel.announce(() => ({
      callId: this.#call.id,
      tenant: this.#call.tenant,
      ...this.#start,
      ...this.#fallback,
      startedAt: this.#startedAt,
      waitMs: this.#workedFrom - this.#startedAt,
      workMs: endedAt - this.#workedFrom,
      outcome,
      ...(this.#firstTextAt === undefined ? {} : { firstTextMs: this.#firstTextAt - this.#workedFrom }),
      ...(note === undefined ? {} : { note }),
    }))
  }
}

/** Does a piece of work as a span of its own. */
export async function asSpan<Result>(call: Call, start: SpanStart, work: () => Promise<Result>): Promise<Result> {
  const timer = new SpanTimer(call, start)
  try {
    const result = await work()
    timer.done()
    return result
  } catch (reason) {
    timer.failed(reason)
    throw reason
  }
}

/** Says a sentence about the last span of a station. */
export function noteSpan(call: Call, station: string, note: string): void {
  spanChannel.announce(() => ({ callId: call.id, station, note }))
}
