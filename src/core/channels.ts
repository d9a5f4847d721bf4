// What the house announces, on diagnostics channels named `andon:*`: nobody listening means no work at all.

import { channel } from 'node:diagnostics_channel'
import type { AnswerState, Span } from './answer-record.ts'
import { AndonError } from './errors.ts'
import type { Plain } from './plain.ts'
import type { AnswerEnd } from './question.ts'

/** A diagnostics channel with a type. The message is made only when somebody listens. */
export interface Announcer<Message> {
  readonly name: string
  /** Whether anybody listens. */
  readonly heard: boolean
  announce(make: () => Message): void
  /** Returns how to stop listening. */
  subscribe(listener: (message: Message) => void): () => void
}

/** Something that happened to a pool or to one of its workers. */
export type PlaceEvent =
  | {
      event: 'worker-started'
      pool: string
      place: 'thread' | 'process'
      worker: number
      pid?: number
      readyMs: number
    }
  | {
      event: 'worker-ended'
      pool: string
      place: 'thread' | 'process'
      worker: number
      /** Asked to go: recycled, no longer needed, or closing. */
      planned: boolean
      reason: string
      detail?: Plain
    }
  | { event: 'worker-killed'; pool: string; place: 'thread' | 'process'; worker: number; reason: string }
  | { event: 'pool-paused'; pool: string; reason: string; retryAfterMs: number }
  | { event: 'queue'; pool: string; waiting: number; running: number }

/** Workers of pools as they start, end and are killed, and the length of their queues. */
export const placeChannel: Announcer<PlaceEvent> = announcer('andon:place')

/** Something that goes on behind the requests failed, and will be tried again. */
export interface TroubleEvent {
  /** `embedding`, `reindexing` or `purging`. */
  part: string
  error: AndonError
}

/** Faults that no caller hears of. */
export const troubleChannel: Announcer<TroubleEvent> = announcer('andon:trouble')

/** An answer that ended, well or not. */
export interface AnswerEndedEvent {
  id: string
  tenant: string
  state: AnswerState
  /** From its start to its first text, and to its end, in milliseconds. */
  firstTextMs?: number
  totalMs?: number
  spans: readonly Span[]
  /** Its last event, when it came to its end. */
  end?: AnswerEnd
}

/** Answers as they end. */
export const answerChannel: Announcer<AnswerEndedEvent> = announcer('andon:answer')

/** A piece of work that somebody did for a call, as it ends. */
export interface SpanEvent {
  callId: string
  tenant?: string
  station: string
  /** Which of several: the worker of a pool, the model's server. */
  place?: string
  /** The model that was asked first, where another one answered: that is the place. */
  degraded?: string
  /** Monotonic ms (`performance.now()`) when it was asked for. */
  startedAt: number
  /** Milliseconds before anybody worked on it, and from then until its end. */
  waitMs: number
  workMs: number
  outcome: 'ok' | 'failed' | 'cancelled'
  attempt?: number
  /** Milliseconds until the first text came, counted like `workMs`. */
  firstTextMs?: number
  note?: string
}

/** A sentence about the last span of a station, by whoever has looked at what came out. */
export type SpanNote = Required<Pick<SpanEvent, 'callId' | 'station' | 'note'>>

/** Pieces of work as they end, and sentences about them. */
export const spanChannel: Announcer<SpanEvent | SpanNote> = announcer('andon:span')

/** A run of a tool's call as it begins, and as it ends. */
export type ToolEvent =
  | ToolEventStart
  | (Omit<ToolEventStart, 'event'> & {
      event: 'ended'
      /** `ok`, or what went wrong: a kind of error. */
      kind: string
      /** Milliseconds before a worker had it, and of its own. */
      queueMs: number
      runMs: number
      /** Its worker was killed because of it, or died of it. */
      workerKilled: boolean
      /** Of one that did not end well: one sentence. */
      message?: string
    })

interface ToolEventStart {
  /** Given to its place: it may wait for a worker there. */
  event: 'began'
  callId: string
  tenant: string
  tool: string
  place: 'inline' | 'thread' | 'process'
  /** From 1. An attempt that will be repeated ends too. */
  attempt: number
}

/** Runs of tools; one that found its result already worked out is none. */
export const toolChannel: Announcer<ToolEvent> = announcer('andon:tool')

/** Makes the announcer of the diagnostics channel with this name. */
export function announcer<Message>(name: `andon:${string}`): Announcer<Message> {
  const line = channel(name)
  return {
    name,
    get heard() {
      return line.hasSubscribers
    },
    announce(make) {
      if (line.hasSubscribers) line.publish(make())
    },
    subscribe(listener) {
      const heard = (message: unknown): void => listener(message as Message)
      line.subscribe(heard)
      return () => {
        line.unsubscribe(heard)
      }
    },
  }
}

/** Tells of a fault behind the requests. */
export function announceTrouble(part: string, reason: unknown): void {
  troubleChannel.announce(() => ({ part, error: AndonError.from(reason) }))
}
