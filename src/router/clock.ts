// What time it is and a way to be called later, so that everything that waits can be tested without waiting.

import { longestTimerMs } from '../core/deadlines.ts'

export interface Clock {
  /** Monotonic milliseconds, the same as a call's deadline: `performance.now()`. */
  now(): number
  /**
   * Calls back once after so many milliseconds, possibly early by one. Returns how to prevent it. `idle` says that
   * it alone is no reason for the program to go on.
   */
  setTimer(ms: number, fired: () => void, idle?: boolean): () => void
}

/** The machine's own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer(ms, fired, idle = false) {
    const timer = setTimeout(fired, Math.min(longestTimerMs, Math.max(0, Math.ceil(ms))))
    if (idle) timer.unref()
    return () => clearTimeout(timer)
  },
}
