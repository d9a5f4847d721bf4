// How soon a worker that died is replaced, and when to give up for a while.

import { AndonError } from '../core/errors.ts'
import type { WorkerEnd } from './worker.ts'

/** When workers are replaced. All in milliseconds, but `tries`. */
export interface RestartTiming {
  /** Wait after the first death in a row; doubles with each further one. Default 50. */
  backoffMs: number
  /** Deaths in a row after which no worker is started for `pauseMs`. Default 5. */
  tries: number
  /** Default 5,000; doubles each time up to 60,000. */
  pauseMs: number
  /** A worker that lived this long is not part of a crash loop. Default 10,000. */
  settledMs: number
}

const longestPauseMs = 60_000

/** Counts deaths that no call explains: while starting, or idle soon after. */
export class RestartPolicy implements Disposable {
  /** Why no worker is started at the moment: what calls fail with until then. */
  paused: AndonError | undefined
  readonly #timing: RestartTiming
  #deaths = 0
  #pauses = 0
  #timer: NodeJS.Timeout | undefined

  constructor(timing: Partial<RestartTiming> = {}) {
    this.#timing = { backoffMs: 50, tries: 5, pauseMs: 5_000, settledMs: 10_000, ...timing }
  }

  /** Whether starting a worker has to wait. */
  get holding(): boolean {
    return this.#timer !== undefined
  }

  /** A call came to its end: the workers are well. */
  worked(): void {
    this.#deaths = 0
    this.#pauses = 0
  }

  /** A worker died. Calls `resume` when another may be started, unless that is now. Returns the error of a pause. */
  ended(death: { blameless: boolean; livedMs: number; why: WorkerEnd; resume: () => void }): AndonError | undefined {
    const { tries, backoffMs, pauseMs, settledMs } = this.#timing
    if (death.blameless) return undefined
    this.#deaths = death.livedMs > settledMs ? 1 : this.#deaths + 1
    if (this.#deaths < tries) {
      this.#hold(backoffMs * 2 ** (this.#deaths - 1), death.resume)
      return undefined
    }
    const retryAfterMs = Math.min(longestPauseMs, pauseMs * 2 ** this.#pauses++)
    this.paused = new AndonError(
      'unavailable',
      `${death.why.sentence.replace(/: ask again$/, '')}, ${this.#deaths} times in a row: the next try is in ${retryAfterMs} ms`,
      { retryAfterMs, detail: death.why.detail },
    )
    // One death after the pause is enough for the next.
    this.#deaths = tries - 1
    this.#hold(retryAfterMs, () => {
      this.paused = undefined
      death.resume()
    })
    return this.paused
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #hold(ms: number, resume: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      resume()
    }, ms)
    // While calls wait for a worker this timer keeps the program alive; during a pause none does.
    if (this.paused) this.#timer.unref()
  }
}
