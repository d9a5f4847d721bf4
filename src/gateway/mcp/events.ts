// What a session has sent, kept for a client that lost its line and reads on from an event's id: as much as fits.

import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server'

interface Kept {
  stream: string
  message: JSONRPCMessage
  size: number
}

/** The room that the sessions of a door share. */
export class EventRoom {
  readonly most: number
  used = 0

  /** So many characters of JSON. Default 64 million. */
  constructor(most = 64_000_000) {
    this.most = most
  }
}

export interface SessionEventsOptions {
  /** How many events. Default 1,000. */
  most?: number
  /** Characters of JSON of one session. Default 4 million. */
  mostOfSession?: number
  /** Where others have taken it, a session keeps only its newest event. */
  room?: EventRoom
}

/** The newest events of one session. Ids are `<number>`, counted over all its streams. Disposal gives the room back. */
export class SessionEvents implements EventStore, Disposable {
  readonly #most: number
  readonly #mostOfSession: number
  readonly #room: EventRoom
  readonly #kept = new Map<string, Kept>()
  #size = 0
  #count = 0
  #closed = false

  constructor({ most = 1_000, mostOfSession = 4_000_000, room = new EventRoom() }: SessionEventsOptions = {}) {
    this.#most = most
    this.#mostOfSession = mostOfSession
    this.#room = room
  }

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    this.#count += 1
    const id = String(this.#count)
    // What a call says after its session has ended is read by nobody.
    if (this.#closed) return id
    const size = JSON.stringify(message).length
    this.#kept.set(id, { stream, message, size })
    this.#grow(size)
    for (const [oldest, each] of this.#kept) {
      if (!this.#isFull) break
      this.#kept.delete(oldest)
      this.#grow(-each.size)
    }
    return id
  }

  /**
   * Whether it can be read on from here. The library's own question, `getStreamIdForEventId`, is left out: with it, a
   * client whose line broke unnoticed by this side would be refused its stream.
   */
  has(id: string): boolean {
    return this.#kept.has(id)
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const stream = this.#kept.get(lastEventId)?.stream
    if (stream === undefined) throw new Error(`The event ${lastEventId} is not kept.`)
    let passed = false
    for (const [id, each] of this.#kept) {
      if (passed && each.stream === stream && hasContent(each.message)) await send(id, each.message)
      if (id === lastEventId) passed = true
    }
    return stream
  }

  get #isFull(): boolean {
    const { used, most } = this.#room
    return this.#kept.size > this.#most || this.#size > this.#mostOfSession || (used > most && this.#kept.size > 1)
  }

  #grow(by: number): void {
    this.#size += by
    this.#room.used += by
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#kept.clear()
    this.#grow(-this.#size)
  }
}

/** The event that opens a stream says nothing: it only gives a place to read on from. */
function hasContent(message: JSONRPCMessage): boolean {
  return Object.keys(message).length > 0
}
