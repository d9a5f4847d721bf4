// How one engine answers as more is asked of it, for each way of batching: in virtual time, so that nothing waits and the
// same seed gives the same curve. Every number of it is simulated.

import { simulateLoad, type EngineOptions, type LoadRequest } from '../../src/simulate/index.ts'
import { median, percentile, round, seeded } from '../harness.ts'

/** A way of batching, and how much of each prompt is the same for all. */
export interface Way {
  name: string
  engine: EngineOptions
  sharedPrefix?: number
}

/** The same profile for all: what differs is who may join a batch, and when. */
export const ways: readonly Way[] = [
  { name: 'sequential', engine: { mode: 'sequential' } },
  { name: 'static, 16 at once', engine: { mode: 'static', maxSeqs: 16 } },
  { name: 'continuous', engine: { mode: 'continuous' } },
  { name: 'continuous, 80 % of the prompt shared', engine: { mode: 'continuous' }, sharedPrefix: 0.8 },
]

export const promptTokens = 1_024
/** Answers are as often long as short, between these. */
export const outputTokens = { least: 64, most: 192 }
export const profile = 'h100-8b'

/** Figures of one way at one offered load: medians over seeds, times in milliseconds. */
export interface CurvePoint {
  kind: 'offered load'
  simulated: true
  way: string
  /** Requests that arrive per second. */
  offered: number
  /** Requests that were done per second while others still arrived; the least and the most of the seeds. */
  perSecond: number
  perSecondRange: [number, number]
  firstTokenP50Ms: number
  firstTokenP99Ms: number
  /** Between two tokens of one answer. */
  gapP50Ms: number
  gapP99Ms: number
  /** Share of the requests whose first token came within a second. */
  withinSecond: number
}

/** One way at saturation: all requests are there from the beginning. */
export interface Saturated {
  kind: 'saturation'
  simulated: true
  way: string
  requests: number
  perSecond: number
  outputTokensPerSecond: number
  maxRunning: number
}

/** One point: arrivals of a seeded Poisson process for so many virtual seconds. */
export function curvePoint(way: Way, offered: number, seconds: number, seeds: readonly number[]): CurvePoint {
  const runs = seeds.map((seed) => {
    const { requests } = simulateLoad(engineOf(way, seed), arrivals(way, offered, seconds, seed))
    const first = requests.map(({ arrivedMs, firstTokenMs = Number.NaN }) => firstTokenMs - arrivedMs)
    const gaps = requests.flatMap(({ gapsMs }) => gapsMs)
    return {
      perSecond: requests.filter(({ endedMs }) => endedMs <= seconds * 1_000).length / seconds,
      firstTokenP50Ms: percentile(first, 0.5),
      firstTokenP99Ms: percentile(first, 0.99),
      gapP50Ms: percentile(gaps, 0.5),
      gapP99Ms: percentile(gaps, 0.99),
      withinSecond: first.filter((ms) => ms <= 1_000).length / first.length,
    }
  })
  const middle = (name: keyof (typeof runs)[number]): number => round(median(runs.map((run) => run[name])))
  const rates = runs.map(({ perSecond }) => perSecond)
  return {
    kind: 'offered load',
    simulated: true,
    way: way.name,
    offered,
    perSecond: middle('perSecond'),
    perSecondRange: [round(Math.min(...rates)), round(Math.max(...rates))],
    firstTokenP50Ms: middle('firstTokenP50Ms'),
    firstTokenP99Ms: middle('firstTokenP99Ms'),
    gapP50Ms: middle('gapP50Ms'),
    gapP99Ms: middle('gapP99Ms'),
    withinSecond: middle('withinSecond'),
  }
}

/** What a way can do when there is always more to do. */
export function saturated(way: Way, requests: number, seed: number): Saturated {
  const burst = arrivals(way, Infinity, requests, seed)
  const { durationMs, outputTokens, counts } = simulateLoad(engineOf(way, seed), burst)
  return {
    kind: 'saturation',
    simulated: true,
    way: way.name,
    requests,
    perSecond: round((requests / durationMs) * 1_000),
    outputTokensPerSecond: round((outputTokens / durationMs) * 1_000),
    maxRunning: counts.maxRunning,
  }
}

function engineOf(way: Way, seed: number): EngineOptions {
  return { ...way.engine, profile, seed, maxWaiting: 1_000_000 }
}

/** At an infinite rate `limit` is a number of requests, all at once; else seconds. */
function arrivals({ sharedPrefix = 0 }: Way, rate: number, limit: number, seed: number): LoadRequest[] {
  const random = seeded(seed)
  const requests: LoadRequest[] = []
  const { least, most } = outputTokens
  for (let atMs = 0; ;) {
    atMs += (-Math.log(1 - random()) / rate) * 1_000
    if (rate === Infinity ? requests.length === limit : atMs >= limit * 1_000) return requests
    requests.push({
      atMs,
      promptTokens,
      outputTokens: least + Math.floor(random() * (most - least + 1)),
      ...(sharedPrefix === 0 ? {} : { prefix: { name: 'shared', tokens: Math.floor(promptTokens * sharedPrefix) } }),
    })
  }
}
