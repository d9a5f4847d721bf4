// What somebody holds in Redis: it ends by itself unless it is lengthened, and says so when it could not be.

import { AndonError } from '../../core/errors.ts'
import type { Held } from '../held.ts'

/** How a lease reaches Redis. */
export interface LeaseLine {
  /** What is held, for people: `lock "ledger"`. */
  readonly title: string
  readonly leaseMs: number
  /** Lengthens it; false when it has ended. Fails when Redis does not answer. */
  renew(token: string): Promise<boolean>
  /** Gives it back. Never fails: what cannot be given back ends with its lease. */
  leave(token: string): Promise<void>
}

/**
 * A hold under a lease. `using` gives it back without waiting for Redis, `await using` waits until Redis has heard.
 *
 * It is lengthened at every third of its lease while it is held. A process that dies holds it until its lease ends.
 * A process that stands still for longer may believe that it holds what another one holds by then: whatever it changes
 * must compare {@link fence}, which is the only thing that makes a lock between hosts correct.
 */
export class Lease implements Held, AsyncDisposable {
  /** Larger than that of every hold of this name before: let what is protected refuse a smaller one. Below 2⁵³. */
  readonly fence: number
  readonly #line: LeaseLine
  readonly #token: string
  readonly #losing = new AbortController()
  readonly #beat: NodeJS.Timeout
  #end: NodeJS.Timeout
  readonly #ending = Promise.withResolvers<void>()
  #left: Promise<void> | undefined

  /** `since` is when Redis was asked for it, in monotonic milliseconds: its lease began no earlier. */
  constructor(line: LeaseLine, token: string, fence: number, since: number) {
    this.#line = line
    this.#token = token
    this.fence = fence
    this.#end = this.#endAt(since + line.leaseMs)
    this.#beat = setInterval(() => void this.#renew(), line.leaseMs / 3).unref()
  }

  /** Aborts when the lease has ended before it was given back, with an `unavailable` error. Stop working then. */
  get lost(): AbortSignal {
    return this.#losing.signal
  }

  /** @internal Resolves when it was lost, or Redis has heard that it was given back. */
  get ended(): Promise<void> {
    return this.#ending.promise
  }

  get held(): boolean {
    return this.#left === undefined && !this.lost.aborted
  }

  release(): void {
    void this.#leave()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave()
  }

  #leave(): Promise<void> {
    this.#stop()
    return (this.#left ??= this.#line.leave(this.#token).then(this.#ending.resolve))
  }

  async #renew(): Promise<void> {
    const since = performance.now()
    try {
      const kept = await this.#line.renew(this.#token)
      if (!this.held) return
      if (!kept) return this.#lose('somebody else may hold it now')
      clearTimeout(this.#end)
      this.#end = this.#endAt(since + this.#line.leaseMs)
    } catch {
      // The next beat tries again, until the lease ends.
    }
  }

  #endAt(at: number): NodeJS.Timeout {
    const late = (): void => this.#lose(`it could not be lengthened for ${this.#line.leaseMs} ms`)
    return setTimeout(late, Math.max(0, at - performance.now())).unref()
  }

  #lose(why: string): void {
    if (!this.held) return
    this.#stop()
    const sentence = `The ${this.#line.title} with fence ${this.fence} was lost: ${why}`
    this.#losing.abort(new AndonError('unavailable', sentence))
    this.#ending.resolve()
  }

  #stop(): void {
    clearInterval(this.#beat)
    clearTimeout(this.#end)
  }
}
