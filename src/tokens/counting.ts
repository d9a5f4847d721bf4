// Counts in the best way there is, and goes on with an estimate while that way is closed. What was counted exactly
// makes the estimate better.

import { overReason } from '../core/call.ts'
import type { Call } from '../core/station.ts'
import type { Countable, TokenCounter } from './counter.ts'
import { TokenEstimate } from './estimate.ts'
import { O200kCounter } from './o200k.ts'
import { ServerCounter } from './server-tokens.ts'
import type { ServerCounterOptions } from './server-tokens.ts'
import { openTokenizerFile } from './tokenizer-file.ts'

export interface CountingOptions {
  /** A model's tokenizer.json. It goes before the others. */
  tokenizerFile?: string
  /** A server that counts. */
  server?: ServerCounterOptions
  /** Name of the model: those of OpenAI are counted with their vocabulary. */
  model?: string
}

/** Milliseconds for which a way that failed is left alone. */
const closedMs = 30_000

/**
 * Opens the best counter for the options: a tokenizer file, else a server, else o200k for OpenAI's models, else an
 * estimate. Throws `invalid` for a file that is no tokenizer.
 */
export async function openTokenCounter(options: CountingOptions): Promise<Counting> {
  const { tokenizerFile, server, model } = options
  if (tokenizerFile !== undefined) return new Counting(await openTokenizerFile(tokenizerFile))
  if (server !== undefined) return new Counting(new ServerCounter(server))
  return new Counting(model !== undefined && openAiModel.test(model) ? new O200kCounter() : undefined)
}

/** A model of theirs, also behind a provider's name. Those before GPT-4o count a little differently. */
const openAiModel = /^(?:openai\/)?(?:gpt-|chatgpt|o\d)/i

/** Never fails while the call goes on. */
export class Counting implements TokenCounter, AsyncDisposable {
  readonly #best: (TokenCounter & Partial<AsyncDisposable>) | undefined
  readonly #estimate = new TokenEstimate()
  #closedUntil = -Infinity

  /** Without a best way, everything is estimated. */
  constructor(best?: TokenCounter & Partial<AsyncDisposable>) {
    this.#best = best
  }

  /** Of the way that is used now. */
  get name(): string {
    return this.#open?.name ?? this.#estimate.name
  }

  get exact(): boolean {
    return this.#open?.exact ?? false
  }

  async count(input: Countable, call: Call): Promise<number> {
    const best = this.#open
    if (best === undefined) return this.#estimate.count(input, call)
    try {
      const tokens = await best.count(input, call)
      this.#estimate.learn(input, tokens)
      return tokens
    } catch (reason) {
      if (overReason(call)) throw reason
      this.#closedUntil = performance.now() + closedMs
      return this.#estimate.count(input, call)
    }
  }

  /** A guess at once, for decisions that cannot wait. */
  estimate(input: Countable): number {
    return this.#estimate.estimate(input)
  }

  /** A server counted so many tokens for this prompt, and for nothing else: the estimate is better from then on. */
  learn(input: Countable, tokens: number): void {
    this.#estimate.learn(input, tokens)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#best?.[Symbol.asyncDispose]?.()
  }

  get #open(): TokenCounter | undefined {
    return performance.now() < this.#closedUntil ? undefined : this.#best
  }
}
