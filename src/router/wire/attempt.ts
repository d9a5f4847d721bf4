// One attempt of a request at one endpoint, as bytes: sent as it came, held back until the first content of the answer,
// then passed on chunk by chunk. What happens before the first content is a failed attempt, and the caller hears nothing
// of it; what happens after it is said in a last frame, and the connection ends without a clean end.

import type { ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { onOver, type OwnedCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { eventFailure, parsed, statusFailure, type Blame } from '../../models/failure.ts'
import { timeouts } from '../../models/timeouts.ts'
import { failedAttempt, failureOf } from '../failures.ts'
import { mostFirstTokenMs } from '../first-token-limit.ts'
import type { Lease } from '../order.ts'
import type { AskedBody } from './asked-body.ts'
import { connectionsOf, type Connections } from './connections.ts'
import { errorFrame, endWithoutEnd } from './interruption.ts'
import { FirstContent, type Remembered } from './first-content.ts'
import { FrameScanner } from './frame-scanner.ts'
import { tallyOf, type HeadOf, type Reply, type Tally } from './reply.ts'
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
/** A body up to this size goes out in one piece with its headers, which Node does for texts only. Bytes. */
const mostAsText = 16 * 1024
/** Of a refusal, so much is read. Bytes. */
const mostRefusal = 64 * 1024
/** A stream that nobody has taken over yet may be so far ahead. Bytes. */
const mostAhead = 256 * 1024
/** How long a whole answer may be made, while nobody knows how long they take. Milliseconds. */
const longestWholeMs = 600_000
/** A reader who takes nothing for so long is gone. Milliseconds. */
const slowestReaderMs = 300_000

export class Attempt implements Dispatcher.DispatchHandler, Watched, Reply {
  heard = false
  since = 0
  limitMs: number
  readonly #lease: Lease
  readonly #upstream: Upstream
  readonly #asked: Asked
  readonly #call: OwnedCall
  readonly #connections: Connections
  readonly #begun = Promise.withResolvers<this>()
  readonly #first: FirstContent
  #connectedBefore = 0
  #stopListening: (() => void) | undefined
  #unwatch: (() => void) | undefined
  #controller: Dispatcher.DispatchController | undefined
  #state: 'asked' | 'refused' | 'held' | 'begun' | 'over' = 'asked'
  #status = 0
  #contentType = ''
  #retryAfter: string | undefined
  #location: string | undefined
  #scanner: FrameScanner | undefined
  #held: Buffer[] = []
  #heldBytes = 0
  #counted = 0
  /** The upstream has said everything. */
  #ended = false
  #usage: Tally | undefined
  #response: ServerResponse | undefined
  #sent: PromiseWithResolvers<Tally> | undefined
  #failure: AndonError | undefined
  #isOurs = false
  #waitsForReader = false

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
  begin(): Promise<this> {
    this.#stopListening = onOver(this.#call, (reason) => this.#giveUp(reason))
    if (this.#state !== 'over') {
      this.#unwatch = watchSilence(this)
      this.#dispatch()
    }
    return this.#begun.promise
  }

  /** Hands the answer to the caller, from its beginning to its end. Resolves when nothing more will come; never rejects. */
  send(response: ServerResponse, headOf: HeadOf): Promise<Tally> {
    this.#sent = Promise.withResolvers<Tally>()
    const held = this.#held.length === 1 ? this.#held[0] : Buffer.concat(this.#held)
    this.#held = []
    const isWhole = this.#ended && this.#scanner === undefined
    response.writeHead(this.#status, headOf(this.#contentType, isWhole ? this.#heldBytes : undefined))
    this.#response = response
    if (this.#failure !== undefined) {
      if (held) response.write(held)
      this.#interrupt(this.#failure)
    } else if (this.#ended) this.#finish(held)
    else {
      if (this.#waitsForReader) this.#resume()
      if (held && held.length > 0) this.#write(held)
    }
    return this.#sent.promise
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
      this.#retryAfter = wordOf(headers['retry-after'])
      this.#location = wordOf(headers['location'])
      this.limitMs = timeouts.errorBody
      return
    }
    this.#state = 'held'
    if (/^text\/event-stream/i.test(this.#contentType)) this.#scanner = new FrameScanner()
    else if (/^text\/html/i.test(this.#contentType))
      this.#fail(failedAttempt('malformed', `${this.#upstream.who} answered with a web page instead of a completion.`))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    switch (this.#state) {
      case 'refused':
        if (this.#hold(chunk) > mostRefusal) this.#refuse()
        return
      case 'held':
        // Headers and comments are no first token; what comes in one piece is on its way with its first byte.
        if (this.#scanner === undefined) this.heard = true
        return this.#scanner ? this.#holdFrames(this.#scanner, chunk) : this.#holdWhole(chunk)
      case 'begun': {
        this.heard = true
        const bytes = this.#scanner ? this.#scanner.push(chunk) : chunk
        if (bytes) {
          if (this.#response) this.#write(bytes)
          else if (this.#hold(bytes) > mostAhead) this.#pause(controller)
        }
        if (this.#scanner) this.#count(this.#scanner)
        return
      }
      case 'asked':
      case 'over':
        return
    }
  }

  onResponseEnd(): void {
    switch (this.#state) {
      case 'refused':
        return this.#refuse()
      case 'held':
        return this.#scanner ? this.#endFrames(this.#scanner) : this.#endWhole()
      case 'begun': {
        const last = this.#scanner?.end()
        if (last && this.#response) this.#response.write(last)
        else if (last) this.#hold(last)
        if (this.#scanner && !this.#isWhole(this.#scanner)) return
        this.#ended = true
        if (this.#response) this.#finish(undefined)
        else this.#leave()
        return
      }
      case 'asked':
      case 'over':
        return
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#state === 'over' || this.#ended) return
    // A connection kept from before may have been closed by the server at the very moment of sending: once more, on a
    // new one. A connection made for this request has no such excuse.
    if (this.#state === 'asked' && this.#connections.wasReused(error, this.#connectedBefore)) return this.#dispatch()
    if (this.#state === 'refused') return this.#refuse()
    const failure = failureOf(error, this.#lease.endpoint)
    if (failure.kind !== 'cut') return this.#fail(failure.error)
    const sentence = `${this.#upstream.who} cut the connection before its answer was whole.`
    this.#fail(failedAttempt('cut', sentence, { cause: error }))
  }

  /** Called by the watch. */
  late(): void {
    if (this.#state === 'refused') return this.#refuse()
    const { who } = this.#upstream
    const ms = Math.round(this.limitMs)
    if (this.#waitsForReader) return this.#giveUp(new AndonError('deadline', `Nobody read the answer for ${ms} ms.`))
    const what = this.#state === 'begun' ? 'fell silent for' : 'said nothing within'
    this.#fail(failedAttempt('silent', `${who} ${what} ${ms} ms.`))
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

  #holdFrames(scanner: FrameScanner, chunk: Buffer): void {
    try {
      const bytes = scanner.push(chunk, (frame) => this.#first.see(frame))
      if (bytes) this.#hold(bytes)
    } catch (reason) {
      return this.#fail(AndonError.from(reason))
    }
    if (scanner.problem) return this.#fail(eventFailure(this.#blame(), scanner.problem))
    if (this.#first.came) this.#begin()
    else if (this.#heldBytes > mostAhead)
      this.#fail(failedAttempt('malformed', `${this.#upstream.who} sends much, and nothing of it is an answer.`))
  }

  #endFrames(scanner: FrameScanner): void {
    try {
      const last = scanner.end((frame) => this.#first.see(frame))
      if (last) this.#hold(last)
      if (scanner.problem) throw eventFailure(this.#blame(), scanner.problem)
      if (this.#first.came && !scanner.done && !scanner.finished) throw this.#cutError()
      this.#first.end()
    } catch (reason) {
      return this.#fail(AndonError.from(reason))
    }
    this.#ended = true
    this.#begin()
  }

  #holdWhole(chunk: Buffer): void {
    if (this.#hold(chunk) > mostHeld) this.#begin()
  }

  #endWhole(): void {
    const bytes = this.#held.length === 1 && this.#held[0] ? this.#held[0] : Buffer.concat(this.#held)
    this.#held = [bytes]
    try {
      this.#usage = readWhole(bytes, this.#first, () => this.#blame())
    } catch (reason) {
      return this.#fail(AndonError.from(reason))
    }
    this.#ended = true
    this.#begin()
  }

  #begin(): void {
    this.#state = 'begun'
    this.limitMs = this.#lease.endpoint.idleMs
    this.heard = true
    if (this.#ended) this.#leave()
    if (this.#scanner) this.#counted = this.#scanner.frames
    if (this.#ended) return this.#begun.resolve(this)
    // What breaks off in the very read that brought the first word has shown nobody anything: it is a failed attempt.
    queueMicrotask(() => {
      if (this.#failure === undefined) this.#begun.resolve(this)
      else this.#begun.reject(this.#failure)
    })
  }

  #count(scanner: FrameScanner): void {
    const came = scanner.frames - this.#counted
    this.#counted = scanner.frames
    if (came > 0) this.#lease.progress(came)
    if (scanner.problem) this.#fail(eventFailure(this.#blame(), scanner.problem))
  }

  /** Whether a stream that ended is whole; when it is not, that is a failure. */
  #isWhole(scanner: FrameScanner): boolean {
    if (scanner.problem) this.#fail(eventFailure(this.#blame(), scanner.problem))
    else if (!scanner.done && !scanner.finished) this.#fail(this.#cutError())
    else return true
    return false
  }

  #cutError(): AndonError {
    return failedAttempt('cut', `${this.#upstream.who} ended its answer without saying that it is whole.`)
  }

  #write(bytes: Buffer): void {
    if (this.#response?.write(bytes) !== false || !this.#controller) return
    this.#pause(this.#controller)
    this.#response.once('drain', () => this.#resume())
  }

  #pause(controller: Dispatcher.DispatchController): void {
    if (this.#waitsForReader) return
    this.#waitsForReader = true
    controller.pause()
    this.#lease.pause()
    this.limitMs = slowestReaderMs
    this.heard = true
  }

  #resume(): void {
    if (!this.#waitsForReader || this.#state === 'over') return
    this.#waitsForReader = false
    this.limitMs = this.#lease.endpoint.idleMs
    this.heard = true
    this.#lease.resume()
    this.#controller?.resume()
  }

  /** The server said no, in so many words. */
  #refuse(): void {
    const body = Buffer.concat(this.#held)
    const text = body.toString('utf8')
    const headers = { retryAfter: this.#retryAfter, location: this.#location }
    const error = statusFailure(this.#blame(), this.#status, text, headers)
    const isSaid = error.code === 'invalid' && /json/i.test(this.#contentType) && parsed(text) !== undefined
    if (isSaid) this.#asked.remembered.refusal = { status: this.#status, contentType: this.#contentType, body }
    this.#fail(error)
  }

  /** The caller's side is over: nothing of that is the endpoint's doing. */
  #giveUp(reason: AndonError): void {
    this.#isOurs = true
    this.#fail(reason)
  }

  /** Before the first content a failed attempt, after it an interruption. */
  #fail(error: AndonError): void {
    if (this.#state === 'over') return
    const hasBegun = this.#state === 'begun'
    // The answer is here already; only handing it over is left.
    if (hasBegun && this.#ended && this.#response === undefined) return
    this.#state = 'over'
    this.#failure = error
    this.#leave()
    this.#controller?.abort(error)
    if (!hasBegun) this.#begun.reject(error)
    else if (this.#response) this.#interrupt(error)
  }

  #interrupt(error: AndonError): void {
    const response = this.#response
    if (response && !response.destroyed) {
      if (this.#scanner && error.code !== 'cancelled')
        response.write(errorFrame(error, this.#isOurs ? error.code : 'upstream_interrupted'))
      endWithoutEnd(response)
    }
    this.#lease.end(
      this.#isOurs ? { kind: 'cancelled' } : { kind: 'failed', failure: failureOf(error, this.#lease.endpoint) },
    )
    this.#settle(error)
  }

  #finish(rest: Buffer | undefined): void {
    this.#state = 'over'
    this.#leave()
    // Who counts on [DONE] gets it, also from a server that only says why it stopped.
    const closing = this.#scanner && !this.#scanner.done ? doneFrame : undefined
    if (rest && closing) this.#response?.write(rest)
    if (rest && !closing && rest.length <= mostAsText) this.#response?.end(rest.toString('latin1'), 'latin1')
    else this.#response?.end(closing ?? rest)
    const { outputTokens, promptTokens, cachedTokens, estimated } = this.#tally()
    this.#lease.end({ kind: 'done', outputTokens, promptTokens: estimated ? undefined : promptTokens, cachedTokens })
    this.#settle(undefined)
  }

  #settle(error: AndonError | undefined): void {
    this.#sent?.resolve(error === undefined ? this.#tally() : { ...this.#tally(), error })
    this.#call[Symbol.dispose]()
  }

  #tally(): Tally {
    const usage = this.#scanner?.usage
    if (usage) return tallyOf(usage)
    return (
      this.#usage ?? {
        promptTokens: this.#asked.body.promptTokens,
        outputTokens: this.#scanner?.frames ?? 0,
        estimated: true,
      }
    )
  }

  /** Nothing is expected of the upstream any more. */
  #leave(): void {
    this.#unwatch?.()
    this.#stopListening?.()
    this.#stopListening = undefined
  }

  #blame(): Blame {
    const { who, secrets } = this.#upstream
    const { name } = this.#lease.endpoint
    const model = this.#lease.model ?? this.#asked.body.model
    return {
      who,
      addressSetting: `url of the endpoint "${name}"`,
      keySetting: `apiKey of the endpoint "${name}"`,
      modelSetting: `model of the endpoint "${name}"`,
      secrets,
      ...(model === undefined ? {} : { model }),
    }
  }
}

const doneFrame = Buffer.from('data: [DONE]\n\n')

function wordOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

function leftError(): AndonError {
  return new AndonError('cancelled', 'The attempt was given up.')
}
