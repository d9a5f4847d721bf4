// What a serving process says of itself, Andon's and the one it is measured beside: its memory, as the system and as the
// collector see it, and how late its loop is.

import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Reading {
  rssMb: number
  /** Objects and buffers that are alive, of the main thread. */
  heapMb: number
  loopP99Ms: number
  /** Processor time of the whole process since it began, in seconds. */
  cpuSeconds: number
}

const mebibyte = 2 ** 20
const resolutionMs = 5
let delay = monitorEventLoopDelay({ resolution: resolutionMs })
delay.enable()

/** Reads; with `collect` garbage is collected first (needs --expose-gc), so that what is alive is what is counted. */
export function read(collect: boolean): Reading {
  const loopP99Ms = Math.max(0, delay.percentile(99) / 1e6 - resolutionMs)
  delay.disable()
  if (collect) globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  return {
    rssMb: rss / mebibyte,
    heapMb: (heapUsed + external) / mebibyte,
    loopP99Ms,
    cpuSeconds: (user + system) / 1e6,
  }
}
