// Things that come and go by the thousand, in no order: each knows its place, and leaves it to the last of them.
//
// A Set would do, and would keep the dead alive. It moves into a new table every few changes and links the old one to the
// new; once one table has grown old, all that follow it grow old with it, each with the things it held when it was left,
// until the next collection of everything. A request that stood in such a Set for a millisecond was then copied twice
// and kept for seconds.

interface Place<Thing> {
  thing: Thing
  at: number
}

export class Bag<Thing> {
  readonly #places: Place<Thing>[] = []

  get size(): number {
    return this.#places.length
  }

  /** Puts a thing in. Returns how to take it out, once. */
  add(thing: Thing): () => void {
    const place: Place<Thing> = { thing, at: this.#places.length }
    this.#places.push(place)
    return () => this.#remove(place)
  }

  /** Takes any one out; undefined when there is none. */
  take(): Thing | undefined {
    const place = this.#places.at(-1)
    if (place) this.#remove(place)
    return place?.thing
  }

  /** What is in it now: changes meanwhile change nothing of that. */
  *[Symbol.iterator](): Generator<Thing> {
    const now = this.#places.slice()
    for (const { thing } of now) yield thing
  }

  #remove(place: Place<Thing>): void {
    const { at } = place
    if (at === -1) return
    place.at = -1
    const last = this.#places.pop()
    if (last === undefined || last === place) return
    last.at = at
    this.#places[at] = last
  }
}
