// A budget: an amount of something (tokens, bytes, attempts) that is spent by parts that may have less.

import { AndonError } from '../core/errors.ts'
import { wrong } from './waiters.ts'

/** An amount set aside before it is known what will be spent. Disposing it gives back what was not. */
export interface Reservation extends Disposable {
  /** What is still set aside. */
  readonly amount: number
  /** Spends what it really was and gives the rest back; more than was set aside is spent all the same. Once. */
  settle(spent: number): void
}

/**
 * An amount that can run out. `using reserved = budget.reserve(4_000); reserved.settle(1_234)`.
 *
 * Promises: what is reserved and spent together is never more than the limit, in this budget and in all above it, except
 * by a `settle` of more than was reserved, which has happened and is counted; what fails changes nothing.
 * Does not promise: to wait until there is more: see Semaphore and RateLimiter. Nor to count for other threads.
 */
export class Budget {
  readonly limit: number
  /** Said in errors: `The budget of tokens`. */
  readonly unit: string
  readonly #above: Budget | undefined
  #spent = 0
  #reserved = 0

  constructor(limit: number, options: { unit?: string } = {}, above?: Budget) {
    if (!(limit >= 0)) throw wrong('The limit of a budget', limit, 'a number from 0 up')
    this.limit = limit
    this.unit = options.unit ?? above?.unit ?? 'units'
    this.#above = above
  }

  get spent(): number {
    return this.#spent
  }

  get reserved(): number {
    return this.#reserved
  }

  /** What can still be reserved or spent, here and above; never below 0. */
  get left(): number {
    const own = Math.max(0, this.limit - this.#spent - this.#reserved)
    return this.#above ? Math.min(own, this.#above.left) : own
  }

  /** Spends at once; false when there is not enough, and then nothing is spent. */
  trySpend(amount: number): boolean {
    if (!this.#enough(amount)) return false
    this.#count(amount, 0)
    return true
  }

  /** Spends at once, or throws `overloaded`. */
  spend(amount: number): void {
    if (!this.trySpend(amount)) throw this.#short(amount)
  }

  /** Sets an amount aside, or throws `overloaded`. */
  reserve(amount: number): Reservation {
    if (!this.#enough(amount)) throw this.#short(amount)
    this.#count(0, amount)
    let open = amount
    let settled = false
    const settle = (spent: number): void => {
      if (!(spent >= 0)) throw wrong('What is spent of a budget', spent, 'a number from 0 up')
      if (settled) return
      settled = true
      this.#count(spent, -open)
      open = 0
    }
    return {
      get amount() {
        return open
      },
      settle,
      [Symbol.dispose]: () => settle(0),
    }
  }

  /** A part of it: whatever it spends, this one spends too. Nothing is set aside for it. */
  part(limit: number): Budget {
    return new Budget(limit, {}, this)
  }

  #enough(amount: number): boolean {
    if (!(amount >= 0)) throw wrong('What is asked of a budget', amount, 'a number from 0 up')
    return amount <= this.left
  }

  #count(spent: number, reserved: number): void {
    this.#spent += spent
    this.#reserved += reserved
    if (this.#above) this.#above.#count(spent, reserved)
  }

  #short(amount: number): AndonError {
    return new AndonError(
      'overloaded',
      `The budget has ${this.left} ${this.unit} left, and ${amount} are asked of it`,
      {
        detail: { limit: this.limit, spent: this.#spent, reserved: this.#reserved, asked: amount },
      },
    )
  }
}
