// How long a place is held, as measured: what "come back in …" is reckoned from.

/** What is thought before anything was measured, in milliseconds. */
const guessMs = 1000

/** How much the newest weighs in the mean. */
const weight = 0.1

/** The running mean of how long places are held. */
export class HoldTime {
  readonly #now: () => number
  #mean: number | undefined
  /** The sum of the beginnings of all that are held now. */
  #begun = 0

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Returns when it began; to be given to `end`. */
  begin(): number {
    const at = this.#now()
    this.#begun += at
    return at
  }

  end(began: number): void {
    this.#begun -= began
    const ms = this.#now() - began
    this.#mean = this.#mean === undefined ? ms : this.#mean + (ms - this.#mean) * weight
  }

  /**
   * The mean in milliseconds; never less than how long those `running` now have been at it on average, so that
   * slowness is noticed before the first of them ends.
   */
  meanMs(running: number): number {
    const soFar = running === 0 ? 0 : this.#now() - this.#begun / running
    return Math.max(this.#mean ?? guessMs, soFar)
  }
}
