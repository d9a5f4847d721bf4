// Fetches what a link leads to, as a stream: each hop is checked and asked at the address that was checked, without
// cookies or credentials, and neither size nor time is without a limit.

import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { Client, type Dispatcher } from 'undici'
import { AndonError } from '../core/errors.ts'
import type { Destination, LinkHosts } from './hosts.ts'
import { nameOf } from './name.ts'

/** How often a link may lead on to another. */
const mostRedirects = 5

export interface FetchOptions {
  hosts: LinkHosts
  /** For everything, to the last byte. */
  timeoutMs: number
  maxBytes: number
  signal?: AbortSignal | undefined
  /** What to do when it takes too long or is too large. Default: the options of links. */
  advice?: { late: string; large: string }
  /** Whether a link that leads on to another host is refused, in a sentence that says where to. Default false. */
  sameHost?: boolean
}

const ownAdvice = { late: 'Try again, or raise links.timeoutMs.', large: 'Add it as a file, or raise links.maxBytes.' }

/** What a link led to. Disposing gives the connection up. */
export interface Fetched extends AsyncDisposable {
  /** Where it was in the end. */
  url: URL
  /** What to call it: its host and path, or the name that its server gave. */
  name: string
  /** As its server says, when that says anything. */
  mediaType?: string
  /** The encoding of text, when its server says it. */
  charset?: string
  bytes: AsyncIterable<Uint8Array>
}

/** Asks for a link. Throws as soon as it is known that there will be no document. */
export async function fetchLink(
  link: string,
  { hosts, timeoutMs, maxBytes, signal, advice = ownAdvice, sameHost = false }: FetchOptions,
): Promise<Fetched> {
  await using stack = new AsyncDisposableStack()
  const ending = new AbortController()
  const late = new AndonError('deadline', `The link did not give a document within ${timeoutMs} ms. ${advice.late}`)
  const timer = setTimeout(() => ending.abort(late), timeoutMs)
  stack.defer(() => clearTimeout(timer))
  const until = signal ? AbortSignal.any([ending.signal, signal]) : ending.signal

  let next: string | URL = link
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const destination = await orAborted(hosts.find(next), until)
    const client = stack.adopt(pinnedTo(destination), (client) => client.destroy())
    const response = await ask(client, destination, until)
    const { statusCode, headers, body } = response
    const to = headers['location']
    if ([301, 302, 303, 307, 308].includes(statusCode) && typeof to === 'string') {
      const found = URL.parse(to, destination.url.href)
      if (!found) throw new AndonError('invalid', `${destination.url.host} leads on to an address that is none.`)
      if (sameHost && found.host !== destination.url.host) throw elsewhere(destination.url, found)
      await client.destroy()
      next = found
      continue
    }
    refuseFailure(statusCode, destination.url)
    const length = Number(header(headers['content-length']) ?? 0)
    if (length > maxBytes) throw tooLarge(destination.url, maxBytes, advice.large)
    const mediaType = header(headers['content-type'])?.split(';')[0]?.trim().toLowerCase()
    const charset = /charset\s*=\s*"?([\w.-]+)/i.exec(header(headers['content-type']) ?? '')?.[1]
    const owned = stack.move()
    return {
      url: destination.url,
      name: nameOf(destination.url, header(headers['content-disposition'])),
      ...(mediaType === undefined || mediaType === '' || mediaType === 'application/octet-stream' ? {} : { mediaType }),
      ...(charset === undefined ? {} : { charset }),
      bytes: limited(decoded(body, header(headers['content-encoding']), until), {
        maxBytes,
        url: destination.url,
        signal: until,
        advice: advice.large,
      }),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    }
  }
  throw new AndonError('invalid', `The link leads on more than ${mostRedirects} times. Give the address where it ends.`)
}

/** Longest address that is told, in characters. */
const longestTold = 4_000

function elsewhere({ host }: URL, { href, host: other }: URL): AndonError {
  const where = href.length > longestTold ? `${other}, at an address too long to be told` : href
  return new AndonError(
    'forbidden',
    `${host} leads on to another host, which is not followed: read ${where} if it is meant.`,
  )
}

/** A connection to the address that was checked, whatever the name means by now; the name is still what TLS verifies. */
function pinnedTo({ url, address, family }: Destination): Client {
  return new Client(url.origin, {
    connect: {
      lookup: (_name, { all }, done) => (all ? done(null, [{ address, family }]) : done(null, address, family)),
    },
    maxHeaderSize: 16 * 1024,
  })
}

async function ask(client: Client, { url }: Destination, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  try {
    return await client.request({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'andon' },
      signal,
      // The time for everything is the limit.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  } catch (reason) {
    if (signal.aborted) throw AndonError.from(signal.reason, 'cancelled')
    throw new AndonError('unavailable', `${url.host} could not be asked: ${AndonError.from(reason).sentence}.`, {
      cause: reason,
    })
  }
}

function refuseFailure(status: number, url: URL): void {
  if (status === 200) return
  const sentence = `${url.host} answered ${status} instead of a document.`
  if (status === 429 || status >= 500) throw new AndonError('unavailable', `${sentence} Try again later.`)
  throw new AndonError('invalid', `${sentence} Only what anybody may read can be fetched; check the address.`)
}

/** Not asked for, and sent by some nevertheless. */
function decoded(body: Readable, encoding: string | undefined, signal: AbortSignal): AsyncIterable<Uint8Array> {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return body
    case 'gzip':
    case 'x-gzip':
      return body.compose(createGunzip(), { signal })
    case 'deflate':
      return body.compose(createInflate(), { signal })
    case 'br':
      return body.compose(createBrotliDecompress(), { signal })
    default:
      throw new AndonError(
        'unsupported',
        `The document comes encoded as ${JSON.stringify(encoding?.slice(0, 60))}, which Andon does not read.`,
      )
  }
}

async function* limited(
  bytes: AsyncIterable<Uint8Array>,
  { maxBytes, url, signal, advice }: { maxBytes: number; url: URL; signal: AbortSignal; advice: string },
): AsyncGenerator<Uint8Array> {
  let size = 0
  try {
    for await (const chunk of bytes) {
      size += chunk.byteLength
      if (size > maxBytes) throw tooLarge(url, maxBytes, advice)
      yield chunk
    }
  } catch (reason) {
    if (signal.aborted) throw AndonError.from(signal.reason, 'cancelled')
    if (reason instanceof AndonError) throw reason
    throw new AndonError(
      'unavailable',
      `${url.host} broke off in the middle of the document: ${AndonError.from(reason).sentence}.`,
      { cause: reason },
    )
  }
}

function tooLarge(url: URL, maxBytes: number, advice: string): AndonError {
  return new AndonError('too-large', `What is at ${url.host} has more than ${maxBytes} bytes. ${advice}`)
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

async function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(AndonError.from(signal.reason, 'cancelled'))
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
