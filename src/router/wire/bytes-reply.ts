// The second half of an attempt: an answer whose first content has come goes on to the caller as bytes, chunk by chunk
// and no faster than they are read. What happens now is said in a last frame, and the connection ends without a clean end.

import type { ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import { onOver, type OwnedCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { eventFailure, type Problem } from '../../models/failure.ts'
import { failedAttempt, failureOf } from '../failures.ts'
import type { Lease } from '../order.ts'
import type { AskedBody } from './asked-body.ts'
import { blameOf } from './blame.ts'
import type { FrameScanner } from './frame-scanner.ts'
import { endWithoutEnd, errorFrame } from './interruption.ts'
import { tallyOf, type HeadOf, type Reply, type Tally } from './reply.ts'
import { watchSilence, type Watched } from './silence-watch.ts'
import type { Upstream } from './upstream.ts'

/** An answer as it is when its first content has come, and whose it is. */
export interface Begun {
  readonly lease: Lease
  readonly call: OwnedCall
  readonly upstream: Upstream
  readonly body: AskedBody
  readonly controller: Dispatcher.DispatchController
  readonly status: number
  readonly contentType: string
  /** Has seen what is held of a stream; undefined for an answer in one piece. */
  readonly scanner: FrameScanner | undefined
  /** It is here to its end. */
  readonly ended: boolean
  /** What an answer in one piece says that it used. */
  readonly usage: Tally | undefined
}

/** A body up to this size goes out in one piece with its headers, which Node does for texts only. Bytes. */
const mostAsText = 16 * 1024
/** A stream that nobody has taken over yet may be so far ahead. Bytes. */
const mostAhead = 256 * 1024
/** A reader who takes nothing for so long is gone. Milliseconds. */
const slowestReaderMs = 300_000

export class BytesReply implements Reply, Watched {
  heard = false
  since = 0
  limitMs: number
  readonly #begun: Begun
  #held: Buffer[]
  #heldBytes: number
  #counted: number
  #ended: boolean
  #isOver = false
  #isOurs = false
  #waitsForReader = false
  #failure: AndonError | undefined
  #response: ServerResponse | undefined
  #sent: PromiseWithResolvers<Tally> | undefined
  #stopListening: (() => void) | undefined
  #unwatch: (() => void) | undefined

  /** `held`: all that came until now, in order; this keeps it until it is sent, and nobody else should. */
  constructor(begun: Begun, held: Buffer[], heldBytes: number) {
    this.#begun = begun
    this.#held = held
    this.#heldBytes = heldBytes
    this.#counted = begun.scanner?.frames ?? 0
    this.#ended = begun.ended
    this.limitMs = begun.lease.endpoint.idleMs
    if (begun.ended) return
    this.#stopListening = onOver(begun.call, (reason) => this.#giveUp(reason))
    // A call that is over by now has ended it at once.
    if (!this.#isOver) this.#unwatch = watchSilence(this)
  }

  /** Why it broke off, when it has. */
  get failure(): AndonError | undefined {
    return this.#failure
  }

  /** Hands the answer to the caller, from its beginning to its end. Resolves when nothing more will come; never rejects. */
  send(response: ServerResponse, headOf: HeadOf): Promise<Tally> {
    const { status, contentType, scanner } = this.#begun
    this.#sent = Promise.withResolvers<Tally>()
    const held = this.#held.length === 1 && this.#held[0] ? this.#held[0] : Buffer.concat(this.#held)
    this.#held = []
    const isWhole = this.#ended && scanner === undefined
    response.writeHead(status, headOf(contentType, isWhole ? held.length : undefined))
    this.#response = response
    if (this.#failure !== undefined) {
      response.write(held)
      this.#interrupt(this.#failure)
    } else if (this.#ended) this.#finish(held)
    else {
      if (this.#waitsForReader) this.#resume()
      if (held.length > 0) this.#write(held)
    }
    return this.#sent.promise
  }

  /** The next bytes of the server. */
  take(chunk: Buffer): void {
    if (this.#isOver) return
    this.heard = true
    const { scanner } = this.#begun
    const bytes = scanner ? scanner.push(chunk) : chunk
    if (bytes) {
      if (this.#response) this.#write(bytes)
      else if (this.#hold(bytes) > mostAhead) this.#pause()
    }
    if (scanner) this.#count(scanner)
  }

  /** The server has said everything. */
  end(): void {
    if (this.#isOver) return
    const { scanner } = this.#begun
    const last = scanner?.end()
    if (last && this.#response) this.#response.write(last)
    else if (last) this.#hold(last)
    if (scanner && !this.#isWhole(scanner)) return
    this.#ended = true
    if (this.#response) this.#finish(undefined)
    else this.#leave()
  }

  /** It breaks off here. */
  fail(error: AndonError): void {
    // The answer is here already; only handing it over is left.
    if (this.#isOver || (this.#ended && this.#response === undefined)) return
    this.#isOver = true
    this.#failure = error
    this.#leave()
    this.#begun.controller.abort(error)
    if (this.#response) this.#interrupt(error)
  }

  /** Called by the watch. */
  late(): void {
    const ms = Math.round(this.limitMs)
    if (this.#waitsForReader) this.#giveUp(new AndonError('deadline', `Nobody read the answer for ${ms} ms.`))
    else this.fail(failedAttempt('silent', `${this.#begun.upstream.who} fell silent for ${ms} ms.`))
  }

  /** The caller's side is over: nothing of that is the endpoint's doing. */
  #giveUp(reason: AndonError): void {
    this.#isOurs = true
    this.fail(reason)
  }

  #hold(bytes: Buffer): number {
    this.#held.push(bytes)
    return (this.#heldBytes += bytes.length)
  }

  #count(scanner: FrameScanner): void {
    const came = scanner.frames - this.#counted
    this.#counted = scanner.frames
    if (came > 0) this.#begun.lease.progress(came)
    if (scanner.problem) this.#failAs(scanner.problem)
  }

  /** Whether a stream that ended is whole; when it is not, that is a failure. */
  #isWhole({ problem, done, finished }: FrameScanner): boolean {
    if (problem) this.#failAs(problem)
    else if (!done && !finished) this.fail(cutError(this.#begun.upstream))
    else return true
    return false
  }

  #failAs(problem: Problem): void {
    const { lease, upstream, body } = this.#begun
    this.fail(eventFailure(blameOf(lease, upstream, body), problem))
  }

  #write(bytes: Buffer): void {
    if (this.#response?.write(bytes) !== false) return
    this.#pause()
    this.#response.once('drain', () => this.#resume())
  }

  #pause(): void {
    if (this.#waitsForReader) return
    this.#waitsForReader = true
    this.#begun.controller.pause()
    this.#begun.lease.pause()
    this.limitMs = slowestReaderMs
    this.heard = true
  }

  #resume(): void {
    if (!this.#waitsForReader || this.#isOver) return
    const { lease, controller } = this.#begun
    this.#waitsForReader = false
    this.limitMs = lease.endpoint.idleMs
    this.heard = true
    lease.resume()
    controller.resume()
  }

  #interrupt(error: AndonError): void {
    const { lease, scanner } = this.#begun
    const response = this.#response
    if (response && !response.destroyed) {
      if (scanner && error.code !== 'cancelled')
        response.write(errorFrame(error, this.#isOurs ? error.code : 'upstream_interrupted'))
      endWithoutEnd(response, error)
    }
    lease.end(this.#isOurs ? { kind: 'cancelled' } : { kind: 'failed', failure: failureOf(error, lease.endpoint) })
    this.#settle({ ...this.#tally(), error })
  }

  #finish(rest: Buffer | undefined): void {
    this.#isOver = true
    this.#leave()
    const { lease, scanner } = this.#begun
    // Who counts on [DONE] gets it, also from a server that only says why it stopped.
    const closing = scanner && !scanner.done ? doneFrame : undefined
    if (rest && closing) this.#response?.write(rest)
    if (rest && !closing && rest.length <= mostAsText) this.#response?.end(rest.toString('latin1'), 'latin1')
    else this.#response?.end(closing ?? rest)
    const tally = this.#tally()
    const { outputTokens, promptTokens, cachedTokens, estimated } = tally
    lease.end({ kind: 'done', outputTokens, promptTokens: estimated ? undefined : promptTokens, cachedTokens })
    this.#settle(tally)
  }

  #settle(tally: Tally): void {
    this.#sent?.resolve(tally)
    this.#begun.call[Symbol.dispose]()
  }

  #tally(): Tally {
    const { scanner, usage, body } = this.#begun
    const said = scanner ? tallyOf(scanner.usage) : usage
    return said ?? { promptTokens: body.promptTokens, outputTokens: scanner?.frames ?? 0, estimated: true }
  }

  /** Nothing is expected of the server any more. */
  #leave(): void {
    this.#unwatch?.()
    this.#stopListening?.()
    this.#stopListening = undefined
  }
}

/** A stream that ended without saying that it is whole. */
export function cutError({ who }: Upstream): AndonError {
  return failedAttempt('cut', `${who} ended its answer without saying that it is whole.`)
}

const doneFrame = Buffer.from('data: [DONE]\n\n')
