// How fast an endpoint writes and how fast endpoints read, learnt from what they do: milliseconds per token of the
// answer, and per token of a prompt that is not in the cache.

/** What lies so long back counts a third. */
const memoryMs = 2_000
/** But at least so much of what was known stays with each sample, so that one answer in a while is not everything. */
const leastKept = 0.8
/** A sample so many times slower than what was known says that something has changed: less of that is kept. */
const breakTimes = 3
const keptAtBreak = 0.4
/** An endpoint that was not used for so long is thought to be like the others again, by two thirds. */
const forgivenMs = 30_000

/**
 * Milliseconds per token of the answer. The sums of both are averaged and then divided, so that short answers and long
 * ones count by their length: an average of ratios is polluted by the short ones, one of durations by the long ones.
 */
export class Speed {
  #ms = 0
  #tokens = 0
  #at = 0

  /** So many tokens took so many milliseconds, of one answer; also of a part of it, while it is under way. */
  learn(now: number, ms: number, tokens: number): void {
    const { measured } = this
    const isBreak = measured !== undefined && ms > breakTimes * measured * tokens
    const kept = isBreak ? keptAtBreak : Math.max(leastKept, Math.exp((this.#at - now) / memoryMs))
    this.#ms = this.#ms * kept + ms
    this.#tokens = this.#tokens * kept + tokens
    this.#at = now
  }

  /** What was measured, or undefined before anything was. */
  get measured(): number | undefined {
    return this.#tokens === 0 ? undefined : this.#ms / this.#tokens
  }

  /** What to expect: the measure, drawn towards that of `others` the longer it was not used. */
  expected(now: number, others: number): number {
    const { measured } = this
    if (measured === undefined) return others
    const idle = now - this.#at
    if (idle < 1_000) return measured
    return others + (measured - others) * Math.exp(-idle / forgivenMs)
  }
}

/** Weight of a new sample. */
const weight = 0.02
const samplesNeeded = 10
/** Prompts must differ by so many tokens before their lengths explain anything. */
const leastSpread = 64

/** Before anything is known: a 7B model on a data-centre GPU reads about 7,000 tokens in a second. */
const usualPrefillMs = 0.15

/** Milliseconds per uncached token of a prompt: the slope of time to first token over it (least squares, forgetting). */
export class Prefill {
  #tokens = 0
  #ms = 0
  #spread = 0
  #both = 0
  #samples = 0

  /** A first token came after so many milliseconds, with so many tokens of the prompt to read. */
  learn(uncachedTokens: number, firstTokenMs: number): void {
    this.#samples++
    const share = Math.max(weight, 1 / this.#samples)
    const offTokens = uncachedTokens - this.#tokens
    const offMs = firstTokenMs - this.#ms
    this.#tokens += offTokens * share
    this.#ms += offMs * share
    this.#spread = (1 - share) * (this.#spread + share * offTokens * offTokens)
    this.#both = (1 - share) * (this.#both + share * offTokens * offMs)
  }

  /** Tokens that a prompt usually has to be read of. */
  get usualTokens(): number {
    return this.#tokens
  }

  get msPerToken(): number {
    if (this.#samples < samplesNeeded || this.#spread < leastSpread * leastSpread) return usualPrefillMs
    return Math.min(20, Math.max(0.001, this.#both / this.#spread))
  }
}

/** What is known of one ability over all endpoints: how long answers are, and what it takes to read a prompt. */
export class Habits {
  readonly prefill = new Prefill()
  #outputTokens = 0
  #promptTokens = 0

  /** Tokens of a usual prompt; 0 before there was one. */
  get promptTokens(): number {
    return this.#promptTokens
  }

  /** An order with a prompt of so many tokens. */
  asked(promptTokens: number): void {
    this.#promptTokens += this.#promptTokens === 0 ? promptTokens : (promptTokens - this.#promptTokens) * weight
  }

  /** Tokens of a usual answer; 0 before anything is known. */
  get outputTokens(): number {
    return this.#outputTokens
  }

  /** An answer of so many tokens. */
  answered(tokens: number): void {
    this.#outputTokens += this.#outputTokens === 0 ? tokens : (tokens - this.#outputTokens) * weight
  }
}
