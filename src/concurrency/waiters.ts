// A line of those who wait: first come, first served; anybody may leave it at any time. All primitives stand on it.
//
// Entering, leaving and serving cost the same however long the line is. One who waits keeps no program alive, because
// only the same program could serve it; with a time limit it does, so that its end is told.

import { AndonError } from '../core/errors.ts'
import { atDeadline } from '../core/deadlines.ts'
import { AbortFan, abortReason, type Leaver } from './abort-fan.ts'

/** How long one is willing to wait. A `Call` fits. */
export interface WaitOptions {
  /** Its abort ends the waiting with the signal's reason as an AndonError, `cancelled` by default. */
  signal?: AbortSignal
  /** Milliseconds until the waiting ends with `deadline`, at most max(4 ms, 1/256) late. Default: none. */
  timeoutMs?: number
}

/** What every primitive may be told. */
export interface PrimitiveOptions {
  /** Said in errors and by the deadlock detector. Default: the kind of primitive. */
  name?: string
  /** Longest line; whoever comes then hears `overloaded` at once. Default: 100 000. */
  maxWaiting?: number
}

/** What a line says of itself in errors. */
export interface LineDescription {
  /** `lock`, `channel`, … */
  kind: string
  /** What did not come about in time: `was not free`. */
  late: string
}

const defaultMaxWaiting = 100_000

/** Somebody in a line, with what it wants. */
export class Waiter<Value, Want> implements Leaver {
  readonly want: Want
  readonly promise: Promise<Value>
  /** Serves it: take it out of its line first. */
  resolve: (value: Value) => void = unset
  /** @internal The line's own links. */
  line: WaiterList<Value, Want> | undefined = undefined
  /** @internal */
  before: Waiter<Value, Want> | undefined = undefined
  /** @internal */
  after: Waiter<Value, Want> | undefined = undefined
  #reject: (reason: AndonError) => void = unset
  #heeded: Heeded | undefined = undefined

  constructor(want: Want) {
    this.want = want
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.#reject = reject
    })
  }

  get waiting(): boolean {
    return this.line !== undefined
  }

  /** Leaves its line with an error; nothing happens when it has left. The caller lets the line look again. */
  leave(reason: AndonError): WaiterList<Value, Want> | undefined {
    const { line } = this
    if (line === undefined) return undefined
    line.remove(this)
    this.#reject(reason)
    return line
  }

  /** @internal */
  heed(options: WaitOptions, late: (timeoutMs: number) => AndonError): void {
    const { signal, timeoutMs } = options
    const fan = signal && AbortFan.join(signal, this)
    if (timeoutMs === undefined || timeoutMs === Infinity) {
      if (fan) this.#heeded = { fan, stopTimer: undefined }
      return
    }
    const stop = atDeadline(performance.now() + timeoutMs, () => this.leave(late(timeoutMs))?.lookAgain())
    stayAlive(1)
    const stopTimer = (): void => {
      stop()
      stayAlive(-1)
    }
    this.#heeded = { fan, stopTimer }
  }

  /** @internal */
  heedNoMore(): void {
    const heeded = this.#heeded
    if (heeded === undefined) return
    this.#heeded = undefined
    heeded.fan?.part(this)
    heeded.stopTimer?.()
  }
}

/** What may end a waiting, apart from being served. */
interface Heeded {
  fan: AbortFan | undefined
  stopTimer: (() => void) | undefined
}

function unset(): void {}

/** The line itself: a list with links in both directions. */
export class WaiterList<Value, Want = undefined> {
  /** For errors: `The lock "ledger"`. */
  readonly title: string
  readonly #late: string
  readonly #maxWaiting: number
  readonly #moved: (() => void) | undefined
  #first: Waiter<Value, Want> | undefined
  #last: Waiter<Value, Want> | undefined
  #size = 0
  #closed: AndonError | undefined

  /** `moved` is called when some have left unserved, so that those behind them may be served. */
  constructor(description: LineDescription, options: PrimitiveOptions = {}, moved?: () => void) {
    const { name, maxWaiting = defaultMaxWaiting } = options
    if (!(maxWaiting >= 0)) throw wrong(`maxWaiting of a ${description.kind}`, maxWaiting, 'a number from 0 up')
    this.title = name === undefined ? `The ${description.kind}` : `The ${description.kind} "${name}"`
    this.#late = description.late
    this.#maxWaiting = maxWaiting
    this.#moved = moved
  }

  get size(): number {
    return this.#size
  }

  get first(): Waiter<Value, Want> | undefined {
    return this.#first
  }

  get closed(): AndonError | undefined {
    return this.#closed
  }

  /** Why nobody may begin to wait with these options: it is closed, the signal has aborted, the line is full. */
  refusal(options: WaitOptions | undefined): AndonError | undefined {
    if (this.#closed) return this.#closed
    if (options !== undefined) {
      const { signal, timeoutMs } = options
      if (signal?.aborted) return abortReason(signal)
      if (timeoutMs !== undefined && !(timeoutMs >= 0))
        return wrong('timeoutMs', timeoutMs, 'a number of milliseconds from 0 up')
    }
    if (this.#size >= this.#maxWaiting)
      return new AndonError('overloaded', `${this.title} has ${this.#size} waiting, its most: try again later`)
    return undefined
  }

  /** Enters at the end. Ask for the {@link refusal} first. */
  add(want: Want, options: WaitOptions | undefined): Waiter<Value, Want> {
    const waiter = new Waiter<Value, Want>(want)
    waiter.line = this
    waiter.before = this.#last
    if (this.#last) this.#last.after = waiter
    else this.#first = waiter
    this.#last = waiter
    this.#size++
    if (options !== undefined) waiter.heed(options, this.#isLate)
    return waiter
  }

  /** Enters at the end, or says why not. */
  wait(want: Want, options: WaitOptions | undefined): Promise<Value> {
    const refusal = this.refusal(options)
    return refusal ? Promise.reject(refusal) : this.add(want, options).promise
  }

  /** Takes the first out, to be served. */
  shift(): Waiter<Value, Want> | undefined {
    const waiter = this.#first
    if (waiter !== undefined) this.remove(waiter)
    return waiter
  }

  /** Takes out one that is in this line. */
  remove(waiter: Waiter<Value, Want>): void {
    const { before, after } = waiter
    if (before) before.after = after
    else this.#first = after
    if (after) after.before = before
    else this.#last = before
    waiter.line = waiter.before = waiter.after = undefined
    this.#size--
    waiter.heedNoMore()
  }

  lookAgain(): void {
    this.#moved?.()
  }

  /** All leave with the error, and whoever comes hears it. Only the first closing counts. */
  close(reason: AndonError = this.closing()): void {
    if (this.#closed) return
    this.#closed = reason
    while (this.#first) this.#first.leave(reason)
  }

  /** The error of one that was closed without another reason. */
  closing(): AndonError {
    return new AndonError('unavailable', `${this.title} was closed`)
  }

  readonly #isLate = (timeoutMs: number): AndonError =>
    new AndonError('deadline', `${this.title} ${this.#late} within ${timeoutMs} ms`)
}

/** The error of an option or argument that is not what it should be. */
export function wrong(what: string, value: unknown, wanted: string): AndonError {
  return new AndonError('invalid', `${what} should be ${wanted}, and is ${String(value)}`)
}

let timed = 0
let alive: NodeJS.Timeout | undefined

/** One timer that never matters, held by the program as long as anybody waits with a time limit. */
function stayAlive(change: 1 | -1): void {
  timed += change
  alive ??= setInterval(() => {}, 2_147_483_647)
  if (timed === 0) alive.unref()
  else if (timed === 1 && change === 1) alive.ref()
}
