// Holds calls back until their tool may run them: so many at once, so many per second, one at a time per key.

import type { ToolLimits } from './tool.ts'

interface Held {
  key: string | undefined
  go: () => void
}

/** Keys of calls that run one after another; shared by all gates, because tools may share a key. */
export class KeyLocks {
  readonly #held = new Set<string>()
  readonly #waiting = new Set<() => void>()

  take(key: string): boolean {
    if (this.#held.has(key)) return false
    this.#held.add(key)
    return true
  }

  free(key: string): void {
    this.#held.delete(key)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const retry of waiting) retry()
  }

  /** Calls back once a key was freed. */
  onFree(retry: () => void): void {
    this.#waiting.add(retry)
  }
}

/** The gate of one tool. */
export class Gate implements Disposable {
  readonly #limits: ToolLimits
  readonly #locks: KeyLocks
  readonly #held: Held[] = []
  #inside = 0
  #tokens: number
  #filledAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(limits: ToolLimits, locks: KeyLocks) {
    this.#limits = limits
    this.#locks = locks
    this.#tokens = Math.max(1, limits.perSecond ?? Infinity)
  }

  /** Whether these limits hold anything back. */
  static needed({ concurrency, perSecond, exclusive }: ToolLimits): boolean {
    return concurrency !== undefined || perSecond !== undefined || exclusive !== undefined
  }

  /** Calls `go` when the call may run, perhaps at once; whoever was let go must `leave` with the same key. */
  enter(key: string | undefined, go: () => void): void {
    this.#held.push({ key, go })
    this.#open()
  }

  leave(key: string | undefined): void {
    this.#inside--
    if (key !== undefined) this.#locks.free(key)
    this.#open()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  readonly #open = (): void => {
    const { concurrency = Infinity } = this.#limits
    let at = 0
    while (at < this.#held.length && this.#inside < concurrency) {
      const held = this.#held[at]
      if (!held || !this.#hasToken()) return
      if (held.key !== undefined && !this.#locks.take(held.key)) {
        this.#locks.onFree(this.#open)
        at++
        continue
      }
      this.#held.splice(at, 1)
      this.#tokens--
      this.#inside++
      held.go()
    }
  }

  #hasToken(): boolean {
    const { perSecond } = this.#limits
    if (perSecond === undefined) return true
    const now = performance.now()
    this.#tokens = Math.min(Math.max(1, perSecond), this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond)
    this.#filledAt = now
    if (this.#tokens >= 1) return true
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined
        this.#open()
      },
      ((1 - this.#tokens) / perSecond) * 1_000 + 1,
    )
    return false
  }
}
