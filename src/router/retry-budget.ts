// How much may be tried again: about one request in ten, fewer while second tries fail, and none into a full outage,
// so that trouble is never made larger by trying.
//
// Two rules. A token bucket (Site Reliability Engineering, chapter 21): each request puts in a tenth of a token, each
// second try takes one. And a window, as of a connection that begins slowly: so many second tries may be under way or
// have failed since anything last went well; whoever finds it full waits for those before it. When they go well the
// window grows, and when all have failed nobody follows them.

import { onOver, throwIfOver } from '../core/call.ts'
import type { Call } from '../core/station.ts'

export interface RetryBudgetOptions {
  /** Second tries for each request. Default 0.1; 0 switches them off. */
  share?: number
  /** Most that are saved up, for each request of the last ten seconds. Default 0.2. */
  burst?: number
  /** What may be saved up however few requests there are. Default 100: what was under way at one endpoint that died. */
  floor?: number
}

/** How a second try went: `spared` says nothing about the endpoints, as when its caller left. */
export type RetryOutcome = 'well' | 'failed' | 'spared'

/** Second tries at once, before any of them has gone well. */
const narrow = 8
/** Each request forgets so much of a failed second try: one in fifty is tried again also in an outage. */
const forgetting = 0.02
const recentMs = 10_000

export class RetryBudget {
  readonly #share: number
  readonly #burst: number
  readonly #floor: number
  #tokens: number
  /** Requests of about the last ten seconds. */
  #recent = 0
  #recentAt = performance.now()
  #window = narrow
  #underWay = 0
  #failed = 0
  readonly #waiting = new Set<(granted: boolean) => void>()

  constructor({ share = 0.1, burst = 0.2, floor = 100 }: RetryBudgetOptions = {}) {
    this.#share = share
    this.#burst = burst
    this.#floor = share === 0 ? 0 : floor
    this.#tokens = this.#floor
  }

  /** A request came. */
  asked(): void {
    const now = performance.now()
    this.#recent = this.#recent * Math.max(0, 1 - (now - this.#recentAt) / recentMs) + 1
    this.#recentAt = now
    this.#tokens = Math.min(this.#tokens + this.#share, Math.max(this.#floor, this.#recent * this.#burst))
    if (this.#failed > 0) this.#failed = Math.max(0, this.#failed - forgetting)
  }

  /** A first try went well: somebody answers. */
  wentWell(): void {
    if (this.#failed === 0) return
    this.#failed = 0
    this.#wake()
  }

  /**
   * Asks for a second try; true must be followed by `settle`. Waits while as many as may be are under way. Throws the
   * call's reason when it is over before.
   */
  async take(call: Call): Promise<boolean> {
    throwIfOver(call)
    if (this.#tokens < 1) return false
    if (this.#mayGo()) return this.#go()
    if (this.#underWay === 0) return false
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    this.#waiting.add(resolve)
    const stopListening = onOver(call, (reason) => {
      if (this.#waiting.delete(resolve)) reject(reason)
    })
    try {
      return await promise
    } finally {
      stopListening()
    }
  }

  /** Says how a second try went, once for each that was granted. */
  settle(outcome: RetryOutcome): void {
    this.#underWay--
    if (outcome === 'spared') this.#tokens++
    else if (outcome === 'failed') {
      this.#failed++
      this.#window = narrow
    } else {
      this.#failed = 0
      // As after a slow start, for as long as it goes well.
      this.#window = Math.min(this.#window + 1, 1_024)
    }
    this.#wake()
    if (this.#underWay === 0) this.#window = narrow
  }

  #mayGo(): boolean {
    return this.#underWay + this.#failed < this.#window
  }

  #go(): true {
    this.#tokens--
    this.#underWay++
    return true
  }

  #wake(): void {
    for (const resolve of this.#waiting) {
      const granted = this.#tokens >= 1 && this.#mayGo()
      if (!granted && this.#underWay > 0 && this.#tokens >= 1) return
      this.#waiting.delete(resolve)
      resolve(granted && this.#go())
    }
  }
}
