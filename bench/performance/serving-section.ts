// What not blocking buys, from bench/results/serving.json.

import { barChart } from '../../src/bench/charts/index.ts'
import { picture, ranOn, readKept, type Section } from './kept.ts'
import { shown, table } from './table.ts'

/** As bench/serving/main.ts writes them. */
interface Row {
  server: string
  askers: number
  unanswered: number
  perSecond: number
  p50Ms: number
  p99Ms: number
  cpuMsPerAnswer: number
  memoryMiB: number
}

export function servingSection(): Section | undefined {
  const kept = readKept<Row>('serving')
  if (!kept) return undefined
  const servers = [...new Set(kept.rows.map(({ server }) => server))]
  const most = Math.max(...kept.rows.map(({ askers }) => askers))
  const groups = (value: (row: Row) => number) =>
    Map.groupBy(kept.rows, ({ askers }) => askers)
      .entries()
      .map(([askers, rows]) => ({
        name: askers === 1 ? '1 asker' : `${askers} askers`,
        bars: rows.map((row) => ({ series: servers.indexOf(row.server), value: value(row) })),
      }))
      .toArray()
  return {
    pictures: {
      'performance-serving.svg': barChart({
        title: 'Answers per second before a simulated model',
        description:
          'One asker is served alike by all. With more askers, blocking servers stop at as many answers as they have processes for; one asynchronous process goes on.',
        axis: 'answers per second',
        series: servers,
        groups: groups(({ perSecond }) => perSecond),
      }),
      'performance-serving-memory.svg': barChart({
        title: `Memory of the server processes, ${most} askers`,
        description: 'Each blocking process costs its memory; the asynchronous server is one process.',
        axis: 'MiB',
        series: servers,
        groups: groups(({ memoryMiB }) => memoryMiB).slice(-1),
      }),
    },
    text: [
      picture('performance-serving.svg', 'Answers per second of blocking and asynchronous servers, simulated model'),
      picture('performance-serving-memory.svg', 'Memory of blocking and asynchronous servers'),
      table(
        [
          'server',
          'askers',
          'answers/s',
          'p50, ms',
          'p99, ms',
          'CPU per answer, ms',
          'memory, MiB',
          'unanswered at the end',
        ],
        kept.rows.map((row) => [
          row.server,
          row.askers,
          row.perSecond,
          atLeast(row.p50Ms, row),
          atLeast(row.p99Ms, row),
          row.cpuMsPerAnswer,
          row.memoryMiB,
          row.unanswered,
        ]),
      ),
      `${ranOn(kept)} ${kept.method}`,
    ].join('\n\n'),
  }
}

/** Where some were still waiting when the time was over, their times are known only to be no less. */
function atLeast(ms: number, { unanswered }: Row): string {
  return unanswered > 0 ? `≥ ${shown(ms)}` : shown(ms)
}
