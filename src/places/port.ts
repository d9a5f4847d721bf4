// The wire between two places, reduced to what threads, processes and sockets all can do; and the port on top of it,
// which sends all frames of one turn of the event loop as one message.

import type { Code, WireError } from '../core/errors.ts'
import type { Recipe } from '../core/station.ts'

/** Both sides must speak the same version. Raise it whenever a frame changes its meaning. */
export const frameVersion = 1

/** What one side says to the other. `id` numbers the calls of a port upwards from 1; `station` is a key or a name. */
export type Frame =
  /** First frame of both sides. The near side may ask to be told which calls were taken. */
  | { kind: 'hello'; version: number; acknowledge?: true }
  /** Make the station of a recipe under a key. Answered by `opened` or `refused`. */
  | { kind: 'open'; station: string; recipe: Recipe<unknown, unknown> }
  | { kind: 'opened'; station: string; name: string }
  | { kind: 'refused'; station: string; error: WireError }
  /** Free the station once its calls have ended. Answered by `closed`. */
  | { kind: 'close'; station: string }
  | { kind: 'closed'; station: string }
  /** `credit` items may come before the reader grants more. `order` is the call's id; `budgetMs` what is left of its time. */
  | {
      kind: 'call'
      id: number
      station: string
      input: unknown
      credit: number
      order: string
      tenant: string
      trace?: string
      budgetMs?: number
    }
  /** Calls up to this id have left the wire and may have started. */
  | { kind: 'taken'; id: number }
  | { kind: 'credit'; id: number; more: number }
  /** The reader is gone. The far side still answers with an end or a failure, so that the near side knows it stopped. */
  | { kind: 'cancel'; id: number; code: Code }
  | ItemsFrame
  | { kind: 'fail'; id: number; error: WireError; workedMs?: number }
  | { kind: 'ping' }
  /** Alive, with the resident size in bytes. */
  | { kind: 'pong'; rss: number }
  /** Near side: end your calls, free your stations, go. Far side: I am going, because of this. */
  | { kind: 'bye'; error?: WireError }

/** Items of a call, in order; `end` says that these were the last, `workedMs` how long the call was worked on. */
export interface ItemsFrame {
  kind: 'items'
  id: number
  values: unknown[]
  end?: true
  workedMs?: number
}

/** Carries messages of frames, in order. */
export interface Wire {
  /** Throws when something in the frames cannot be cloned; then nothing was sent. On a closed wire nothing happens. */
  post(frames: Frame[], transfer: readonly ArrayBuffer[]): void
  onMessage(listener: (frames: Frame[]) => void): void
  /** Called once, when nothing more will come. */
  onClose(listener: (reason: string) => void): void
  close(): void
}

/** Milliseconds after which waiting frames are sent even though the turn has not ended. */
const patienceMs = 2

const none: readonly ArrayBuffer[] = []

/** One side of a wire. Frames wait in the outbox for the end of the turn and then leave as one message. */
export class Port {
  readonly wire: Wire
  /** Counts messages sent: a frame of this turn has not left yet and may still be added to. */
  turn = 0
  /** Hears of a frame that could not be cloned. */
  onUnsendable: (frame: Frame, reason: unknown) => void = () => {}
  #outbox: Frame[] = []
  #transfer: ArrayBuffer[] = []
  #since = 0

  constructor(wire: Wire) {
    this.wire = wire
  }

  /** Puts a frame into the outbox. Buffers in `transfer` are moved where the wire can. */
  send(frame: Frame, transfer?: readonly ArrayBuffer[]): void {
    if (this.#outbox.push(frame) === 1) {
      this.#since = performance.now()
      // Microtasks first, then the tick queue: this runs when everything that this turn set off has settled.
      queueMicrotask(this.#schedule)
    }
    if (transfer) this.#transfer.push(...transfer)
    if (performance.now() - this.#since > patienceMs) this.flush()
  }

  /** Buffers of a value that was added to a frame already in the outbox. */
  move(transfer: readonly ArrayBuffer[]): void {
    this.#transfer.push(...transfer)
  }

  /** Sends what waits, now. */
  flush(): void {
    const frames = this.#outbox
    if (frames.length === 0) return
    const transfer = this.#transfer
    this.#outbox = []
    if (transfer.length > 0) this.#transfer = []
    this.turn++
    try {
      this.wire.post(frames, transfer)
    } catch {
      this.#postEach(frames)
    }
  }

  readonly #schedule = (): void => process.nextTick(this.#flushLater)
  readonly #flushLater = (): void => this.flush()

  /** One frame spoils the message: the others must arrive all the same. Copied, since a transfer may be what failed. */
  #postEach(frames: Frame[]): void {
    for (const frame of frames) {
      try {
        this.wire.post([frame], none)
      } catch (reason) {
        this.onUnsendable(frame, reason)
      }
    }
  }
}

/** Whether something that came from outside is a message of frames, as far as its shape tells. */
export function isMessage(value: unknown): value is Frame[] {
  return (
    Array.isArray(value) &&
    value.every((frame: unknown) => typeof frame === 'object' && frame !== null && 'kind' in frame)
  )
}
