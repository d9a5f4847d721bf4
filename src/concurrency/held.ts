// What somebody holds until it is given back: a lock, a side of one, permits of a semaphore.

/**
 * A hold. Meant for `using`: the end of the scope gives it back, also when an error ends it. Giving back twice does
 * nothing the second time. One that is forgotten is held for ever.
 */
export interface Held extends Disposable {
  /** False as soon as it was given back. */
  readonly held: boolean
  /** Gives it back now; the first in the line has it in the same turn. */
  release(): void
}
