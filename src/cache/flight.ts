// Work under way in this process that several callers wait for: it is started once, and cancelled only when the last of
// them has left.

import { AndonError } from '../core/errors.ts'
import { Register } from '../core/register.ts'

/** How work hears that all who waited for it have left. */
export interface Leaving {
  readonly signal: AbortSignal
}

/** Its signal is made when somebody asks for it: most work ends before anybody could leave. */
class Flight<Value> implements Leaving {
  readonly promise: Promise<Value>
  callers = 0
  #controller: AbortController | undefined
  #reason: AndonError | undefined

  constructor(start: (leaving: Leaving) => Promise<Value>, ended: (flight: Flight<Value>) => void) {
    this.promise = start(this)
    const end = (): void => ended(this)
    this.promise.then(end, end)
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#reason) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  cancel(reason: AndonError): void {
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}

/** Work under way, by key. */
export class Flights<Value> {
  readonly #flights = new Register<string, Flight<Value>>()
  readonly #keep: ((key: string) => Promise<boolean>) | undefined

  /** `keep` is asked when the last caller has left: true lets the work go on. */
  constructor(keep?: (key: string) => Promise<boolean>) {
    this.#keep = keep
  }

  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /**
   * Joins the work of the key, or starts it; `start` only rejects and never throws. The promise rejects with the reason of
   * the caller's own signal when that aborts; the work goes on for the others.
   */
  join(key: string, start: (leaving: Leaving) => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    if (signal?.aborted) return Promise.reject(AndonError.from(signal.reason, 'cancelled'))
    const flight = this.#flights.get(key) ?? this.#begin(key, start)
    flight.callers++
    if (!signal) return flight.promise
    return new Promise((resolve, reject) => {
      const left = (): void => {
        this.#leave(key, flight)
        reject(AndonError.from(signal.reason, 'cancelled'))
      }
      signal.addEventListener('abort', left, { once: true })
      const stay = (): void => signal.removeEventListener('abort', left)
      flight.promise.then(
        (value) => {
          stay()
          resolve(value)
        },
        (reason: unknown) => {
          stay()
          reject(reason)
        },
      )
    })
  }

  /** Whoever comes from now on starts anew; those who have joined stay. */
  part(key: string): void {
    this.#flights.delete(key)
  }

  #begin(key: string, start: (leaving: Leaving) => Promise<Value>): Flight<Value> {
    const flight = new Flight(start, (ended) => {
      if (this.#flights.get(key) === ended) this.#flights.delete(key)
    })
    this.#flights.set(key, flight)
    return flight
  }

  #leave(key: string, flight: Flight<Value>): void {
    if (--flight.callers > 0) return
    if (!this.#keep) return this.#cancel(key, flight)
    this.#keep(key).then(
      (keep) => {
        if (!keep) this.#cancel(key, flight)
      },
      () => this.#cancel(key, flight),
    )
  }

  #cancel(key: string, flight: Flight<Value>): void {
    // Somebody may have joined while it was asked whether to go on.
    if (flight.callers > 0) return
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
    flight.cancel(new AndonError('cancelled', 'Everybody who waited for this has left'))
  }
}
