// A gateway on a free port in front of a stand-in factory that knows one document, and what tests read from it.

import assert from 'node:assert/strict'
import { openGateway, type Gateway, type GatewayOptions } from '../src/gateway/server.ts'
import { standInFactory, type StandIn } from './stand-in-factory.ts'

export interface Door extends AsyncDisposable {
  factory: StandIn
  gateway: Gateway
  /** Posts a body (JSON, unless it is a string already). */
  post(
    path: string,
    body: unknown,
    options?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>
  get(path: string): Promise<Response>
}

/** Opens a door. The document `lock.md` says "A lock lets one in at a time." in the collection `handbook`. */
export async function openDoor(options: GatewayOptions = {}): Promise<Door> {
  const factory = standInFactory()
  const document = { name: 'lock.md', title: 'Locks', text: 'A lock lets one in at a time.', collection: 'handbook' }
  await factory.add(document, { tenant: options.tenant ?? 'default' })
  const gateway = await openGateway(factory, { port: 0, lingerMs: 0, ...options })
  return {
    factory,
    gateway,
    post: (path, body, { headers = {}, signal } = {}) =>
      fetch(gateway.url + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
        ...(signal ? { signal } : {}),
      }),
    get: (path) => fetch(gateway.url + path),
    [Symbol.asyncDispose]: () => gateway.close(),
  }
}

/** Any JSON object, as a test looks into it. */
export type Json = { [key: string]: Json | undefined } & { [index: number]: Json | undefined }

/** The JSON object of a response. */
export async function jsonOf(response: Response): Promise<Json> {
  return jsonIn(await response.text())
}

/** The JSON object in a text. */
export function jsonIn(text: string): Json {
  const value: unknown = JSON.parse(text)
  assert.ok(isJson(value), `no JSON object: ${text}`)
  return value
}

/** A text that JSON held; anything else as JSON. */
export function textOf(value: Json | undefined): string {
  const held: unknown = value
  return typeof held === 'string' ? held : JSON.stringify(held)
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

/** A server-sent event. */
export interface SentEvent {
  id?: string
  event?: string
  data: string
}

/** The events in the text of a stream; comments are left out. */
export function eventsOf(text: string): SentEvent[] {
  return text
    .split('\n\n')
    .filter((block) => /^data: /m.test(block))
    .map((block) => {
      const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
      const [id, event] = [field('id'), field('event')]
      return {
        ...(id === undefined ? {} : { id }),
        ...(event === undefined ? {} : { event }),
        data: field('data') ?? '',
      }
    })
}
