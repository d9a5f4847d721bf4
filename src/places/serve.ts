// The far side of a port: runs stations for whoever is at the other end, never further ahead than their credit.

import { endCall, openCall, overReason } from '../core/call.ts'
import type { OwnedCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { letGo } from '../core/let-go.ts'
import { Register } from '../core/register.ts'
import { movedBuffers } from '../core/moved.ts'
import type { Recipe } from '../core/station.ts'
import { Intake } from './intake.ts'
import { frameVersion } from './port.ts'
import type { Frame, ItemsFrame, Port } from './port.ts'
import { ServedStations } from './served-stations.ts'
import type { AnyStation } from './served-stations.ts'

/** When the other end has gone: how long calls may take to stop and stations to be freed, in milliseconds. */
const patienceMs = 3_000

/** What is served on a port. */
export interface Served {
  /** Stations that are there already, by their names. */
  stations?: Iterable<AnyStation>
  /** Makes stations on demand; without it the other end may only use those above. */
  open?: (recipe: Recipe<unknown, unknown>) => Promise<AnyStation>
  /** Called once, after the last station was freed: the other end said `bye`, went away or speaks another version. */
  onEnd?: () => void
}

/** Serves stations on a port. Disposing cancels the calls, frees stations that were opened here and closes the wire. */
export function serve(port: Port, served: Served): AsyncDisposable {
  const server = new Server(port, served)
  return { [Symbol.asyncDispose]: () => server.end() }
}

/** One call that runs here. */
interface Running {
  id: number
  key: string
  credit: number
  call: OwnedCall
  items: AsyncIterator<unknown> | undefined
  /** The reader is gone: nothing more is sent but the end. */
  left: boolean
  /** Wakes the call that waits for credit. */
  wake: (() => void) | undefined
  /** The last frame of items, and the turn in which it can still be added to. */
  frame: ItemsFrame | undefined
  turn: number
}

class Server {
  readonly #port: Port
  readonly #served: Served
  readonly #stations: ServedStations
  readonly #running = new Register<number, Running>()
  /** Calls that ended in the turn `#endedTurn`: their last items may still turn out to be unsendable. */
  readonly #ended: Running[] = []
  #endedTurn = 0
  #acknowledge = false
  #onCallEnd: (() => void)[] = []
  #ending: Promise<void> | undefined
  #hungUp = false

  constructor(port: Port, served: Served) {
    this.#port = port
    this.#served = served
    this.#stations = new ServedStations(served.stations ?? [], served.open)
    port.onUnsendable = (frame, reason) => this.#unsendable(frame, reason)
    const intake = new Intake({
      take: (id) => {
        if (this.#acknowledge) port.wire.post([{ kind: 'taken', id }], [])
      },
      handle: (frame) => this.#handle(frame),
      dropped: ({ id }, { code }) => {
        port.send({ kind: 'fail', id, error: new AndonError(code, leavingSentence(code)).toWire() })
      },
    })
    port.wire.onMessage((frames) => intake.hear(frames))
    port.wire.onClose(() => void this.end())
    port.send({ kind: 'hello', version: frameVersion })
  }

  /** Cancels what runs, frees the stations, closes; what does not stop in time is left behind. */
  async end(): Promise<void> {
    const reason = new AndonError('cancelled', 'The other end of the port has gone')
    for (const running of this.#running.values()) this.#cancel(running, reason)
    const patience = Promise.withResolvers<void>()
    const timer = setTimeout(patience.resolve, patienceMs)
    await Promise.race([this.#finish(), patience.promise])
    clearTimeout(timer)
    this.#hangUp()
  }

  #handle(frame: Frame): void {
    switch (frame.kind) {
      case 'call':
        return void this.#run(frame)
      case 'credit': {
        const running = this.#running.get(frame.id)
        if (!running) return
        running.credit += frame.more
        return running.wake?.()
      }
      case 'cancel': {
        const running = this.#running.get(frame.id)
        if (running) this.#cancel(running, new AndonError(frame.code, leavingSentence(frame.code)))
        return
      }
      case 'open':
        return void this.#open(frame.station, frame.recipe)
      case 'close':
        return void this.#close(frame.station)
      case 'ping':
        return this.#port.send({ kind: 'pong', rss: process.memoryUsage.rss() })
      case 'hello':
        this.#acknowledge = frame.acknowledge === true
        if (frame.version !== frameVersion) this.#refuse(frame.version)
        return
      case 'bye':
        return void this.#finish()
      default:
      // Frames that only the near side hears.
    }
  }

  async #open(key: string, recipe: Recipe<unknown, unknown>): Promise<void> {
    try {
      this.#port.send({ kind: 'opened', station: key, name: await this.#stations.open(key, recipe) })
    } catch (reason) {
      this.#port.send({ kind: 'refused', station: key, error: AndonError.from(reason).toWire() })
    }
  }

  async #close(key: string): Promise<void> {
    for (const running of this.#running.values()) {
      if (running.key === key) this.#cancel(running, new AndonError('cancelled', 'The station was closed'))
    }
    await this.#callsEnded(key)
    await this.#stations.close(key)
    this.#port.send({ kind: 'closed', station: key })
  }

  /** Resolves when no call runs, or none of this station. */
  async #callsEnded(key?: string): Promise<void> {
    const under = (): boolean => {
      if (key === undefined) return this.#running.size > 0
      return this.#running.values().some((running) => running.key === key)
    }
    while (under()) await new Promise<void>((resolve) => this.#onCallEnd.push(resolve))
  }

  async #run(frame: Frame & { kind: 'call' }): Promise<void> {
    const call = openCall({
      id: frame.order,
      tenant: frame.tenant,
      ...(frame.trace === undefined ? {} : { trace: frame.trace }),
      ...(frame.budgetMs === undefined ? {} : { budgetMs: frame.budgetMs }),
    })
    const { id, station: key, credit } = frame
    const running: Running = {
      id,
      key,
      credit,
      call,
      items: undefined,
      left: false,
      wake: undefined,
      frame: undefined,
      turn: 0,
    }
    this.#running.set(id, running)
    const began = performance.now()
    const workedMs = (): number => performance.now() - began
    try {
      const station = this.#stations.ready(key) ?? (await this.#stations.find(key))
      await this.#pump(running, station.run(frame.input, call)[Symbol.asyncIterator]())
      if (running.frame && running.turn === this.#port.turn) {
        running.frame.end = true
        running.frame.workedMs = workedMs()
      } else this.#port.send({ kind: 'items', id, values: [], end: true, workedMs: workedMs() })
    } catch (reason) {
      this.#port.send({ kind: 'fail', id, error: AndonError.from(reason).toWire(), workedMs: workedMs() })
    } finally {
      this.#running.delete(id)
      this.#noteEnded(running)
      call[Symbol.dispose]()
      if (this.#onCallEnd.length > 0) for (const ended of this.#onCallEnd.splice(0)) ended()
    }
  }

  async #pump(running: Running, items: AsyncIterator<unknown>): Promise<void> {
    const { call } = running
    running.items = items
    for (;;) {
      if (running.credit === 0 && !running.left) await moreCredit(running)
      const over = overReason(call)
      if (over || running.left) {
        await items.return?.()
        throw over ?? new AndonError('cancelled', 'The reader left')
      }
      const step = await items.next()
      if (step.done) return
      if (running.left) continue
      running.credit--
      this.#send(running, step.value)
    }
  }

  #send(running: Running, value: unknown): void {
    const port = this.#port
    const transfer = movedBuffers(value)
    if (running.frame && running.turn === port.turn) {
      running.frame.values.push(value)
      if (transfer) port.move(transfer)
      return
    }
    running.frame = { kind: 'items', id: running.id, values: [value] }
    running.turn = port.turn
    port.send(running.frame, transfer)
  }

  #noteEnded(running: Running): void {
    if (this.#endedTurn !== this.#port.turn) this.#ended.length = 0
    this.#endedTurn = this.#port.turn
    this.#ended.push(running)
  }

  #cancel(running: Running, reason: AndonError): void {
    if (running.left) return
    running.left = true
    endCall(running.call, reason)
    running.wake?.()
    // An async generator queues this behind the item it is making; a hand-made iterator may stop at once.
    if (running.items) void letGo(running.items)
  }

  #unsendable(frame: Frame, reason: unknown): void {
    if (frame.kind !== 'items') return
    const running = this.#running.get(frame.id)
    const { key } = running ?? this.#ended.find((each) => each.id === frame.id) ?? { key: '' }
    const error = new AndonError(
      'internal',
      `The station ${this.#stations.ready(key)?.name ?? key} yielded something that cannot be sent (${AndonError.from(reason).sentence}): items are plain data`,
    )
    // After its end the near side forgets the call, so that what the station still sends is ignored.
    this.#port.send({ kind: 'fail', id: frame.id, error: error.toWire() })
    if (running) this.#cancel(running, error)
  }

  #refuse(version: number): void {
    const error = new AndonError(
      'unsupported',
      `The near side speaks version ${version} of the frames and the far side version ${frameVersion}: run the same Andon on both`,
    )
    this.#port.send({ kind: 'bye', error: error.toWire() })
    void this.end()
  }

  #finish(): Promise<void> {
    return (this.#ending ??= this.#leave())
  }

  async #leave(): Promise<void> {
    await this.#callsEnded()
    await this.#stations.closeAll()
    this.#hangUp()
  }

  #hangUp(): void {
    if (this.#hungUp) return
    this.#hungUp = true
    this.#port.flush()
    this.#port.wire.close()
    this.#served.onEnd?.()
  }
}

function moreCredit(running: Running): Promise<void> {
  return new Promise((resolve) => {
    running.wake = () => {
      running.wake = undefined
      resolve()
    }
  })
}

function leavingSentence(code: AndonError['code']): string {
  return code === 'deadline' ? 'The time budget of the call ran out' : 'The reader has left'
}
