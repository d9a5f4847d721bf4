// What the scripts in bench/gpu found on a real GPU, when they were run: labelled with exactly what ran.

import { lineChart } from '../../src/bench/charts/index.ts'
import { picture, readKept, type Section } from './kept.ts'
import { table } from './table.ts'

/** As bench/gpu/run.py writes them. */
interface Row {
  label: string
  levels: {
    clients: number
    requestsPerSecond: number
    piecesPerSecond: number
    unfinished: number
    errors: number
    firstMs: { p50: number; p99: number }
    gapMs: { p50: number; p99: number }
  }[]
}

export function gpuSection(): Section {
  const kept = readKept<Row>('gpu')
  const rows = kept?.rows.filter(({ levels }) => levels.length > 0) ?? []
  if (!kept || rows.length === 0)
    return {
      pictures: {},
      text: 'These scripts have not been run for this page yet: there are no measured figures of a GPU here.',
    }
  const { gpu, date, versions } = kept.conditions
  const ran = Object.entries((versions ?? {}) as unknown as Record<string, string | null>)
    .flatMap(([name, version]) => (version === null ? [] : [`${name} ${version}`]))
    .join(', ')
  const levels = rows.flatMap(({ label, levels }) => levels.map((level) => ({ label, ...level })))
  const x = { name: 'clients', scale: 'log', ticks: [...new Set(levels.map(({ clients }) => clients))] } as const
  const chart = (title: string, y: string, value: (level: Row['levels'][number]) => number): string =>
    lineChart(
      { title, description: `${title}, for each of: ${rows.map(({ label }) => label).join('; ')}.`, x, y: { name: y } },
      rows.map(({ label, levels }) => ({
        name: label,
        points: levels.map((level) => ({ x: level.clients, y: value(level) })),
      })),
    )
  return {
    pictures: {
      'performance-gpu-requests.svg': chart(
        'Requests per second (measured)',
        'requests/s',
        (at) => at.requestsPerSecond,
      ),
      'performance-gpu-first-token.svg': chart('Time to first token, p50 (measured)', 'ms', (at) => at.firstMs.p50),
    },
    text: [
      picture('performance-gpu-requests.svg', 'Requests per second over clients, measured on a GPU'),
      picture('performance-gpu-first-token.svg', 'Time to first token over clients, measured on a GPU'),
      table(
        [
          'what ran',
          'clients',
          'requests/s',
          'pieces/s',
          'first token p50, ms',
          'p99, ms',
          'gap p99, ms',
          'unfinished',
          'errors',
        ],
        levels.map((level) => [
          level.label,
          level.clients,
          level.requestsPerSecond,
          level.piecesPerSecond,
          level.firstMs.p50,
          level.firstMs.p99,
          level.gapMs.p99,
          level.unfinished,
          level.errors,
        ]),
      ),
      `Measured on ${date}: ${gpu}; ${ran}. ${kept.method}`,
    ].join('\n\n'),
  }
}
