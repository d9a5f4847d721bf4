// Horizontal bars in groups: a few things by name, side by side.

import { linear, logarithmic, shown } from './scale.ts'
import { label, legend, mostSeries, short, svg, tag, widthOf, type ChartText } from './svg.ts'

/** One bar, and if known the interval its value lies in. */
export interface Bar {
  /** Index into `series`. */
  series: number
  value: number
  low?: number
  high?: number
  /** Beside the value: `simulated`, `no winner`. */
  note?: string
}

export interface BarChartOptions extends ChartText {
  /** What the bars' length is, with its unit. */
  axis: string
  /** One without a bar is not named, and its colour stays free: so charts of the same things have the same colours. */
  series: readonly string[]
  groups: readonly { name: string; bars: readonly Bar[] }[]
  scale?: 'linear' | 'log'
  width?: number
}

const thick = 16

/** A chart of bars; the value stands behind each, with its interval where it has one. */
export function barChart(options: BarChartOptions): string {
  const { width = 720, groups } = options
  const bars = groups.flatMap((group) => group.bars)
  const drawn = new Set(bars.map(({ series }) => series))
  const shownSeries = options.series.map((name, at) => (drawn.has(at) ? name : undefined))
  const names = legend(shownSeries, 16, 50, width - 32, true)
  const left = 24 + Math.min(240, Math.max(20, ...groups.map(({ name }) => widthOf(name))))
  const right = width - Math.max(120, ...bars.filter(hasInterval).map((bar) => 18 + widthOf(said(bar))))
  const values = bars.flatMap(({ value, high }) => [value, high ?? value])
  const scale = options.scale === 'log' ? logarithmic(values, left, right) : linear(values, left, right)
  const top = 48 + names.height + 22
  const parts: string[] = []
  let y = top + 6
  for (const group of groups) {
    const height = Math.max(1, group.bars.length) * thick
    parts.push(label(left - 10, y + height / 2 + 4, group.name, { 'text-anchor': 'end' }))
    for (const bar of group.bars) {
      const { series, value } = bar
      const end = scale.at(value)
      let behind = end
      parts.push(
        tag('rect', {
          x: left,
          y: y + 2,
          width: Math.max(0, end - left),
          height: thick - 4,
          rx: 2,
          class: `f${series % mostSeries}`,
        }),
      )
      if (hasInterval(bar)) {
        const [from, to] = [scale.at(bar.low), scale.at(bar.high)]
        behind = Math.max(end, to)
        parts.push(
          tag('path', {
            d: `M${short(from)} ${short(y + 4)}v8M${short(to)} ${short(y + 4)}v8M${short(from)} ${short(y + 8)}H${short(to)}`,
            class: 'l e',
            style: 'stroke:var(--ink)',
          }),
        )
      }
      parts.push(label(behind + 6, y + 12, said(bar)))
      y += thick
    }
    y += 12
  }
  const grid = scale.ticks.flatMap((tick) => [
    tag('path', { d: `M${short(scale.at(tick))} ${top}V${y - 4}`, class: 'grid' }),
    label(scale.at(tick), top - 6, shown(tick), { class: 'soft', 'text-anchor': 'middle' }),
  ])
  return svg(options, width, y + 26, [
    ...names.parts,
    ...grid,
    ...parts,
    label((left + right) / 2, y + 14, options.axis, { class: 'soft', 'text-anchor': 'middle' }),
  ])
}

function hasInterval(bar: Bar): bar is Bar & { low: number; high: number } {
  return bar.low !== undefined && bar.high !== undefined
}

/** What stands behind a bar: `5.1 (1.1 to 10) simulated`. Where a line runs on, the number at its end is not the bar's alone. */
function said(bar: Bar): string {
  const interval = hasInterval(bar) ? [`(${shown(bar.low)} to ${shown(bar.high)})`] : []
  return [shown(bar.value), ...interval, ...(bar.note === undefined ? [] : [bar.note])].join(' ')
}
