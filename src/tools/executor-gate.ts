// Holds calls back until their tool may run them: so many at once, so many per second, one at a time per key.

import type { Tool, ToolLimits } from './tool.ts'

/** A call at a gate. */
export interface Entrant {
  /** Whether somebody still waits for it. */
  readonly wanted: () => boolean
  /** It may run, and must `leave` then. */
  readonly go: () => void
  /** It is not let in. */
  readonly refuse: (kind: 'cancelled' | 'overloaded', message: string) => void
}

interface Held extends Entrant {
  key: string | undefined
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

/** The gate of one tool. Disposing it refuses who waits there. */
export class Gate implements Disposable {
  readonly #limits: ToolLimits
  readonly #locks: KeyLocks
  readonly #most: number
  #held: Held[] = []
  #inside = 0
  #tokens: number
  #filledAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  /** At most this many calls wait at it. */
  constructor(limits: ToolLimits, locks: KeyLocks, most: number) {
    this.#limits = limits
    this.#locks = locks
    this.#most = most
    this.#tokens = Math.max(1, limits.perSecond ?? Infinity)
  }

  /** Whether these limits hold anything back. */
  static needed({ concurrency, perSecond, exclusive }: ToolLimits): boolean {
    return concurrency !== undefined || perSecond !== undefined || exclusive !== undefined
  }

  /** Lets a call go when it may run, perhaps at once, or refuses it; whoever was let go must `leave` with the same key. */
  enter(key: string | undefined, { wanted, go, refuse }: Entrant): void {
    if (this.#held.length >= this.#most) this.#forget()
    if (this.#held.length >= this.#most)
      return refuse(
        'overloaded',
        `${this.#most} calls wait already for their turn, which is the limit: ask again later`,
      )
    this.#held.push({ key, wanted, go, refuse })
    this.#open()
  }

  leave(key: string | undefined): void {
    this.#inside--
    if (key !== undefined) this.#locks.free(key)
    this.#open()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    for (const { refuse } of this.#held.splice(0)) refuse('cancelled', 'The executor is closed')
  }

  /** Those that nobody waits for make room. */
  #forget(): void {
    const held = this.#held
    this.#held = held.filter(({ wanted }) => wanted())
    for (const { wanted, refuse } of held) if (!wanted()) refuse('cancelled', 'Nobody waits for it any more')
  }

  readonly #open = (): void => {
    const { concurrency = Infinity } = this.#limits
    let at = 0
    while (at < this.#held.length && this.#inside < concurrency) {
      const held = this.#held[at]
      if (held && !held.wanted()) {
        this.#held.splice(at, 1)
        held.refuse('cancelled', 'Nobody waits for it any more')
        continue
      }
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

/** The key of a call with these arguments; undefined when its tool has none. */
export function exclusiveKey(tool: Tool, text: string): string | undefined {
  const { exclusive } = tool.limits
  if (exclusive === undefined) return undefined
  if ('key' in exclusive) return exclusive.key
  try {
    const given: unknown = JSON.parse(text)
    const input = (typeof given === 'string' ? JSON.parse(given) : given) as Record<string, unknown>
    return `${tool.name}\n${exclusive.argument}\n${JSON.stringify(input[exclusive.argument])}`
  } catch {
    return tool.name
  }
}
