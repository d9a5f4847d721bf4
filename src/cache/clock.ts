// The time of the day to a millisecond or so, read once for all that ask within one.

let last = 0

/** Milliseconds since 1970, as of this turn of the event loop or the millisecond before. */
export function nowMs(): number {
  if (last === 0) {
    last = Date.now()
    setTimeout(forget, 1).unref()
  }
  return last
}

function forget(): void {
  last = 0
}
