// Small charts of every kind. Run as a program, it writes them to `expected/`: look at them before you commit them.

import { writeFileSync } from 'node:fs'
import { barChart, distributionChart, lineChart, timelineChart } from './index.ts'

/** File name → SVG. */
export const samples: Record<string, string> = {
  'line.svg': lineChart(
    {
      title: 'Requests per second <1 & more>',
      description: 'Two servers over the load.',
      x: { name: 'requests at once', scale: 'log', ticks: [1, 4, 16, 64] },
      y: { name: 'requests/s' },
    },
    [
      {
        name: 'plain',
        points: [
          { x: 1, y: 1.2, low: 1.1, high: 1.3 },
          { x: 4, y: 1.3 },
          { x: 16, y: 1.25, low: 1, high: 1.5 },
          { x: 64, y: Number.NaN },
        ],
      },
      {
        name: 'continuous 连续',
        points: [
          { x: 1, y: 1.2 },
          { x: 4, y: 4.5 },
          { x: 16, y: 14, low: 12, high: 15.5 },
          { x: 64, y: 31 },
        ],
      },
    ],
  ),
  'distribution.svg': distributionChart(
    { title: 'Time to first token', description: 'Two distributions.', x: { name: 'ms', scale: 'log' } },
    [
      { name: 'a', quantiles: [10, 20, 30, 40, 200] },
      { name: 'b', quantiles: [15, 18, 21, 24, 1500] },
    ],
  ),
  'bar.svg': barChart({
    title: 'Output tokens per second',
    description: 'Two servers, two loads.',
    axis: 'tokens/s',
    series: ['a', 'b'],
    groups: [
      {
        name: 'c=1',
        bars: [
          { series: 0, value: 117 },
          { series: 1, value: 645, low: 600, high: 700, note: 'simulated' },
        ],
      },
      {
        name: 'c=32',
        bars: [
          { series: 0, value: 0 },
          { series: 1, value: 3521 },
        ],
      },
    ],
  }),
  'timeline.svg': timelineChart({ title: 'First requests', description: 'Three requests.' }, [
    { scheduledMs: 0, sentMs: 40, firstTokenMs: 300, endMs: 1200, outcome: 'ok' },
    { scheduledMs: 100, sentMs: 100, endMs: 900, outcome: 'failed' },
    { scheduledMs: 200, sentMs: 200, endMs: 2000, outcome: 'ok' },
  ]),
}

if (import.meta.main)
  for (const [name, svg] of Object.entries(samples)) writeFileSync(new URL(`expected/${name}`, import.meta.url), svg)
