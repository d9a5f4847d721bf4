// The measures of a request and of a phase, each with its formula. docs/bench.md says the same with its sources.

import type { RequestRecord } from './record.ts'
import { distribution, rounded, type Distribution } from './statistics.ts'

/**
 * Time to first token in milliseconds: first content − sent (as `vllm bench serve` and GuideLLM), or − scheduled, which
 * also counts what the client could not send in time (the answer to coordinated omission, G. Tene). Undefined without content.
 */
export function ttft(record: RequestRecord, from: 'sent' | 'scheduled' = 'sent'): number | undefined {
  return record.firstTokenMs === undefined ? undefined : record.firstTokenMs - begin(record, from)
}

/** End to end in milliseconds: end − sent, or − scheduled. */
export function e2e(record: RequestRecord, from: 'sent' | 'scheduled' = 'sent'): number {
  return record.endMs - begin(record, from)
}

/**
 * Time per output token after the first, in milliseconds: (last content − first content) / (output tokens − 1), as
 * vLLM's TPOT and AIPerf's ITL. Undefined below two tokens, and of content that came in one event: nothing lies between
 * its tokens that was measured. (GuideLLM's TPOT includes the first token: not comparable.)
 */
export function tpot(record: RequestRecord): number | undefined {
  const { firstTokenMs, lastTokenMs, outputTokens, gapsMs } = record
  return firstTokenMs === undefined || lastTokenMs === undefined || outputTokens < 2 || gapsMs.length === 0
    ? undefined
    : (lastTokenMs - firstTokenMs) / (outputTokens - 1)
}

function begin(record: RequestRecord, from: 'sent' | 'scheduled'): number {
  return from === 'sent' ? record.sentMs : record.scheduledMs
}

/** Bounds in milliseconds that a good request keeps, from its scheduled time. An absent one always holds. */
export interface Objectives {
  ttft?: number
  tpot?: number
  e2e?: number
}

/** Whether a request kept every objective. One that was not answered kept none. */
export function keeps(record: RequestRecord, objectives: Objectives): boolean {
  if (record.outcome !== 'ok') return false
  const within = (value: number | undefined, bound: number | undefined): boolean =>
    bound === undefined || value === undefined || value <= bound
  return (
    within(ttft(record, 'scheduled') ?? e2e(record, 'scheduled'), objectives.ttft) &&
    within(tpot(record), objectives.tpot) &&
    within(e2e(record, 'scheduled'), objectives.e2e)
  )
}

/** What came of a phase, or of several of the same kind together. Times in milliseconds. */
export interface Summary {
  requests: number
  ok: number
  failed: number
  cancelled: number
  incomplete: number
  /** From the first request's scheduled time to the last answer's end. Of several phases: their sum. */
  seconds: number
  /** Answered requests per second. */
  rps: number
  /** Output tokens of answered requests per second. */
  outputTokensPerSecond: number
  /** Prompt and output tokens of answered requests per second. */
  totalTokensPerSecond: number
  /** Answered requests that kept the objectives, per second. Absent without objectives. */
  goodput?: number
  /** The same as a share of all requests that the workload did not cancel. */
  goodShare?: number
  promptTokens: number
  cachedTokens: number
  outputTokens: number
  /** Whether any count is an estimate. */
  tokens: 'usage' | 'estimated' | 'mixed' | 'none'
  ttft?: Distribution
  ttftScheduled?: Distribution
  /** Gaps between events with content, of all requests together. */
  itl?: Distribution
  tpot?: Distribution
  e2e?: Distribution
  e2eScheduled?: Distribution
  /** Sent − scheduled. */
  slip?: Distribution
  /** The commonest failures, at most ten. */
  errors: { error: string; count: number }[]
}

/** Sums up the requests of phases that had the same load; each phase's records are a list of their own. */
export function summarise(phases: readonly (readonly RequestRecord[])[], objectives: Objectives = {}): Summary {
  const records = phases.flat()
  const ok = records.filter(({ outcome }) => outcome === 'ok')
  const count = (wanted: RequestRecord['outcome']): number => records.filter(({ outcome }) => outcome === wanted).length
  const seconds = phases.reduce((sum, phase) => sum + spanMs(phase), 0) / 1000
  const per = (total: number): number => (seconds > 0 ? rounded(total / seconds) : 0)
  const total = (of: (record: RequestRecord) => number): number => ok.reduce((sum, record) => sum + of(record), 0)
  const promptTokens = total(({ promptTokens = 0 }) => promptTokens)
  const outputTokens = total((record) => record.outputTokens)
  const wanted = records.length - count('cancelled')
  const good = ok.filter((record) => keeps(record, objectives)).length
  const measured = {
    ttft: distribution(ok.map((record) => ttft(record))),
    ttftScheduled: distribution(ok.map((record) => ttft(record, 'scheduled'))),
    itl: distribution(gapsOf(ok)),
    tpot: distribution(ok.map(tpot)),
    e2e: distribution(ok.map((record) => e2e(record))),
    e2eScheduled: distribution(ok.map((record) => e2e(record, 'scheduled'))),
    slip: distribution(records.map(({ sentMs, scheduledMs }) => sentMs - scheduledMs)),
  }
  return {
    requests: records.length,
    ok: ok.length,
    failed: count('failed'),
    cancelled: count('cancelled'),
    incomplete: count('incomplete'),
    seconds: rounded(seconds),
    rps: per(ok.length),
    outputTokensPerSecond: per(outputTokens),
    totalTokensPerSecond: per(promptTokens + outputTokens),
    ...(Object.keys(objectives).length === 0
      ? {}
      : { goodput: per(good), goodShare: wanted === 0 ? 0 : rounded(good / wanted) }),
    promptTokens,
    cachedTokens: total(({ cachedTokens = 0 }) => cachedTokens),
    outputTokens,
    tokens: sourceOf(ok),
    ...present(measured),
    errors: commonest(records),
  }
}

/** Milliseconds from the first scheduled request to the last end. */
export function spanMs(records: readonly RequestRecord[]): number {
  let first = Infinity
  let last = -Infinity
  for (const { scheduledMs, endMs } of records) {
    first = Math.min(first, scheduledMs)
    last = Math.max(last, endMs)
  }
  return records.length === 0 ? 0 : last - first
}

function* gapsOf(records: readonly RequestRecord[]): Generator<number> {
  for (const { gapsMs } of records) yield* gapsMs
}

function sourceOf(records: readonly RequestRecord[]): Summary['tokens'] {
  const sources = new Set(records.map(({ tokensFrom }) => tokensFrom))
  const [only = 'none'] = sources
  return sources.size > 1 ? 'mixed' : only
}

function commonest(records: readonly RequestRecord[]): Summary['errors'] {
  const counts = new Map<string, number>()
  for (const { error } of records) if (error !== undefined) counts.set(error, (counts.get(error) ?? 0) + 1)
  return [...counts]
    .map(([error, count]) => ({ error, count }))
    .sort((one, other) => other.count - one.count)
    .slice(0, 10)
}

type Present<Type> = { [Key in keyof Type]?: Exclude<Type[Key], undefined> }

function present<Type extends object>(values: Type): Present<Type> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<Type>
}
