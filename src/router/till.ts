// Whoever asks pays: what is over its budget is not placed, and what was placed is announced, written down and charged.

import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { Order, Placed, Trail } from './order.ts'
import type { Placing } from './placing.ts'
import type { RouterEvents } from './router-events.ts'
import { Spending } from './spending.ts'
import type { Budgets, SpendingStore } from './spending.ts'
import type { BeginWhole } from './tries.ts'
import { usageRecord } from './usage-records.ts'
import { passedChannel } from './wire/channel.ts'
import type { Ended } from './wire/upstream.ts'

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

  /** Places a request, as {@link Placing.place} does. Throws when who asks has spent its budget. */
  place<Begun>(
    order: Order,
    call: Call,
    begin: BeginWhole<Begun>,
    trail?: Trail,
    again?: boolean,
  ): Promise<Placed<Begun>> {
    if (!this.#spending) return this.#placing.place(order, call, begin, trail, again)
    const { keyId, keyName } = order
    const payer = { tenant: call.tenant, keyId, keyName }
    return this.#spending.check(payer).then(() => this.#placing.place(order, call, begin, trail, again))
  }

  /** Announces a request, writes it down and charges it. Once for each that was to be placed, whatever came of it. */
  ended(request: Ended): void {
    passedChannel.announce(() => request)
    if (!this.#spending && !this.#events.recorded) return
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
