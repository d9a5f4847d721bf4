// S7: twice as much as the endpoints can take. Those of the high class must not feel it, and nothing is sent for a caller whose
// deadline has passed.

import { atLeast, atMost, percentile } from '../../harness.ts'
import { poisson } from '../plan.ts'
import { Figures, type Scenario } from '../stage.ts'

/** Four places at each of four endpoints, 100 ms a request: 160 requests per second. */
const setup = { endpoint: { maxConcurrent: 4 } }
const capacity = 160
const meanMs = 100
const deadlineMs = 1_500
/** How late a request may arrive upstream that was sent in time: the clients' clock begins before the gateway's. */
const onTheWayMs = 50

export const priorities: Scenario = async (stage) => {
  const figures = new Figures<
    'highWaitP50' | 'highWaitP99' | 'highLost' | 'lowWaitP99' | 'lowServed' | 'expired' | 'used' | 'honest'
  >()
  await using targets = await stage.targets(['ours'], setup)
  await stage.warm(targets)
  for await (const { target, round } of stage.turns(targets)) {
    const seconds = stage.many(6)
    const shots = poisson({ seed: 70 + round, rate: 2 * capacity, seconds, high: 0.2, deadlineMs })
    const { samples, endpoints } = await stage.run(target, shots, { settings: { meanMs } })
    const due = new Map(samples.map(({ id, sentAt }) => [id, sentAt + deadlineMs]))
    const arrivals = endpoints.flatMap(({ arrivals }) => arrivals)
    const waits = (priority: number): number[] =>
      samples.flatMap((sample) => (sample.priority === priority && sample.end === 'done' ? [sample.waitedMs ?? 0] : []))
    const low = samples.filter(({ priority }) => priority === 2)
    const lastMs = Math.max(...samples.map(({ at, ms }) => at + ms))
    const refused = samples.filter(({ end }) => end === 'refused')
    figures.add(target.name, {
      highWaitP50: percentile(waits(0), 0.5),
      highWaitP99: percentile(waits(0), 0.99),
      highLost: samples.filter(({ priority, end }) => priority === 0 && end !== 'done').length,
      lowWaitP99: percentile(waits(2), 0.99),
      lowServed: low.filter(({ end }) => end === 'done').length / low.length,
      expired: arrivals.filter(({ id, at }) => at > (due.get(id) ?? Number.POSITIVE_INFINITY) + onTheWayMs).length,
      used: endpoints.reduce((sum, { openMs }) => sum + openMs, 0) / (lastMs * 16),
      honest: refused.filter(({ retryAfterS }) => retryAfterS !== undefined).length / Math.max(1, refused.length),
    })
  }
  return {
    rows: figures.rows({ scenario: 'S7' }),
    gates: [
      atMost('7 twice the load: high class waits, p99 ms', figures.of('ours', 'highWaitP99'), meanMs),
      atMost('7 twice the load: high class lost', figures.most('ours', 'highLost'), 0),
      atMost('7 twice the load: sent although expired', figures.most('ours', 'expired'), 0),
      atLeast('7 twice the load: share of the low class that is served', figures.of('ours', 'lowServed'), 0.3),
    ],
  }
}
