// Values that are asked for in one turn of the event loop, read with one command: for a client as for a Redis many
// commands are much dearer than one of many keys.

/** Reads values by their names; what is not there is undefined. */
export type ReadMany = (names: readonly string[]) => Promise<readonly (Buffer | undefined)[]>

/** Names that still gather, and what will be there. */
interface Gathering {
  readonly names: string[]
  readonly values: Promise<readonly (Buffer | undefined)[]>
}

/** Most values of one command, and about most bytes of its reply: a large one keeps those behind it waiting. */
const mostValues = 64
const mostBytes = 256 * 1_024

/** After so many values it is known how large they are. */
const valuesToLearn = 16

/** Single reads, made together. */
export class GatheredReads {
  readonly #read: ReadMany
  #gathering: Gathering | undefined
  /** How large values are, as far as is known. Before that, larger than most. */
  #meanBytes = 16 * 1_024

  constructor(read: ReadMany) {
    this.#read = read
  }

  /** The value of the name; fails as the command does that asks for it. */
  get(name: string): Promise<Buffer | undefined> {
    const { names, values } = (this.#gathering ??= this.#gather())
    const at = names.push(name) - 1
    if (names.length + 1 > Math.min(mostValues, mostBytes / this.#meanBytes)) this.#gathering = undefined
    return values.then((found) => found[at])
  }

  /** Asks after all that this turn still does, and before anything else happens. */
  #gather(): Gathering {
    const names: string[] = []
    const values = new Promise<void>((resolve) => process.nextTick(resolve)).then(() => {
      if (this.#gathering?.names === names) this.#gathering = undefined
      return this.#ask(names)
    })
    return { names, values }
  }

  async #ask(names: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
    const values = await this.#read(names)
    let bytes = 0
    for (const value of values) bytes += value?.length ?? 0
    this.#meanBytes += (bytes / names.length - this.#meanBytes) * Math.min(1, names.length / valuesToLearn)
    return values
  }
}
