// S7: twice as much as the endpoints can take. Those of the high class must not feel it, and nothing is sent for a caller whose
// deadline has passed. Then more at once than may wait: who finds the line full is told so, and when to come back.

import { atLeast, atMost, percentile } from '../../harness.ts'
import { burst, poisson } from '../plan.ts'
import type { Sample } from '../shapes.ts'
import { Figures, type Found, type Scenario, type Stage } from '../stage.ts'
import { counts } from '../tally.ts'

/** Four places at each of four endpoints, 100 ms a request: 160 requests per second. */
const setup = { endpoint: { maxConcurrent: 4 } }
const capacity = 160
const meanMs = 100
const deadlineMs = 1_500
/** How late a request may arrive upstream that was sent in time: the clients' clock begins before the gateway's. */
const onTheWayMs = 50
/** So many may wait, and so many come at once. */
const queue = 50
const crowd = 300

/** Told that there is too much to do, and when to come back. */
function isToldWhen({ end, status, retryAfterS = 0 }: Sample): boolean {
  return end === 'refused' && (status === 429 || status === 503) && retryAfterS > 0
}

/** Told that no place was free before its deadline, and not sooner. */
function isToldLate({ end, status, ms, slipMs }: Sample): boolean {
  return end === 'refused' && status === 504 && ms - slipMs >= deadlineMs
}

export const priorities: Scenario = async (stage) => {
  const figures = new Figures<
    | 'highWaitP50'
    | 'highWaitP99'
    | 'highLost'
    | 'lowWaitP99'
    | 'lowWaitMax'
    | 'lowServed'
    | 'expired'
    | 'used'
    | 'honest'
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
      lowWaitMax: percentile(waits(2), 1),
      lowServed: low.filter(({ end }) => end === 'done').length / low.length,
      expired: arrivals.filter(({ id, at }) => at > (due.get(id) ?? Number.POSITIVE_INFINITY) + onTheWayMs).length,
      used: endpoints.reduce((sum, { openMs }) => sum + openMs, 0) / (lastMs * 16),
      honest: refused.filter((sample) => isToldWhen(sample) || isToldLate(sample)).length / refused.length,
    })
  }
  const full = await fullQueue(stage)
  return {
    rows: [...figures.rows({ scenario: 'S7' }), ...full.rows],
    gates: [
      atMost('7 twice the load: high class waits, p99 ms', figures.of('ours', 'highWaitP99'), meanMs),
      atMost('7 twice the load: high class lost', figures.most('ours', 'highLost'), 0),
      atMost('7 twice the load: sent although expired', figures.most('ours', 'expired'), 0),
      atLeast('7 twice the load: share of the low class that is served', figures.of('ours', 'lowServed'), 0.3),
      atMost('7 twice the load: low class waits, longest ms', figures.most('ours', 'lowWaitMax'), deadlineMs),
      atLeast(
        '7 twice the load: share of the refused that is told when to come back, or that its time is over',
        figures.least('ours', 'honest'),
        1,
      ),
      ...full.gates,
    ],
  }
}

async function fullQueue(stage: Stage): Promise<Found> {
  await using targets = await stage.targets(['ours'], { ...setup, routing: { queue } })
  const [target] = targets
  if (!target) return { rows: [], gates: [] }
  const { samples } = await stage.run(target, burst(crowd, { stream: false, tokens: 20 }), { settings: { meanMs } })
  const refused = samples.filter(({ end }) => end !== 'done')
  const told = refused.filter((sample) => sample.status === 429 && isToldWhen(sample)).length
  const statuses = counts(samples.map(({ status }) => status))
  return {
    rows: [
      { scenario: 'S7 full queue', target: 'ours', queue, requests: crowd, refused: refused.length, told, statuses },
    ],
    gates: [
      atLeast(
        '7 full queue: share of those not served that is told 429 and when to come back',
        told / refused.length,
        1,
      ),
      // Sixteen places and the queue; a little later some of them are free again.
      atLeast('7 full queue: served of those for whom there was room', (crowd - refused.length) / (16 + queue), 1),
      atLeast('7 full queue: requests that it was too short for', refused.length, 1),
    ],
  }
}
