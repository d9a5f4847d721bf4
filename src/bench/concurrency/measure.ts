// What is measured of coroutines, threads and processes, and how: many short samples in turn, never one long one.

import { seeded } from '../../core/random.ts'
import { quantile, rounded, sorted } from '../statistics.ts'

/** What belongs into one table. */
export const groups = ['start', 'stop', 'memory', 'switch', 'message', 'primitive', 'pool'] as const
export type Group = (typeof groups)[number]

/** One pass: microseconds or bytes for one. */
export type Pass = () => Promise<number> | number

/** One thing that is measured. */
export interface Measure {
  group: Group
  /** The line of the table: what it is measured of. */
  subject: string
  /** The column, where a table has several. */
  variant?: string
  unit: 'us' | 'bytes'
  /** How many times one pass is the mean of. Default: 1. */
  times?: number
  /** A sample is the least of so many passes: what else runs on the machine makes things slower, never faster. Default: 1. */
  passes?: number
  /** Prepares it, and puts what must be closed on the stack. */
  open: (stack: AsyncDisposableStack) => Promise<Pass> | Pass
}

/** What was measured of one thing. */
export interface Row {
  /** `group.subject` or `group.subject.variant`: the same in every run. */
  id: string
  group: Group
  subject: string
  variant?: string
  unit: Measure['unit']
  times: number
  passes: number
  samples: number
  median: number
  /** A quarter of the samples is below this. */
  low: number
  /** A quarter of the samples is above this. */
  high: number
}

export interface MeasureOptions {
  /** Most samples of each. One more round goes before them and does not count. */
  rounds: number
  /** No round begins that would end later, in milliseconds from the start. Default: none. */
  withinMs?: number
  /** So many rounds there are nevertheless. Default: all. */
  fewest?: number
  signal: AbortSignal
  /** After each round: which one, of how many at most. */
  round?: (round: number, of: number) => void
}

/** Opens all, then takes one sample of each in every round, each round in another order. Rejects when the signal aborts. */
export async function measureAll(measures: readonly Measure[], options: MeasureOptions): Promise<Row[]> {
  const { rounds, withinMs = Infinity, fewest = rounds, signal, round: told } = options
  const end = performance.now() + withinMs
  await using stack = new AsyncDisposableStack()
  const opened: { measure: Measure; pass: Pass; values: number[] }[] = []
  for (const measure of measures) {
    signal.throwIfAborted()
    opened.push({ measure, pass: await measure.open(stack), values: [] })
  }
  let roundMs = 0
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now()
    if (round > fewest && began + roundMs > end) break
    for (const { measure, pass, values } of inAnotherOrder(opened, round)) {
      let least = Infinity
      for (let passes = measure.passes ?? 1; passes > 0; passes--) {
        signal.throwIfAborted()
        least = Math.min(least, await pass())
      }
      if (round > 0) values.push(least)
    }
    told?.(round, rounds)
    roundMs = performance.now() - began
  }
  return opened.map(({ measure, values }) => rowOf(measure, values))
}

function rowOf(measure: Measure, values: readonly number[]): Row {
  const { group, subject, variant, unit, times = 1, passes = 1 } = measure
  const ascending = sorted(values)
  const at = (share: number): number => rounded(quantile(ascending, share))
  return {
    id: [group, subject, ...(variant === undefined ? [] : [variant])].join('.'),
    group,
    subject,
    ...(variant === undefined ? {} : { variant }),
    unit,
    times,
    passes,
    samples: values.length,
    median: at(0.5),
    low: at(0.25),
    high: at(0.75),
  }
}

/** So that nothing always follows the same neighbour, whose garbage it would sweep. */
function inAnotherOrder<Item>(items: readonly Item[], seed: number): Item[] {
  const random = seeded(seed)
  const order = items.map((item) => ({ item, at: random() }))
  return order.sort((one, other) => one.at - other.at).map(({ item }) => item)
}

/** Microseconds for one of so many times. */
export async function timed(times: number, work: () => Promise<void> | void): Promise<number> {
  const began = performance.now()
  await work()
  return ((performance.now() - began) * 1_000) / times
}
