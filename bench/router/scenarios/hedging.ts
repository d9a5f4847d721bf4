// Gate 14: a second endpoint is asked when the first token is late, and more tokens are late than there may be second
// attempts. The endpoints count what they were asked beyond one request for each of the clients'.

import { atLeast, atMost } from '../../harness.ts'
import { poisson } from '../plan.ts'
import { Figures, type Scenario } from '../stage.ts'
import { tally } from '../tally.ts'

/** A quarter of the first tokens is later. */
const hedgeMs = 120

export const hedging: Scenario = async (stage) => {
  const figures = new Figures<'requests' | 'lost' | 'extra' | 'firstP99' | 'given up'>()
  for (let round = 0; round < stage.rounds; round++) {
    // Each begins with a gateway that has saved up nothing from earlier requests.
    await using targets = await stage.targets(['ours'], { routing: { hedgeMs } })
    const [target] = targets
    if (!target) continue
    const shots = poisson({ seed: 140 + round, rate: 150, seconds: Math.max(2, stage.many(3)), streams: 1, tokens: 3 })
    const run = await stage.run(target, shots, { seed: 140 + round })
    const { requests, lost, attempts, firstP99 } = tally(run)
    const aborted = run.endpoints.reduce((sum, endpoint) => sum + endpoint.aborted, 0)
    figures.add(target.name, { requests, lost, extra: attempts - 1, firstP99, 'given up': aborted })
    await stage.load.ask('forget')
  }
  return {
    rows: figures.rows({ scenario: 'hedging' }),
    gates: [
      atMost('14 hedging: requests upstream beyond one each, as a share', figures.most('ours', 'extra'), 0.05),
      atLeast('14 hedging: of those that may be, share that were made', figures.least('ours', 'extra') / 0.05, 0.5),
      atMost('14 hedging: lost', figures.most('ours', 'lost'), 0),
    ],
  }
}
