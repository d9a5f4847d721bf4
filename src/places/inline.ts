// Stations in this thread: nothing is copied, and cancelling, leaving and failing mean what they mean elsewhere.

import { childCall, onOver, overReason } from '../core/call.ts'
import type { OwnedCall } from '../core/call.ts'
import { spanChannel, type SpanEvent } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import { letGo } from '../core/let-go.ts'
import type { Call, Station } from '../core/station.ts'

/** The station as it behaves in every place: its errors are AndonErrors, and a cancelled reader hears so at once. */
export function inline<Input, Output>(station: Station<Input, Output>): Station<Input, Output> {
  return {
    name: station.name,
    run: (input: Input, call: Call) => new InlineCall(station, input, call),
  }
}

type Step<Output> = IteratorResult<Output, undefined>

class InlineCall<Input, Output> implements AsyncIterableIterator<Output, undefined> {
  readonly #station: Station<Input, Output>
  readonly #input: Input
  readonly #parent: Call
  #call: OwnedCall | undefined
  #over: ((reason: AndonError) => void) | undefined
  #items: AsyncIterator<Output> | undefined
  #ended = false
  #startedAt = 0

  constructor(station: Station<Input, Output>, input: Input, call: Call) {
    this.#station = station
    this.#input = input
    this.#parent = call
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<Step<Output>> {
    if (this.#ended) return { done: true, value: undefined }
    const call = this.#call ?? this.#begin()
    const over = overReason(call)
    if (over) {
      this.#leave(over.code === 'cancelled' ? 'cancelled' : 'failed')
      throw over
    }
    try {
      this.#items ??= this.#station.run(this.#input, call)[Symbol.asyncIterator]()
      const step = await this.#unlessOver(this.#items.next())
      if (!step.done) return step
      this.#end('ok')
      return { done: true, value: undefined }
    } catch (reason) {
      const error = AndonError.from(reason)
      this.#leave(error.code === 'cancelled' ? 'cancelled' : 'failed')
      throw error
    }
  }

  async return(): Promise<Step<Output>> {
    this.#leave(overReason(this.#parent) ? 'cancelled' : 'ok')
    return { done: true, value: undefined }
  }

  #begin(): OwnedCall {
    this.#startedAt = performance.now()
    const call = childCall(this.#parent)
    this.#call = call
    // Once per call, not per item: listening costs more than many items do.
    onOver(call, (reason) => this.#over?.(reason))
    return call
  }

  /** The step, or the reason why the call ended before it came. */
  #unlessOver(step: Promise<IteratorResult<Output>>): Promise<IteratorResult<Output>> {
    return new Promise((resolve, reject) => {
      this.#over = reject
      step.then(resolve, reject)
    })
  }

  /** Ends the call first, so that a station that waits hears of it, then lets its generator run to its `finally`. */
  #leave(outcome: SpanEvent['outcome']): void {
    if (this.#ended) return
    this.#end(outcome)
    if (this.#items) void letGo(this.#items)
  }

  #end(outcome: SpanEvent['outcome']): void {
    this.#ended = true
    this.#over = undefined
    this.#call?.[Symbol.dispose]()
    if (this.#startedAt === 0) return
    const { id: callId, tenant } = this.#parent
    const startedAt = this.#startedAt
    const workMs = performance.now() - startedAt
    spanChannel.announce(() => ({
      callId,
      tenant,
      station: this.#station.name,
      startedAt,
      waitMs: 0,
      workMs,
      outcome,
    }))
  }
}
