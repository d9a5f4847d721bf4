// A channel: values from those who send to those who receive, in order, with a bound on how many lie between.

import { AndonError } from '../core/errors.ts'
import { Ring } from './ring.ts'
import { WaiterList, wrong, type PrimitiveOptions, type WaitOptions } from './waiters.ts'

/** What happens to a value that comes when the channel is full. */
export type WhenFull =
  | 'wait' //        its sender waits for room
  | 'drop-oldest' // the one that has lain longest makes room
  | 'drop-newest' // it is dropped itself
  | 'reject' //      its sender hears `overloaded`

export interface ChannelOptions<Value> extends PrimitiveOptions {
  /** Most values between senders and receivers. 0 hands over only to a receiver that waits. Default: 16. */
  capacity?: number
  /** Default: `wait`. */
  whenFull?: WhenFull
  /** Hears of every value that is dropped because the channel is full. It should not throw. */
  onDrop?: (value: Value) => void
}

/**
 * A bounded queue for many senders and many receivers. `for await (const value of channel)` reads until it is closed.
 *
 * Promises: every value goes to one receiver; values in the order in which they were sent, senders and receivers in the
 * order in which they came; one who leaves while waiting has sent or received nothing. What was sent before a close is
 * received before its end or error. What a policy drops is counted and told.
 * Does not promise: to give every receiver every value; or to be closed when one reader leaves its loop, because
 * there may be others.
 * Closing or disposing it: senders that wait hear `unavailable` (or the error), and so does who sends or receives later.
 */
export class Channel<Value> implements Disposable, AsyncIterable<Value> {
  readonly capacity: number
  readonly whenFull: WhenFull
  readonly #onDrop: ((value: Value) => void) | undefined
  readonly #ring = new Ring<Value>()
  readonly #senders: WaiterList<boolean, Value>
  readonly #receivers: WaiterList<IteratorResult<Value, undefined>>
  #closed: AndonError | undefined
  #failed = false
  #dropped = 0

  constructor(options: ChannelOptions<Value> = {}) {
    const { capacity = 16, whenFull = 'wait', onDrop } = options
    const least = whenFull === 'drop-oldest' ? 1 : 0
    if (!Number.isSafeInteger(capacity) || capacity < least)
      throw wrong('The capacity of a channel', capacity, `a whole number from ${least} up`)
    this.capacity = capacity
    this.whenFull = whenFull
    this.#onDrop = onDrop
    this.#senders = new WaiterList({ kind: 'channel', late: 'had no room' }, options)
    this.#receivers = new WaiterList({ kind: 'channel', late: 'had no value' }, options)
  }

  /** Values that lie in it. */
  get size(): number {
    return this.#ring.size
  }

  /** How many wait for room. */
  get sending(): number {
    return this.#senders.size
  }

  /** How many wait for a value. */
  get receiving(): number {
    return this.#receivers.size
  }

  get closed(): boolean {
    return this.#closed !== undefined
  }

  /** How many values were dropped because it was full. */
  get dropped(): number {
    return this.#dropped
  }

  /** Sends, and waits for room when that is the policy. False when the value was dropped. */
  send(value: Value, options?: WaitOptions): Promise<boolean> {
    const refusal = this.#closed ?? (options?.signal?.aborted ? this.#senders.refusal(options) : undefined)
    if (refusal) return Promise.reject(refusal)
    if (this.#give(value)) return taken
    switch (this.whenFull) {
      case 'wait':
        return this.#senders.wait(value, options)
      case 'drop-oldest':
        this.#drop(this.#ring.shift())
        this.#ring.push(value)
        return taken
      case 'drop-newest':
        this.#drop(value)
        return dropped
      case 'reject':
        return Promise.reject(
          new AndonError('overloaded', `${this.#senders.title} is full with ${this.capacity} values: try again later`),
        )
    }
  }

  /** Sends when there is room now; false when not, whatever the policy, and when it is closed. */
  trySend(value: Value): boolean {
    return this.#closed === undefined && this.#give(value)
  }

  /** Receives the next value, or waits for it. Rejects when the channel is closed and nothing is left. */
  async receive(options?: WaitOptions): Promise<Value> {
    const result = await this.#next(options)
    if (result.done) throw this.#closed ?? this.#receivers.closing()
    return result.value
  }

  /** Receives what is there now; undefined when nothing is. */
  tryReceive(): { value: Value } | undefined {
    if (this.#ring.size === 0 && this.#senders.size === 0) return undefined
    return { value: this.#take() }
  }

  /** The values until it is closed: the end of the loop for a plain close, an error for a close with one. */
  async *values(options?: WaitOptions): AsyncGenerator<Value, void, undefined> {
    for (;;) {
      const result = await this.#next(options)
      if (result.done) return
      yield result.value
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<Value, void, undefined> {
    return { next: () => this.#next(undefined), return: () => Promise.resolve({ done: true, value: undefined }) }
  }

  /** Nothing more will be sent; with an error, receivers hear it after what was sent before. Only the first counts. */
  close(error?: unknown): void {
    if (this.#closed) return
    this.#failed = error !== undefined
    this.#closed = this.#failed ? AndonError.from(error) : this.#senders.closing()
    this.#senders.close(this.#closed)
    // Who waits to receive waits because nothing lies here.
    if (this.#failed) this.#receivers.close(this.#closed)
    else for (let left = this.#receivers.size; left > 0; left--) this.#receivers.shift()?.resolve(end)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #give(value: Value): boolean {
    const receiver = this.#receivers.shift()
    if (receiver !== undefined) {
      receiver.resolve({ done: false, value })
      return true
    }
    if (this.#ring.size >= this.capacity) return false
    this.#ring.push(value)
    return true
  }

  #next(options: WaitOptions | undefined): Promise<IteratorResult<Value, undefined>> {
    if (options?.signal?.aborted) return this.#receivers.wait(undefined, options)
    if (this.#ring.size > 0 || this.#senders.size > 0) return Promise.resolve({ done: false, value: this.#take() })
    if (this.#closed) return this.#failed ? Promise.reject(this.#closed) : Promise.resolve(end)
    return this.#receivers.wait(undefined, options)
  }

  /** The oldest value; the first sender in the line moves up into the room that it leaves. */
  #take(): Value {
    const sender = this.#senders.shift()
    if (sender !== undefined) {
      this.#ring.push(sender.want)
      sender.resolve(true)
    }
    return this.#ring.shift()
  }

  #drop(value: Value): void {
    this.#dropped++
    this.#onDrop?.(value)
  }
}

const taken = Promise.resolve(true)
const dropped = Promise.resolve(false)
const end: IteratorReturnResult<undefined> = { done: true, value: undefined }
