// Compares two results, and says whether the second broke a condition: `ttft.p99 > +10%`.

import { AndonError } from '../core/errors.ts'
import { unitOf } from './metric-units.ts'
import type { ReadResult } from './result.ts'
import { rounded } from './statistics.ts'

/** A condition that makes a comparison fail. */
export interface Condition {
  /** As it was given. */
  text: string
  /** A field of a summary: `ttft.p99`, `rps`, `goodput`, `failed`. */
  metric: string
  operator: '>' | '>=' | '<' | '<='
  bound: number
  /**
   * What the bound is held against: `change`, the change from the first to the second in percent; `difference`, the same
   * in the metric's unit; `value`, the second's own value.
   */
  of: 'change' | 'difference' | 'value'
}

/** One metric of one target under one load, before and after. */
export interface ComparedValue {
  cell: string
  target: string
  metric: string
  /** Of both values; absent of a count. */
  unit?: string
  before: number
  after: number
  /** In percent; absent when it was 0 before. */
  change?: number
}

/** What a comparison found. */
export interface ComparisonResult {
  values: ComparedValue[]
  failures: { condition: string; cell: string; target: string; unit?: string; before: number; after: number }[]
  /** Why the numbers should not be trusted. */
  warnings: string[]
  /** What makes the two differ beside the server's speed, and may be what was wanted. */
  remarks: string[]
}

/** What is always shown. */
const usual = [
  'rps',
  'outputTokensPerSecond',
  'goodput',
  'ttft.p50',
  'ttft.p99',
  'tpot.p50',
  'itl.p99',
  'e2e.p50',
  'e2e.p99',
  'failed',
]

/**
 * Reads `METRIC OPERATOR BOUND`. A bound with a sign is held against the change: `+10%` in percent, `+5` in the metric's
 * unit (milliseconds, requests per second, …); one without a sign against the second result's own value. `ms` may follow.
 */
export function conditionOf(text: string): Condition {
  const match = /^\s*([a-zA-Z]\w*(?:\.\w+)?)\s*(>=|<=|>|<)\s*([+-]?)(\d+(?:\.\d+)?)\s*(%|ms)?\s*$/.exec(text)
  const [, metric = '', operator = '', sign = '', number = '', unit] = match ?? []
  if (!match || (unit === '%' && sign === '') || !isOperator(operator))
    throw new AndonError(
      'invalid',
      `--fail-if is "${text}": give METRIC OPERATOR BOUND, like "ttft.p99 > +10%", "rps < -5%", "e2e.p50 > +20 ms" or "failed > 0".`,
    )
  return {
    text,
    metric,
    operator,
    bound: Number(`${sign}${number}`),
    of: unit === '%' ? 'change' : sign === '' ? 'value' : 'difference',
  }
}

/** Shares of prompt tokens from a prefix cache that are further apart are told, 0 to 1. */
const apart = 0.03

/** Compares what both results have: the same loads of targets of the same name. Throws `invalid` when there is nothing. */
export function compareResults(
  before: ReadResult,
  after: ReadResult,
  conditions: readonly Condition[],
): ComparisonResult {
  const values: ComparedValue[] = []
  const failures: ComparisonResult['failures'] = []
  const warnings = [...doubts('first', before), ...doubts('second', after)]
  const remarks: string[] = []
  const met = new Set<Condition>()
  for (const cell of before.cells) {
    const same = after.cells.find(({ name }) => name === cell.name)
    for (const { target, summary } of cell.targets) {
      const other = same?.targets.find((each) => each.target === target)?.summary
      if (!other) {
        warnings.push(`The second result has no ${target} under ${cell.name}.`)
        continue
      }
      remarks.push(...cachedApart(summary, other, `${target} under ${cell.name}`))
      for (const metric of usual) {
        const [one, two] = [valueOf(summary, metric), valueOf(other, metric)]
        if (one !== undefined && two !== undefined)
          values.push({
            cell: cell.name,
            target,
            metric,
            ...unit(metric),
            before: one,
            after: two,
            ...changeOf(one, two),
          })
      }
      for (const condition of conditions) {
        const [one, two] = [valueOf(summary, condition.metric), valueOf(other, condition.metric)]
        if (two === undefined || (one === undefined && condition.of !== 'value')) continue
        met.add(condition)
        if (breaks(condition, one ?? 0, two))
          failures.push({
            condition: condition.text,
            cell: cell.name,
            target,
            ...unit(condition.metric),
            before: one ?? Number.NaN,
            after: two,
          })
      }
    }
  }
  if (values.length === 0)
    throw new AndonError('invalid', 'The two results have no load and target in common: nothing can be compared.')
  for (const condition of conditions)
    if (!met.has(condition))
      throw new AndonError(
        'invalid',
        `--fail-if "${condition.text}" names ${condition.metric}, which the results do not both have. They have ${[...new Set(values.map(({ metric }) => metric))].join(', ')}.`,
      )
  return { values, failures, warnings, remarks }
}

function unit(metric: string): { unit?: string } {
  const known = unitOf(metric)
  return known === undefined ? {} : { unit: known }
}

function doubts(which: string, { complete, valid }: ReadResult): string[] {
  return [
    ...(complete ? [] : [`The ${which} result is of a run that did not come to its end.`]),
    ...(valid ? [] : [`The ${which} result is marked invalid: a check failed, its report.md says which.`]),
  ]
}

/** That one run found more of its prompts in the server's prefix cache than the other: those are answered sooner. */
function cachedApart(before: Record<string, unknown>, after: Record<string, unknown>, of: string): string[] {
  const [one, two] = [cachedShare(before), cachedShare(after)]
  if (one === undefined || two === undefined || Math.abs(two - one) <= apart) return []
  return [
    `The prefix cache differs: of the prompt tokens of ${of}, ${percent(one)} came from the server's cache in the first run and ${percent(two)} in the second. ` +
      'First tokens come sooner by that alone. Unless the cache is what you compare, restart the server before each run.',
  ]
}

/** Of a server that told its tokens. */
function cachedShare(summary: Record<string, unknown>): number | undefined {
  const [cached, prompts] = [valueOf(summary, 'cachedTokens'), valueOf(summary, 'promptTokens')]
  return cached === undefined || prompts === undefined || prompts === 0 ? undefined : cached / prompts
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}

function breaks({ operator, bound, of }: Condition, before: number, after: number): boolean {
  const value =
    of === 'value' ? after : of === 'difference' ? after - before : (changeOf(before, after).change ?? grown(after))
  switch (operator) {
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    case '<':
      return value < bound
    case '<=':
      return value <= bound
  }
}

/** What was nothing and is something has grown beyond every percentage. */
function grown(after: number): number {
  return after > 0 ? Infinity : 0
}

function changeOf(before: number, after: number): { change?: number } {
  return before === 0 ? {} : { change: rounded((after / before - 1) * 100) }
}

function valueOf(summary: Record<string, unknown>, metric: string): number | undefined {
  let value: unknown = summary
  for (const part of metric.split('.'))
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined
  return typeof value === 'number' ? value : undefined
}

function isOperator(text: string): text is Condition['operator'] {
  return text === '>' || text === '>=' || text === '<' || text === '<='
}
