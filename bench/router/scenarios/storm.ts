// S8: endpoints that answer 429. While one asked to be left alone nothing but one probe may be sent to it; and when all ask,
// callers wait for the first to be ready and are served then.

import { atMost, atLeast } from '../../harness.ts'
import { poisson } from '../plan.ts'
import type { Noted } from '../shapes.ts'
import { Figures, sleep, type Scenario, type TargetName } from '../stage.ts'
import { isLost, tally } from '../tally.ts'

const names: readonly TargetName[] = ['ours', 'portkey-lb+fb']
const retryAfterS = 2
/** Requests that were on their way when the endpoint first said no. */
const onTheWayMs = 30

/**
 * Arrivals while the endpoint had asked to be left alone, but for one probe. Each answer asks again, so a window lasts until
 * nothing came for the whole of Retry-After.
 */
function tooMany(arrivals: readonly Noted[], from: number, to: number): number {
  let opened = Number.NEGATIVE_INFINITY
  let until = opened
  let probes = 0
  let found = 0
  for (const { at } of arrivals.toSorted((one, other) => one.at - other.at)) {
    if (at < from || at >= to) continue
    if (at >= until - onTheWayMs) [opened, probes] = [at, 0]
    else if (at > opened + onTheWayMs && ++probes > 1) found++
    until = at + retryAfterS * 1_000
  }
  return found
}

export const storm: Scenario = async (stage) => {
  const figures = new Figures<'lost' | 'p99' | 'tooMany' | 'refusals'>()
  const cooling = new Figures<'served' | 'p99' | 'tooMany' | 'attempts'>()
  await using targets = await stage.targets(names, { firstTokenMs: 1_500 })
  await stage.warm(targets)
  for await (const { target, round } of stage.turns(targets)) {
    const seconds = Math.max(4, stage.many(7))
    let [from, to] = [0, 0]
    const shots = poisson({ seed: 80 + round, rate: 150, seconds })
    const run = await stage.run(target, shots, {
      during: async () => {
        await sleep(500)
        from = await stage.fleet.ask('set', { endpoint: 0, settings: { mode: 'busy', retryAfterS } })
        await sleep((seconds - 1) * 1_000)
        to = await stage.fleet.ask('set', { endpoint: 0, settings: { mode: 'ok' } })
      },
    })
    const arrivals = run.endpoints[0]?.arrivals ?? []
    figures.add(target.name, {
      lost: run.samples.filter(isLost).length,
      p99: tally(run).p99,
      tooMany: tooMany(arrivals, from, to),
      refusals: arrivals.filter(({ at }) => at >= from && at < to).length,
    })
  }
  for await (const { target, round } of stage.turns(targets)) {
    // All are busy from the beginning, and free again before those who wait have to give up.
    const shots = poisson({ seed: 85 + round, rate: 40, seconds: 3, deadlineMs: 8_000 })
    let to = 0
    const run = await stage.run(target, shots, {
      settings: { mode: 'busy', retryAfterS },
      during: async () => {
        await sleep(1_500)
        for (const endpoint of [0, 1, 2, 3]) to = await stage.fleet.ask('set', { endpoint, settings: { mode: 'ok' } })
      },
    })
    const found = tally(run)
    cooling.add(target.name, {
      served: (found.requests - found.lost) / found.requests,
      p99: found.p99,
      tooMany: run.endpoints.reduce((sum, { arrivals }) => sum + tooMany(arrivals, 0, to), 0),
      attempts: found.attempts,
    })
  }
  return {
    rows: [...figures.rows({ scenario: 'S8 one is busy' }), ...cooling.rows({ scenario: 'S8 all are busy' })],
    gates: [
      atMost('8 one answers 429: lost', figures.most('ours', 'lost'), 0),
      atMost('8 one answers 429: sent within Retry-After, beyond one probe', figures.most('ours', 'tooMany'), 0),
      atLeast('8 one answers 429: times it was asked', figures.least('ours', 'refusals'), 1),
      atLeast('8 all answer 429: share served in the end', cooling.least('ours', 'served'), 1),
      atMost('8 all answer 429: sent within Retry-After, beyond one probe', cooling.most('ours', 'tooMany'), 0),
    ],
  }
}
