// Counts that the processes of one gateway keep together. Each adds to its own at once, so that nothing waits, and tells
// the others a few milliseconds later; what comes meanwhile adds up, and goes as one message.

/** What was counted: so much of each, under this name. */
export interface Count {
  readonly of: string
  readonly name: string
  readonly amounts: readonly number[]
}

/** Counts of one kind. */
export interface CountsOfOne {
  /** Tells the others of these amounts. */
  add(name: string, amounts: readonly number[]): void
}

/** The counts of all processes. */
export interface SharedCounts {
  /** Opens those of one kind; `heard` is called with what the others counted, from their beginning on. */
  of(of: string, heard: (name: string, amounts: readonly number[]) => void): CountsOfOne
}

/** At most every so many milliseconds one message. */
const everyMs = 10

/** Counts on their way over one line. The next message leaves when the one before has gone, however slow the far end is. */
export class DepartingCounts {
  readonly #send: (counts: Count[], gone: () => void) => void
  #waiting = new Map<string, { of: string; name: string; amounts: number[] }>()
  #busy = false

  /** `send` calls `gone` once the message has left. */
  constructor(send: (counts: Count[], gone: () => void) => void) {
    this.#send = send
  }

  add({ of, name, amounts }: Count): void {
    const key = `${of} ${name}`
    const waiting = this.#waiting.get(key)
    if (waiting) amounts.forEach((amount, at) => (waiting.amounts[at] = (waiting.amounts[at] ?? 0) + amount))
    else this.#waiting.set(key, { of, name, amounts: [...amounts] })
    if (this.#busy) return
    this.#busy = true
    // All of one turn go together.
    setImmediate(() => this.#depart())
  }

  #depart(): void {
    const counts = [...this.#waiting.values()]
    this.#waiting = new Map()
    this.#send(counts, () => {
      setTimeout(() => {
        if (this.#waiting.size > 0) this.#depart()
        else this.#busy = false
      }, everyMs).unref()
    })
  }
}
