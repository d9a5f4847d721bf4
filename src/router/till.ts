// Whoever asks pays: what is over its budget is not placed, and what was placed is written down and charged.

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { Attempt, Order, Placed } from './order.ts'
import type { Placing } from './placing.ts'
import type { RouterEvents } from './router-events.ts'
import { Spending } from './spending.ts'
import type { Budgets, SpendingStore } from './spending.ts'
import type { BeginWhole } from './tries.ts'
import { usageRecord } from './usage-records.ts'
import type { Ended } from './wire/upstream.ts'

/** What {@link Placing.place} takes. */
type Asked<Begun> = [order: Order, call: Call, begin: BeginWhole<Begun>, attempts?: Attempt[], again?: boolean]

export class Till {
  readonly #placing: Placing
  readonly #spending: Spending | undefined
  readonly #events: RouterEvents
  readonly #endpoint: (name: string) => EndpointSettings | undefined

  /** Without budgets everybody may spend everything. */
  constructor(
    placing: Placing,
    budgets: Budgets | undefined,
    store: SpendingStore | undefined,
    events: RouterEvents,
    endpoint: (name: string) => EndpointSettings | undefined,
  ) {
    this.#placing = placing
    this.#spending = budgets && new Spending(budgets, store)
    this.#events = events
    this.#endpoint = endpoint
  }

  /** Places a request. Throws when who asks has spent its budget. */
  place<Begun>(...asked: Asked<Begun>): Promise<Placed<Begun>> {
    return this.#spending ? this.#paid(this.#spending, asked) : this.#placing.place(...asked)
  }

  async #paid<Begun>(spending: Spending, asked: Asked<Begun>): Promise<Placed<Begun>> {
    const [{ keyId, keyName }, { tenant }] = asked
    await spending.check({ tenant, keyId, keyName })
    return this.#placing.place(...asked)
  }

  /** Writes a request down and charges it. Once for each that was to be placed, whatever came of it. */
  ended(request: Ended): void {
    if (!this.#spending && !this.#events.heard) return
    const record = usageRecord(request, this.#endpoint(request.endpoint ?? ''))
    const { tenant, keyId, promptTokens, outputTokens, cost } = record
    const payer = { tenant, keyId, keyName: request.order.keyName }
    if (request.endpoint !== undefined)
      this.#spending?.charge(payer, { tokens: promptTokens + outputTokens, cost }, (reason) =>
        this.#events.tell({ type: 'warning', error: AndonError.from(reason) }),
      )
    this.#events.tell({ type: 'record', record })
  }
}
