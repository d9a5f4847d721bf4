// A semaphore: a number of permits, of which everybody takes as many as its work weighs, in the order in which they came.

import { detector } from './deadlock.ts'
import type { Held } from './held.ts'
import { WaiterList, wrong, type PrimitiveOptions, type Waiter, type WaitOptions } from './waiters.ts'

/** How many permits, and how long one is willing to wait. */
export interface PermitOptions extends WaitOptions {
  /** A whole number from 1 up to all permits. Default: 1. */
  weight?: number
}

/**
 * At most so many at once, by weight. `using held = await semaphore.acquire({ weight: 2, signal })`.
 *
 * Promises: never more permits out than there are; strictly first come, first served, so that a small one does not
 * overtake a big one that waits, and the big one is served in the end; whoever leaves is skipped.
 * Does not promise: the best use of the permits (a big one at the front keeps some idle), or anything towards other
 * threads, processes or hosts.
 * Disposing it: who waits and who comes hears `unavailable`; who holds permits finishes undisturbed.
 */
export class Semaphore implements Disposable {
  /** All permits. */
  readonly permits: number
  readonly #state: SemaphoreState

  constructor(permits: number, options: PrimitiveOptions = {}) {
    if (!Number.isSafeInteger(permits) || permits < 1)
      throw wrong('The permits of a semaphore', permits, 'a whole number from 1 up')
    this.permits = permits
    this.#state = new SemaphoreState(permits, options)
  }

  /** Permits that nobody holds. Those who wait come first. */
  get available(): number {
    return this.#state.free
  }

  /** How many wait. */
  get waiting(): number {
    return this.#state.line.size
  }

  /** Waits for its turn and for as many permits as it weighs. */
  acquire(options?: PermitOptions): Promise<Held> {
    const state = this.#state
    if (options === undefined) {
      const hold = state.take(1)
      return hold === undefined ? state.queue(1, undefined) : Promise.resolve(hold)
    }
    const { weight = 1, signal } = options
    if (!this.#sensible(weight)) return Promise.reject(this.#wrongWeight(weight))
    const hold = signal?.aborted ? undefined : state.take(weight)
    return hold === undefined ? state.queue(weight, options) : Promise.resolve(hold)
  }

  /** Takes permits when they are free now and nobody waits; undefined when not. */
  tryAcquire(weight = 1): Held | undefined {
    if (!this.#sensible(weight)) throw this.#wrongWeight(weight)
    return this.#state.take(weight)
  }

  [Symbol.dispose](): void {
    this.#state.close()
  }

  #sensible(weight: number): boolean {
    return weight === 1 || (Number.isSafeInteger(weight) && weight >= 1 && weight <= this.permits)
  }

  #wrongWeight(weight: number): Error {
    return wrong(`A weight for ${this.#state.title}`, weight, `a whole number from 1 to ${this.permits}`)
  }
}

class SemaphoreState {
  readonly line: WaiterList<Held, number>
  free: number
  #closed = false

  constructor(permits: number, options: PrimitiveOptions) {
    this.free = permits
    this.line = new WaiterList({ kind: 'semaphore', late: 'had not enough free permits' }, options, () => this.serve())
  }

  get title(): string {
    return this.line.title
  }

  take(weight: number): SemaphoreHold | undefined {
    if (this.free < weight || this.line.size > 0 || this.#closed) return undefined
    this.free -= weight
    const hold = new SemaphoreHold(this, weight)
    if (detector !== undefined) detector.holds(this, hold)
    return hold
  }

  queue(weight: number, options: WaitOptions | undefined): Promise<Held> {
    const refusal = this.line.refusal(options)
    if (refusal) return Promise.reject(refusal)
    const waiter = this.line.add(weight, options)
    if (detector !== undefined) detector.waits(this, waiter)
    return waiter.promise
  }

  give(hold: SemaphoreHold): void {
    this.free += hold.weight
    if (this.line.size > 0) this.serve()
    if (detector !== undefined) detector.gaveBack(this, hold)
  }

  /** From the front, as far as the permits go. */
  serve(): void {
    let waiter: Waiter<Held, number> | undefined
    while ((waiter = this.line.first) !== undefined && waiter.want <= this.free) {
      this.line.remove(waiter)
      this.free -= waiter.want
      const hold = new SemaphoreHold(this, waiter.want)
      if (detector !== undefined) detector.granted(this, waiter, hold)
      waiter.resolve(hold)
    }
  }

  close(): void {
    this.#closed = true
    this.line.close()
  }
}

class SemaphoreHold implements Held {
  readonly weight: number
  #state: SemaphoreState | undefined

  constructor(state: SemaphoreState, weight: number) {
    this.#state = state
    this.weight = weight
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
}
