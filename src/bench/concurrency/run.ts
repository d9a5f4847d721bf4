// The whole run: what a coroutine, a thread and a process cost on this machine.

import { readEnvironment } from '../environment.ts'
import { memoryMeasures, startMeasures, stopMeasures } from './lives.ts'
import { measureAll, timed, type Group, type Measure } from './measure.ts'
import { messageMeasures, switchMeasures, type Peers } from './messages.ts'
import { openProcess, openThread } from './peer.ts'
import { hostMeasures, localMeasures, threadMeasures } from './primitives.ts'
import type { ConcurrencyResult } from './result.ts'
import { method } from './words.ts'

/** Opens a pool with one worker in a place, and gives a function that calls it once with next to nothing. */
export type OpenPool = (place: 'thread' | 'process', stack: AsyncDisposableStack) => Promise<() => Promise<unknown>>

export interface ConcurrencyPlan {
  /** Default: all. */
  only?: readonly Group[] | undefined
  /** Samples of each. Default: as many as fit into half a minute, from 3 to 15. */
  rounds?: number | undefined
  openPool: OpenPool
  signal: AbortSignal
  /** After each round: which one of how many at most. The first, 0, does not count. */
  round?: ((round: number, of: number) => void) | undefined
}

const usual = { fewest: 3, rounds: 15, withinMs: 30_000 }

/** Measures. Rejects when the signal aborts, with what was started ended. */
export async function measureConcurrency(plan: ConcurrencyPlan): Promise<ConcurrencyResult> {
  const { only, rounds, openPool, signal, round } = plan
  const began = performance.now()
  const conditions = readEnvironment()
  const measures = allMeasures(openPool).filter(({ group }) => only === undefined || only.includes(group))
  const rows = await measureAll(measures, {
    signal,
    ...(rounds === undefined ? usual : { rounds }),
    ...(round ? { round } : {}),
  })
  return {
    schema: 'andon.bench.concurrency/1',
    method: method.en,
    conditions,
    rounds: rows[0]?.samples ?? 0,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    rows,
  }
}

function allMeasures(openPool: OpenPool): Measure[] {
  const peers: Peers = {
    thread: opened(openThread),
    process: opened((stack) => openProcess(stack)),
    jsonProcess: opened((stack) => openProcess(stack, 'json')),
  }
  return [
    ...startMeasures(),
    ...stopMeasures(),
    ...memoryMeasures(),
    ...switchMeasures(peers),
    ...messageMeasures(peers),
    ...localMeasures(),
    ...threadMeasures(peers),
    ...hostMeasures(peers),
    ...poolMeasures(openPool),
  ]
}

/** What is opened by the first who needs it, for all. */
function opened<Opened>(
  open: (stack: AsyncDisposableStack) => Promise<Opened>,
): (stack: AsyncDisposableStack) => Promise<Opened> {
  let first: Promise<Opened> | undefined
  return (stack) => (first ??= open(stack))
}

function poolMeasures(openPool: OpenPool): Measure[] {
  return (['thread', 'process'] as const).flatMap((place) => {
    const pool = opened((stack) => openPool(place, stack))
    return [poolMeasure(place, 'alone', 50, 1, pool), poolMeasure(place, 'many', 1_000, 100, pool)]
  })
}

function poolMeasure(
  subject: string,
  variant: string,
  times: number,
  atOnce: number,
  pool: (stack: AsyncDisposableStack) => Promise<() => Promise<unknown>>,
): Measure {
  return {
    group: 'pool',
    subject,
    variant,
    unit: 'us',
    times,
    passes: 5,
    async open(stack) {
      const call = await pool(stack)
      const caller = async (): Promise<void> => {
        for (let time = 0; time < times / atOnce; time++) await call()
      }
      return () => timed(times, async () => void (await Promise.all(Array.from({ length: atOnce }, caller))))
    },
  }
}
