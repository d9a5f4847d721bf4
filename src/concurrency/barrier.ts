// A barrier: a number of parties wait for each other, round after round.

import { WaiterList, wrong, type PrimitiveOptions, type WaitOptions } from './waiters.ts'

/**
 * Nobody goes on before all have arrived. `await barrier.arrive({ signal })`.
 *
 * Promises: the one who completes the round frees all others in its turn, and the next round begins at once; who leaves
 * before the round is complete has not arrived, and the others wait for another in its place.
 * Does not promise: to know who arrives: one who arrives twice counts twice. When a party will never come, leave with a
 * signal or dispose the barrier.
 * Disposing it: who waits and who comes hears `unavailable`.
 */
export class Barrier implements Disposable {
  /** How many make a round. */
  readonly parties: number
  readonly #line: WaiterList<number>

  constructor(parties: number, options: PrimitiveOptions = {}) {
    if (!Number.isSafeInteger(parties) || parties < 1)
      throw wrong('The parties of a barrier', parties, 'a whole number from 1 up')
    this.parties = parties
    this.#line = new WaiterList({ kind: 'barrier', late: 'was not complete' }, options)
  }

  /** How many have arrived in this round. */
  get waiting(): number {
    return this.#line.size
  }

  /** Waits for the round. Resolves with one's place in it, from 0; the last to arrive has `parties − 1`. */
  arrive(options?: WaitOptions): Promise<number> {
    const line = this.#line
    if (line.size + 1 < this.parties) return line.wait(undefined, options)
    const refusal = line.closed ?? (options?.signal?.aborted ? line.refusal(options) : undefined)
    if (refusal) return Promise.reject(refusal)
    // Places are those at the end of the round: some may have left in between.
    for (let place = 0; place < this.parties - 1; place++) line.shift()?.resolve(place)
    return Promise.resolve(this.parties - 1)
  }

  [Symbol.dispose](): void {
    this.#line.close()
  }
}
