// One request and its answer, through a pool of connections that stay open: the signal closes the connection, and an
// answer that grows too long ends it.

import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher, Pool } from 'undici'
import { AndonError } from '../../core/errors.ts'
import type { ServiceReply } from './reply.ts'
import type { ServiceRequest } from './request.ts'

/** Sends a request and reads the answer. Rejects with what the connection says, or with the reason of the signal. */
export function exchange(
  pool: Pool,
  request: ServiceRequest,
  signal: AbortSignal,
  maxBytes: number,
): Promise<ServiceReply> {
  return new Promise((resolve, reject) => {
    const one = new Exchange(resolve, reject, signal, maxBytes)
    if (one.over) return
    const { method, path, headers, body } = request
    pool.dispatch({ method, path, headers, body, headersTimeout: 0, bodyTimeout: 0 }, one)
  })
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (reply: ServiceReply) => void
  readonly #reject: (reason: unknown) => void
  readonly #signal: AbortSignal
  readonly #maxBytes: number
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #size = 0
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #over = false

  constructor(
    resolve: (reply: ServiceReply) => void,
    reject: (reason: unknown) => void,
    signal: AbortSignal,
    maxBytes: number,
  ) {
    this.#resolve = resolve
    this.#reject = reject
    this.#signal = signal
    this.#maxBytes = maxBytes
    if (signal.aborted) this.#abort()
    else signal.addEventListener('abort', this.#abort, { once: true })
  }

  /** Whether it ended before it began. */
  get over(): boolean {
    return this.#over
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // It waited for a connection, and nobody waits for it any more.
    if (this.#over) controller.abort(new AndonError('cancelled', 'Nobody waits for this call any more'))
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // What comes before the answer proper (1xx).
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    if (Number(headers['content-length'] ?? 0) > this.#maxBytes) this.#tooLong()
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > this.#maxBytes) this.#tooLong()
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const [only] = this.#chunks
    const bytes = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks)
    this.#end(() => this.#resolve({ status: this.#status, headers: this.#headers, bytes }))
  }

  onResponseError(_: Dispatcher.DispatchController, reason: Error): void {
    this.#end(() => this.#reject(reason))
  }

  readonly #abort = (): void => {
    const reason = AndonError.from(this.#signal.reason, 'cancelled')
    this.#end(() => this.#reject(reason))
    this.#controller?.abort(reason)
  }

  #tooLong(): void {
    const reason = new AndonError(
      'too-large',
      `The answer has more than ${this.#maxBytes} bytes: ask for less, or raise maxResponseBytes`,
    )
    this.#end(() => this.#reject(reason))
    this.#controller?.abort(reason)
  }

  #end(settle: () => void): void {
    if (this.#over) return
    this.#over = true
    this.#signal.removeEventListener('abort', this.#abort)
    settle()
  }
}
