// One timer for many commands that have all the same time: they run out in the order in which they were sent.

interface Waiting {
  readonly at: number
  /** What is to be done when its time is over; gone when it has settled, and with it all that its reply holds. */
  expire: (() => void) | undefined
}

/** Most that have settled and still take a place in the line. */
const mostPassed = 1_024

/** Watches commands of one time limit. Keeps no program alive, and nothing of a command that has settled. */
export class DeadlineLine {
  readonly #ms: number
  readonly #line: Waiting[] = []
  #head = 0
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  /**
   * Settles as the command does, or calls `expire` and rejects with its error when it takes too long. A command's own
   * failure is told as `failed` says it.
   */
  watch<Reply>(
    command: Promise<Reply>,
    expire: () => Error,
    failed: (reason: unknown) => unknown = (reason) => reason,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { at: performance.now() + this.#ms, expire: () => reject(expire()) }
      this.#line.push(waiting)
      if (!this.#timer) this.#timer = setTimeout(() => this.#look(), this.#ms).unref()
      command.then(
        (reply) => {
          this.#settled(waiting)
          resolve(reply)
        },
        (reason: unknown) => {
          this.#settled(waiting)
          reject(failed(reason))
        },
      )
    })
  }

  #settled(waiting: Waiting): void {
    waiting.expire = undefined
    this.#first()
  }

  /** The first that has not settled. Those before it leave the line. */
  #first(): Waiting | undefined {
    while (this.#head < this.#line.length && !this.#line[this.#head]?.expire) this.#head++
    if (this.#head === this.#line.length || this.#head > mostPassed) {
      this.#line.splice(0, this.#head)
      this.#head = 0
    }
    return this.#line[this.#head]
  }

  #look(): void {
    // A loop that stood still may have replies to read: they are read before anything is called late.
    setImmediate(() => {
      const now = performance.now()
      let first = this.#first()
      while (first?.expire && first.at <= now) {
        const { expire } = first
        first.expire = undefined
        expire()
        first = this.#first()
      }
      this.#timer = first ? setTimeout(() => this.#look(), Math.max(1, first.at - now)).unref() : undefined
    })
  }
}
