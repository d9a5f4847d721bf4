// The MCP sessions of one door: each belongs to who began it, there are only so many, and one that nobody uses ends.

import { randomUUID } from 'node:crypto'
import { WebStandardStreamableHTTPServerTransport, type Server } from '@modelcontextprotocol/server'
import { AndonError } from '../../core/errors.ts'
import type { Principal } from '../door.ts'
import { EventRoom, SessionEvents } from './events.ts'

/** A conversation of the protocol, from `initialize` to its end. */
export interface McpSession {
  readonly owner: Principal
  readonly server: Server
  readonly transport: WebStandardStreamableHTTPServerTransport
  readonly events: SessionEvents
  /** Requests of it that are answered now, streams too. */
  busy: number
  /** When it was used last, by the monotonic clock. */
  usedAt: number
}

export interface McpSessionsOptions {
  /** How many at once. Default 1,000. */
  most?: number
  /** How many one tenant may have. Default 200. */
  mostOfTenant?: number
  /** One that nobody uses for so long ends, in milliseconds. Default half an hour. */
  idleMs?: number
}

export class McpSessions implements AsyncDisposable {
  readonly #most: number
  readonly #mostOfTenant: number
  readonly #idleMs: number
  readonly #all = new Map<string, McpSession>()
  readonly #room = new EventRoom()
  readonly #timer: NodeJS.Timeout

  constructor({ most = 1_000, mostOfTenant = 200, idleMs = 30 * 60_000 }: McpSessionsOptions = {}) {
    this.#most = most
    this.#mostOfTenant = mostOfTenant
    this.#idleMs = idleMs
    this.#timer = setInterval(() => this.#endIdle(), Math.min(idleMs, 60_000)).unref()
  }

  get size(): number {
    return this.#all.size
  }

  /** A session that has yet to hear `initialize`; it is found by its id from then on. Throws `overloaded` when there are too many. */
  async begin(owner: Principal, server: Server): Promise<McpSession> {
    this.#makeRoom(owner.tenant)
    const events = new SessionEvents({ room: this.#room })
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: events,
      // The door's streams say themselves that they are still there.
      keepAliveMs: 0,
      onsessioninitialized: (id) => void this.#all.set(id, session),
    })
    // No event target: its one listener is this property.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    transport.onclose = () => {
      events[Symbol.dispose]()
      if (transport.sessionId !== undefined) this.#all.delete(transport.sessionId)
    }
    const session: McpSession = { owner, server, transport, events, busy: 0, usedAt: performance.now() }
    await server.connect(transport)
    return session
  }

  /** The session of this id, if it belongs to who asks for it; of anybody else there is none. */
  find(id: string, principal: Principal): McpSession | undefined {
    const session = this.#all.get(id)
    return session && isSame(session.owner, principal) ? session : undefined
  }

  /** Ends all of them, and what they have under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([...this.#all.values()].map(({ server }) => server.close()))
  }

  /** Where there are too many, the one that was not used for longest ends: of the tenant itself, or of who has most. */
  #makeRoom(tenant: string): void {
    this.#endIdle()
    const byTenant = Map.groupBy(this.#all.values(), ({ owner }) => owner.tenant)
    const own = byTenant.get(tenant) ?? []
    if (own.length < this.#mostOfTenant && this.#all.size < this.#most) return
    const most = [...byTenant.values()].sort((one, other) => other.length - one.length)[0] ?? []
    const among = own.length >= this.#mostOfTenant ? own : most
    const oldest = among.filter(({ busy }) => busy === 0).sort((one, other) => one.usedAt - other.usedAt)[0]
    if (oldest === undefined)
      throw new AndonError('overloaded', 'There are too many MCP sessions. End some, or try again later.', {
        retryAfterMs: 60_000,
      })
    void oldest.server.close()
  }

  #endIdle(): void {
    const since = performance.now() - this.#idleMs
    for (const { busy, usedAt, server } of this.#all.values()) if (busy === 0 && usedAt < since) void server.close()
  }
}

function isSame(one: Principal, other: Principal): boolean {
  return one.tenant === other.tenant && one.kind === other.kind && one.name === other.name && one.keyId === other.keyId
}
