// One call of a station that runs elsewhere, as its reader sees it: an iterator that hands out items as they come,
// grants credit as they are taken, and tells the far side when the reader leaves.

import { onOver, overReason } from '../core/call.ts'
import { spanChannel, type SpanEvent } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Code } from '../core/errors.ts'
import type { Call } from '../core/station.ts'

/** Items that a far station may send before its reader has taken any. */
export const initialCredit = 16

/** Credit is granted again in steps of this many items. */
const creditStep = initialCredit / 2

/** Who brings a call to a far side: a pool, or a port of its own. */
export interface Carrier {
  /** The reader asked for its first item. */
  start(call: FarCall): void
  /** The reader is gone before the call was given to a far side. */
  drop(call: FarCall): void
}

/** Who has the call in hand after it was sent. */
export interface Holder {
  /** Which of several, for people: `readers 2`. */
  readonly place?: string
  credit(call: FarCall, more: number): void
  /** The reader is gone (left, cancelled, out of time) before the far side was done. */
  cancel(call: FarCall, code: Code): void
}

type Step = IteratorResult<unknown, undefined>

/** The near side of one call. Nothing is sent before the first `next()`. */
export class FarCall implements AsyncIterableIterator<unknown, undefined> {
  readonly key: string
  /** Name of the station, for messages. */
  readonly name: string
  readonly input: unknown
  readonly call: Call
  /** Number on the port that it was sent through; 0 before. */
  id = 0
  /** Whether it may have started: then it is never given to another worker. */
  taken = false
  /** How often it was given to another worker. */
  moves = 0
  /** Monotonic ms when it was asked for, and when it was sent. */
  #startedAt = 0
  sentAt = 0
  /** Milliseconds that the far side worked on it, when it has said so. */
  workedMs: number | undefined
  /** Whether its reader has gone. */
  left = false
  readonly #carrier: Carrier
  #holder: Holder | undefined
  #items: unknown[] = []
  #next = 0
  #eaten = 0
  #state: 'new' | 'open' | 'ended' = 'new'
  #failure: AndonError | undefined
  #reader: PromiseWithResolvers<Step> | undefined
  #stopListening: (() => void) | undefined

  constructor(carrier: Carrier, key: string, name: string, input: unknown, call: Call) {
    this.#carrier = carrier
    this.key = key
    this.name = name
    this.input = input
    this.call = call
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Step> {
    if (this.#reader) return this.#reader.promise.then(this.#again, this.#again)
    if (this.#state === 'new') this.#start()
    if (this.#next < this.#items.length) return Promise.resolve({ done: false, value: this.#take() })
    if (this.#failure) {
      const failure = this.#failure
      this.#failure = undefined
      return Promise.reject(failure)
    }
    if (this.#state === 'ended') return Promise.resolve({ done: true, value: undefined })
    this.#reader = Promise.withResolvers()
    return this.#reader.promise
  }

  /** The reader leaves early. */
  return(): Promise<Step> {
    const wasOpen = this.#state === 'open'
    if (wasOpen) this.#end(overReason(this.call) ? 'cancelled' : 'ok')
    this.#state = 'ended'
    this.#items = []
    this.#next = 0
    this.#failure = undefined
    if (wasOpen) this.#leave('cancelled')
    return Promise.resolve({ done: true, value: undefined })
  }

  /** It was given to a far side under this number; `taken` when it must be thought to have started. */
  sentBy(holder: Holder, id: number, taken: boolean): void {
    this.#holder = holder
    this.id = id
    this.taken = taken
    this.sentAt = performance.now()
  }

  /** Items came, perhaps the last ones. */
  receive(values: unknown[], end: boolean): void {
    if (this.#state !== 'open') return
    if (this.#next >= this.#items.length) {
      this.#items = values
      this.#next = 0
    } else this.#items.push(...values)
    if (end) this.#end('ok')
    const reader = this.#reader
    if (!reader) return
    if (this.#next < this.#items.length) {
      this.#reader = undefined
      reader.resolve({ done: false, value: this.#take() })
    } else if (end) {
      this.#reader = undefined
      reader.resolve({ done: true, value: undefined })
    }
  }

  /** The call failed: what came before is still handed out. */
  fail(error: AndonError): void {
    if (this.#state !== 'open') return
    this.#end(error.code === 'cancelled' ? 'cancelled' : 'failed', error)
    if (this.#reader) {
      this.#reader.reject(error)
      this.#reader = undefined
    } else this.#failure = error
  }

  /** The far side is gone before it took this call: it may be sent again. */
  release(): void {
    this.#holder = undefined
  }

  readonly #again = (): Promise<Step> => this.next()

  #start(): void {
    this.#state = 'open'
    this.#startedAt = performance.now()
    const over = overReason(this.call)
    if (over) return this.fail(over)
    this.#stopListening = onOver(this.call, (reason) => this.over(reason))
    this.#carrier.start(this)
  }

  /** Cancelled or out of time: the reader hears at once, whatever the far side does. */
  over(reason: AndonError): void {
    if (this.#state !== 'open') return
    this.#items = []
    this.#next = 0
    this.fail(reason)
    this.#leave(reason.code)
  }

  #leave(code: Code): void {
    this.left = true
    if (this.#holder) this.#holder.cancel(this, code)
    else this.#carrier.drop(this)
  }

  #end(outcome: SpanEvent['outcome'], error?: AndonError): void {
    this.#state = 'ended'
    this.#stopListening?.()
    this.#stopListening = undefined
    if (spanChannel.heard) this.#announce(outcome, error)
  }

  #announce(outcome: SpanEvent['outcome'], error: AndonError | undefined): void {
    const all = performance.now() - this.#startedAt
    const sent = this.sentAt === 0 ? all : this.sentAt - this.#startedAt
    const waitMs = this.workedMs === undefined ? sent : Math.max(0, all - this.workedMs)
    const place = this.#holder?.place
    spanChannel.announce(() => ({
      callId: this.call.id,
      tenant: this.call.tenant,
      station: this.name,
      ...(place === undefined ? {} : { place }),
      startedAt: this.#startedAt,
      waitMs,
      workMs: all - waitMs,
      outcome,
      ...(outcome === 'failed' && error ? { note: error.sentence } : {}),
    }))
  }

  #take(): unknown {
    const value = this.#items[this.#next]
    // Let go of it here: items can be large, and the reader may keep this iterator for long.
    this.#items[this.#next++] = undefined
    if (++this.#eaten >= creditStep && this.#state === 'open') {
      this.#holder?.credit(this, this.#eaten)
      this.#eaten = 0
    }
    return value
  }
}
