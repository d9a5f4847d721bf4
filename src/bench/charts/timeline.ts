// Requests as bars over time: waiting to be sent, until the first token, and its stream.

import { linear, shown } from './scale.ts'
import { label, short, svg, tag, type ChartText } from './svg.ts'

/** One request; milliseconds. */
export interface TimelineRow {
  scheduledMs: number
  sentMs: number
  firstTokenMs?: number
  endMs: number
  outcome: string
}

const row = 7

/** A chart of requests, the first above. */
export function timelineChart(options: ChartText & { width?: number }, rows: readonly TimelineRow[]): string {
  const { width = 720 } = options
  const [left, right, top] = [24, width - 24, 78]
  const bottom = top + rows.length * row + 4
  const x = linear(
    rows.map(({ endMs }) => endMs / 1000),
    left,
    right,
  )
  const parts = rows.flatMap(({ scheduledMs, sentMs, endMs, firstTokenMs = endMs, outcome }, at) => {
    const y = top + at * row
    const bar = (from: number, to: number, name: string): string[] =>
      to > from
        ? [
            tag('rect', {
              x: x.at(from / 1000),
              y,
              width: Math.max(0.5, x.at(to / 1000) - x.at(from / 1000)),
              height: row - 2,
              class: name,
            }),
          ]
        : []
    return outcome === 'ok'
      ? [...bar(scheduledMs, sentMs, 'fw'), ...bar(sentMs, firstTokenMs, 'f0 fp'), ...bar(firstTokenMs, endMs, 'f0')]
      : bar(scheduledMs, endMs, 'f5')
  })
  const keys = [
    ['fw', 'waits in the client'],
    ['f0 fp', 'until the first token'],
    ['f0', 'streams'],
    ['f5', 'failed or left'],
  ] as const
  let keyX = 16
  const names = keys.flatMap(([name, text]) => {
    const at = keyX
    keyX += 40 + text.length * 6.6
    return [tag('rect', { x: at, y: 41, width: 12, height: 10, rx: 2, class: name }), label(at + 17, 50, text)]
  })
  const grid = x.ticks.flatMap((tick) => [
    tag('path', { d: `M${short(x.at(tick))} ${top - 4}V${bottom}`, class: 'grid' }),
    label(x.at(tick), bottom + 16, shown(tick), { class: 'soft', 'text-anchor': 'middle' }),
  ])
  return svg(options, width, bottom + 42, [
    ...names,
    ...grid,
    ...parts,
    label((left + right) / 2, bottom + 34, 'seconds since the start of the round', {
      class: 'soft',
      'text-anchor': 'middle',
    }),
  ])
}
