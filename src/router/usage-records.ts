// What each request used, written down for whoever accounts for it: who asked, who answered, what it cost and how long
// it took.

import type { Code } from '../core/errors.ts'
import type { EndpointSettings } from './endpoint.ts'
import type { Ability } from './endpoint.ts'
import type { Attempt } from './order.ts'
import type { Ended } from './wire/upstream.ts'

/** One request. Plain data, without a word of the prompt or of the answer. Times in milliseconds. */
export interface UsageRecord {
  /** ISO 8601, when it ended. */
  readonly at: string
  /** The call's. */
  readonly id: string
  readonly tenant: string
  readonly keyId?: string
  /** What people call that key. */
  readonly keyName?: string
  readonly ability: Ability
  /** The model that answered, or, when none did, the one that was asked for. */
  readonly model?: string
  /** Who answered, when somebody did. */
  readonly endpoint?: string
  readonly attempts: readonly Attempt[]
  readonly promptTokens: number
  /** Of the prompt's: those that the server had in its cache, when it says so. */
  readonly cachedTokens?: number
  readonly outputTokens: number
  /** Whether the tokens were counted here, roughly. */
  readonly estimated: boolean
  /** By the endpoint's cost; 0 when it has none. */
  readonly cost: number
  /** In line, before all attempts. */
  readonly waitedMs: number
  readonly firstTokenMs?: number
  readonly totalMs: number
  /** `ok`, `cancelled` when the caller left, or the code of the error. */
  readonly outcome: 'ok' | Code
}

/** The record of a request that has ended. */
export function usageRecord(ended: Ended, endpoint: EndpointSettings | undefined): UsageRecord {
  const { order, call, attempts, promptTokens, cachedTokens, outputTokens, estimated } = ended
  const { waitedMs, firstTokenMs, totalMs } = ended
  const model = ended.model ?? order.model
  return {
    at: new Date().toISOString(),
    id: call.id,
    tenant: call.tenant,
    ...(order.keyId === undefined ? {} : { keyId: order.keyId }),
    ...(order.keyName === undefined ? {} : { keyName: order.keyName }),
    ability: order.ability,
    ...(model === undefined ? {} : { model }),
    ...(ended.endpoint === undefined ? {} : { endpoint: ended.endpoint }),
    attempts,
    promptTokens,
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
    outputTokens,
    estimated,
    cost: ended.endpoint === undefined ? 0 : costOf(endpoint, promptTokens, outputTokens, cachedTokens),
    waitedMs,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    totalMs,
    outcome: ended.error?.code ?? 'ok',
  }
}

/** What so many tokens cost there; of the prompt's, `cachedTokens` were in the server's cache. */
export function costOf(
  endpoint: EndpointSettings | undefined,
  promptTokens: number,
  outputTokens: number,
  cachedTokens = 0,
): number {
  const { promptPerMillion = 0, completionPerMillion = 0, cachedPerMillion = promptPerMillion } = endpoint?.cost ?? {}
  const cached = Math.min(cachedTokens, promptTokens)
  const prompt = (promptTokens - cached) * promptPerMillion + cached * cachedPerMillion
  return (prompt + outputTokens * completionPerMillion) / 1_000_000
}
