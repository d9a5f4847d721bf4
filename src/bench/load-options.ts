// The loads of a run as a user writes them: lists, sweeps and traces.

import { availableParallelism } from 'node:os'
import { AndonError } from '../core/errors.ts'
import type { ArrivalProcess } from './arrivals.ts'
import { decimal, invalid, whole } from './option-numbers.ts'
import type { Load } from './phase.ts'

/** What says which loads there are. */
export interface LoadFlags {
  concurrency?: string
  rate?: string
  arrivals: string
  trace?: string
  sweep?: string
}

/** Most loads of a run: a longer one is several. */
const most = 64

/** The loads in order; `dueMs` are the times of the trace, when there is one. */
export function loadsOf(flags: LoadFlags, dueMs: number[] | undefined): Load[] {
  const given = [flags.concurrency, flags.rate, flags.trace, flags.sweep].filter((each) => each !== undefined)
  if (given.length > 1)
    throw new AndonError('invalid', 'Give one of --concurrency, --rate, --trace and --sweep: they are different loads.')
  const process = processOf(flags.arrivals)
  const closed = (text: string): Load => ({ kind: 'closed', concurrency: whole(text, '--concurrency', 1, 20_000) })
  const open = (rate: number): Load => ({ kind: 'open', rate, process })
  const loads =
    dueMs !== undefined
      ? [{ kind: 'trace' as const, dueMs }]
      : flags.rate !== undefined
        ? flags.rate.split(',').map((text) => open(decimal(text, '--rate', 0.001, 100_000)))
        : flags.sweep !== undefined
          ? sweepOf(flags.sweep).map(({ by, value }) =>
              by === 'rate' ? open(value) : closed(String(Math.round(value))),
            )
          : (flags.concurrency ?? '1').split(',').map(closed)
  if (loads.length > most) throw invalid('the load', `${loads.length} steps`, `at most ${most}`)
  return loads
}

/** `rate:FROM:TO[:FACTOR]` or `concurrency:FROM:TO[:FACTOR]`, each step the factor times the last. */
function sweepOf(text: string): { by: 'rate' | 'concurrency'; value: number }[] {
  const [by, ...rest] = text.split(':')
  const [from = Number.NaN, to = Number.NaN, factor = 2] = rest.map(Number)
  if ((by !== 'rate' && by !== 'concurrency') || rest.length > 3 || !(from > 0 && to >= from && factor >= 1.1))
    throw invalid('--sweep', text, 'rate:FROM:TO or concurrency:FROM:TO, and if wanted :FACTOR of 1.1 or more')
  const steps: { by: 'rate' | 'concurrency'; value: number }[] = []
  for (let value = from; value <= to * 1.0001 && steps.length <= most; value *= factor)
    steps.push({ by, value: Number(value.toPrecision(4)) })
  return steps
}

function processOf(text: string): ArrivalProcess {
  if (text === 'constant' || text === 'poisson') return { kind: text }
  const burstiness = Number(/^gamma:(.+)$/.exec(text)?.[1])
  if (burstiness >= 0.01 && burstiness <= 1000) return { kind: 'gamma', burstiness }
  throw invalid('--arrivals', text, 'constant, poisson or gamma:BURSTINESS from 0.01 to 1000')
}

/** How many threads make the load: one loop sends some hundred streams well; beyond that, several. */
export function workersOf(text: string, loads: readonly Load[]): number {
  if (text !== 'auto') return whole(text, '--workers', 1, 64)
  const heavy = loads.some((load) =>
    load.kind === 'closed' ? load.concurrency > 128 : load.kind === 'open' && load.rate > 300,
  )
  return heavy ? Math.max(1, Math.min(4, availableParallelism() - 1)) : 1
}
