// Tokens guessed from the characters of a text, with a weight for each kind of script that is corrected by what servers
// really counted.

import { throwIfOver } from '../core/call.ts'
import type { Call } from '../core/station.ts'
import type { Countable, TokenCounter } from './counter.ts'
import { tokensAround, wordsOf } from './messages.ts'

/** Tokens per character: ASCII; other alphabets; Chinese, Japanese and Korean. */
type Weights = [ascii: number, alphabets: number, ideographs: number]

/** As in text/tokens.ts, a little too high. */
const first: Weights = [0.25, 0.5, 1]
/** No vocabulary in use is beyond these. */
const least: Weights = [0.12, 0.12, 0.3]
const mostly: Weights = [0.8, 1.5, 2.5]
/** How much of an error is believed: a dozen answers settle it, and one odd one does not upset it. */
const step = 0.3
/** Of fewer tokens, what stands around the text counts for more than the text. */
const telling = 32

/**
 * Learns by normalised least mean squares (Widrow and Hoff, 1960): the error of a guess is shared among the scripts by
 * how much of the text each has.
 */
export class TokenEstimate implements TokenCounter {
  readonly name = 'estimate'
  readonly exact = false
  #weights: Weights = [...first]

  async count(input: Countable, call: Call): Promise<number> {
    throwIfOver(call)
    return this.estimate(input)
  }

  /** The same at once. */
  estimate(input: Countable): number {
    return Math.ceil(this.#sum(scripts(wordsOf(input)))) + tokensAround(input)
  }

  /** A server counted so many tokens for this input, and for nothing else. What cannot be true is not believed. */
  learn(input: Countable, tokens: number): void {
    const counts = scripts(wordsOf(input))
    const said = tokens - tokensAround(input)
    const guessed = this.#sum(counts)
    if (said < telling || guessed < telling || said > guessed * 4 || said < guessed / 4) return
    const [ascii, alphabets, ideographs] = counts
    const power = ascii * ascii + alphabets * alphabets + ideographs * ideographs
    const error = (step * (said - guessed)) / power
    this.#weights = [
      within(this.#weights[0] + error * ascii, least[0], mostly[0]),
      within(this.#weights[1] + error * alphabets, least[1], mostly[1]),
      within(this.#weights[2] + error * ideographs, least[2], mostly[2]),
    ]
  }

  #sum([ascii, alphabets, ideographs]: Weights): number {
    return ascii * this.#weights[0] + alphabets * this.#weights[1] + ideographs * this.#weights[2]
  }
}

/** Characters of each kind, as UTF-16 has them. */
function scripts(text: string): Weights {
  const counts: Weights = [0, 0, 0]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x80) counts[0]++
    else if (code < 0x2e80) counts[1]++
    else counts[2]++
  }
  return counts
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
