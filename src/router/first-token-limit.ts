// How long to wait for a first token before another endpoint is asked: four times what it takes nearly always, learnt
// for each endpoint, because a fixed time is too long for a fast one and too short for a large model.

export const leastFirstTokenMs = 300
export const mostFirstTokenMs = 60_000
const times = 4
const samplesNeeded = 5
/** Weight of a new sample. */
const weight = 0.1

/** A stream of an endpoint of which nothing is known, while there are others. */
const coldMs = 20_000
/** For the prompts before it a first token may come so much later, and no more: an endpoint that hangs reads none of them. */
const mostAheadMs = 5_000
/** An endpoint of which nothing is known may take so many times as long as its neighbours may. */
const coldTimes = 4

/**
 * Longest wait at an endpoint of which too little is known: what its neighbours are allowed, four times; 20 s where
 * nothing is known of any. Of whole answers, whose length nobody knows either, 60 s then.
 */
export function coldLimit(neighbours: readonly FirstTokenLimit[], extraMs: number, isWhole: boolean): number {
  let longest = 0
  for (const limit of neighbours) if (limit.isLearnt) longest = Math.max(longest, limit.limit(undefined, extraMs))
  if (longest > 0) return Math.min(mostFirstTokenMs, coldTimes * longest)
  return isWhole ? mostFirstTokenMs : coldMs
}

export class FirstTokenLimit {
  #mean = 0
  #deviation = 0
  #samples = 0

  /** Milliseconds it usually takes, or undefined before anything is known. */
  get usual(): number | undefined {
    return this.#samples === 0 ? undefined : this.#mean
  }

  /** Milliseconds that about 95 of 100 stay under: mean and twice the mean deviation (after Jacobson 1988). */
  get nearlyAlways(): number | undefined {
    return this.#samples === 0 ? undefined : this.#mean + 2 * this.#deviation
  }

  /** Whether enough is known to set a limit. */
  get isLearnt(): boolean {
    return this.#samples >= samplesNeeded
  }

  /** A first token came after so many milliseconds; or none came for so long. */
  learn(ms: number): void {
    this.#samples++
    const share = Math.max(weight, 1 / this.#samples)
    const off = ms - this.#mean
    this.#mean += off * share
    this.#deviation += (Math.abs(off) - this.#deviation) * share
  }

  /**
   * Longest wait in milliseconds: `own` if its owner set one; else `extraMs` (what this prompt takes longer than others
   * to read) more than four times what it takes nearly always, from 300 ms to 60 s, and behind that `aheadMs`, in which
   * the prompts before it are read. 60 s while little is known.
   */
  limit(own: number | undefined, extraMs: number, aheadMs = 0): number {
    if (own !== undefined) return own
    if (!this.isLearnt) return mostFirstTokenMs
    const learnt = times * (this.#mean + 2 * this.#deviation + extraMs)
    return Math.min(mostFirstTokenMs, Math.max(leastFirstTokenMs, learnt) + Math.min(mostAheadMs, aheadMs))
  }
}
