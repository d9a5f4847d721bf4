// How late the event loop is: the one number that tells whether something computes where it should only wait.

import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Delay over the last one to two windows, in milliseconds. */
export interface LoopDelay {
  p50: number
  p99: number
  max: number
}

export interface LoopMonitor extends Disposable {
  read(): LoopDelay
  /** Begins anew, so that the next reading is only about what comes. */
  reset(): void
}

const windowMs = 10_000
/** The histogram counts the timer's own period; what is beyond it is delay. */
const resolutionMs = 10

export function monitorLoop(): LoopMonitor {
  let current = monitorEventLoopDelay({ resolution: resolutionMs })
  let previous: LoopDelay | undefined
  current.enable()
  const timer = setInterval(() => {
    previous = reading(current)
    current.disable()
    current = monitorEventLoopDelay({ resolution: resolutionMs })
    current.enable()
  }, windowMs).unref()
  return {
    read() {
      const now = reading(current)
      if (!previous) return now
      return {
        p50: Math.max(now.p50, previous.p50),
        p99: Math.max(now.p99, previous.p99),
        max: Math.max(now.max, previous.max),
      }
    },
    reset() {
      previous = undefined
      current.reset()
    },
    [Symbol.dispose]() {
      clearInterval(timer)
      current.disable()
    },
  }
}

function reading(histogram: ReturnType<typeof monitorEventLoopDelay>): LoopDelay {
  const delay = (nanoseconds: number) => Math.max(0, Math.round((nanoseconds / 1e6 - resolutionMs) * 100) / 100) || 0
  return { p50: delay(histogram.percentile(50)), p99: delay(histogram.percentile(99)), max: delay(histogram.max) }
}
