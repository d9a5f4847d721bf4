// A plane with two axes, for charts that have points in it.

import { linear, logarithmic, marked, shown, type Scale } from './scale.ts'
import { label, legend, short, svg, tag, widthOf, type ChartText } from './svg.ts'

/** What an axis is called, and how its values are placed. */
export interface Axis {
  /** With its unit: `time to first token, ms`. */
  name: string
  /** Default `linear`. */
  scale?: 'linear' | 'log'
  /** Marks to put instead of round numbers, such as the concurrencies that were run. */
  ticks?: readonly number[]
}

export interface PlaneOptions extends ChartText {
  x: Axis
  y: Axis
  /** Names of the series, for the legend. */
  names: readonly string[]
  width?: number
  height?: number
}

/** Draws axes around values; `draw` puts the content in with their scales. */
export function plane(
  options: PlaneOptions,
  values: { x: number[]; y: number[] },
  draw: (x: Scale, y: Scale) => string[],
): string {
  const { width = 720, height = 360 } = options
  const names = legend(options.names, 16, 50, width - 32)
  const top = 48 + names.height + 16
  const bottom = height - 46
  const yScale = scaleOf(options.y, values.y, bottom, top)
  const left = 26 + Math.max(...yScale.ticks.map((tick) => widthOf(shown(tick)))) + 8
  const right = width - 24
  const xScale = scaleOf(options.x, values.x, left, right)
  const grid = yScale.ticks.flatMap((tick) => [
    tag('path', { d: `M${short(left)} ${short(yScale.at(tick))}H${right}`, class: 'grid' }),
    label(left - 7, yScale.at(tick) + 4, shown(tick), { class: 'soft', 'text-anchor': 'end' }),
  ])
  let free = -Infinity
  const marks = xScale.ticks.flatMap((tick) => {
    const [at, half] = [xScale.at(tick), widthOf(shown(tick)) / 2]
    if (at - half < free) return []
    free = at + half + 8
    return [
      tag('path', { d: `M${short(at)} ${bottom}v4`, class: 'grid' }),
      label(at, bottom + 18, shown(tick), { class: 'soft', 'text-anchor': 'middle' }),
    ]
  })
  return svg(options, width, height, [
    ...names.parts,
    ...grid,
    ...marks,
    label((left + right) / 2, height - 10, options.x.name, { class: 'soft', 'text-anchor': 'middle' }),
    label(0, 0, options.y.name, {
      class: 'soft',
      'text-anchor': 'middle',
      transform: `translate(18 ${short((top + bottom) / 2)}) rotate(-90)`,
    }),
    ...draw(xScale, yScale),
  ])
}

function scaleOf(axis: Axis, values: readonly number[], from: number, to: number): Scale {
  if (axis.ticks) return marked(axis.ticks, from, to, axis.scale ?? 'linear')
  return axis.scale === 'log' ? logarithmic(values, from, to) : linear(values, from, to)
}
