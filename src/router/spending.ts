// What keys and tenants may spend, in tokens and in money, in a day and in a month of UTC: looked at before a request
// is placed, and charged when it has ended. What is under way when a budget runs out is still answered.

import { AndonError } from '../core/errors.ts'
import { isRecord } from '../models/failure.ts'

/** What may be spent. Absent is unlimited; 0 is nothing at all. */
export interface Budget {
  readonly tokensPerDay?: number
  readonly tokensPerMonth?: number
  /** In the currency of the endpoints' cost. */
  readonly costPerDay?: number
  readonly costPerMonth?: number
}

export interface Budgets {
  /** By the id of a key or by its name; several keys of one name have the same budget each. */
  readonly keys?: Readonly<Record<string, Budget>>
  readonly tenants?: Readonly<Record<string, Budget>>
  /** Of every key that has none of its own. */
  readonly eachKey?: Budget
  readonly eachTenant?: Budget
}

/** What has been spent. */
export interface Spent {
  readonly tokens: number
  readonly cost: number
}

/** Where what is spent is kept. Counts of periods that are over may be forgotten. */
export interface SpendingStore {
  /** What was spent under this name in this period, such as `2026-11` or `2026-11-21`; nothing at first. */
  spent(name: string, period: string): Spent | Promise<Spent>
  add(name: string, period: string, spent: Spent): void | Promise<void>
}

/** Keeps it in this process, until it ends. */
export class MemorySpending implements SpendingStore {
  /** By period, then by name. */
  readonly #periods = new Map<string, Map<string, Spent>>()

  spent(name: string, period: string): Spent {
    return this.#periods.get(period)?.get(name) ?? nothing
  }

  add(name: string, period: string, { tokens, cost }: Spent): void {
    let names = this.#periods.get(period)
    if (!names) {
      // A day and a month, and those of requests that began before midnight.
      for (const old of this.#periods.keys())
        if (this.#periods.size >= 4 && old < period.slice(0, old.length)) this.#periods.delete(old)
      names = new Map()
      this.#periods.set(period, names)
    }
    const before = names.get(name) ?? nothing
    names.set(name, { tokens: before.tokens + tokens, cost: before.cost + cost })
  }

  /** All that is remembered. */
  *all(): Generator<[name: string, period: string, spent: Spent]> {
    for (const [period, names] of this.#periods) for (const [name, spent] of names) yield [name, period, spent]
  }
}

const nothing: Spent = { tokens: 0, cost: 0 }

/** Whose budget pays. */
export interface Payer {
  readonly tenant: string
  readonly keyId?: string | undefined
  /** What people call the key; its budget may be written under either, and the id goes before. */
  readonly keyName?: string | undefined
}

export class Spending {
  readonly #budgets: Budgets
  readonly #store: SpendingStore
  readonly #now: () => Date

  constructor(budgets: Budgets, store: SpendingStore = new MemorySpending(), now: () => Date = () => new Date()) {
    this.#budgets = budgets
    this.#store = store
    this.#now = now
  }

  /**
   * Throws when a budget is used up: `overloaded` with when the next day or month begins, or `forbidden` when there is
   * nothing to spend at all.
   */
  async check(payer: Payer): Promise<void> {
    const now = this.#now()
    for (const [name, who, budget] of this.#accounts(payer))
      for (const { period, span, tokens, cost } of limitsOf(budget, now)) {
        if (tokens === undefined && cost === undefined) continue
        if (tokens === 0 || cost === 0)
          throw new AndonError('forbidden', `${who} may not use models: its budget for a ${span} is 0.`)
        const spent = await this.#store.spent(name, period)
        const over = spent.tokens >= (tokens ?? Infinity) ? `${tokens} tokens` : `${cost} in cost`
        if (spent.tokens < (tokens ?? Infinity) && spent.cost < (cost ?? Infinity)) continue
        throw new AndonError(
          'overloaded',
          `${who} has used up its budget of ${over} for this ${span}: ask again in the next, or have it raised.`,
          { retryAfterMs: next(now, span).getTime() - now.getTime(), detail: { kind: usedUp, retry: false } },
        )
      }
  }

  /** Charges what was used. Never throws; what cannot be kept is told to `failed`. */
  charge(payer: Payer, spent: Spent, failed: (reason: unknown) => void = () => {}): void {
    if (spent.tokens === 0 && spent.cost === 0) return
    const now = this.#now()
    for (const [name] of this.#accounts(payer))
      for (const period of [day(now), month(now)])
        try {
          Promise.resolve(this.#store.add(name, period, spent)).catch(failed)
        } catch (reason) {
          failed(reason)
        }
  }

  *#accounts({ tenant, keyId, keyName }: Payer): Generator<[name: string, who: string, budget: Budget]> {
    const { keys, tenants, eachKey, eachTenant } = this.#budgets
    const ofKey = keyId === undefined ? undefined : (own(keys, keyId) ?? own(keys, keyName) ?? eachKey)
    if (ofKey) yield [`key:${keyId}`, `The key "${keyName ?? keyId}"`, ofKey]
    const ofTenant = own(tenants, tenant) ?? eachTenant
    if (ofTenant) yield [`tenant:${tenant}`, `The tenant "${tenant}"`, ofTenant]
  }
}

/** As `detail.kind` of an error has it. */
const usedUp = 'budget'

/** Whether it says that the budget of who asks is used up, which no other model changes. */
export function isUsedUp({ detail }: AndonError): boolean {
  return isRecord(detail) && detail['kind'] === usedUp
}

interface Limit {
  period: string
  span: 'day' | 'month'
  tokens: number | undefined
  cost: number | undefined
}

function limitsOf({ tokensPerDay, tokensPerMonth, costPerDay, costPerMonth }: Budget, now: Date): Limit[] {
  return [
    { period: day(now), span: 'day', tokens: tokensPerDay, cost: costPerDay },
    { period: month(now), span: 'month', tokens: tokensPerMonth, cost: costPerMonth },
  ]
}

function day(now: Date): string {
  return now.toISOString().slice(0, 10)
}

function month(now: Date): string {
  return now.toISOString().slice(0, 7)
}

function next(now: Date, span: Limit['span']): Date {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  return new Date(span === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1))
}

function own<Value>(values: Readonly<Record<string, Value>> | undefined, name?: string): Value | undefined {
  return values && name !== undefined && Object.hasOwn(values, name) ? values[name] : undefined
}
