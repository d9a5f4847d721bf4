// Answers from memory wait for nothing: after so many in a row the event loop gets its turn, or no news of an invalidation
// could come in.

import { setImmediate as nextTurn } from 'node:timers/promises'

const hitsPerTurn = 1_024

export class Turns {
  #hits = 0

  /** Counts an answer; gives what to wait for before it, when a turn is due. */
  next(): Promise<void> | undefined {
    return ++this.#hits % hitsPerTurn === 0 ? nextTurn() : undefined
  }
}
