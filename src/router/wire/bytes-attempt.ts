// One attempt of a request at one endpoint, as bytes, until the first content of its answer: sent as it came, and what
// comes back is held. What goes wrong until then is a failed attempt, and the caller hears nothing of it; from then on
// the answer is passed on (bytes-reply.ts).

import type { Dispatcher } from 'undici'
import { onOver, type OwnedCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { eventFailure, parsed, statusFailure, type Blame, type Headers } from '../../models/failure.ts'
import { timeouts } from '../../models/timeouts.ts'
import { failedAttempt, failureOf } from '../failures.ts'
import { mostFirstTokenMs } from '../first-token-limit.ts'
import type { Lease } from '../order.ts'
import type { AskedBody } from './asked-body.ts'
import { blameOf } from './blame.ts'
import { BytesReply, cutError } from './bytes-reply.ts'
import { connectionsOf, type Connections } from './connections.ts'
import { FirstContent, type Remembered } from './first-content.ts'
import { FrameScanner } from './frame-scanner.ts'
import type { Reply, Tally } from './reply.ts'
import { watchSilence, type Watched } from './silence-watch.ts'
import type { Upstream } from './upstream.ts'
import { readWhole } from './whole-answer.ts'

/** What is sent, to whichever endpoint. */
export interface Asked {
  /** Below the endpoint's base path, such as `/chat/completions`. */
  readonly path: string
  readonly body: AskedBody
  readonly remembered: Remembered
}

/** A whole answer up to this size is held until it is there; a larger one goes on as it comes. Bytes. */
const mostHeld = 4 * 1024 * 1024
/** Of a refusal, so much is read. Bytes. */
const mostRefusal = 64 * 1024
/** A stream may be so long before it has said anything. Bytes. */
const mostBefore = 256 * 1024
/** How long a whole answer may be made, while nobody knows how long they take. Milliseconds. */
const longestWholeMs = 600_000

export class BytesAttempt implements Dispatcher.DispatchHandler, Watched {
  heard = false
  since = 0
  limitMs: number
  readonly #lease: Lease
  readonly #upstream: Upstream
  readonly #asked: Asked
  readonly #call: OwnedCall
  readonly #connections: Connections
  readonly #first: FirstContent
  readonly #begun = Promise.withResolvers<Reply>()
  #connectedBefore = 0
  #stopListening: (() => void) | undefined
  #unwatch: (() => void) | undefined
  #controller: Dispatcher.DispatchController | undefined
  #state: 'asked' | 'refused' | 'held' | 'over' = 'asked'
  #status = 0
  #contentType = ''
  /** What a refusal says beside its body. */
  #refusal: Headers | undefined
  #scanner: FrameScanner | undefined
  #held: Buffer[] = []
  #heldBytes = 0
  #failure: AndonError | undefined
  /** Who goes on from the first content. */
  #reply: BytesReply | undefined

  constructor(lease: Lease, call: OwnedCall, upstream: Upstream, asked: Asked) {
    this.#lease = lease
    this.#call = call
    this.#upstream = upstream
    this.#asked = asked
    this.#connections = connectionsOf(upstream.pool)
    this.#first = new FirstContent(upstream, asked.remembered)
    const isUnknown = lease.firstTokenMs >= mostFirstTokenMs
    this.limitMs = isUnknown && !asked.body.stream ? longestWholeMs : lease.firstTokenMs
  }

  /** Sends it; resolves with the first content. */
  begin(): Promise<Reply> {
    this.#stopListening = onOver(this.#call, (reason) => this.#fail(reason))
    if (this.#state !== 'over') {
      this.#unwatch = watchSilence(this)
      this.#dispatch()
    }
    return this.#begun.promise
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#state === 'over') controller.abort(this.#failure ?? leftError())
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200 || this.#state === 'over') return
    this.heard = true
    this.#status = status
    this.#contentType = wordOf(headers['content-type']) ?? 'application/json'
    if (status >= 300) {
      this.#state = 'refused'
      this.#refusal = {
        retryAfter: wordOf(headers['retry-after']),
        retryAfterMs: wordOf(headers['retry-after-ms']),
        location: wordOf(headers['location']),
      }
      this.limitMs = timeouts.errorBody
      return
    }
    this.#state = 'held'
    if (/^text\/event-stream/i.test(this.#contentType)) this.#scanner = new FrameScanner()
    else if (/^text\/html/i.test(this.#contentType))
      this.#fail(failedAttempt('malformed', `${this.#upstream.who} answered with a web page instead of a completion.`))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#reply) this.#reply.take(chunk)
    else if (this.#state === 'refused') {
      if (this.#hold(chunk) > mostRefusal) this.#refuse()
    } else if (this.#state === 'held') {
      if (this.#scanner) this.#holdFrames(controller, this.#scanner, chunk)
      else this.#holdWhole(controller, chunk)
    }
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    if (this.#reply) this.#reply.end()
    else if (this.#state === 'refused') this.#refuse()
    else if (this.#state === 'held') {
      if (this.#scanner) this.#endFrames(controller, this.#scanner)
      else this.#endWhole(controller)
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#reply) return this.#reply.fail(this.#failureOf(error))
    if (this.#state === 'over') return
    // A connection kept from before may have been closed by the server at the very moment of sending: once more, on a
    // new one. A connection made for this request has no such excuse.
    if (this.#state === 'asked' && this.#connections.wasReused(error, this.#connectedBefore)) return this.#dispatch()
    if (this.#state === 'refused') return this.#refuse()
    this.#fail(this.#failureOf(error))
  }

  /** Called by the watch. */
  late(): void {
    if (this.#state === 'refused') return this.#refuse()
    const { who } = this.#upstream
    this.#fail(failedAttempt('silent', `${who} said nothing within ${Math.round(this.limitMs)} ms.`))
  }

  #dispatch(): void {
    const { pool, pathTo, headers } = this.#upstream
    const { path, body } = this.#asked
    const { id, trace } = this.#call
    this.#connectedBefore = this.#connections.opened
    const head = [...headers, 'content-type', 'application/json', 'x-request-id', id]
    head.push('accept', body.stream ? 'text/event-stream' : 'application/json')
    if (trace !== undefined) head.push('traceparent', trace)
    pool.dispatch({ method: 'POST', path: pathTo(path), headers: head, body: body.withModel(this.#lease.model) }, this)
  }

  #hold(bytes: Buffer): number {
    this.#held.push(bytes)
    return (this.#heldBytes += bytes.length)
  }

  /** Headers and comments are no first token: of a stream nothing was heard until there is one. */
  #holdFrames(controller: Dispatcher.DispatchController, scanner: FrameScanner, chunk: Buffer): void {
    try {
      const bytes = scanner.push(chunk, (frame) => this.#first.see(frame))
      if (bytes) this.#hold(bytes)
    } catch (reason) {
      return this.#fail(AndonError.from(reason))
    }
    if (scanner.problem) return this.#fail(eventFailure(this.#blame(), scanner.problem))
    // What is too large to be read is no sign of trouble: a call with a whole file in it.
    if (this.#first.came || scanner.passing) this.#begin(controller)
    else if (this.#heldBytes > mostBefore)
      this.#fail(failedAttempt('malformed', `${this.#upstream.who} sends much, and nothing of it is an answer.`))
  }

  #endFrames(controller: Dispatcher.DispatchController, scanner: FrameScanner): void {
    try {
      const last = scanner.end((frame) => this.#first.see(frame))
      if (last) this.#hold(last)
      if (scanner.problem) throw eventFailure(this.#blame(), scanner.problem)
      if (this.#first.came && !scanner.done && !scanner.finished) throw cutError(this.#upstream)
      this.#first.end()
    } catch (reason) {
      return this.#fail(AndonError.from(reason))
    }
    this.#begin(controller, true)
  }

  /** What comes in one piece is on its way with its first byte. */
  #holdWhole(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.heard = true
    if (this.#hold(chunk) > mostHeld) this.#begin(controller)
  }

  #endWhole(controller: Dispatcher.DispatchController): void {
    const bytes = this.#held.length === 1 && this.#held[0] ? this.#held[0] : Buffer.concat(this.#held)
    this.#held = [bytes]
    let usage: Tally | undefined
    try {
      usage = readWhole(bytes, this.#first, () => this.#blame())
    } catch (reason) {
      return this.#fail(AndonError.from(reason))
    }
    this.#begin(controller, true, usage)
  }

  #begin(controller: Dispatcher.DispatchController, ended = false, usage?: Tally): void {
    this.#leave()
    const begun = {
      lease: this.#lease,
      call: this.#call,
      upstream: this.#upstream,
      body: this.#asked.body,
      controller,
      status: this.#status,
      contentType: this.#contentType,
      scanner: this.#scanner,
      ended,
      usage,
    }
    const reply = new BytesReply(begun, this.#held, this.#heldBytes)
    this.#held = []
    this.#reply = reply
    if (ended) return this.#begun.resolve(reply)
    // What breaks off in the very read that brought the first word has shown nobody anything: it is a failed attempt.
    queueMicrotask(() => {
      if (reply.failure === undefined) this.#begun.resolve(reply)
      else this.#begun.reject(reply.failure)
    })
  }

  /** The server said no, in so many words. */
  #refuse(): void {
    const body = Buffer.concat(this.#held)
    const text = body.toString('utf8')
    const error = statusFailure(this.#blame(), this.#status, text, this.#refusal ?? {})
    const isSaid = error.code === 'invalid' && /json/i.test(this.#contentType) && parsed(text) !== undefined
    if (isSaid) this.#asked.remembered.refusal = { status: this.#status, contentType: this.#contentType, body }
    this.#fail(error)
  }

  #fail(error: AndonError): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#failure = error
    this.#leave()
    this.#controller?.abort(error)
    this.#begun.reject(error)
  }

  /** The attempt is over, or goes on as a reply. */
  #leave(): void {
    this.#unwatch?.()
    this.#stopListening?.()
    this.#stopListening = undefined
  }

  #failureOf(error: Error): AndonError {
    const failure = failureOf(error, this.#lease.endpoint)
    if (failure.kind !== 'cut') return failure.error
    return failedAttempt('cut', `${this.#upstream.who} cut the connection before its answer was whole.`, {
      cause: error,
    })
  }

  #blame(): Blame {
    return blameOf(this.#lease, this.#upstream, this.#asked.body)
  }
}

function wordOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

function leftError(): AndonError {
  return new AndonError('cancelled', 'The attempt was given up.')
}
