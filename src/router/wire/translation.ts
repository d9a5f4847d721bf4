// A ChatModel answers a request that came as bytes: what its endpoint speaks is another protocol, or the path that was
// asked is one that its server need not have. What it says goes on in the dialect of that path.

import type { ServerResponse } from 'node:http'
import { onOver, throwIfOver, type OwnedCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { letGo } from '../../core/let-go.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../../models/model.ts'
import { isContent, isWord } from '../content.ts'
import { failedAttempt, failureOf } from '../failures.ts'
import type { Lease } from '../order.ts'
import type { Asked } from './bytes-attempt.ts'
import type { Dialect, Scribe } from './dialect.ts'
import { endWithoutEnd } from './interruption.ts'
import type { HeadOf, Reply, Tally } from './reply.ts'
import { Said } from './said.ts'

export class Translation implements Reply {
  readonly #lease: Lease | undefined
  readonly #call: OwnedCall
  readonly #stream: boolean
  readonly #events: AsyncIterator<ChatEvent>
  readonly #scribe: Scribe
  readonly #said: Said
  readonly #who: string
  #first: ChatEvent[] = []

  /** `name` is what the caller is told as the name of the model; without a lease the model stands at no endpoint. */
  constructor(
    lease: Lease | undefined,
    call: OwnedCall,
    model: ChatModel,
    { body }: Asked,
    dialect: Dialect,
    name: string,
  ) {
    this.#lease = lease
    this.#call = call
    this.#stream = body.stream
    this.#who = lease ? `The endpoint "${lease.endpoint.name}"` : `The model "${name}"`
    this.#said = new Said(body.promptTokens)
    const request = { ...dialect.request(body, this.#who), ...(lease ? leased(lease) : {}) }
    this.#scribe = dialect.scribe({ id: call.id, model: name, body })
    this.#events = model.chat(request, call)[Symbol.asyncIterator]()
  }

  /** Asks; resolves with the first word, thought or call. A whole answer is waited for whole. */
  async begin(): Promise<this> {
    for (;;) {
      const next = await this.#next()
      if (next.done === true) break
      this.#first.push(next.value)
      this.#said.note(next.value)
      if (this.#stream && (isContent(next.value) || isWord(next.value))) {
        // It may have begun for nobody.
        onOver(this.#call, () => this.#leave())
        return this
      }
    }
    if (!this.#first.some((event) => isContent(event) || isWord(event)))
      throw failedAttempt('malformed', `${this.#who} ended its answer without a word.`)
    return this
  }

  async send(response: ServerResponse, headOf: HeadOf): Promise<Tally> {
    try {
      if (this.#stream) await this.#sendStream(response, headOf)
      else this.#sendWhole(response, headOf)
    } catch (reason) {
      return this.#interrupt(response, AndonError.from(reason))
    } finally {
      this.#leave()
      this.#call[Symbol.dispose]()
    }
    const { tally } = this.#said
    const { promptTokens, outputTokens, cachedTokens } = tally
    this.#lease?.end({
      kind: 'done',
      promptTokens,
      outputTokens,
      ...(cachedTokens === undefined ? {} : { cachedTokens }),
    })
    return tally
  }

  /** Throws at the end of a call that is over: a model that just stops then has not said all. */
  async #next(): Promise<IteratorResult<ChatEvent>> {
    const next = await this.#events.next()
    if (next.done === true) throwIfOver(this.#call)
    return next
  }

  /** The model need say no more: it lets go of what it holds. */
  #leave(): void {
    void letGo(this.#events)
  }

  async #sendStream(response: ServerResponse, headOf: HeadOf): Promise<void> {
    const scribe = this.#scribe
    response.writeHead(200, headOf('text/event-stream; charset=utf-8', undefined))
    response.write(scribe.begin() + this.#first.map((event) => scribe.frames(event)).join(''))
    this.#first = []
    for (;;) {
      const next = await this.#next()
      if (next.done === true) break
      this.#said.note(next.value)
      if (isContent(next.value)) this.#lease?.progress(1)
      if (response.write(scribe.frames(next.value))) continue
      this.#lease?.pause()
      await drained(response, this.#call)
      this.#lease?.resume()
    }
    response.end(scribe.end(this.#said))
  }

  #sendWhole(response: ServerResponse, headOf: HeadOf): void {
    const body = JSON.stringify(this.#scribe.whole(this.#said))
    response.writeHead(200, headOf('application/json', Buffer.byteLength(body)))
    response.end(body)
  }

  #interrupt(response: ServerResponse, error: AndonError): Tally {
    const isOurs = this.#call.signal.aborted
    const said = this.#said
    if (this.#stream && error.code !== 'cancelled')
      response.write(this.#scribe.broken(error, isOurs ? error.code : 'upstream_interrupted', said))
    endWithoutEnd(response, error)
    const lease = this.#lease
    lease?.end(isOurs ? { kind: 'cancelled' } : { kind: 'failed', failure: failureOf(error, lease.endpoint) })
    return { ...said.tally, error }
  }
}

/** What the place says about the request: its limits of silence, and the server's own name of the model. */
function leased({ firstTokenMs, endpoint, model }: Lease): Partial<ChatRequest> {
  return { firstTokenMs, idleMs: endpoint.idleMs, ...(model === undefined ? {} : { model }) }
}

/** Waits until a slow reader has caught up. Throws the call's reason when it is over before. */
async function drained(response: ServerResponse, call: OwnedCall): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  response.once('drain', resolve)
  const stop = onOver(call, reject)
  try {
    await promise
  } finally {
    stop()
    response.off('drain', resolve)
  }
}
