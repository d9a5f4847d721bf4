// One model server: its connections, its address and its key. Posts JSON and gives back an answer that has begun well,
// or an AndonError that says in a sentence why not.

import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { AndonError } from '../core/errors.ts'
import { pathBelow, shownAddress } from './address.ts'
import { quoted, statusFailure } from './failure.ts'
import type { Blame, Fault } from './failure.ts'
import { keyHeaders } from './keys.ts'
import type { KeyHeader } from './keys.ts'
import { Reply } from './reply.ts'
import type { Sender } from './reply.ts'
import { timeouts } from './timeouts.ts'
import type { Watchdog } from './watchdog.ts'

export interface EndpointOptions {
  /** What kind of server it is, for messages: "model server". */
  kind: string
  base: URL
  apiKey?: string
  /** Default `authorization`. */
  keyHeader?: KeyHeader
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>
  /** Milliseconds for a connection. Default: see timeouts.ts. */
  connectMs?: number
  addressSetting: string
  keySetting: string
  modelSetting: string
  model?: string
}

export class Endpoint implements Sender, AsyncDisposable {
  /** For messages: "the model server at http://…". */
  readonly who: string
  /** Name and port of the server. */
  readonly host: string
  readonly #options: EndpointOptions
  readonly #pool: Pool
  #connected = 0

  constructor(options: EndpointOptions) {
    this.#options = options
    this.host = options.base.host
    this.who = `The ${options.kind} at ${shownAddress(options.base)}`
    this.#pool = new Pool(options.base.origin, {
      // How many at once is decided before a request comes here; undici would only hide the waiting.
      connections: null,
      pipelining: 1,
      connect: { timeout: options.connectMs ?? timeouts.connect },
      // The watchdog keeps the time: undici's own limits would cut a long silence that is allowed.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    this.#pool.on('connect', () => this.#connected++)
  }

  /** For errors that are found later, in the body. */
  blame(model = this.#options.model): Blame {
    const { addressSetting, keySetting, modelSetting, apiKey } = this.#options
    return {
      who: this.who,
      addressSetting,
      keySetting,
      modelSetting,
      secrets: apiKey === undefined ? [] : [apiKey],
      ...(model === undefined ? {} : { model }),
    }
  }

  /** Sends JSON; the answer's status is 2xx and its body still to be read. */
  async post(path: string, body: unknown, watch: Watchdog, model?: string): Promise<Reply> {
    return this.#request('POST', path, JSON.stringify(body), watch, model)
  }

  async get(path: string, watch: Watchdog): Promise<Reply> {
    return this.#request('GET', path, undefined, watch)
  }

  /** Sends JSON and reads JSON. */
  async json(path: string, body: unknown, watch: Watchdog, model?: string): Promise<unknown> {
    using reply = await this.post(path, body, watch, model)
    return await reply.json()
  }

  /** Cuts what is still running. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy(new AndonError('cancelled', `${this.who} is no longer used: Andon is closing.`))
  }

  async #request(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    watch: Watchdog,
    model?: string,
  ): Promise<Reply> {
    watch.throwIfAborted()
    const send = (): Promise<Dispatcher.ResponseData> =>
      this.#pool.request({
        method,
        path: pathBelow(this.#options.base, path),
        headers: this.#headers(body !== undefined, watch.trace),
        body: body ?? null,
        signal: watch.signal,
      })
    const connectedBefore = this.#connected
    let response: Dispatcher.ResponseData
    try {
      response = await send().catch((reason: unknown) => {
        // A connection kept from before may have been closed by the server at the very moment of sending: once more,
        // on a new one. A connection made for this request has no such excuse.
        if (watch.reason !== undefined || !isCut(reason) || this.#connected !== connectedBefore) throw reason
        return send()
      })
    } catch (reason) {
      throw this.explain(reason, watch)
    }
    const reply = new Reply(this, response, watch)
    if (reply.status >= 200 && reply.status < 300) return reply
    using failed = reply
    const text = await failed.errorText()
    watch.throwIfAborted()
    throw statusFailure(this.blame(model), failed.status, text, {
      retryAfter: failed.header('retry-after'),
      retryAfterMs: failed.header('retry-after-ms'),
      location: failed.header('location'),
    })
  }

  #headers(hasBody: boolean, trace: string | undefined): Record<string, string> {
    const { apiKey, keyHeader = 'authorization', headers } = this.#options
    return {
      accept: 'text/event-stream, application/json',
      'user-agent': 'andon',
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(trace === undefined ? {} : { traceparent: trace }),
      ...headers,
      ...keyHeaders(keyHeader, apiKey),
    }
  }

  /** The AndonError for whatever the connection threw. */
  explain(reason: unknown, watch: Watchdog): AndonError {
    if (watch.reason !== undefined) return watch.reason
    if (reason instanceof AndonError) return reason
    const { addressSetting } = this.#options
    const code = codeOf(reason)
    const make = (what: string, retry: boolean, kind: Fault = 'refused'): AndonError =>
      new AndonError('unavailable', `${this.who} ${what}`, { cause: reason, detail: { retry, kind } })
    if (code === 'ECONNREFUSED') return make(`does not answer: start it, or correct ${addressSetting}.`, true)
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
      return make(`has a host name that nobody knows (${code}): correct ${addressSetting}.`, code === 'EAI_AGAIN')
    if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
      return make(`cannot be reached (${code}): is it running, and is ${addressSetting} right?`, true)
    if (isCut(reason)) return make('cut the connection before its answer was whole.', true, 'cut')
    if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
      return make(`does not speak HTTP as it should (${code}): is ${addressSetting} right?`, false, 'malformed')
    const message = reason instanceof Error ? reason.message : String(reason)
    return make(`failed: ${quoted(message, this.blame().secrets)}`, true, 'cut')
  }
}

function isCut(reason: unknown): boolean {
  const code = codeOf(reason)
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** The system's or undici's word for what happened. */
function codeOf(reason: unknown): string {
  return reason instanceof Error && 'code' in reason && typeof reason.code === 'string' ? reason.code : ''
}
