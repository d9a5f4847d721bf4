// Where the time of a call goes: gathers the spans that are announced for the calls it was told to follow.

import { spanChannel, type SpanEvent, type SpanNote } from '../core/channels.ts'
import type { Span } from '../core/answer-record.ts'

/** More spans than this of one call are counted by nobody: a broken model may be asked many times. */
const mostSpans = 500

/** The spans of one call, in the order in which they ended. */
export interface Timeline {
  readonly spans: Span[]
  /** Stops gathering. */
  close(): void
}

/** Follows calls by their ids, with one listener for all of them. */
export class Timelines implements Disposable {
  readonly #followed = new Map<string, { spans: Span[]; startedAt: number }>()
  readonly #unsubscribe = spanChannel.subscribe((message) => this.#hear(message))

  /** Gathers the spans of a call from now on; their times count from here. */
  follow(callId: string): Timeline {
    const followed = { spans: [] as Span[], startedAt: performance.now() }
    this.#followed.set(callId, followed)
    return { spans: followed.spans, close: () => void this.#followed.delete(callId) }
  }

  [Symbol.dispose](): void {
    this.#unsubscribe()
    this.#followed.clear()
  }

  #hear(message: SpanEvent | SpanNote): void {
    const followed = this.#followed.get(message.callId)
    if (!followed) return
    const { spans, startedAt } = followed
    if (!('startedAt' in message)) {
      const span = spans.findLast(({ station }) => station === message.station)
      if (span) span.note = message.note
    } else if (spans.length < mostSpans) spans.push(spanOf(message, startedAt))
  }
}

function spanOf(event: SpanEvent, from: number): Span {
  const { station, place, degraded, startedAt, waitMs, workMs, outcome, attempt, firstTextMs, note } = event
  return {
    station,
    ...(place === undefined ? {} : { place }),
    ...(degraded === undefined ? {} : { degraded }),
    startMs: hundredths(startedAt - from),
    waitMs: hundredths(waitMs),
    workMs: hundredths(workMs),
    outcome,
    ...(attempt === undefined ? {} : { attempt }),
    ...(firstTextMs === undefined ? {} : { firstTextMs: hundredths(firstTextMs) }),
    ...(note === undefined ? {} : { note }),
  }
}

function hundredths(ms: number): number {
  return Math.max(0, Math.round(ms * 100) / 100)
}
