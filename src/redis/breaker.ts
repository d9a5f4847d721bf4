// Stops asking a server that does not answer: the first command that runs out of time opens it, and only a probe that
// is answered closes it again, so that no caller pays for finding out.

export class Breaker {
  readonly #probe: () => Promise<unknown>
  readonly #everyMs: number
  #timer: NodeJS.Timeout | undefined
  #probing = false

  /** `probe` is asked every so many milliseconds while the breaker is open; it must settle within its own time. */
  constructor(probe: () => Promise<unknown>, everyMs: number) {
    this.#probe = probe
    this.#everyMs = everyMs
  }

  get open(): boolean {
    return this.#timer !== undefined
  }

  /** A command ran out of time. */
  trip(): void {
    this.#timer ??= setInterval(() => void this.#try(), this.#everyMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #try(): Promise<void> {
    if (this.#probing) return
    this.#probing = true
    try {
      await this.#probe()
      this.close()
    } catch {
      // Still down: the next probe tells.
    } finally {
      this.#probing = false
    }
  }
}
