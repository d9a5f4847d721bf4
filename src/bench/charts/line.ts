// Lines through points, with bars for what is not sure.

import { plane, type PlaneOptions } from './plane.ts'
import { mostSeries, short, tag } from './svg.ts'

/** A point, and if known the interval its value lies in. */
export interface Point {
  x: number
  y: number
  low?: number
  high?: number
}

export interface Series {
  name: string
  points: readonly Point[]
}

/** A chart of lines. Points that are no numbers are left out; a series of one point is a mark. */
export function lineChart(options: Omit<PlaneOptions, 'names'>, series: readonly Series[]): string {
  const drawn = series.map(({ name, points }) => ({
    name,
    points: points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
  }))
  const all = drawn.flatMap(({ points }) => points)
  const values = {
    x: all.map(({ x }) => x),
    y: all.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]),
  }
  return plane({ ...options, names: drawn.map(({ name }) => name) }, values, (x, y) =>
    drawn.flatMap(({ points }, at) => {
      const color = at % mostSeries
      return [
        tag('path', {
          d: points
            .map((point, index) => `${index === 0 ? 'M' : 'L'}${short(x.at(point.x))} ${short(y.at(point.y))}`)
            .join(''),
          class: `l k${color}`,
        }),
        ...points.flatMap((point) => {
          const [left, height] = [x.at(point.x), y.at(point.y)]
          const dot = tag('circle', { cx: left, cy: height, r: 3, class: `f${color}` })
          if (point.low === undefined || point.high === undefined) return [dot]
          const [low, high] = [short(y.at(point.low)), short(y.at(point.high))]
          const from = short(left - 4)
          return [
            dot,
            tag('path', {
              d: `M${from} ${low}h8M${from} ${high}h8M${short(left)} ${low}V${high}`,
              class: `l e k${color}`,
            }),
          ]
        }),
      ]
    }),
  )
}

/** A cumulative distribution: for each series the share of values at or below each; `quantiles` are evenly spaced. */
export function distributionChart(
  options: Omit<PlaneOptions, 'names' | 'y'>,
  series: readonly { name: string; quantiles: readonly number[] }[],
): string {
  const values = { x: series.flatMap(({ quantiles }) => quantiles), y: [0, 1] }
  const names = series.map(({ name }) => name)
  return plane({ ...options, y: { name: 'share of values' }, names }, values, (x, y) =>
    series.map(({ quantiles }, at) =>
      tag('path', {
        d: quantiles
          .map(
            (value, index) =>
              `${index === 0 ? 'M' : 'L'}${short(x.at(value))} ${short(y.at(index / Math.max(1, quantiles.length - 1)))}`,
          )
          .join(''),
        class: `l k${at % mostSeries}`,
      }),
    ),
  )
}
