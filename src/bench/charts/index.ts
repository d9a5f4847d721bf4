// Charts as SVG text: the same bytes for the same values, readable on light and dark, with nothing loaded.

export { barChart } from './bar.ts'
export { distributionChart, lineChart, type Point } from './line.ts'
export type { Axis } from './plane.ts'
export { escaped } from './svg.ts'
export { timelineChart } from './timeline.ts'
