// A lock: one at a time, in the order in which they came.

import { AndonError } from '../core/errors.ts'
import { detector } from './deadlock.ts'
import type { Held } from './held.ts'
import { WaiterList, type PrimitiveOptions, type WaitOptions } from './waiters.ts'

/**
 * Mutual exclusion among the asynchronous functions of one thread. `using held = await lock.acquire({ signal })`.
 *
 * Promises: never two holders; strictly first come, first served; whoever leaves (signal, time limit) is skipped and
 * leaves nothing behind; a release and the next hold are one step, so nobody slips in between.
 * Does not promise: to be taken again by its holder (that waits for ever; see `watchDeadlocks`), to end a hold that is
 * never given back, or anything towards other threads, processes or hosts.
 * Disposing it: who waits and who comes hears `unavailable`; who holds it finishes undisturbed.
 */
export class Lock implements Disposable {
  readonly #state: LockState

  constructor(options: PrimitiveOptions = {}) {
    this.#state = new LockState(options)
  }

  /** Whether somebody holds it. */
  get held(): boolean {
    return this.#state.held
  }

  /** How many wait. */
  get waiting(): number {
    return this.#state.line.size
  }

  /** Waits for its turn. */
  acquire(options?: WaitOptions): Promise<LockHold> {
    const state = this.#state
    const hold = options?.signal?.aborted ? undefined : state.take()
    if (hold !== undefined) return Promise.resolve(hold)
    return state.queue(options)
  }

  /** Takes it when it is free now; undefined when not. */
  tryAcquire(): LockHold | undefined {
    return this.#state.take()
  }

  [Symbol.dispose](): void {
    this.#state.close()
  }
}

class LockState {
  readonly line: WaiterList<LockHold>
  held = false
  #closed = false

  constructor(options: PrimitiveOptions) {
    this.line = new WaiterList({ kind: 'lock', late: 'was not free' }, options)
  }

  get title(): string {
    return this.line.title
  }

  take(): LockHold | undefined {
    if (this.held || this.#closed) return undefined
    this.held = true
    const hold = new LockHold(this)
    if (detector !== undefined) detector.holds(this, hold)
    return hold
  }

  queue(options: WaitOptions | undefined): Promise<LockHold> {
    const refusal = this.line.refusal(options)
    return refusal ? Promise.reject(refusal) : this.enter(options)
  }

  enter(options?: WaitOptions): Promise<LockHold> {
    const waiter = this.line.add(undefined, options)
    if (detector !== undefined) detector.waits(this, waiter)
    return waiter.promise
  }

  give(hold: LockHold): void {
    const next = this.line.shift()
    if (next === undefined) this.held = false
    else {
      const nextHold = new LockHold(this)
      if (detector !== undefined) detector.granted(this, next, nextHold)
      next.resolve(nextHold)
    }
    if (detector !== undefined) detector.gaveBack(this, hold)
  }

  close(): void {
    this.#closed = true
    this.line.close()
  }
}

/** A lock that is held, as `Lock` gives it. */
export class LockHold implements Held {
  #state: LockState | undefined

  constructor(state: LockState) {
    this.#state = state
  }

  get held(): boolean {
    return this.#state !== undefined
  }

  release(): void {
    const state = this.#state
    if (state === undefined) return
    this.#state = undefined
    state.give(this)
  }

  [Symbol.dispose](): void {
    this.release()
  }

  /** @internal Gives the lock back for a while (see condition.ts); what it returns waits for it and holds it again. */
  lend(): () => Promise<void> {
    const state = this.#state
    if (state === undefined)
      throw new AndonError('invalid', 'Whoever waits for a condition must hold its lock: acquire it first')
    this.release()
    return async () => {
      if (state.line.closed) throw state.line.closed
      // The new hold lives on in this one, which its owner has in a `using`. However long the line is, it comes back.
      const again = state.take() ?? (await state.enter())
      again.#state = undefined
      this.#state = state
      if (detector !== undefined) detector.passedOn(state, again, this)
    }
  }
}
