// How long the orders at an endpoint have heard nothing, on average: a measure of trouble that needs no order to end,
// because one that hangs never does.

/** Begun answers may pause for so long, beside four of their usual gaps. */
const patienceMs = 1_000

export class Silence {
  #waiting = 0
  #waitingSince = 0
  #running = 0
  #heardAt = 0
  #gap = 0

  /** An order was sent. */
  sent(at: number): void {
    this.#waiting++
    this.#waitingSince += at
  }

  /** Its first content came, or it ended without. */
  heard(sentAt: number): void {
    this.#waitingSince = --this.#waiting === 0 ? 0 : this.#waitingSince - sentAt
  }

  /** From now on more is expected of it. */
  runs(at: number): void {
    this.#running++
    this.#heardAt += at
  }

  /** More came. */
  went(before: number, at: number): void {
    this.#heardAt += at - before
    this.#gap += (at - before - this.#gap) * 0.05
  }

  /** Nothing more is expected of it. `before`: when it was last heard. */
  rests(before: number): void {
    this.#heardAt = --this.#running === 0 ? 0 : this.#heardAt - before
  }

  /** By how many milliseconds things are later than they should be; 0 when they are not. `usualMs`: what a first token nearly always stays under. */
  lateMs(now: number, usualMs: number | undefined): number {
    let late = 0
    // When those that wait are on average older than what nearly all take, it is no chance any more; and the average of
    // many strays less than that of one.
    if (this.#waiting > 0 && usualMs !== undefined)
      late = now - this.#waitingSince / this.#waiting - (0.5 + 1 / Math.sqrt(this.#waiting)) * usualMs
    if (this.#running > 0) late = Math.max(late, now - this.#heardAt / this.#running - patienceMs - 4 * this.#gap)
    return Math.max(0, late)
  }
}
