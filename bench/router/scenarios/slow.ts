// S3: one of four endpoints that were alike becomes eight times slower. A router must find that out, and soon; what was sent
// before is not counted.

import { atMost } from '../../harness.ts'
import { poisson } from '../plan.ts'
import { Figures, sleep, type Scenario, type TargetName } from '../stage.ts'
import { tally, type Tally } from '../tally.ts'

const names: readonly TargetName[] = ['direct', 'ours', 'ours-rr', 'portkey-lb', 'portkey-lb+fb']

const alikeMs = 1_500

/** A handful of requests decide about the slowest hundredth: one plan says more of its seed than of a router. */
const plansPerRound = 2

export const slow: Scenario = async (stage) => {
  const figures = new Figures<keyof Tally | 'slowShare'>()
  for (let plan = 0; plan < stage.rounds * plansPerRound; plan++) {
    for (const name of names) {
      // A new process each time: what it learnt in an earlier round would be an advantage.
      await using targets = await stage.targets([name], { firstTokenMs: 1_500 })
      const [target] = targets
      if (!target) continue
      await stage.warm(targets)
      const shots = poisson({ seed: 30 + plan, rate: 150, seconds: alikeMs / 1_000 + stage.many(9) })
      let slowAt = 0
      const run = await stage.run(target, shots, {
        seed: 30 + plan,
        during: async () => {
          await sleep(alikeMs)
          slowAt = await stage.fleet.ask('set', { endpoint: 3, settings: { slow: 8 } })
        },
      })
      const endpoints = run.endpoints.map(({ arrivals, ...endpoint }) => {
        const later = arrivals.filter(({ at }) => at >= slowAt)
        return { ...endpoint, arrivals: later, arrived: later.length }
      })
      const found = tally({ samples: run.samples.filter(({ sentAt }) => sentAt >= slowAt), endpoints })
      const arrived = endpoints.reduce((sum, endpoint) => sum + endpoint.arrived, 0)
      figures.add(name, { ...found, slowShare: (endpoints[3]?.arrived ?? Number.NaN) / arrived })
      await stage.load.ask('forget')
    }
  }
  const p99 = figures.of('ours', 'p99')
  return {
    rows: figures.rows({ scenario: 'S3' }),
    gates: [
      atMost('3 one of four is slow: lost', figures.most('ours', 'lost'), 0),
      atMost('3 one of four is slow: p99, of round robin', p99 / figures.of('ours-rr', 'p99'), 0.4),
      atMost('3 one of four is slow: p99, of Portkey with fallback', p99 / figures.of('portkey-lb+fb', 'p99'), 0.2),
      atMost("3 one of four is slow: the slow one's share", figures.of('ours', 'slowShare'), 0.05),
    ],
  }
}
