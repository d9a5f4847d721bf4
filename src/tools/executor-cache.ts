// Results of pure tools, kept and shared: the same arguments are worked on once, however many ask at once.

import type { Job, Outcome } from './executor-job.ts'

export class ResultCache {
  readonly #most: number
  /** Oldest first. */
  readonly #kept = new Map<string, Outcome>()
  readonly #leaders = new Map<string, Job[]>()

  /** Keeps this many results. */
  constructor(most: number) {
    this.#most = most
  }

  /** What is known under a key already. */
  find(key: string): Outcome | undefined {
    const found = this.#kept.get(key)
    if (!found) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, found)
    return found
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
    if (outcome.kind === 'ok' && this.#most > 0) {
      this.#kept.set(key, outcome)
      const [oldest] = this.#kept.size > this.#most ? this.#kept.keys() : []
      if (oldest !== undefined) this.#kept.delete(oldest)
    }
    return followers
  }
}
