// Many inputs through a server that takes some at a time: batches by count and by size, a few on their way at once,
// tried again after a pause when the server was busy or away, and made smaller when they are too large or too slow for it.

import { setTimeout as delay } from 'node:timers/promises'
import { overReason, remaining, throwIfOver } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { SpanTimer, type SpanStart } from '../observe/span.ts'
import { estimateTokens } from '../text/tokens.ts'
import { worthRetrying } from './failure.ts'
import { Permits } from './permits.ts'
import { retries } from './timeouts.ts'

export interface BatchLimits {
  /** Most inputs of one request. */
  count: number
  /** Most estimated tokens of one request; a longer input goes alone. */
  tokens: number
  /** Most requests on their way at once, over all callers. */
  concurrency: number
  /** Attempts of one request. Default: see timeouts.ts. */
  attempts?: number
  /** What each attempt is announced as. */
  span: Omit<SpanStart, 'attempt'>
}

export class Batcher {
  readonly #limits: BatchLimits
  /** Learnt from refusals: never grows. */
  #count: number
  readonly #permits: Permits

  constructor(limits: BatchLimits) {
    this.#limits = limits
    this.#count = limits.count
    this.#permits = new Permits(limits.concurrency)
  }

  /** One output for each text, in order. `request` makes the outputs of one batch. The first failure ends it all. */
  async run<Output>(
    texts: string[],
    request: (batch: string[], call: Call) => Promise<Output[]>,
    call: Call,
  ): Promise<Output[]> {
    throwIfOver(call)
    const outputs: Output[] = []
    const rest = this.#cut(texts, 0)
    let failed: unknown
    const work = async (): Promise<void> => {
      for (let batch = rest.shift(); batch !== undefined && failed === undefined; batch = rest.shift()) {
        const { from, texts: part } = batch
        if (part.length > this.#count) {
          rest.unshift(...this.#cut(part, from))
          continue
        }
        try {
          const made = await this.#persistently(part, request, call)
          for (const [index, output] of made.entries()) outputs[from + index] = output
        } catch (reason) {
          if (part.length > 1 && isTooMuch(reason, call)) {
            // At least halved each time, so this ends at single inputs.
            this.#count = Math.min(this.#count, Math.ceil(part.length / 2))
            rest.unshift(...this.#cut(part, from))
          } else failed ??= reason
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(rest.length, this.#limits.concurrency) }, work))
    if (failed !== undefined) throw failed
    return outputs
  }

  #cut(texts: string[], offset: number): { from: number; texts: string[] }[] {
    const batches: { from: number; texts: string[] }[] = []
    let batch: { from: number; texts: string[] } | undefined
    let tokens = 0
    for (const [index, text] of texts.entries()) {
      const size = estimateTokens(text)
      if (batch === undefined || batch.texts.length >= this.#count || tokens + size > this.#limits.tokens) {
        batch = { from: offset + index, texts: [] }
        batches.push(batch)
        tokens = 0
      }
      batch.texts.push(text)
      tokens += size
    }
    return batches
  }

  async #persistently<Output>(
    texts: string[],
    request: (batch: string[], call: Call) => Promise<Output[]>,
    call: Call,
  ): Promise<Output[]> {
    for (let attempt = 1; ; attempt++) {
      const timer = new SpanTimer(call, { ...this.#limits.span, attempt })
      try {
        using _permit = await this.#permits.take(call)
        timer.begun()
        const outputs = await request(texts, call)
        timer.done()
        return outputs
      } catch (reason) {
        timer.failed(reason)
        const error = AndonError.from(reason)
        const pause = pauseBefore(attempt, error.retryAfterMs)
        // A pause that outlasts the call would only hide the reason behind "deadline".
        if (attempt >= (this.#limits.attempts ?? retries.attempts) || !worthRetrying(error) || pause >= remaining(call))
          throw error
        throwIfOver(call)
        await delay(pause, undefined, { signal: call.signal }).catch(() => throwIfOver(call))
      }
    }
  }
}

/** Milliseconds: doubled each time, half of it random so that callers spread; a server's own wish wins. */
function pauseBefore(attempt: number, wishMs: number | undefined): number {
  const pause = Math.min(retries.mostMs, retries.firstMs * 2 ** (attempt - 1))
  return Math.max(wishMs ?? 0, pause / 2 + Math.random() * (pause / 2))
}

/** The server says so, or it was still at it when the time for one request was over. */
function isTooMuch(reason: unknown, call: Call): boolean {
  if (!(reason instanceof AndonError)) return false
  return reason.code === 'too-large' || (reason.code === 'deadline' && overReason(call) === undefined)
}
