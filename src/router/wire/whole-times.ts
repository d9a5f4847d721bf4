// How long whole answers take, so that one which comes in one piece is not given up for being silent while it is made.
// A limit for first tokens says nothing about it.

/** Before so many answers were seen, any time is believed. */
const leastSeen = 20
/** Silence that is believed meanwhile, in milliseconds; an endpoint's own limit may be higher. */
const unknownMs = 60_000
/** Longer than an answer ever took, by so much: the same factor as for first tokens. */
const patience = 4
/** How much the newest weighs. */
const weight = 0.1

/** The answers of one endpoint. */
export class WholeTimes {
  #seen = 0
  #mean = 0
  #deviation = 0
  #msPerToken = 0

  /** An answer came whole after so many milliseconds, with so many tokens if that is known. */
  took(ms: number, tokens: number): void {
    this.#seen++
    if (this.#seen === 1) this.#mean = ms
    // Mean and mean deviation, as TCP reckons its retransmission timeout (RFC 6298).
    this.#deviation += (Math.abs(ms - this.#mean) - this.#deviation) * weight
    this.#mean += (ms - this.#mean) * weight
    if (tokens > 0) this.#msPerToken += (ms / tokens - this.#msPerToken) * (this.#msPerToken === 0 ? 1 : weight)
  }

  /** Milliseconds of silence after which an answer of at most so many tokens (0: unknown) will not come any more. */
  limitMs(firstTokenMs: number, maxTokens: number): number {
    if (this.#seen < leastSeen) return Math.max(firstTokenMs, unknownMs)
    const usual = (this.#mean + 2 * this.#deviation) * patience
    return Math.max(firstTokenMs, usual, maxTokens * this.#msPerToken * 2)
  }
}
