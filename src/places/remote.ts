// The near side of a port: calls of stations that live at the other end.

import { remaining } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { Register } from '../core/register.ts'
import type { Code } from '../core/errors.ts'
import { movedBuffers } from '../core/moved.ts'
import type { Recipe, Station } from '../core/station.ts'
import { FarCall, initialCredit } from './far-call.ts'
import type { Holder } from './far-call.ts'
import { frameVersion } from './port.ts'
import type { Frame, Port } from './port.ts'

/** What the owner of a remote hears about its calls. */
export interface RemoteEvents {
  /** The far side has finished with this call, one way or the other. */
  onSettled?: (call: FarCall) => void
  onTaken?: (call: FarCall) => void
  /** The far side goes, and says why. */
  onBye?: (error: AndonError | undefined) => void
}

/** The near side of a port. */
export class Remote {
  /** Resolves when the far side has said hello; rejects when it speaks another version or the wire closes first. */
  readonly ready: Promise<void>
  /** Calls that the far side has not finished with, also those whose readers have left. */
  readonly calls = new Register<number, FarCall>()
  readonly #port: Port
  readonly #events: RemoteEvents
  readonly #acknowledged: boolean
  readonly #answers = new Map<string, PromiseWithResolvers<string>>()
  readonly #greeting = Promise.withResolvers<void>()
  readonly #pongs: PromiseWithResolvers<number>[] = []
  #lastId = 0
  #lastTaken = 0
  #closed: AndonError | undefined

  /** `acknowledge`: the far side says which calls it took, so that the others can be given to another one. */
  constructor(port: Port, options: { acknowledge?: boolean; events?: RemoteEvents } = {}) {
    this.#port = port
    this.#events = options.events ?? {}
    this.#acknowledged = options.acknowledge === true
    this.ready = this.#greeting.promise
    this.ready.catch(() => {})
    port.onUnsendable = (frame, reason) => this.#unsendable(frame, reason)
    port.wire.onMessage((frames) => {
      for (const frame of frames) this.#handle(frame)
    })
    port.send({ kind: 'hello', version: frameVersion, ...(this.#acknowledged ? { acknowledge: true } : {}) })
  }

  /** A station at the far end, by its name: for ports that belong to nobody's pool. */
  station<Input, Output>(name: string): Station<Input, Output> {
    const carrier = {
      start: (call: FarCall): void => {
        if (this.#closed) call.fail(this.#closed)
        else this.send(call)
      },
      drop: (): void => {},
    }
    return {
      name,
      run: (input, call) =>
        new FarCall(carrier, name, name, input, call) as AsyncIterable<unknown> as AsyncIterable<Output>,
    }
  }

  /** Gives a call to the far side. Its reader's credit and leaving go to the holder: this, unless told otherwise. */
  send(call: FarCall, holder: Holder = this): void {
    const id = ++this.#lastId
    const { call: order } = call
    const budgetMs = remaining(order)
    call.sentBy(holder, id, !this.#acknowledged)
    this.calls.set(id, call)
    this.#port.send(
      {
        kind: 'call',
        id,
        station: call.key,
        input: call.input,
        credit: initialCredit,
        order: order.id,
        tenant: order.tenant,
        ...(order.trace === undefined ? {} : { trace: order.trace }),
        ...(budgetMs === Infinity ? {} : { budgetMs }),
      },
      movedBuffers(call.input),
    )
  }

  /** The reader has left: the far side is told, and settles the call when it has stopped. */
  cancel(call: FarCall, code: Code): void {
    if (this.calls.has(call.id)) this.#port.send({ kind: 'cancel', id: call.id, code })
  }

  credit(call: FarCall, more: number): void {
    this.#port.send({ kind: 'credit', id: call.id, more })
  }

  /** Has a station made; resolves to its name. */
  open(key: string, recipe: Recipe<unknown, unknown>): Promise<string> {
    const { module, export: name, options, shared } = recipe
    const frame: Frame = {
      kind: 'open',
      station: key,
      recipe: { module, export: name, options, ...(shared === undefined ? {} : { shared }) },
    }
    return this.#ask(`open ${key}`, frame)
  }

  /** Has a station freed. */
  async close(key: string): Promise<void> {
    await this.#ask(`close ${key}`, { kind: 'close', station: key })
  }

  /** Asks for a sign of life; resolves to the far side's resident bytes. */
  ping(): Promise<number> {
    if (this.#closed) return Promise.reject(this.#closed)
    const pong = Promise.withResolvers<number>()
    this.#pongs.push(pong)
    this.#port.send({ kind: 'ping' })
    return pong.promise
  }

  /** Asks the far side to finish its calls, free its stations and go. */
  bye(): void {
    this.#port.send({ kind: 'bye' })
    this.#port.flush()
  }

  /** The far side is gone: everything that waits for an answer fails. Returns the calls it had, which are the owner's to end. */
  lose(reason: AndonError): FarCall[] {
    this.#closed = reason
    this.#greeting.reject(reason)
    for (const answer of this.#answers.values()) answer.reject(reason)
    this.#answers.clear()
    for (const pong of this.#pongs.splice(0)) pong.reject(reason)
    const calls = this.calls.values()
    this.calls.clear()
    return calls
  }

  #ask(question: string, frame: Frame): Promise<string> {
    if (this.#closed) return Promise.reject(this.#closed)
    const answer = Promise.withResolvers<string>()
    this.#answers.set(question, answer)
    this.#port.send(frame)
    return answer.promise
  }

  #handle(frame: Frame): void {
    switch (frame.kind) {
      case 'items': {
        const call = this.calls.get(frame.id)
        if (!call) return
        if (frame.end) this.#settle(call, frame.workedMs)
        return call.receive(frame.values, frame.end === true)
      }
      case 'fail': {
        const call = this.calls.get(frame.id)
        if (!call) return
        this.#settle(call, frame.workedMs)
        return call.fail(AndonError.fromWire(frame.error))
      }
      case 'taken':
        for (let id = this.#lastTaken + 1; id <= frame.id; id++) {
          const call = this.calls.get(id)
          if (!call) continue
          call.taken = true
          this.#events.onTaken?.(call)
        }
        this.#lastTaken = frame.id
        return
      case 'opened':
        return this.#answered(`open ${frame.station}`)?.resolve(frame.name)
      case 'closed':
        return this.#answered(`close ${frame.station}`)?.resolve('')
      case 'refused':
        return this.#answered(`open ${frame.station}`)?.reject(AndonError.fromWire(frame.error))
      case 'pong':
        return this.#pongs.shift()?.resolve(frame.rss)
      case 'hello':
        if (frame.version === frameVersion) this.#greeting.resolve()
        else this.#greeting.reject(versionError(frame.version))
        return
      case 'bye': {
        const error = frame.error && AndonError.fromWire(frame.error)
        if (error) this.#greeting.reject(error)
        return this.#events.onBye?.(error)
      }
      default:
      // Frames that only the far side hears.
    }
  }

  #answered(question: string): PromiseWithResolvers<string> | undefined {
    const answer = this.#answers.get(question)
    this.#answers.delete(question)
    return answer
  }

  #settle(call: FarCall, workedMs?: number): void {
    if (workedMs !== undefined) call.workedMs = workedMs
    this.calls.delete(call.id)
    this.#events.onSettled?.(call)
  }

  #unsendable(frame: Frame, reason: unknown): void {
    const why = AndonError.from(reason).sentence
    if (frame.kind === 'call') {
      const call = this.calls.get(frame.id)
      if (!call) return
      this.#settle(call)
      call.fail(
        new AndonError(
          'invalid',
          `The input of the station ${call.name} cannot be sent to where it runs (${why}): give plain data`,
        ),
      )
    } else if (frame.kind === 'open') {
      const answer = this.#answered(`open ${frame.station}`)
      answer?.reject(
        new AndonError(
          'invalid',
          `The options of ${frame.recipe.export} in ${frame.recipe.module} cannot be sent (${why}): give plain data`,
        ),
      )
    }
  }
}

function versionError(version: number): AndonError {
  return new AndonError(
    'unsupported',
    `The far side speaks version ${version} of the frames and the near side version ${frameVersion}: run the same Andon on both`,
  )
}
