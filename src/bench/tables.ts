// A result as rows: for the CSV, the Markdown, the page and the terminal alike.

import type { BenchResult, CellTarget } from './result.ts'

/** A table: its head, and rows of the same length. */
export interface Table {
  head: string[]
  rows: string[][]
}

/** One row for each load and target, with everything that is counted. For programs: full numbers, empty where unknown. */
export function wholeTable(result: BenchResult): Table {
  const fields = ['mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const
  const measures = ['ttft', 'ttftScheduled', 'itl', 'tpot', 'e2e', 'e2eScheduled', 'slip'] as const
  const counts = [
    'requests',
    'ok',
    'failed',
    'cancelled',
    'incomplete',
    'seconds',
    'rps',
    'outputTokensPerSecond',
    'totalTokensPerSecond',
    'goodput',
    'goodShare',
    'promptTokens',
    'cachedTokens',
    'outputTokens',
    'tokens',
  ] as const
  return {
    head: [
      'load',
      'target',
      'valid',
      'saturated',
      'simulated',
      ...counts,
      ...measures.flatMap((measure) => fields.map((field) => `${measure}_${field}_ms`)),
    ],
    rows: result.cells.flatMap((cell) =>
      cell.targets.map(({ target, valid, saturated, summary }) => [
        cell.name,
        target,
        String(valid),
        String(saturated),
        String(result.targets.find(({ name }) => name === target)?.simulated ?? false),
        ...counts.map((name) => String(summary[name] ?? '')),
        ...measures.flatMap((measure) => fields.map((field) => String(summary[measure]?.[field] ?? ''))),
      ]),
    ),
  }
}

/** The same for people: what one looks at first. */
export function shortTable(result: BenchResult): Table {
  const objectives = Object.keys(result.objectives).length > 0
  return {
    head: [
      'load',
      'target',
      'req/s',
      'out tok/s',
      ...(objectives ? ['goodput/s'] : []),
      'TTFT p50',
      'TTFT p99',
      'TPOT p50',
      'ITL p99',
      'E2E p50',
      'E2E p99',
      'failed',
      'remarks',
    ],
    rows: result.cells.flatMap((cell) =>
      cell.targets.map((each) => {
        const { target, summary } = each
        const { ttft, tpot, itl, e2e } = summary
        return [
          cell.name,
          target,
          number(summary.rps),
          `${summary.tokens === 'usage' || summary.tokens === 'none' ? '' : '~'}${number(summary.outputTokensPerSecond)}`,
          ...(objectives ? [number(summary.goodput)] : []),
          ...[ttft?.p50, ttft?.p99, tpot?.p50, itl?.p99, e2e?.p50, e2e?.p99].map(milliseconds),
          String(summary.failed),
          remarks(each).join('; '),
        ]
      }),
    ),
  }
}

/** Every ratio with its interval, and who wins by it. */
export function comparisonTable(result: BenchResult): Table {
  return {
    head: ['load', 'metric', 'ratio', '95 % interval', 'winner'],
    rows: result.cells.flatMap(({ name, comparisons }) =>
      comparisons.map(({ base, other, metric, ratio, low, high, winner }) => [
        name,
        `${metric}, ${other} / ${base}`,
        ratio.toFixed(3),
        `${low.toFixed(3)} to ${high.toFixed(3)}`,
        winner ?? 'none',
      ]),
    ),
  }
}

/** What to know about a row before believing it. */
export function remarks({ rounds, saturated, summary }: CellTarget): string[] {
  const failed = new Set(rounds.flatMap(({ checks }) => checks.filter(({ ok }) => !ok).map(({ name }) => name)))
  return [
    ...(failed.size === 0 ? [] : [`INVALID: ${[...failed].join(', ')}`]),
    ...(saturated ? ['saturated'] : []),
    ...(summary.incomplete > 0 ? [`${summary.incomplete} cut`] : []),
    ...(summary.tokens === 'estimated' || summary.tokens === 'mixed' ? ['tokens estimated'] : []),
  ]
}

/** Milliseconds for people: `0.42 ms`, `12.3 ms`, `1,240 ms`. */
export function milliseconds(value: number | undefined): string {
  return value === undefined ? '' : `${number(value)} ms`
}

function number(value: number | undefined): string {
  if (value === undefined) return ''
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
