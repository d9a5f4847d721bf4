// The checks that a run failed, for people: each once, with its worst value and the rounds in which it failed.

import { counted } from './asked.ts'
import type { CellReport } from './result.ts'
import type { SelfCheck } from './self-checks.ts'
import { milliseconds } from './tables.ts'

interface Failed extends SelfCheck {
  /** `c=8, a`. */
  where: string
  round: number
}

/** One line for each check and bound. */
export function failedChecks(cells: readonly CellReport[]): string[] {
  const failed = cells.flatMap((cell) =>
    cell.targets.flatMap(({ target, rounds }) =>
      rounds.flatMap(({ round, checks }): Failed[] =>
        checks.filter(({ ok }) => !ok).map((check) => ({ ...check, where: `${cell.name}, ${target}`, round })),
      ),
    ),
  )
  return Array.from(
    Map.groupBy(failed, ({ name, bound }) => `${name} ${bound}`).values(),
    (same) => lineOf(same) ?? [],
  ).flat()
}

function lineOf(same: readonly Failed[]): string | undefined {
  const [first] = same
  if (first === undefined) return undefined
  const { name, bound, advice } = first
  const values = same.map(({ value }) => value)
  const isLeast = bound.startsWith('>')
  const worst = isLeast ? Math.min(...values) : Math.max(...values)
  const upTo = new Set(values).size === 1 ? '' : isLeast ? 'down to ' : 'up to '
  const shown = bound.endsWith(' ms') ? milliseconds(worst) : String(Number(worst.toPrecision(3)))
  const places = Array.from(
    Map.groupBy(same, ({ where }) => where),
    ([where, those]) => `${where} (${roundsOf(those.map(({ round }) => round))})`,
  )
  return `${name} is ${upTo}${shown} and should be ${bound}; ${advice}. In ${counted(same.length, 'round')}: ${places.join('; ')}.`
}

function roundsOf(rounds: readonly number[]): string {
  return `${rounds.length === 1 ? 'round' : 'rounds'} ${rounds.join(', ')}`
}
