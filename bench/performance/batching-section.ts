// What batching does, from bench/results/batching.json. Every number and picture here says that it is simulated.

import { lineChart } from '../../src/bench/charts/index.ts'
import type { CurvePoint, Saturated } from './curves.ts'
import { picture, ranOn, readKept, type Section } from './kept.ts'
import type { Check } from './over-http.ts'
import { shown, table } from './table.ts'

type Row = CurvePoint | Saturated | Check

/** A longer wait tells how long the load lasted, and nothing of the engine. */
const tooLongMs = 60_000

/** Loads of which the table tells; the pictures have all. */
const told = new Set([0.5, 2, 4, 8, 12, 16])

export function batchingSection(): Section | undefined {
  const kept = readKept<Row>('batching')
  if (!kept) return undefined
  const points = kept.rows.filter((row) => row.kind === 'offered load')
  const full = kept.rows.filter((row) => row.kind === 'saturation')
  const checks = kept.rows.filter((row) => row.kind === 'over HTTP')
  const alone = full.find(({ way }) => way === 'sequential')?.outputTokensPerSecond ?? Number.NaN
  return {
    pictures: {
      'performance-batching-requests.svg': lineChart(
        {
          title: 'Requests done per second over requests offered (simulated)',
          description:
            'Serving one request at a time stops at less than one request per second; static batches of 16 at about six; continuous batching at more than ten, and with a shared prefix at about twice that.',
          x: { name: 'requests offered per second' },
          y: { name: 'requests done per second' },
        },
        curves(points, ({ perSecond }) => perSecond),
      ),
      'performance-batching-first-token.svg': lineChart(
        {
          title: 'Time to first token, p50, over requests offered (simulated)',
          description:
            'Until an engine is full the first token comes within tens of milliseconds with continuous batching; beyond it, the wait grows for as long as the load lasts, and the lines end where it is over a minute. Serving one request at a time is full at less than one request per second.',
          x: { name: 'requests offered per second' },
          y: { name: 'ms, by powers of ten', scale: 'log' },
        },
        curves(points, ({ firstTokenP50Ms }) => (firstTokenP50Ms > tooLongMs ? Number.NaN : firstTokenP50Ms)),
      ),
      'performance-batching-gaps.svg': lineChart(
        {
          title: 'Time between tokens of one answer, p99, over requests offered (simulated)',
          description:
            'Alone, tokens come every eight milliseconds whatever the load is. With continuous batching they come later as the load grows, because prompts of others are computed between them.',
          x: { name: 'requests offered per second' },
          y: { name: 'ms, by powers of ten', scale: 'log' },
        },
        curves(points, ({ gapP99Ms }) => gapP99Ms),
      ),
    },
    text: [
      picture('performance-batching-requests.svg', 'Requests done per second over requests offered, simulated'),
      picture('performance-batching-first-token.svg', 'Time to first token over requests offered, simulated'),
      picture('performance-batching-gaps.svg', 'Time between tokens over requests offered, simulated'),
      'All figures simulated; first tokens and gaps in milliseconds:',
      table(
        ['batching', 'offered/s', 'done/s', 'first token p50', 'first token p99', 'gap p99', 'first token within 1 s'],
        points
          .filter(({ offered }) => told.has(offered))
          .map((point) => [
            point.way,
            point.offered,
            point.perSecond,
            waited(point.firstTokenP50Ms),
            waited(point.firstTokenP99Ms),
            point.gapP99Ms,
            `${shown(point.withinSecond * 100)} %`,
          ]),
      ),
      `With ${full[0]?.requests.toLocaleString('en')} requests there at once, simulated:`,
      table(
        ['batching', 'requests/s', 'output tokens/s', 'beside one at a time', 'most in a step'],
        full.map((row) => [
          row.way,
          row.perSecond,
          row.outputTokensPerSecond,
          `${shown(row.outputTokensPerSecond / alone)}×`,
          row.maxRunning,
        ]),
      ),
      'The same engines as servers, asked over HTTP in real time by `andon bench`, beside what virtual time foretells. The times are those of the simulated engine in both:',
      table(
        ['batching', 'clients', 'requests/s', 'foretold', 'first token p50, ms', 'foretold', 'the bench trusts itself'],
        checks.map((row) => [
          row.way,
          row.clients,
          row.perSecond,
          row.foretoldPerSecond,
          row.firstTokenP50Ms,
          row.foretoldFirstTokenP50Ms,
          row.valid ? 'yes' : 'no',
        ]),
      ),
      `${ranOn(kept)} ${kept.method}`,
    ].join('\n\n'),
  }
}

function curves(points: readonly CurvePoint[], value: (point: CurvePoint) => number): Parameters<typeof lineChart>[1] {
  return Map.groupBy(points, ({ way }) => way)
    .entries()
    .map(([name, of]) => ({ name, points: of.map((point) => ({ x: point.offered, y: value(point) })) }))
    .toArray()
}

function waited(ms: number): string {
  return ms > tooLongMs ? `over ${shown(tooLongMs)}` : shown(ms)
}
