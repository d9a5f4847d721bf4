// A read/write lock: many may read at once, one may write alone, and the two take turns.

import { detector } from './deadlock.ts'
import type { Held } from './held.ts'
import { WaiterList, type PrimitiveOptions, type WaitOptions } from './waiters.ts'

/**
 * Readers together, writers alone. `using held = await lock.acquireRead({ signal })`.
 *
 * Phase-fair (Brandenburg and Anderson, "Spin-based reader-writer synchronization for multiprocessor real-time
 * systems", 2010): when a writer ends, all readers that wait come in at once; readers that come while a writer waits
 * wait for it. So a reader waits for at most one writer, and a writer for one phase of readers per writer before it.
 * Does not promise: a way from reading to writing (give back and take anew, and look again at what was read); to read
 * again while one reads and a writer waits (that waits for ever; see `watchDeadlocks`).
 * Disposing it: who waits and who comes hears `unavailable`; who holds it finishes undisturbed.
 */
export class ReadWriteLock implements Disposable {
  readonly #state: ReadWriteState

  constructor(options: PrimitiveOptions = {}) {
    this.#state = new ReadWriteState(options)
  }

  /** How many read now. */
  get reading(): number {
    return this.#state.reading
  }

  /** Whether somebody writes now. */
  get writing(): boolean {
    return this.#state.writing
  }

  /** How many wait, on either side. */
  get waiting(): number {
    return this.#state.readers.size + this.#state.writers.size
  }

  acquireRead(options?: WaitOptions): Promise<Held> {
    return this.#state.acquire('read', options)
  }

  acquireWrite(options?: WaitOptions): Promise<Held> {
    return this.#state.acquire('write', options)
  }

  /** Reads when nobody writes or waits to; undefined otherwise. */
  tryAcquireRead(): Held | undefined {
    return this.#state.take('read')
  }

  /** Writes when nobody reads or writes; undefined otherwise. */
  tryAcquireWrite(): Held | undefined {
    return this.#state.take('write')
  }

  [Symbol.dispose](): void {
    this.#state.close()
  }
}

type Side = 'read' | 'write'

class ReadWriteState {
  readonly readers: WaiterList<Held>
  readonly writers: WaiterList<Held>
  reading = 0
  writing = false
  #closed = false

  constructor(options: PrimitiveOptions) {
    const moved = (): void => this.#moved()
    this.readers = new WaiterList({ kind: 'read/write lock', late: 'was not free to read' }, options, moved)
    this.writers = new WaiterList({ kind: 'read/write lock', late: 'was not free to write' }, options, moved)
  }

  get title(): string {
    return this.readers.title
  }

  acquire(side: Side, options: WaitOptions | undefined): Promise<Held> {
    const hold = options?.signal?.aborted ? undefined : this.take(side)
    if (hold !== undefined) return Promise.resolve(hold)
    const line = side === 'read' ? this.readers : this.writers
    const refusal = line.refusal(options)
    if (refusal) return Promise.reject(refusal)
    const waiter = line.add(undefined, options)
    if (detector !== undefined) detector.waits(this, waiter)
    return waiter.promise
  }

  take(side: Side): Held | undefined {
    if (this.writing || this.#closed) return undefined
    if (side === 'read' ? this.writers.size > 0 : this.reading > 0) return undefined
    return this.#begin(side)
  }

  give(hold: ReadWriteHold): void {
    if (hold.side === 'read') {
      if (--this.reading === 0) this.#admitWriter()
    } else {
      this.writing = false
      if (this.readers.size > 0) this.#admitReaders()
      else this.#admitWriter()
    }
    if (detector !== undefined) detector.gaveBack(this, hold)
  }

  /** Some left: the readers behind the last writer need not wait any more. */
  #moved(): void {
    if (!this.writing && this.writers.size === 0) this.#admitReaders()
  }

  #admitReaders(): void {
    for (let left = this.readers.size; left > 0; left--) this.#admit(this.readers, 'read')
  }

  #admitWriter(): void {
    if (this.writers.size > 0) this.#admit(this.writers, 'write')
  }

  #admit(line: WaiterList<Held>, side: Side): void {
    const waiter = line.shift()
    if (waiter === undefined) return
    const hold = this.#count(side)
    if (detector !== undefined) detector.granted(this, waiter, hold)
    waiter.resolve(hold)
  }

  #begin(side: Side): Held {
    const hold = this.#count(side)
    if (detector !== undefined) detector.holds(this, hold)
    return hold
  }

  #count(side: Side): Held {
    if (side === 'read') this.reading++
    else this.writing = true
    return new ReadWriteHold(this, side)
  }

  close(): void {
    this.#closed = true
    const reason = this.readers.closing()
    this.writers.close(reason)
    this.readers.close(reason)
  }
}

class ReadWriteHold implements Held {
  readonly side: Side
  #state: ReadWriteState | undefined

  constructor(state: ReadWriteState, side: Side) {
    this.#state = state
    this.side = side
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
