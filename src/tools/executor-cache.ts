// Results of pure tools, kept and shared: the same arguments are worked on once, however many ask at once.

import type { Job, Outcome } from './executor-job.ts'
import type { Tool } from './tool.ts'

interface Kept {
  outcome: Outcome
  /** Characters of its key and of its value as JSON. */
  size: number
}

/** Characters of one result that is kept, and of all. */
const largest = 2 ** 20
const mostSize = 32 * 2 ** 20

export class ResultCache {
  readonly #most: number
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>()
  readonly #leaders = new Map<string, Job[]>()
  #size = 0

  /** Keeps this many results, as long as they are no more than 32 Mi characters. */
  constructor(most: number) {
    this.#most = most
  }

  /** What is known under a key already. */
  find(key: string): Outcome | undefined {
    const found = this.#kept.get(key)
    if (!found) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, found)
    return found.outcome
  }

  /** Whether somebody works on it: then the job is one of those that hear the result. */
  follow(key: string, job: Job): boolean {
    const followers = this.#leaders.get(key)
    if (followers) followers.push(job)
    else this.#leaders.set(key, [])
    return followers !== undefined
  }

  /** A run is over: keeps what is good; returns those who waited for it. */
  settle(key: string, outcome: Outcome): Job[] {
    const followers = this.#leaders.get(key) ?? []
    this.#leaders.delete(key)
    if (outcome.kind === 'ok' && this.#most > 0) this.#keep(key, outcome)
    return followers
  }

  #keep(key: string, outcome: Outcome): void {
    const size = key.length + (JSON.stringify(outcome.value) ?? '').length
    if (size > largest) return
    this.#forget(key)
    this.#kept.set(key, { outcome, size })
    this.#size += size
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most && this.#size <= mostSize) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#size -= this.#kept.get(key)?.size ?? 0
    this.#kept.delete(key)
  }
}

const numbers = new WeakMap<Tool, number>()
let last = 0

/** Of calls that have the same result: tenants do not share, and a tool that was changed has none of those before. */
export function cacheKey({ tenant, tool, text }: Job): string {
  let number = numbers.get(tool)
  if (number === undefined) numbers.set(tool, (number = ++last))
  return `${number}\n${tenant}\n${text}`
}
