// What a router may be told, with what holds when nothing is said.

import type { ChatModel } from '../models/model.ts'
import type { SettingNames } from './endpoint.ts'
import type { Discovery } from './discovery.ts'
import type { ModelEndpoint } from './endpoint.ts'
import type { HedgeOptions } from './hedging.ts'
import type { RetryBudgetOptions } from './retry-budget.ts'
import type { SchedulerOptions } from './scheduler.ts'
import type { Budgets, SpendingStore } from './spending.ts'

export interface RouterOptions {
  endpoints?: readonly ModelEndpoint[]
  /** Endpoints that are found in the DNS, beside those. */
  discover?: readonly Discovery[]
  /** Names of models, in the order in which they are asked when the one before cannot answer. Default: none. */
  fallback?: readonly string[]
  /** Answers chats when no endpoint does, such as a model in this process. Default: an error. */
  lastResort?: ChatModel
  /** Milliseconds for a request that says nothing of it. Default 120,000; 600,000 for bytes that are passed through. */
  budgetMs?: number
  /** Where callers stand that say nothing of it. */
  region?: string
  /** Most attempts of a request. Default 4; of one that only hears "not now" four times as many. 1 is one, whatever it hears. */
  attempts?: number
  /** How much may be tried again, over all requests. Default: one in ten. */
  retries?: RetryBudgetOptions
  /** Whether a second endpoint is asked beside one whose first token is late. Default: no. */
  hedge?: HedgeOptions
  /** What keys and tenants may spend. Default: everything. */
  budgets?: Budgets
  /** Where it is kept what they have spent. Default: in this process. */
  spendingStore?: SpendingStore
  /** Models in this process that answer as the endpoints of these names. Their `url` is not asked; close them yourself. */
  engines?: Readonly<Record<string, ChatModel>>
  /** What messages call the settings of an endpoint: `{ main: { address: 'OPENAI_BASE_URL', … } }`. */
  settingNames?: Readonly<Record<string, SettingNames>>
  /** The line, the choice and what counts as down. */
  scheduling?: Omit<SchedulerOptions, 'onProbeWanted' | 'onHealth'>
}
