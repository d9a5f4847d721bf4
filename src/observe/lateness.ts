// Whether this process is too late with everything to be given more: for seconds on end, not once.

/** Nominal time between two readings, in milliseconds. */
const everyMs = 250
/** A reading that comes so much later than it should is late. */
const lateMs = 200
/** So many late ones in a row make the process late, and so many in time make it well again: 2 s and 4 s. */
const toBecome = 8
const toRecover = 16

/** Judges readings, one after the other. */
export class Lateness {
  #late = false
  /** How many readings in a row speak against what holds now. */
  #against = 0

  get late(): boolean {
    return this.#late
  }

  /** How much later than it should a reading came, in milliseconds. */
  read(ms: number): void {
    this.#against = ms >= lateMs === this.#late ? 0 : this.#against + 1
    if (this.#against < (this.#late ? toRecover : toBecome)) return
    this.#late = !this.#late
    this.#against = 0
  }
}

/** Watches the event loop of this thread until disposed. */
export function watchLateness(): { readonly late: boolean } & Disposable {
  const lateness = new Lateness()
  let due = performance.now() + everyMs
  const timer = setInterval(() => {
    const now = performance.now()
    lateness.read(now - due)
    due = now + everyMs
  }, everyMs).unref()
  return {
    get late() {
      return lateness.late
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
