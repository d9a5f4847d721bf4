// What is measured of a lock or a semaphore: the same two loops, written out by each contender, so that none runs through
// code that the engine has learned with another.

export interface Contender {
  name: string
  kind: 'lock' | 'semaphore'
  /** Takes it and gives it back so many times, one after the other; nobody else wants it. */
  uncontended(times: number): Promise<void>
  /** So many ask at once, and each gives it back when it has had it. */
  contended(times: number): Promise<void>
}
