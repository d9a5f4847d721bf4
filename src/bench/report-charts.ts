// The charts of a result: throughput, waiting and goodput over the load, distributions, the server's queue, a timeline.

import { barChart, distributionChart, lineChart, timelineChart, type Axis, type Point } from './charts/index.ts'
import type { BenchResult, CellReport, CellTarget } from './result.ts'
import type { Summary } from './measures.ts'

/** A chart, and the name of its file. */
export interface ReportChart {
  file: string
  svg: string
}

/** All charts that a result has something for. */
export function reportCharts(result: BenchResult): ReportChart[] {
  const charts: ReportChart[] = []
  const mark = result.simulated ? ' (simulated)' : ''
  const add = (file: string, svg: string | undefined): void => {
    if (svg !== undefined) charts.push({ file: `${file}.svg`, svg })
  }
  const over = (title: string, unit: string, of: (summary: Summary) => number | undefined): string | undefined =>
    overLoad(result, `${title}${mark}`, unit, of)
  add(
    'throughput',
    over('Output tokens per second', 'tokens/s', (summary) => summary.outputTokensPerSecond || undefined),
  )
  add(
    'requests',
    over('Requests per second', 'requests/s', ({ rps }) => rps),
  )
  add(
    'ttft',
    over('Time to first token, median', 'ms', ({ ttft }) => ttft?.p50),
  )
  add(
    'ttft-p99',
    over('Time to first token, p99', 'ms', ({ ttft }) => ttft?.p99),
  )
  add(
    'e2e',
    over('End to end, median', 'ms', ({ e2e }) => e2e?.p50),
  )
  if (Object.keys(result.objectives).length > 0)
    add(
      'goodput',
      over('Goodput under the objectives', 'requests/s', ({ goodput }) => goodput),
    )
  add('knee', knee(result, mark))
  const last = result.cells.at(-1)
  if (last) {
    add('ttft-distribution', spread(last, 'ttft', `Time to first token under ${last.name}${mark}`))
    add('itl-distribution', spread(last, 'itl', `Time between events under ${last.name}${mark}`))
    for (const target of last.targets) {
      add(`queue-${plain(target.target)}`, queue(last, target, mark))
      const title = `First requests of ${target.target} under ${last.name}${mark}`
      if (target.timeline.length > 0)
        add(
          `timeline-${plain(target.target)}`,
          timelineChart(
            {
              title,
              description: 'Each request of the last round as a bar: waiting, until its first token, and its stream.',
            },
            target.timeline,
          ),
        )
      add(`stations-${plain(target.target)}`, stations(last, target, mark))
    }
  }
  return charts
}

/** Lines over the load when there are several loads of a kind, else bars. The interval is that of the rounds. */
function overLoad(
  result: BenchResult,
  title: string,
  unit: string,
  of: (summary: Summary) => number | undefined,
): string | undefined {
  const named = result.cells.flatMap((cell) => {
    const x = loadOf(cell)
    return x === undefined ? [] : [{ cell, x }]
  })
  const names = result.targets.map(({ name }) => name)
  const several = result.cells.some(({ targets }) => targets.some(({ rounds }) => rounds.length > 1))
  const valueOf = (target: CellTarget | undefined): { y: number; low?: number; high?: number } | undefined => {
    const y = target && of(target.summary)
    if (target === undefined || y === undefined) return undefined
    const each = target.rounds.flatMap(({ summary }) => of(summary) ?? [])
    return several ? { y, low: Math.min(y, ...each), high: Math.max(y, ...each) } : { y }
  }
  if (named.length >= 2 && named.length === result.cells.length) {
    const series = names.map((name) => ({
      name,
      points: named.flatMap(({ cell, x }): Point[] => {
        const value = valueOf(cell.targets.find(({ target }) => target === name))
        return value ? [{ x, ...value }] : []
      }),
    }))
    if (series.every(({ points }) => points.length === 0)) return undefined
    const [{ cell } = { cell: undefined }] = named
    const spreads = Math.max(...named.map(({ x }) => x)) / Math.min(...named.map(({ x }) => x)) > 8
    const x: Axis = {
      name: `${cell?.load.kind === 'closed' ? 'requests at once' : 'requests offered per second'}${several ? ' (upright lines: from the least round to the largest)' : ''}`,
      ticks: named.map(({ x }) => x),
      scale: spreads ? 'log' : 'linear',
    }
    return lineChart(
      {
        title,
        description: `${title} of ${names.join(', ')} over the load.`,
        x,
        y: { name: unit },
      },
      series,
    )
  }
  const groups = result.cells.map((cell) => ({
    name: cell.name,
    bars: cell.targets.flatMap((target) => {
      const value = valueOf(target)
      if (!value) return []
      const { y, ...interval } = value
      return [{ series: names.indexOf(target.target), value: y, ...interval }]
    }),
  }))
  if (groups.every(({ bars }) => bars.length === 0)) return undefined
  return barChart({
    title,
    description: `${title} of ${names.join(', ')}.`,
    axis: several ? `${unit} (lines: from the least round to the largest)` : unit,
    series: names,
    groups,
  })
}

/** Throughput against waiting: where more load brings nothing but waiting. Answers in one piece have no first token. */
function knee(result: BenchResult, mark: string): string | undefined {
  if (result.cells.length < 3) return undefined
  const whole = result.cells.every(({ targets }) => targets.every(({ summary }) => summary.ttft === undefined))
  const series = result.targets.map(({ name }) => ({
    name,
    points: result.cells.flatMap(({ targets }) => {
      const summary = targets.find(({ target }) => target === name)?.summary
      const y = whole ? summary?.e2e?.p50 : summary?.ttft?.p50
      return summary && y !== undefined ? [{ x: summary.rps, y }] : []
    }),
  }))
  return lineChart(
    {
      title: `Waiting against throughput${mark}`,
      description: `The median wait for ${whole ? 'an answer' : 'a first token'} against the answered requests per second, one point for each load.`,
      x: { name: 'answered requests per second, one point for each load' },
      y: { name: whole ? 'end to end, median, ms' : 'time to first token, median, ms', scale: 'log' },
    },
    series,
  )
}

/** Milliseconds: events nearer than this came in one piece, and how near they are says nothing of the server. */
const together = 0.1

function spread({ targets }: CellReport, which: 'ttft' | 'itl', title: string): string | undefined {
  const series = targets.flatMap(({ target, curves }) =>
    curves[which].length === 0
      ? []
      : [{ name: target, quantiles: curves[which].map((value) => Math.max(value, together)) }],
  )
  if (series.length === 0) return undefined
  const all = series.flatMap(({ quantiles }) => quantiles)
  const came = targets.some(({ curves }) => (curves[which][0] ?? together) < together)
  const wide = Math.max(...all) > 20 * Math.min(...all)
  const x: Axis = {
    name: came ? `ms (what came together stands at ${together})` : 'ms',
    scale: wide ? 'log' : 'linear',
  }
  return distributionChart(
    { title, description: `${title}, as the share of values at or below each, all rounds together.`, x },
    series,
  )
}

function queue({ name }: CellReport, { target, rounds }: CellTarget, mark: string): string | undefined {
  const over = rounds.at(-1)?.server?.over ?? []
  if (over.length < 2) return undefined
  const series = (['running', 'waiting'] as const).map((metric) => ({
    name: metric,
    points: over.flatMap((look) => (look[metric] === undefined ? [] : [{ x: look.atMs / 1000, y: look[metric] }])),
  }))
  return lineChart(
    {
      title: `Requests inside ${target} under ${name}${mark}`,
      description: 'What the server said of itself in the last round: requests running and waiting over time.',
      x: { name: 'seconds' },
      y: { name: 'requests' },
    },
    series,
  )
}

function stations({ name }: CellReport, { target, stations: list = [] }: CellTarget, mark: string): string | undefined {
  if (list.length === 0) return undefined
  return barChart({
    title: `Where the time of an answer goes, ${target} under ${name}${mark}`,
    description: 'For each station the median time of waiting and of work.',
    axis: 'ms, median (lines: work from the least to the 99th percentile)',
    series: ['waiting', 'work'],
    groups: list.map(({ station, wait, work }) => ({
      name: station,
      bars: [
        { series: 0, value: wait.p50 },
        { series: 1, value: work.p50, low: work.min, high: work.p99 },
      ],
    })),
  })
}

function loadOf({ load }: CellReport): number | undefined {
  return load.kind === 'closed' ? load.concurrency : load.kind === 'open' ? load.rate : undefined
}

function plain(name: string): string {
  return name.replace(/[^\w.-]/g, '_')
}
