// A channel that threads share: a bounded ring of bytes, into which values are written as structured clones.

import { deserialize, serialize } from 'node:v8'
import { AndonError, type WireError } from '../../core/errors.ts'
import { wrong, type PrimitiveOptions, type WaitOptions } from '../waiters.ts'
import { allocate, attach, headWords, type Words } from './memory.ts'
import { Mutex, mutexWords } from './mutex.ts'
import { Ring } from './ring.ts'
import { WordWatch } from './word-watch.ts'

/** Where things are: bytes read, bytes written, how it is closed, the two mutexes, the reason of the end, the ring. */
const headAt = headWords
const tailAt = headWords + 1
const closedAt = headWords + 2
const sendersAt = headWords + 3
const receiversAt = sendersAt + mutexWords
const reasonAt = receiversAt + mutexWords
/** Words for the length of the reason and its text. */
const reasonWords = 257
const ringAt = reasonAt + reasonWords

const open = 0
const closing = 1
const ended = 2
const failed = 3

/** What a channel of threads may be told. */
export interface ChannelOptions extends PrimitiveOptions {
  /** Size of its ring in bytes, a power of two from 64 to 2³⁰. A message takes its clone and four more. Default: 1 MiB. */
  bytes?: number
  /** The memory that another thread made; then `bytes` says nothing. */
  memory?: SharedArrayBuffer
}

/**
 * Values from any thread to any thread of a process. Send `channel.memory` to a thread, and have it say
 * `Channel.from<T>(memory)`; then `await channel.send(value, { signal })` and `for await (const value of channel)`.
 *
 * Promises: each value is received once; what one thread sends arrives in its order; a sender waits while the ring is
 * full, a receiver while it is empty, both abortable and without blocking their event loops; what was sent before the
 * end is still received.
 * Does not promise: an order between threads, or what a clone cannot carry (functions, ports, shared memory; a class
 * becomes a plain object). Whoever receives believes its own process: the ring is no border against hostile code.
 * Disposing it concerns this thread only: who waits here hears `unavailable`. `close` ends it for all.
 */
export class Channel<Value> implements AsyncIterable<Value>, Disposable {
  /** What another thread needs; it can be posted. */
  readonly memory: SharedArrayBuffer
  readonly #words: Words
  readonly #ring: Ring
  readonly #senders: Mutex
  readonly #receivers: Mutex
  readonly #room: WordWatch<boolean>
  readonly #news: WordWatch<IteratorResult<Value, undefined>>

  constructor(options: ChannelOptions = {}) {
    const { bytes = 1 << 20, memory } = options
    if (!Number.isInteger(bytes) || bytes < 64 || bytes > 2 ** 30 || (bytes & (bytes - 1)) !== 0)
      throw wrong('`bytes` of a shared channel', bytes, 'a power of two from 64 to 2³⁰')
    this.#words = memory ? attach('channel', memory) : allocate('channel', ringAt - headWords, bytes)
    this.memory = this.#words.buffer
    this.#ring = new Ring(this.#words, { head: headAt, tail: tailAt, bytes: ringAt * Int32Array.BYTES_PER_ELEMENT })
    this.#senders = new Mutex(this.#words, sendersAt, 'shared channel', options)
    this.#receivers = new Mutex(this.#words, receiversAt, 'shared channel', options)
    this.#room = new WordWatch(this.#words, headAt, { kind: 'shared channel', late: 'had no room' }, options)
    this.#news = new WordWatch(this.#words, tailAt, { kind: 'shared channel', late: 'had nothing to receive' }, options)
  }

  /** The channel of this memory. Throws `invalid` when it is not that of a channel. */
  static from<Value>(memory: SharedArrayBuffer, options: PrimitiveOptions = {}): Channel<Value> {
    return new Channel<Value>({ ...options, memory })
  }

  /** Whether it was closed, by any thread. What was sent before may still be received. */
  get closed(): boolean {
    return Atomics.load(this.#words, closedAt) >= ended
  }

  /** Bytes that wait to be received. */
  get bufferedBytes(): number {
    return this.#ring.used
  }

  /** Sends, and waits for room. Rejects with `unavailable` on a closed channel, `too-large` when no ring could hold it. */
  async send(value: Value, options: WaitOptions = {}): Promise<void> {
    const message = this.#encode(value)
    const since = performance.now()
    using _turn = await this.#senders.acquire(options)
    if (this.#write(message)) return
    await this.#room.until(() => this.#write(message) || undefined, leftOf(options, since))
  }

  /** Sends when there is room now and nobody waits for it; false when not. */
  trySend(value: Value): boolean {
    const message = this.#encode(value)
    using turn = this.#senders.take()
    return turn !== undefined && this.#write(message)
  }

  /** Receives the next value, or waits for it. Rejects when the channel is closed and nothing is left. */
  async receive(options?: WaitOptions): Promise<Value> {
    const next = await this.#next(options)
    if (next.done) throw new AndonError('unavailable', 'The shared channel was closed: nothing is left to receive')
    return next.value
  }

  /** Receives what is there now; undefined when nothing is, or when others are about to receive it. */
  tryReceive(): { value: Value } | undefined {
    using turn = this.#receivers.take()
    const next = turn && this.#ring.used > 0 ? this.#read() : undefined
    return next && !next.done ? { value: next.value } : undefined
  }

  /** The values until it is closed: the end of the loop for a plain close, an error for a close with one. */
  async *values(options?: WaitOptions): AsyncGenerator<Value, void, undefined> {
    for (;;) {
      const next = await this.#next(options)
      if (next.done) return
      yield next.value
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<Value, void, undefined> {
    return this.values()
  }

  /**
   * Ends it for all threads, with an error when one is given (its first 1,000 bytes of text). Senders hear `unavailable`,
   * receivers the end or the error, after what was sent before. Only the first counts.
   */
  close(reason?: unknown): void {
    if (Atomics.compareExchange(this.#words, closedAt, open, closing) !== open) return
    if (reason !== undefined) this.#writeReason(AndonError.from(reason))
    Atomics.store(this.#words, closedAt, reason === undefined ? ended : failed)
    this.#room.changed()
    this.#news.changed()
  }

  /** A thread has ended: it no longer keeps others from sending or receiving. False when it did not. */
  forget(thread: number): boolean {
    const sent = this.#senders.forget(thread)
    return this.#receivers.forget(thread) || sent
  }

  [Symbol.dispose](): void {
    for (const each of [this.#senders, this.#receivers, this.#room, this.#news]) each.close()
  }

  async #next(options: WaitOptions = {}): Promise<IteratorResult<Value, undefined>> {
    const since = performance.now()
    using _turn = await this.#receivers.acquire(options)
    return this.#read() ?? (await this.#news.until(() => this.#read(), leftOf(options, since)))
  }

  #encode(value: Value): Uint8Array {
    let message: Uint8Array
    try {
      message = serialize(value)
    } catch (reason) {
      throw new AndonError('invalid', `This cannot be sent to another thread: ${AndonError.from(reason).sentence}`, {
        cause: reason,
      })
    }
    if (message.length <= this.#ring.largest) return message
    throw new AndonError(
      'too-large',
      `A message has ${message.length} bytes, and the shared channel takes ${this.#ring.largest}: give it more \`bytes\``,
    )
  }

  #write(message: Uint8Array): boolean {
    if (Atomics.load(this.#words, closedAt) !== open)
      throw new AndonError('unavailable', 'The shared channel was closed: nothing can be sent')
    if (!this.#ring.write(message)) return false
    this.#news.changed()
    return true
  }

  #read(): IteratorResult<Value, undefined> | undefined {
    // First: what was sent before the end is in the ring when the end is seen.
    const state = Atomics.load(this.#words, closedAt)
    const message = this.#ring.read()
    if (message) {
      this.#room.changed()
      return { done: false, value: deserialize(message) as Value }
    }
    if (state < ended || !this.#quiet()) return undefined
    if (state === failed) throw AndonError.fromWire(this.#readReason())
    return { done: true, value: undefined }
  }

  /** Whether nobody is in the middle of sending what still counts as sent before the end. */
  #quiet(): boolean {
    using turn = this.#senders.take()
    return turn !== undefined && this.#ring.used === 0
  }

  #writeReason(error: AndonError): void {
    const { message, code } = error.toWire()
    const text = new TextEncoder().encode(JSON.stringify({ code, message: shortened(message) }))
    this.#words[reasonAt] = text.length
    new Uint8Array(this.memory, (reasonAt + 1) * Int32Array.BYTES_PER_ELEMENT).set(text)
  }

  #readReason(): WireError {
    const length = this.#words[reasonAt] ?? 0
    const text = new Uint8Array(this.memory, (reasonAt + 1) * Int32Array.BYTES_PER_ELEMENT, length).slice()
    return JSON.parse(new TextDecoder().decode(text)) as WireError
  }
}

/** A sentence of which 900 bytes at most are left in JSON, where a character may take up to six. */
function shortened(sentence: string): string {
  if (sentence.length <= 150 || new TextEncoder().encode(JSON.stringify(sentence)).length <= 900) return sentence
  return `${sentence.slice(0, 149)}…`
}

function leftOf(options: WaitOptions, since: number): WaitOptions {
  const { timeoutMs } = options
  if (timeoutMs === undefined) return options
  return { ...options, timeoutMs: Math.max(0, timeoutMs - (performance.now() - since)) }
}
