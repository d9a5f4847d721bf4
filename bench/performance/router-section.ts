// The router beside Portkey's gateway and beside the least that a proxy can cost, from bench/results/router.json.

import { barChart } from '../../src/bench/charts/index.ts'
import type { Gate } from '../harness.ts'
import { picture, readKept, type Section } from './kept.ts'
import { shown, table, type Cell } from './table.ts'

/** A row as bench/router writes it: which figures it has, its scenario says. */
type Row = { scenario: string; target: string } & Partial<Record<string, string | number>>

/** What the bounds are about, by the number that their names begin with. */
const areas = [
  'what a request costs',
  'streams',
  'one endpoint is slow',
  'an endpoint dies, hangs or errs',
  'clients that leave',
  'maxConcurrent over several workers',
  'priorities at twice the load',
  'endpoints that answer 429',
  'all endpoints are gone',
  'prompts go where they are cached (simulated)',
  'a hundred thousand requests',
  'regions and replicas (simulated)',
  'what an endpoint takes is found (simulated)',
  'second attempts beside a late first',
]

const names: Record<string, string> = {
  direct: 'without a gateway',
  floor: 'raw floor',
  ours: 'Andon',
  'ours-rr': 'Andon, round robin',
  'portkey-lb': 'Portkey, load balancer',
  'portkey-lb+fb': 'Portkey, with fallback',
}
const series = Object.values(names)

export function routerSection(): Section | undefined {
  const kept = readKept<Row>('router')
  if (!kept) return undefined
  const of = (scenario: string): Row[] => kept.rows.filter((row) => row.scenario === scenario)
  const cost = of('S1').filter(({ clients }) => clients === 32)
  const burst = of('S2').filter(({ streams }) => streams === 256)
  const slow = of('S3')
  const { date, commit, node, cpu, cores } = kept.conditions
  return {
    pictures: {
      'performance-router-cost.svg': bars(
        'Processor time of a request, 32 clients',
        'microseconds of the gateway process per request',
        cost.filter(({ target }) => target !== 'direct'),
        { 'CPU of a request': 'cpuUs' },
      ),
      'performance-router-streams.svg': bars(
        'Time to first token of 256 streams that begin at once',
        'ms; the simulated fleet takes 50 of them',
        burst,
        { p50: 'firstP50', p99: 'firstP99' },
      ),
      'performance-router-slow.svg': bars(
        'Time of an answer while one of four endpoints is eight times slower',
        'ms; endpoints are simulated',
        slow,
        { p50: 'p50', p99: 'p99' },
      ),
    },
    text: [
      picture('performance-router-cost.svg', 'Processor time of a request through each gateway'),
      table(
        ['32 clients', 'requests/s', 'p50, ms', 'p99, ms', 'CPU of a request, µs', 'memory, MB'],
        cost.map((row) => [
          named(row),
          number(row, 'rps'),
          number(row, 'p50'),
          number(row, 'p99'),
          ...(row.target === 'direct' ? ['none', 'none'] : [number(row, 'cpuUs'), number(row, 'rssMb')]),
        ]),
      ),
      picture('performance-router-streams.svg', 'Time to first token of a burst of streams through each gateway'),
      picture('performance-router-slow.svg', 'Time of an answer while one endpoint is slow'),
      'What became of requests when endpoints misbehaved:',
      table(
        ['scenario', 'door', 'requests', 'lost before a first token', 'cut without being told', 'p99, ms'],
        ['S3', 'S4 dies', 'S4 fails', 'S5 hangs'].flatMap((scenario) =>
          of(scenario).map((row) => [
            { S3: 'one is slow', 'S4 dies': 'one dies', 'S4 fails': 'one answers 500', 'S5 hangs': 'one says nothing' }[
              scenario
            ],
            named(row),
            number(row, 'requests'),
            number(row, 'lost'),
            number(row, 'hidden'),
            number(row, 'p99'),
          ]),
        ),
      ),
      `Bounds of Andon's router: ${kept.gates.filter(({ ok }) => ok).length} of ${kept.gates.length} held.`,
      table(
        ['what', 'held', 'missed'],
        areas.flatMap((area, at) => areaRow(area, at + 1, kept.gates)),
      ),
      `Ran on ${date} at commit ${commit}: Node ${String(node).replace(/^v/, '')}, ${cores} cores of ${cpu}. ${kept.method} Every scenario and bound: [bench/results/router.md](../bench/results/router.md).`,
    ].join('\n\n'),
  }
}

/** No row for what the kept results know nothing of. */
function areaRow(area: string, at: number, gates: readonly Gate[]): Cell[][] {
  const own = gates.filter(({ name }) => Number.parseInt(name) === at)
  if (own.length === 0) return []
  const missed = own.filter(({ ok }) => !ok)
  const sentences = missed.map(({ name, value, bound }) => `${name.replace(/^\d+ /, '')}: ${shown(value)} (${bound})`)
  return [[area, `${own.length - missed.length} of ${own.length}`, sentences.join('; ')]]
}

function bars(title: string, axis: string, rows: readonly Row[], figures: Readonly<Record<string, string>>): string {
  return barChart({
    title,
    description: rows
      .map(
        (row) =>
          `${named(row)}: ${Object.entries(figures)
            .map(([name, key]) => `${name} ${shown(number(row, key))}`)
            .join(', ')}`,
      )
      .join('; '),
    axis,
    series,
    groups: Object.entries(figures).map(([name, key]) => ({
      name,
      bars: rows
        .filter((row) => Number.isFinite(number(row, key)))
        .map((row) => ({ series: series.indexOf(named(row)), value: number(row, key) })),
    })),
  })
}

function named({ target }: Row): string {
  return names[target] ?? target
}

function number(row: Row, key: string): number {
  const value = row[key]
  return typeof value === 'number' ? value : Number.NaN
}
