// An answer as it is made. When the line is lost, the answer is read on from where it was: no event is lost, none
// comes twice. The server goes on with it meanwhile.

import type { AnswerFailed } from '../../../src/core/answer-record.ts'
import type { AnswerEvent, Filter } from '../../../src/core/question.ts'
import { ApiError, call } from './client.ts'
import { look, offlineSince, unreachable, untilReached } from './connection.ts'
import { eventsIn, type SentEvent } from './events.ts'

/** Body of POST /v1/ask. */
export interface AskBody {
  question: string
  session_id?: string
  filter?: {
    collections?: string[]
    documents?: string[]
    exclude_documents?: string[]
    metadata?: NonNullable<Filter['metadata']>
  }
  passages?: number
  mode?: 'auto' | 'extractive'
  /** Whether the model may call tools. Default: what the options say. */
  tools?: boolean
  /** Id of an answer that this one is another version of. */
  retry_of?: string
}

/** An event of an answer, with its place in it from 1. */
export interface Told {
  number: number
  event: AnswerEvent | AnswerFailed
}

export interface StreamOptions {
  signal?: AbortSignal
  /** Told when the line is lost (true) and when it is back (false). */
  onLost?: (lost: boolean) => void
}

export interface AskOptions extends StreamOptions {
  /** Names the question: asked again under the same name it is answered once. */
  once?: string
}

/**
 * Asks, and tells what happens until `answer-end` or `answer-failed`. Throws an ApiError when the question is refused
 * (429 carries `retryAfterMs`), or when nobody answered before the answer had an id. Leaving the loop stops reading;
 * it does not stop the answer: {@link stopAnswer} does.
 */
export function ask(body: AskBody, options: AskOptions = {}): AsyncGenerator<Told, void> {
  const open = (): Promise<Response> =>
    call('/v1/ask', {
      method: 'POST',
      json: { ...body, resumable: true },
      headers: {
        accept: 'text/event-stream',
        ...(options.once === undefined ? {} : { 'idempotency-key': options.once }),
      },
      signal: options.signal,
    })
  return read(open, { id: undefined, after: 0 }, options)
}

/** The events of an answer behind the number `after`, then those to come, to its end. */
export function follow(id: string, options: StreamOptions & { after?: number } = {}): AsyncGenerator<Told, void> {
  const place = { id, after: options.after ?? 0 }
  return read(() => resume(place, options.signal), place, options)
}

/** Ends an answer under way; what was said so far stays. */
export async function stopAnswer(id: string): Promise<void> {
  await call(`/v1/answers/${encodeURIComponent(id)}/stop`, { method: 'POST' })
}

interface Place {
  id: string | undefined
  after: number
}

async function* read(
  open: () => Promise<Response>,
  place: Place,
  { signal, onLost }: StreamOptions,
): AsyncGenerator<Told, void> {
  let lost = false
  for (let connect = open, tries = 0; ; tries += 1) {
    try {
      const response = await connect()
      // Nothing is behind what was told, and nothing will come.
      if (response.status === 204) return
      place.id ??= response.headers.get('andon-answer') ?? undefined
      if (lost) onLost?.(false)
      lost = false
      for await (const sent of eventsIn(response)) {
        const told = toldBy(sent, place)
        if (told === undefined) continue
        tries = 0
        if (told.event.type === 'answer-start') place.id = told.event.id
        place.after = told.number
        yield told
        if (told.event.type === 'answer-end' || told.event.type === 'answer-failed') return
      }
    } catch (reason) {
      signal?.throwIfAborted()
      // What the server refused, it would refuse again.
      if (reason instanceof ApiError && reason.code !== 'offline' && reason.status < 502) throw reason
      if (place.id === undefined) throw asOffline(reason)
    }
    signal?.throwIfAborted()
    if (place.id === undefined) throw asOffline(undefined)
    if (!lost) onLost?.(true)
    lost = true
    if (tries > 0) unreachable()
    else void look()
    await pause(Math.min(250 * 2 ** tries, 5000), signal)
    if (offlineSince.value !== undefined) await untilReached(signal)
    connect = () => resume(place, signal)
  }
}

function resume(place: Place, signal: AbortSignal | undefined): Promise<Response> {
  return call(`/v1/answers/${encodeURIComponent(place.id ?? '')}/events?after=${place.after}`, {
    headers: { accept: 'text/event-stream' },
    signal,
  })
}

/** What an event tells, unless it was told already. */
function toldBy({ id, event, data }: SentEvent, place: Place): Told | undefined {
  const number = Number(/(\d+)$/.exec(id ?? '')?.[1] ?? place.after + 1)
  if (number <= place.after) return undefined
  const value = JSON.parse(data)
  // A fault on the way to the end comes as a problem document.
  if (event === 'error') {
    const { code = 'internal', detail = '', retryAfterMs } = value
    const error = { code, message: detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
    return { number, event: { type: 'answer-failed', error } }
  }
  return { number, event: value }
}

function asOffline(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause
  unreachable()
  return new ApiError({ status: 0, code: 'offline', detail: 'The connection to Andon was lost.', cause })
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal?.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearTimeout(timer)
  signal?.throwIfAborted()
}
