// One coarse timer for the silences of all streams: each says how long it may be silent, and is told when it was longer.
// Whoever hears something only sets a flag; the clock is read once for all, at each tick.

import { Bag } from '../../core/bag.ts'

/** How often it looks, in milliseconds: a silence is noticed at most so much too late. */
export const tickMs = 20

/** Something that may be silent for a while. */
export interface Watched {
  /** Set when something was heard; the watch clears it. */
  heard: boolean
  /** Since when it is silent, in monotonic milliseconds. */
  since: number
  /** How long it may be, in milliseconds; Infinity while nothing is expected of it. */
  limitMs: number
  /** It was silent for longer. It may leave the watch. */
  late(): void
}

const watched = new Bag<Watched>()
let timer: NodeJS.Timeout | undefined
let last = 0

/** Watches from now on. Returns how to stop. */
export function watchSilence(one: Watched): () => void {
  one.heard = false
  one.since = performance.now()
  const unwatch = watched.add(one)
  if (timer === undefined) {
    last = one.since
    timer = setInterval(tick, tickMs).unref()
  }
  return unwatch
}

function tick(): void {
  const now = performance.now()
  // While this process itself did not turn, nobody could be heard.
  const missed = Math.max(0, now - last - 3 * tickMs)
  last = now
  for (const one of watched) {
    if (missed > 0) one.since += missed
    if (one.heard) {
      one.heard = false
      one.since = now
    } else if (now - one.since > one.limitMs) one.late()
  }
  if (watched.size > 0) return
  clearInterval(timer)
  timer = undefined
}
