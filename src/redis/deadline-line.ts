// One timer for many commands that have all the same time: they run out in the order in which they were sent.

interface Waiting {
  readonly at: number
  settled: boolean
  readonly expire: () => void
}

/** Watches commands of one time limit. Keeps no program alive. */
export class DeadlineLine {
  readonly #ms: number
  #line: Waiting[] = []
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
      const waiting: Waiting = { at: performance.now() + this.#ms, settled: false, expire: () => reject(expire()) }
      this.#line.push(waiting)
      if (!this.#timer) this.#timer = setTimeout(() => this.#look(), this.#ms).unref()
      command.then(
        (reply) => {
          waiting.settled = true
          resolve(reply)
        },
        (reason: unknown) => {
          waiting.settled = true
          reject(failed(reason))
        },
      )
    })
  }

  #look(): void {
    // A loop that stood still may have replies to read: they are read before anything is called late.
    setImmediate(() => {
      const now = performance.now()
      let next = this.#line[this.#head]
      while (next && (next.settled || next.at <= now)) {
        if (!next.settled) next.expire()
        next = this.#line[++this.#head]
      }
      if (this.#head > 1_024 || !next) {
        this.#line.splice(0, this.#head)
        this.#head = 0
      }
      this.#timer = next ? setTimeout(() => this.#look(), Math.max(1, next.at - now)).unref() : undefined
    })
  }
}
