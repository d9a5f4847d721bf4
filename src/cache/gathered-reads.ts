// Values that are asked for in one turn of the event loop, read with one command: for a client as for a Redis many
// commands are much dearer than one of many keys.

/** Reads values by their names; what is not there is undefined. */
export type ReadMany = (names: readonly string[]) => Promise<readonly (Buffer | undefined)[]>

interface Read {
  readonly name: string
  readonly found: (bytes: Buffer | undefined) => void
  readonly failed: (reason: unknown) => void
}

/** Most values of one command, and about most bytes of its reply: a large one keeps those behind it waiting. */
const mostValues = 64
const mostBytes = 256 * 1_024

/** Single reads, made together. */
export class GatheredReads {
  readonly #read: ReadMany
  #reads: Read[] = []
  /** How large values are, as far as is known. */
  #meanBytes = 16 * 1_024

  constructor(read: ReadMany) {
    this.#read = read
  }

  /** The value of the name; fails as the command does that asks for it. */
  get(name: string): Promise<Buffer | undefined> {
    return new Promise((found, failed) => {
      // After all that this turn still does, and before anything else happens.
      if (this.#reads.push({ name, found, failed }) === 1) process.nextTick(() => this.#send())
    })
  }

  #send(): void {
    const reads = this.#reads
    this.#reads = []
    const most = Math.min(mostValues, Math.max(1, Math.floor(mostBytes / this.#meanBytes)))
    if (reads.length <= most) void this.#ask(reads)
    else for (let at = 0; at < reads.length; at += most) void this.#ask(reads.slice(at, at + most))
  }

  /** Never rejects. */
  async #ask(reads: readonly Read[]): Promise<void> {
    try {
      const values = await this.#read(reads.map(({ name }) => name))
      let bytes = 0
      for (let at = 0; at < reads.length; at++) {
        const value = values[at]
        bytes += value?.length ?? 0
        reads[at]?.found(value)
      }
      const weight = Math.min(1, reads.length / mostValues)
      this.#meanBytes += (bytes / reads.length - this.#meanBytes) * weight
    } catch (reason) {
      for (const { failed } of reads) failed(reason)
    }
  }
}
