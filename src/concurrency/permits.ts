// A bounded number of things at once, counted in this process or for all processes of the host: the same shape for both.

/** The permits of one name, as one process sees them. */
export interface SharedPermits extends Disposable {
  /** Most at once, over all that share the name. May change while they are used. */
  readonly limit: number
  /** How many this process holds. */
  readonly held: number
  /** How many all hold together, as far as is known here. */
  readonly heldByAll: number
  /** Takes one that is at hand; false when none is. Never waits. */
  take(): boolean
  /** Gives one back. */
  give(): void
  /**
   * Says how many orders wait here. `onFree` hears when one may be at hand; what then is not taken in the same turn is
   * given back to the others.
   */
  want(count: number): void
  setLimit(limit: number): void
  /**
   * Says that what they count is to be left alone for so many milliseconds from now. All others that share the name hear
   * it before anything that is given back here after this is theirs, and so does whoever opens the name in that time; other
   * processes are granted nothing meanwhile.
   * 0: another thing has the name now, and whoever opens it hears nothing of the one before.
   */
  rest(ms: number): void
  /**
   * Says that what they count serves again after a rest. Until anybody says so, the processes of a host are granted one
   * permit at a time: the next when the one who has the last has given one back.
   */
  woke(): void
}

/**
 * Opens the permits of a name. All that share a name should name the same limit; the lowest counts. `onRest` hears for how
 * many milliseconds from now what they count is to be left alone, when another said so.
 */
export type OpenPermits = (
  name: string,
  limit: number,
  onFree: () => void,
  onRest?: (ms: number) => void,
) => SharedPermits
