// What the server said of itself during a phase: its metrics before, during and after.

import { rounded } from './statistics.ts'
import { readServerMetrics, type ServerLook } from './prometheus.ts'

/** The server's side of a phase. */
export interface ServerReport {
  /** Looks during the phase; `atMs` counts from its start. */
  over: { atMs: number; running?: number; waiting?: number; kvUsage?: number }[]
  promptTokens?: number
  generationTokens?: number
  /** Share of prompt tokens that were in the prefix cache, 0 to 1. */
  prefixHitRate?: number
  preemptions?: number
  /** Means of the phase's requests as the server measured them, in milliseconds; beside the client's. */
  ttftMeanMs?: number
  queueMeanMs?: number
}

/** A watch under way. Dispose it; `end` looks once more and gives the report. */
export interface ServerWatch extends Disposable {
  end: () => Promise<ServerReport | undefined>
}

const everyMs = 1000
/** Of a long phase every second look is dropped, again and again. */
const mostLooks = 600

/** Looks until `end`, which gives the report, or undefined when the server shows no metrics that are known. */
export async function watchServer(look: () => Promise<string | undefined>): Promise<ServerWatch> {
  const first = await lookOnce(look)
  if (first === undefined) return { end: () => Promise.resolve(undefined), [Symbol.dispose]() {} }
  const startedAt = performance.now()
  const over: ServerReport['over'] = []
  let looking = false
  let every = 1
  let count = 0
  const timer = setInterval(() => {
    if (looking || count++ % every !== 0) return
    looking = true
    const atMs = Math.round(performance.now() - startedAt)
    void lookOnce(look).then((seen) => {
      looking = false
      if (seen) over.push({ atMs, ...only(seen, ['running', 'waiting', 'kvUsage']) })
      if (over.length < mostLooks) return
      over.splice(0, over.length, ...over.filter((_, at) => at % 2 === 0))
      every *= 2
    })
  }, everyMs)
  return {
    async end() {
      clearInterval(timer)
      const last = await lookOnce(look)
      return last && reportOf(first, last, over)
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

function reportOf(first: ServerLook, last: ServerLook, over: ServerReport['over']): ServerReport {
  const grown = (name: keyof ServerLook): number | undefined => {
    const before = first[name] ?? 0
    const after = last[name]
    // A counter that fell was begun anew by a restart.
    return after === undefined ? undefined : after >= before ? after - before : after
  }
  const share = (part: number | undefined, whole: number | undefined, scale = 1): number | undefined =>
    part === undefined || !whole ? undefined : rounded((part / whole) * scale)
  const values = {
    promptTokens: grown('promptTokens'),
    generationTokens: grown('generationTokens'),
    prefixHitRate: share(grown('prefixHits'), grown('prefixQueries')),
    preemptions: grown('preemptions'),
    ttftMeanMs: share(grown('ttftSum'), grown('ttftCount'), 1000),
    queueMeanMs: share(grown('queueSum'), grown('queueCount'), 1000),
  }
  const report: ServerReport = { over }
  for (const [name, value] of Object.entries(values) as [keyof typeof values, number | undefined][])
    if (value !== undefined) report[name] = value
  return report
}

async function lookOnce(look: () => Promise<string | undefined>): Promise<ServerLook | undefined> {
  const text = await look()
  if (text === undefined) return undefined
  const seen = readServerMetrics(text)
  return Object.keys(seen).length === 0 ? undefined : seen
}

function only(
  seen: ServerLook,
  names: ('running' | 'waiting' | 'kvUsage')[],
): Omit<ServerReport['over'][number], 'atMs'> {
  return Object.fromEntries(names.flatMap((name) => (seen[name] === undefined ? [] : [[name, seen[name]]])))
}
