// Requests to a server behind an address: its connections, its headers, and what its refusals mean.

import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { AndonError } from '../../core/errors.ts'
import { callFailed } from '../failure.ts'
import { withoutSecrets } from '../secrets.ts'
import { secretsOf } from './discreet.ts'
import type { McpReach } from './server.ts'
import { messageBytes } from './wire.ts'

/** The server refused a request: with this status. */
export class Refused extends AndonError {
  readonly status: number

  constructor(status: number, text: string) {
    super('unsupported', text === '' ? `answered ${status}` : `answered ${status}: ${text}`)
    this.status = status
  }
}

export type Reply = Dispatcher.ResponseData

/** Speaks with one server. Disposing cuts what is under way. */
export class HttpExchange implements Disposable {
  readonly #pool: Pool
  readonly #url: URL
  readonly #headers: Record<string, string>
  readonly #secrets: readonly string[]

  constructor(address: NonNullable<McpReach['address']>) {
    const { url, headers } = address
    this.#secrets = secretsOf({ address })
    this.#url = new URL(url)
    this.#headers = headers
    // The deadlines of the calls keep the time: a stream may be silent for long.
    this.#pool = new Pool(this.#url.origin, {
      connections: 128,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 10_000 },
    })
  }

  /** The address that a server names, which must be its own. */
  within(path: string): URL {
    const url = new URL(path, this.#url)
    if (url.origin === this.#url.origin) return url
    throw new AndonError('invalid', `wants messages to be sent to ${url.origin}, which is not its own address`)
  }

  /** Sends a request. A reply that is no success is a failure, in words that follow the name of the server. */
  async send(
    method: 'GET' | 'POST' | 'DELETE',
    options: { url?: URL; headers?: Record<string, string>; body?: string; signal?: AbortSignal },
  ): Promise<Reply> {
    const { url = this.#url, headers, body, signal } = options
    let reply: Reply
    try {
      reply = await this.#pool.request({
        method,
        path: url.pathname + url.search,
        headers: { ...this.#headers, ...headers },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (reason) {
      throw signal?.aborted ? AndonError.from(signal.reason, 'cancelled') : unreached(reason)
    }
    if (reply.statusCode >= 200 && reply.statusCode < 300) return reply
    throw await refusal(reply, this.#secrets)
  }

  [Symbol.dispose](): void {
    void this.#pool.destroy().catch(() => {})
  }
}

/** The whole body as text. Fails with `too-large` beyond 8 MiB. */
export async function textOf({ body }: Reply, most = messageBytes): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length
    if (size > most) throw new AndonError('too-large', `sent a message of more than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts, size).toString()
}

/** Reads what is left and forgets it, so that the connection can be used again. */
export function drain({ body }: Reply): void {
  body.on('error', () => {}).resume()
}

/** The value of a header that is sent once. */
export function headerOf({ headers }: Reply, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

async function refusal(reply: Reply, secrets: readonly string[]): Promise<AndonError> {
  const status = reply.statusCode
  const whole = await textOf(reply, 65_536).catch(() => '')
  // Before it is cut: half a secret would not be known.
  const text = withoutSecrets(whole, secrets).trim().slice(0, 300)
  const said = text === '' ? '' : `: ${text}`
  if (status === 401 || status === 403) {
    return callFailed({
      kind: 'failed',
      message: `answered ${status}: give a token that it accepts, as \`auth\` or in \`headers\`${said}`,
      retryable: false,
    })
  }
  if (status >= 300 && status < 400) {
    const message = `answered ${status} and points to ${headerOf(reply, 'location') ?? 'nowhere'}: give that address if it is meant`
    return callFailed({ kind: 'failed', message, retryable: false })
  }
  if (status === 429 || status === 503) {
    const seconds = Number(headerOf(reply, 'retry-after'))
    const retryAfterMs = Math.min(seconds, 3_600) * 1_000
    const code = status === 429 ? 'overloaded' : 'unavailable'
    return new AndonError(code, `answered ${status}${said}`, seconds > 0 ? { retryAfterMs } : {})
  }
  return new Refused(status, text)
}

const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Why there was no reply: nothing was sent, or nobody knows what became of it. */
function unreached(reason: unknown): AndonError {
  const { code, message } = causeOf(reason)
  if (code !== undefined && neverSent.has(code)) {
    return new AndonError('unavailable', `cannot be reached (${code})`, { cause: reason })
  }
  return callFailed({ kind: 'outcome-unknown', message: `broke off before it answered (${code ?? message})` }, reason)
}

function causeOf(reason: unknown): { code?: string; message: string } {
  if (!(reason instanceof Error)) return { message: String(reason) }
  const [first] = reason instanceof AggregateError ? (reason.errors as unknown[]) : []
  if (first !== undefined) return causeOf(first)
  const { code } = reason as NodeJS.ErrnoException
  return { message: reason.message, ...(code === undefined ? {} : { code }) }
}
