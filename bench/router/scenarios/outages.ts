// S4 and S5: one of four endpoints goes away for a third of the run, in one of three ways: nobody listens, it answers 500, or
// it says nothing. Then it is back.

import { tickMs } from '../../../src/router/wire/silence-watch.ts'
import { atMost, percentile } from '../../harness.ts'
import { failoverMs, lostMs } from '../elsewhere.ts'
import { poisson } from '../plan.ts'
import type { EndpointState, Sample } from '../shapes.ts'
import { Figures, sleep, type Scenario, type Stage, type Target, type TargetName } from '../stage.ts'
import { tally, type Tally } from '../tally.ts'

const all: readonly TargetName[] = ['ours', 'portkey-lb', 'portkey-lb+fb']
const victim = 1
const firstTokenMs = 1_000

const ways = {
  dies: {
    scenario: 'S4 dies',
    goes: (stage: Stage) => stage.fleet.ask('kill', { endpoint: victim }),
    comes: (stage: Stage) => stage.fleet.ask('up', { endpoint: victim }),
    /** By when a router must have stopped using it, in milliseconds. */
    withinMs: 100,
    /** How late its requests may be at another endpoint. */
    lateMs: failoverMs,
    names: all,
  },
  fails: {
    scenario: 'S4 fails',
    goes: (stage: Stage) => stage.fleet.ask('set', { endpoint: victim, settings: { mode: 'failing' } }),
    comes: (stage: Stage) => stage.fleet.ask('set', { endpoint: victim, settings: { mode: 'ok' } }),
    withinMs: 100,
    lateMs: failoverMs,
    names: ['ours', 'portkey-lb+fb'] as readonly TargetName[],
  },
  hangs: {
    scenario: 'S5 hangs',
    goes: (stage: Stage) => stage.fleet.ask('set', { endpoint: victim, settings: { mode: 'hang' } }),
    comes: (stage: Stage) => stage.fleet.ask('set', { endpoint: victim, settings: { mode: 'ok' } }),
    withinMs: firstTokenMs + 100,
    lateMs: firstTokenMs + tickMs + failoverMs,
    names: all,
  },
} as const
type Way = keyof typeof ways

interface Outage {
  goneAt: number
  backAt: number
}

/**
 * When requests went to the victim while it was away. Nobody can count at a port where nobody listens: there it is those that
 * were sent meanwhile and needed a second attempt, which a gateway must tell.
 */
function sentWhileAway(way: Way, { goneAt, backAt }: Outage, samples: Sample[], endpoint: EndpointState): number[] {
  if (way !== 'dies') return endpoint.arrivals.map(({ at }) => at).filter((at) => at >= goneAt && at < backAt)
  return samples
    .filter(({ sentAt, attempts = 1 }) => sentAt >= goneAt && sentAt < backAt && attempts > 1)
    .map(({ sentAt }) => sentAt)
}

type Name = keyof Tally | 'failures' | 'later' | 'backMs' | 'moved' | 'movedP99'

async function outage(stage: Stage, way: Way, target: Target, round: number): Promise<Record<Name, number>> {
  const { goes, comes, withinMs } = ways[way]
  const third = stage.many(2) * 1_000
  const shots = poisson({ seed: 40 + round, rate: 150, seconds: (3 * third) / 1_000, streams: 0.25, tokens: 20 })
  const when: Outage = { goneAt: 0, backAt: 0 }
  const run = await stage.run(target, shots, {
    seed: 40 + round,
    during: async () => {
      await sleep(third)
      when.goneAt = await goes(stage)
      await sleep(third)
      when.backAt = await comes(stage)
    },
  })
  const endpoint = run.endpoints[victim]
  if (!endpoint) throw new Error('The victim is not in the report.')
  const away = sentWhileAway(way, when, run.samples, endpoint)
  // Those that were sent together with the first are not yet to blame: a breaker needs failures to open.
  const firstFailure = Math.min(...away)
  const soon = away.filter((at) => at <= firstFailure + withinMs)
  const moved = lostMs(run, way === 'dies' ? when.goneAt : undefined)
  const again = endpoint.arrivals.map(({ at }) => at).filter((at) => at >= when.backAt)
  return {
    ...tally(run),
    failures: soon.length,
    later: away.length - soon.length,
    backMs: again.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...again) - when.backAt,
    moved: moved.length,
    movedP99: percentile(moved, 0.99),
  }
}

function scenarioOf(way: Way): Scenario {
  return async (stage) => {
    const figures = new Figures<Name>()
    const third = stage.many(2)
    for (let round = 0; round < stage.rounds; round++) {
      for (const name of ways[way].names) {
        await using targets = await stage.targets([name], { firstTokenMs })
        const [target] = targets
        if (!target) continue
        await stage.warm(targets)
        figures.add(name, await outage(stage, way, target, round))
        await stage.load.ask('forget')
      }
    }
    const gate = `4 one ${way}`
    return {
      rows: figures.rows({ scenario: ways[way].scenario }),
      gates: [
        atMost(`${gate}: lost before their first token`, figures.most('ours', 'lost'), 0),
        atMost(`${gate}: streams cut without being told`, figures.most('ours', 'hidden'), 0),
        ...(way === 'hangs'
          ? []
          : [atMost(`${gate}: requests sent to it before it was left alone`, figures.of('ours', 'failures'), 3)]),
        // A probe at most every half second, while it is away.
        atMost(
          `${gate}: sent to it later than ${ways[way].withinMs} ms, probes`,
          figures.of('ours', 'later'),
          third * 2,
        ),
        atMost(
          `${gate}: ms until what it had to answer is at another, p99`,
          figures.of('ours', 'movedP99'),
          ways[way].lateMs,
        ),
        atMost(`${gate}: ms until it is used again`, figures.of('ours', 'backMs'), 1_000),
      ],
    }
  }
}

export const dies = scenarioOf('dies')
export const fails = scenarioOf('fails')
export const hangs = scenarioOf('hangs')
