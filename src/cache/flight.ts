// Work under way in this process that several callers wait for: it is started once, and cancelled only when the last of
// them has left.

import { AndonError } from '../core/errors.ts'

interface Flight<Value> {
  readonly promise: Promise<Value>
  readonly controller: AbortController
  callers: number
}

/** Work under way, by key. */
export class Flights<Value> {
  readonly #flights = new Map<string, Flight<Value>>()
  readonly #keep: ((key: string) => Promise<boolean>) | undefined

  /** `keep` is asked when the last caller has left: true lets the work go on. */
  constructor(keep?: (key: string) => Promise<boolean>) {
    this.#keep = keep
  }

  has(key: string): boolean {
    return this.#flights.has(key)
  }

  /**
   * Joins the work of the key, or starts it. The promise rejects with the reason of the caller's own signal when that
   * aborts; the work goes on for the others.
   */
  join(key: string, start: (signal: AbortSignal) => Promise<Value>, signal?: AbortSignal): Promise<Value> {
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

  #begin(key: string, start: (signal: AbortSignal) => Promise<Value>): Flight<Value> {
    const controller = new AbortController()
    const promise = start(controller.signal).finally(() => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    })
    promise.catch(() => {})
    const flight: Flight<Value> = { promise, controller, callers: 0 }
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
    flight.controller.abort(new AndonError('cancelled', 'Everybody who waited for this has left'))
  }
}
