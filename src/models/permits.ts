// A fixed number of permits, given in the order of asking; whoever's call ends while waiting steps out of the line.

import { onOver, throwIfOver } from '../core/call.ts'
import type { Call } from '../core/station.ts'

export class Permits {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(count: number) {
    this.#free = count
  }

  /** Waits for a permit; dispose it to give it back. Throws the call's reason when it is over before. */
  async take(call: Call): Promise<Disposable> {
    throwIfOver(call)
    if (this.#free > 0) this.#free--
    else await this.#turn(call)
    return { [Symbol.dispose]: () => this.#giveBack() }
  }

  async #turn(call: Call): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    const stopListening = onOver(call, (reason) => {
      // Granted and over in the same moment: the grant stands, and the holder gives it back.
      if (this.#waiting.delete(resolve)) reject(reason)
    })
    try {
      await promise
    } finally {
      stopListening()
    }
  }

  /** A permit that is awaited never becomes free in between: it goes from hand to hand. */
  #giveBack(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#free++
    else {
      this.#waiting.delete(next)
      next()
    }
  }
}
