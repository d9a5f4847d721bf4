// What the pass-through needs of a router: where an endpoint of OpenAI's API is reached with bytes as they came, who
// speaks for one of another protocol, and how a request is placed.

import type { Pool } from 'undici'
import type { AndonError } from '../../core/errors.ts'
import type { Call } from '../../core/station.ts'
import type { ChatModel } from '../../models/model.ts'
import type { Ability, EndpointSettings, SettingNames } from '../endpoint.ts'
import type { Attempt, Order, Placed, Trail } from '../order.ts'
import type { BeginWhole } from '../tries.ts'

/** The connections of one endpoint that speaks OpenAI's API. Nothing but its owner closes them. */
export interface Upstream {
  /** Opened with `pipelining: 1`, without a number of connections, and without undici's own timeouts. */
  readonly pool: Pool
  /** Who is there, for sentences that callers read: `The endpoint "a"`, and not where it stands. */
  readonly who: string
  /** What its owner is told of its settings. */
  readonly settings: SettingNames
  /** The whole path to something like `/chat/completions`, with what its address has before and behind it. */
  readonly pathTo: (path: string) => string
  /** Sent with every request: the key, and what else the endpoint wants. Lower-case names and values by turns. */
  readonly headers: readonly string[]
  /** Never shown: taken out of what the server says. */
  readonly secrets: readonly string[]
}

/** What is known of a request once it is over, for the record and for who pays. */
export interface Ended {
  readonly order: Order
  readonly call: Call
  /** The endpoint that answered, when one did. */
  readonly endpoint?: string | undefined
  /** The model that answered, as its caller was told: whoever named none knows it from here. */
  readonly model?: string | undefined
  /** In the order in which they were made. */
  readonly attempts: readonly Attempt[]
  readonly promptTokens: number
  /** Of the prompt's: those that the server had in its cache, when it said so. */
  readonly cachedTokens?: number | undefined
  readonly outputTokens: number
  /** Whether the tokens were counted here, roughly, because the server did not say. */
  readonly estimated: boolean
  /** Milliseconds in line, whatever came of it. */
  readonly waitedMs: number
  /** Milliseconds from the beginning of the request. */
  readonly firstTokenMs?: number | undefined
  readonly totalMs: number
  /** Absent when the answer came whole; `cancelled` when the caller left. */
  readonly error?: AndonError | undefined
}

/** A router as the pass-through sees it. */
export interface WireRouter {
  /** Whether any endpoint takes this model for this, be it up or down. */
  serves(ability: Ability, model: string): boolean
  /** The models to ask in turn when this one is asked for: itself first. Without another model, only itself. */
  chain(ability: Ability, model: string): readonly string[]
  /** Answers chats in this process when no model of the chain does. */
  readonly lastResort?: ChatModel | undefined
  /** Milliseconds for a whole request of which the caller says nothing. */
  readonly budgetMs: number
  /**
   * Finds a place, begins there, and elsewhere when that fails; checks budgets first. Throws one AndonError. What it
   * went through is put into `trail`, also when it throws. With `again` false no endpoint is asked twice: for who can ask
   * another model. Default true.
   */
  place<Begun>(
    order: Order,
    call: Call,
    begin: BeginWhole<Begun>,
    trail: Trail,
    again?: boolean,
  ): Promise<Placed<Begun>>
  /** How an endpoint is reached as it is; undefined when it does not speak OpenAI's API. */
  upstream(endpoint: EndpointSettings): Upstream | undefined
  /** Who speaks for an endpoint of another protocol. */
  chatModel(endpoint: EndpointSettings): ChatModel | undefined
  /** Told once for each request that was to be placed, whatever came of it. */
  ended(ended: Ended): void
}
