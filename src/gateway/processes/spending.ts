// What was spent, over all processes of a gateway: each knows the sum, a few milliseconds late.

import { MemorySpending, type Spent, type SpendingStore } from '../../router/spending.ts'
import type { Count, CountsOfOne, SharedCounts } from './counts.ts'

/** The kind of these counts. */
export const spentKind = 'spent'

/** Keeps it in this process, and tells the others and hears of them, until the gateway ends. */
export class SharedSpending implements SpendingStore {
  readonly #all = new MemorySpending()
  readonly #others: CountsOfOne

  constructor(counts: SharedCounts) {
    this.#others = counts.of(spentKind, (name, amounts) => this.#all.add(...spentOf({ name, amounts })))
  }

  spent(name: string, period: string): Spent {
    return this.#all.spent(name, period)
  }

  add(name: string, period: string, spent: Spent): void {
    this.#all.add(name, period, spent)
    const { name: told, amounts } = spentCount(name, period, spent)
    this.#others.add(told, amounts)
  }
}

/** As a count. */
export function spentCount(name: string, period: string, { tokens, cost }: Spent): Count {
  return { of: spentKind, name: `${period} ${name}`, amounts: [tokens, cost] }
}

/** What a count says. */
export function spentOf({ name, amounts }: Omit<Count, 'of'>): [name: string, period: string, spent: Spent] {
  const at = name.indexOf(' ')
  const [tokens = 0, cost = 0] = amounts
  return [name.slice(at + 1), name.slice(0, at), { tokens, cost }]
}
