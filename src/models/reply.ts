// One answer of a model server whose head has come: its body as it arrives, as text or as JSON, each within its limits.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { AndonError } from '../core/errors.ts'
import { parsed, quoted } from './failure.ts'
import type { Blame } from './failure.ts'
import { timeouts } from './timeouts.ts'
import type { Watchdog } from './watchdog.ts'

/** Whoever sent the answer, for messages. */
export interface Sender {
  readonly who: string
  blame(): Blame
  /** The AndonError for whatever the connection threw. */
  explain(reason: unknown, watch: Watchdog): AndonError
}

type Body = Dispatcher.ResponseData['body']

/** Largest whole answer that is read, in bytes: 2,048 vectors of 4,096 numbers as text are well below. */
const largest = 256 * 1024 * 1024

/** An answer whose head has come. Dispose it: what was not read is then cut off. */
export class Reply implements Disposable {
  readonly status: number
  readonly #sender: Sender
  readonly #headers: Dispatcher.ResponseData['headers']
  readonly #body: Body
  readonly #watch: Watchdog
  readonly #iterator: AsyncIterator<Uint8Array>
  #settling = false

  constructor(sender: Sender, response: Dispatcher.ResponseData, watch: Watchdog) {
    this.status = response.statusCode
    this.#sender = sender
    this.#headers = response.headers
    this.#body = response.body
    this.#watch = watch
    this.#iterator = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
    // A body that is cut while nobody reads must not become an uncaught error.
    this.#body.on('error', () => {})
  }

  header(name: string): string | undefined {
    const value = this.#headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  /** Media type without parameters, in lower case. */
  get mediaType(): string {
    return (this.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  }

  /** The body as it comes. Between two chunks the reader has the turn, and the watchdog rests; `expect` wakes it. */
  async *chunks(expect: () => void): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        expect()
        const next = await this.#iterator.next()
        this.#watch.rest()
        this.#watch.throwIfAborted()
        if (next.done === true) return
        yield next.value
      }
    } catch (reason) {
      // When a thousand readers leave at once, the last connection is closed before the first answer is taken apart.
      if (this.#watch.reason) await nextTurn()
      throw this.#sender.explain(reason, this.#watch)
    }
  }

  async json(): Promise<unknown> {
    const text = await this.text()
    const value = parsed(text)
    if (value === undefined) throw this.notJson(text)
    return value
  }

  async text(): Promise<string> {
    const parts: Uint8Array[] = []
    let size = 0
    // The limit that was set before sending goes on to count: the body is part of the answer.
    try {
      for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next()) {
        size += next.value.byteLength
        if (size > largest) throw new AndonError('unavailable', `${this.#sender.who} sent more than ${largest} bytes.`)
        parts.push(next.value)
      }
    } catch (reason) {
      throw this.#sender.explain(reason, this.#watch)
    }
    this.#watch.throwIfAborted()
    return Buffer.concat(parts).toString('utf8')
  }

  /** The error for a body that should have been JSON. */
  notJson(text: string): AndonError {
    const { addressSetting, secrets } = this.#sender.blame()
    return new AndonError(
      'unavailable',
      /^\s*</.test(text)
        ? `${this.#sender.who} answered with a web page: correct ${addressSetting}.`
        : `${this.#sender.who} answered with something that is no JSON: ${quoted(text.slice(0, 500), secrets)}`,
      { detail: { retry: false } },
    )
  }

  /** At most 64 KiB of an error's body, within a short time; what came is enough. */
  async errorText(): Promise<string> {
    const parts: Uint8Array[] = []
    let size = 0
    const timer = setTimeout(() => this.#body.destroy(), timeouts.errorBody)
    try {
      for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next()) {
        parts.push(next.value)
        size += next.value.byteLength
        if (size > 65_536) break
      }
    } catch {
      // An error of an error: the status says enough.
    } finally {
      clearTimeout(timer)
    }
    return Buffer.concat(parts).toString('utf8')
  }

  /** The last event has come: lets the body end by itself, so that its connection can serve again. */
  settle(): void {
    if (this.#body.readableEnded || this.#body.destroyed) return
    this.#settling = true
    const timer = setTimeout(() => this.#body.destroy(), timeouts.settle)
    const drain = async (): Promise<void> => {
      let size = 0
      for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next()) {
        size += next.value.byteLength
        if (size > 65_536) this.#body.destroy()
      }
    }
    drain().then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    )
  }

  [Symbol.dispose](): void {
    if (!this.#settling && !this.#body.readableEnded) this.#body.destroy()
  }
}
