// Contenders in turn: each round begins with another one, so that what else the machine does falls on all of them alike.

import { median, round } from '../harness.ts'

export interface Contender {
  readonly name: string
  /** Does it so many times. */
  readonly run: (times: number) => Promise<void> | void
  /** How many times a pass is. */
  readonly times: number
}

/** Operations per second of each, by name: one figure for each round, the best of its passes. */
export async function inTurn(
  contenders: readonly Contender[],
  { rounds, passes = 3 }: { rounds: number; passes?: number },
): Promise<Map<string, number[]>> {
  const figures = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let each = 0; each <= rounds; each++) {
    const first = each % contenders.length
    for (const { name, run, times } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      let best = 0
      // What else the machine does, and the garbage of the pass before, only ever make it slower.
      for (let pass = 0; pass < passes; pass++) {
        const began = performance.now()
        await run(times)
        best = Math.max(best, (times / (performance.now() - began)) * 1_000)
      }
      // The first round only warms up.
      if (each > 0) figures.get(name)?.push(best)
    }
  }
  return figures
}

/** The median over the rounds of what one did for each one of the other; not a number where one of them is missing. */
export function ratio(figures: ReadonlyMap<string, readonly number[]>, one: string, other: string): number {
  const others = figures.get(other) ?? []
  return median((figures.get(one) ?? []).map((figure, each) => figure / (others[each] ?? Number.NaN)))
}

/** The median of each as rows. */
export function rowsOf(
  scenario: string,
  figures: ReadonlyMap<string, readonly number[]>,
): { scenario: string; name: string; perSecond: number }[] {
  return Array.from(figures, ([name, rates]) => ({ scenario, name, perSecond: round(median(rates)) }))
}
