// Charts as SVG text: the same bytes for the same values, readable on light and dark, with nothing loaded.

export { barChart, type Bar, type BarChartOptions } from './bar.ts'
export { distributionChart, lineChart, type Point, type Series } from './line.ts'
export type { Axis } from './plane.ts'
export { escaped, type ChartText } from './svg.ts'
export { timelineChart, type TimelineRow } from './timeline.ts'
