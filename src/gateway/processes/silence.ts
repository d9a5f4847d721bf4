// Who has let the calls of the first process go unanswered, and for how long. Silence is counted in calls, not by the
// clock: a call that came late itself says nothing of the others, because the machine slept or had no time for anybody.

/** At most so long between two calls, in milliseconds. */
const mostEveryMs = 1_000
/** One that is given up has let so many calls go unanswered, or more. */
const fewestCalls = 10

interface Listener {
  /** Since the last call. */
  answered: boolean
  silentMs: number
}

/** Counts the silence of each of several. */
export class Silence<Who> {
  /** How often to call, in milliseconds. */
  readonly everyMs: number
  readonly #listeners = new Map<Who, Listener>()
  #calledAt: number

  /** `patienceMs`: how long anybody may be silent; `now`: monotonic milliseconds. */
  constructor(patienceMs: number, now = performance.now()) {
    this.everyMs = Math.min(mostEveryMs, patienceMs / fewestCalls)
    this.#calledAt = now
  }

  begin(who: Who): void {
    this.#listeners.set(who, { answered: true, silentMs: 0 })
  }

  end(who: Who): void {
    this.#listeners.delete(who)
  }

  /** It said something, whatever it was. */
  heard(who: Who): void {
    const listener = this.#listeners.get(who)
    if (listener) listener.answered = true
  }

  /** All are called anew: who has not answered the last call has been silent for longer. */
  called(now = performance.now()): void {
    const isLate = now - this.#calledAt > 2 * this.everyMs
    this.#calledAt = now
    for (const listener of this.#listeners.values()) {
      if (listener.answered) listener.silentMs = 0
      else if (!isLate) listener.silentMs += this.everyMs
      listener.answered = false
    }
  }

  /** For how long it has been silent, in milliseconds: at least. */
  of(who: Who): number {
    const listener = this.#listeners.get(who)
    return listener === undefined || listener.answered ? 0 : listener.silentMs
  }
}
