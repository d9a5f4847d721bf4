// A scheduler that decides who goes on: runs small programs of several processes in every order that there is, or, when
// there are too many, in orders drawn by chance from a seed.
//
// A process calls `turn()` wherever another might come in between. Between two turns exactly one process is let go on,
// until it stands at its next turn, waits for another, or has ended.

import { AndonError } from '../core/errors.ts'

/** One run: fresh things for every run, and what must be so when it has come to its end. */
export interface Program {
  processes: readonly ((turn: () => Promise<void>) => Promise<void>)[]
  /** Throws when something is wrong. */
  check?: () => void
  /** Asked whenever nobody moves: throws when something is wrong already. */
  always?: () => void
}

export interface Exploration {
  runs: number
  /** Whether every order was tried. */
  exhaustive: boolean
}

/** Tries up to `limit` orders. Fails with the order in which a check threw, or in which somebody was never woken. */
export async function explore(make: () => Program, { limit = 5_000, seed = 1 } = {}): Promise<Exploration> {
  let order: number[] | undefined = []
  for (let runs = 0; runs < limit; runs++) {
    const choices: { taken: number; of: number }[] = await run(make(), order)
    order = next(choices)
    if (!order) return { runs: runs + 1, exhaustive: true }
    if (runs === Math.floor(limit / 2)) break
  }
  // Depth first sees only what happens late in a program; the rest is spent on orders from all over.
  const random = generator(seed)
  const rest = limit - Math.floor(limit / 2) - 1
  for (let runs = 0; runs < rest; runs++) await run(make(), random)
  return { runs: limit, exhaustive: false }
}

async function run(program: Program, choose: readonly number[] | (() => number)): Promise<Choice[]> {
  const parked = new Map<number, () => void>()
  const choices: Choice[] = []
  let open = program.processes.length
  let failed: { reason: unknown } | undefined
  const processes = program.processes.map(async (process, index) => {
    const turn = (): Promise<void> => new Promise((resolve) => parked.set(index, resolve))
    try {
      await turn()
      await process(turn)
    } catch (reason) {
      failed ??= { reason }
    } finally {
      open--
    }
  })
  try {
    for (;;) {
      await settled()
      if (failed) throw failed.reason
      program.always?.()
      if (open === 0) break
      if (parked.size === 0) throw new AndonError('internal', `${open} processes wait and nobody will wake them`)
      const ready = [...parked.keys()].sort((a, b) => a - b)
      const wanted = typeof choose === 'function' ? choose() : (choose[choices.length] ?? 0)
      const taken = wanted % ready.length
      choices.push({ taken, of: ready.length })
      const index = ready[taken] ?? 0
      const go = parked.get(index)
      parked.delete(index)
      go?.()
    }
    await Promise.all(processes)
    program.check?.()
  } catch (reason) {
    const taken = choices.map(({ taken }) => taken).join(' ')
    throw new Error(`In the order ${taken}: ${String(reason)}`, { cause: reason })
  }
  return choices
}

interface Choice {
  taken: number
  of: number
}

/** All that was set free goes on as far as it can: microtasks come before the next turn of the loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The next order, depth first; undefined after the last. */
function next(choices: readonly Choice[]): number[] | undefined {
  for (let at = choices.length - 1; at >= 0; at--) {
    const choice = choices[at]
    if (choice && choice.taken + 1 < choice.of)
      return [...choices.slice(0, at).map(({ taken }) => taken), choice.taken + 1]
  }
  return undefined
}

/** Whole numbers by chance, the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
