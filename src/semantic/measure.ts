// Measures on pairs whose answer is known how often the semantic cache would hit where it may, and where it must not.

import type { Call } from '../core/station.ts'
import { differenceOf, type Difference } from './guards.ts'
import { wilson } from './interval.ts'
import type { Likeness } from './likeness.ts'
import type { Pair } from './pairs.ts'

/** A pair and what the cache sees of it. */
export interface Compared extends Pair {
  likeness: number
  /** What forbids one answer for both, whatever the likeness. */
  difference?: Difference
}

/** How often questions of pairs were taken for one. Shares are from 0 to 1. */
export interface Rates {
  same: number
  /** Of those that mean the same. */
  hits: number
  recall: number
  different: number
  /** Of those that do not. */
  falseHits: number
  falseRate: number
  /** Wilson's interval at 95 %. */
  falseInterval: [number, number]
}

export interface MeasureOptions {
  threshold: number
  /** False leaves the guards out: the likeness decides alone. */
  guarded: boolean
}

/** Questions that are read at once. */
const batch = 64

/** Compares the questions of every pair. */
export async function comparePairs(pairs: readonly Pair[], likeness: Likeness, call: Call): Promise<Compared[]> {
  const compared: Compared[] = []
  for (let from = 0; from < pairs.length; from += batch) {
    call.signal.throwIfAborted()
    const some = pairs.slice(from, from + batch)
    const sketches = await likeness.sketch(
      some.flatMap(({ a, b }) => [a, b]),
      call,
    )
    for (const [at, pair] of some.entries()) {
      const [one, other] = [sketches[2 * at], sketches[2 * at + 1]]
      if (!one || !other) continue
      const difference = differenceOf(one.reading, other.reading)
      compared.push({ ...pair, likeness: likeness.between(one, other), ...(difference ? { difference } : {}) })
    }
  }
  return compared
}

/** Whether the second question of a pair would get the answer to the first. */
export function isHit({ likeness, difference }: Compared, { threshold, guarded }: MeasureOptions): boolean {
  return likeness >= threshold && !(guarded && difference !== undefined)
}

/** The rates over all the pairs given. */
export function ratesOf(compared: readonly Compared[], options: MeasureOptions): Rates {
  const count = (same: boolean) => compared.filter((each) => each.same === same)
  const [same, different] = [count(true), count(false)]
  const hits = same.filter((each) => isHit(each, options)).length
  const falseHits = different.filter((each) => isHit(each, options)).length
  return {
    same: same.length,
    hits,
    recall: same.length === 0 ? 0 : hits / same.length,
    different: different.length,
    falseHits,
    falseRate: different.length === 0 ? 0 : falseHits / different.length,
    falseInterval: wilson(falseHits, different.length),
  }
}

/** The rates at thresholds from 0 to 1, in steps of a hundredth. */
export function sweep(compared: readonly Compared[], guarded: boolean): (Rates & { threshold: number })[] {
  return Array.from({ length: 101 }, (_, at) => {
    const threshold = at / 100
    return { threshold, ...ratesOf(compared, { threshold, guarded }) }
  })
}

/** The lowest threshold of a sweep from which on at most this share of hits on different questions is left. */
export function recommended(rates: readonly (Rates & { threshold: number })[], most = 0.01): number | undefined {
  const last = rates.findLastIndex(({ falseRate }) => falseRate > most)
  return rates[last + 1]?.threshold
}
