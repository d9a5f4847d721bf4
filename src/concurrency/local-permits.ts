// Permits counted in this process: all that open the same name from the same registry share one count.

import type { OpenPermits, SharedPermits } from './permits.ts'

interface Count {
  held: number
  /** Monotonic milliseconds. */
  restsUntil: number
  readonly members: Set<LocalPermits>
}

/** A registry of names. One for each router, or one for several that share endpoints in this process. */
export function localPermits(): OpenPermits {
  const counts = new Map<string, Count>()
  return (name, limit, onFree, onRest = () => {}) => {
    let count = counts.get(name)
    if (count === undefined) counts.set(name, (count = { held: 0, restsUntil: 0, members: new Set() }))
    const { members, restsUntil } = count
    const restMs = restsUntil - performance.now()
    if (restMs > 0) onRest(restMs)
    return new LocalPermits(count, limit, onFree, onRest, () => {
      if (members.size === 0) counts.delete(name)
    })
  }
}

class LocalPermits implements SharedPermits {
  readonly #count: Count
  readonly #onFree: () => void
  readonly #onRest: (ms: number) => void
  readonly #left: () => void
  #limit: number
  #held = 0
  #wanted = 0

  constructor(count: Count, limit: number, onFree: () => void, onRest: (ms: number) => void, left: () => void) {
    this.#count = count
    this.#limit = limit
    this.#onFree = onFree
    this.#onRest = onRest
    this.#left = left
    count.members.add(this)
  }

  get limit(): number {
    const { members } = this.#count
    if (members.size <= 1) return this.#limit
    let lowest = this.#limit
    for (const member of members) lowest = Math.min(lowest, member.#limit)
    return lowest
  }

  get held(): number {
    return this.#held
  }

  get heldByAll(): number {
    return this.#count.held
  }

  take(): boolean {
    if (this.#count.held >= this.limit) return false
    this.#count.held++
    this.#held++
    return true
  }

  give(): void {
    if (this.#held === 0) return
    this.#held--
    this.#count.held--
    this.#tell()
  }

  want(count: number): void {
    this.#wanted = count
  }

  setLimit(limit: number): void {
    const grown = limit > this.#limit
    this.#limit = limit
    if (grown) this.#tell()
  }

  rest(ms: number): void {
    const count = this.#count
    if (ms === 0) count.restsUntil = 0
    else {
      count.restsUntil = Math.max(count.restsUntil, performance.now() + ms)
      for (const member of count.members) if (member !== this) member.#onRest(ms)
    }
  }

  woke(): void {
    // Who tries first is agreed on only between processes.
  }

  [Symbol.dispose](): void {
    if (!this.#count.members.delete(this)) return
    this.#count.held -= this.#held
    this.#held = 0
    this.#tell()
    this.#left()
  }

  /** Whoever was told last is told last again, so that all have their turn. */
  #tell(): void {
    const { members } = this.#count
    // One after the other, each once: telling moves a member to the end.
    for (let left = members.size; left > 0; left--) {
      const [member] = members
      if (member === undefined || this.#count.held >= member.limit) return
      if (members.size > 1 && members.delete(member)) members.add(member)
      if (member.#wanted > 0) member.#onFree()
    }
  }
}
