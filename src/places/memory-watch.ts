// Watches the resident size of a process while it is busy: its heap limit does not count buffers and native memory.

/** How often it looks, in milliseconds. */
const watchMs = 250

export class MemoryWatch {
  readonly #limitMb: number
  readonly #resident: () => number | undefined | Promise<number>
  readonly #outgrown: (sentence: string) => void
  #timer: NodeJS.Timeout | undefined

  /** The limit is 1.5 × the heap's + 128 MiB. `resident` gives bytes; `outgrown` hears of it in a sentence. */
  constructor(
    heapMb: number,
    resident: () => number | undefined | Promise<number>,
    outgrown: (sentence: string) => void,
  ) {
    this.#limitMb = Math.round(heapMb * 1.5 + 128)
    this.#resident = resident
    this.#outgrown = outgrown
  }

  /** Goes on watching, when it is watching already. */
  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), watchMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #look(): Promise<void> {
    const mb = Math.round(((await this.#resident()) ?? 0) / 2 ** 20)
    if (this.#timer && mb > this.#limitMb) this.#outgrown(`it held ${mb} MiB of at most ${this.#limitMb}`)
  }
}
