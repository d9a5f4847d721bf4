// What is asked of every tool, peer and floor: a hundred random additions, subtractions, multiplications and divisions.

import { median, percentile, round, seeded } from '../harness.ts'
import { add, divide, multiply, subtract } from './calculator.ts'

export const batchSize = 100

export const functions = { add, subtract, multiply, divide }

export type FunctionName = keyof typeof functions

export const names = Object.keys(functions) as FunctionName[]

/** A call, with its arguments as the JSON text that models send. */
export interface BenchCall {
  id: string
  name: FunctionName
  arguments: string
  result: number
}

/** Makes batches; the same seed gives the same ones. */
export function batches(seed = 7): () => BenchCall[] {
  const random = seeded(seed)
  const upTo = (most: number): number => Math.floor(random() * most)
  return () =>
    Array.from({ length: batchSize }, (_, index) => {
      const name = names[upTo(names.length)] ?? 'add'
      const two = { a: 1 + upTo(100), b: 1 + upTo(100) }
      return { id: `call-${index}`, name, arguments: JSON.stringify(two), result: functions[name](two) }
    })
}

export interface Pace {
  /** Calls per second of a batch: the median of the last three quarters, and the best. */
  perSecond: number
  best: number
  /** Milliseconds of a batch that one in a hundred exceeds. */
  p99Ms: number
  /** Calls that did not give what they should. */
  errors: number
  calls: number
}

/** Runs one batch and says how many of its calls went wrong. */
export type RunBatch = (calls: readonly BenchCall[]) => Promise<number>

/** Runs so many batches, one after the other. */
export async function pace(run: RunBatch, count: number, next = batches()): Promise<Pace> {
  return (await paces([run], count, next))[0] as Pace
}

/** Several ways of the same work, in turns, so that all of them have the same weather. */
export async function paces(runs: readonly RunBatch[], count: number, next = batches()): Promise<Pace[]> {
  const times: number[][] = runs.map(() => [])
  const errors = runs.map(() => 0)
  const turns = Math.min(count, 8)
  for (let turn = 0; turn < turns; turn++) {
    for (const [at, run] of runs.entries()) {
      for (let batch = 0; batch < Math.ceil(count / turns); batch++) {
        const calls = next()
        const start = performance.now()
        const wrong = await run(calls)
        times[at]?.push(performance.now() - start)
        errors[at] = (errors[at] ?? 0) + wrong
      }
    }
  }
  return times.map((all, at) => {
    // What the compiler needs to know the way is not what it costs from then on.
    const warm = all.slice(Math.floor(all.length / 4))
    return {
      perSecond: callsPerSecond(median(warm)),
      best: callsPerSecond(Math.min(...warm)),
      p99Ms: round(percentile(warm, 0.99)),
      errors: errors[at] ?? 0,
      calls: all.length * batchSize,
    }
  })
}

export function callsPerSecond(batchMs: number): number {
  return Math.round((batchSize / batchMs) * 1_000)
}

/** How many of the values are not what they should be. */
export function wrong(calls: readonly BenchCall[], values: readonly unknown[]): number {
  return calls.filter((call, index) => Number(values[index]) !== call.result).length
}
