// All that is learnt of one endpoint at one address, with one key and one model: at another it is begun anew, and what is
// still under way at the old one teaches only the old.

import { Breaker } from './breaker.ts'
import type { BreakerOptions } from './breaker.ts'
import { ConcurrencyLimit } from './concurrency-limit.ts'
import { Cooling } from './cooling.ts'
import type { EndpointSettings } from './endpoint.ts'
import { FirstTokenLimit } from './first-token-limit.ts'
import { PrefixMemory } from './prefix.ts'
import { Silence } from './silence.ts'
import { Speed } from './speed.ts'

/** Gauges of the server itself. */
export interface Hint {
  /** Requests that it runs, of all its users. */
  readonly running: number
  /** Requests that wait in it. */
  readonly waiting: number
  /** Share of its KV cache that is in use, 0 to 1. */
  readonly kvUsage: number
}

export interface LearntOptions {
  readonly breaker: BreakerOptions
  readonly prefixBlocks: number
}

/** A hint is forgotten after three of the seconds at which it is usually renewed. */
const hintMs = 3_000

/** Protocols of servers that one runs oneself: their first tokens are late because of us. */
const selfHosted: ReadonlySet<string> = new Set(['vllm', 'sglang', 'llama.cpp', 'ollama', 'transformers', 'generic'])

export class Learnt {
  readonly breaker: Breaker
  readonly cooling = new Cooling()
  readonly speed = new Speed()
  readonly silence = new Silence()
  readonly firstToken = new FirstTokenLimit()
  readonly wholeAnswer = new FirstTokenLimit()
  readonly memory: PrefixMemory
  limit: ConcurrencyLimit
  /** Tokens of the prompts of those streams whose first token is still to come: whoever comes now waits for them, too. */
  unread = 0
  #serviceMs: number | undefined
  #signAt: number | undefined
  #hint: Hint | undefined
  #hintedAt = 0

  constructor(settings: EndpointSettings, options: LearntOptions) {
    this.breaker = new Breaker(options.breaker)
    this.memory = new PrefixMemory(options.prefixBlocks)
    this.limit = limitOf(settings)
  }

  /** Mean time of a whole answer, or undefined before there was one. */
  get serviceMs(): number | undefined {
    return this.#serviceMs
  }

  /** When it last showed that it lives, monotonic milliseconds. */
  get signAt(): number | undefined {
    return this.#signAt
  }

  /** The server's own gauges, while they are fresh. */
  hint(now: number): Hint | undefined {
    return now - this.#hintedAt <= hintMs ? this.#hint : undefined
  }

  hinted(hint: Hint, now: number): void {
    this.#hint = hint
    this.#hintedAt = now
  }

  /** It said something. */
  signed(now: number): void {
    this.#signAt = now
  }

  /** A whole answer took so long. */
  served(ms: number): void {
    this.#serviceMs = this.#serviceMs === undefined ? ms : this.#serviceMs + (ms - this.#serviceMs) * 0.1
  }

  /** The same server, whose limit is found out in another way from now on. */
  limitAnew(settings: EndpointSettings): void {
    this.limit = limitOf(settings)
  }
}

function limitOf(settings: EndpointSettings): ConcurrencyLimit {
  return new ConcurrencyLimit({
    most: settings.maxConcurrent,
    adaptive: settings.adaptive,
    gradient: selfHosted.has(settings.protocol),
  })
}
