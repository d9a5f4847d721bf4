// What a question costs from end to end, from bench/results/end-to-end.json.

import { barChart } from '../../src/bench/charts/index.ts'
import { picture, ranOn, readKept, type Section } from './kept.ts'
import { table } from './table.ts'

/** As bench/end-to-end/main.ts writes them. */
interface Row {
  target: string
  askers: number
  answers: number
  perSecond: number
  firstTextP50Ms: number
  firstTextP95Ms: number
  wholeP50Ms: number
  cpuMsPerAnswer: number
  memoryMiB: number
  promptTokens: number
  outputTokens: number
}

export function endToEndSection(): Section | undefined {
  const kept = readKept<Row>('end-to-end')
  if (!kept) return undefined
  const targets = [...new Set(kept.rows.map(({ target }) => target))]
  return {
    pictures: {
      'performance-end-to-end.svg': barChart({
        title: 'Time to the first text of an answer, p50, simulated model',
        description:
          'For one asker and for several: the model alone with a ready prompt, the same with each question held back for 30 ms, Andon with and without tools, and a LangChain.js service before the same simulated model.',
        axis: 'ms',
        series: targets,
        groups: Map.groupBy(kept.rows, ({ askers }) => askers)
          .entries()
          .map(([askers, rows]) => ({
            name: askers === 1 ? '1 asker' : `${askers} askers`,
            bars: rows.map((row) => ({ series: targets.indexOf(row.target), value: row.firstTextP50Ms })),
          }))
          .toArray(),
      }),
    },
    text: [
      picture('performance-end-to-end.svg', 'Time to the first text of an answer, simulated model'),
      table(
        [
          'door',
          'askers',
          'answers',
          'first text p50, ms',
          'p95, ms',
          'whole p50, ms',
          'answers/s',
          'prompt tokens',
          'answer tokens',
          'CPU per answer, ms',
          'memory, MiB',
        ],
        kept.rows.map((row) => [
          row.target,
          row.askers,
          row.answers,
          row.firstTextP50Ms,
          row.firstTextP95Ms,
          row.wholeP50Ms,
          row.perSecond,
          row.promptTokens,
          row.outputTokens,
          row.memoryMiB === 0 ? 'none' : row.cpuMsPerAnswer,
          row.memoryMiB === 0 ? 'none' : row.memoryMiB,
        ]),
      ),
      `${ranOn(kept)} ${kept.method}`,
    ].join('\n\n'),
  }
}
