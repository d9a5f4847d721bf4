// Counts on their way to a counter of prom-client: kept as plain numbers, and told when somebody reads the registry. To
// find the labels of a count among all others costs more there than the request that is counted.

import type { Counter } from 'prom-client'

/** Counts under two labels; what else the counter has labels for is the same for all. */
export class PendingCounts<Label extends string> {
  readonly #counter: Counter<Label>
  readonly #labels: readonly [Label, Label]
  readonly #same: Partial<Record<Label, string>>
  readonly #counts = new Map<string, Map<string, number>>()

  constructor(counter: Counter<Label>, labels: readonly [Label, Label], same: Partial<Record<Label, string>> = {}) {
    this.#counter = counter
    this.#labels = labels
    this.#same = same
  }

  add(one: string, other: string, count = 1): void {
    let counts = this.#counts.get(one)
    if (counts === undefined) this.#counts.set(one, (counts = new Map()))
    counts.set(other, (counts.get(other) ?? 0) + count)
  }

  /** Tells the counter what came since the last time. */
  tell(): void {
    for (const [one, counts] of this.#counts)
      for (const [other, count] of counts) {
        const labels = { ...this.#same }
        labels[this.#labels[0]] = one
        labels[this.#labels[1]] = other
        this.#counter.inc(labels, count)
        counts.set(other, 0)
      }
  }
}
