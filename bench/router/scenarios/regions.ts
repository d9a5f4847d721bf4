// Gate 12, in virtual time: callers are sent to another region only when waiting at home would take longer than the way there,
// and the number of endpoints that an autoscaler is told is the one that the demand asks for.
//
// How long waiting at home takes is told three times. By what the router knows, as it says of itself at that moment: places
// and mean times of answers, of about the last twenty at each endpoint. That is what it decides by, so it is never below the
// penalty. As it really would have been, which nobody knows then: on average no shorter than the penalty. And by an oracle
// that knows the mean time of an answer, but not how long the latest took: twenty answers are off by up to a third now and
// then, so of thousands of callers the one who left soonest would have waited less by its reckoning. Its bound says how much.

import { atLeast, atMost, seeded, percentile } from '../../harness.ts'
import { openScheduler } from '../../../src/router/scheduler.ts'
import type { SchedulerState } from '../../../src/router/scheduler.ts'
import type { Scenario } from '../stage.ts'
import { patient, VirtualTime } from '../virtual.ts'

const serviceMs = 100
const penaltyMs = 200
const places = 4

export const regions: Scenario = async (stage) => {
  const calm = await spill(0.6, stage.many(200))
  const crowded = await spill(1.3, stage.many(200))
  const { worst, samples } = await ramp(600)
  return {
    rows: [
      { scenario: 'regions', simulated: true, loadOfHome: 0.6, ...calm },
      { scenario: 'regions', simulated: true, loadOfHome: 1.3, ...crowded },
      { scenario: 'replicas', simulated: true, samples, worst },
    ],
    gates: [
      atMost('12 home has room: share sent to another region, simulated', calm.awayShare, 0.001),
      atLeast('12 home is full: share sent to another region, simulated', crowded.awayShare, 0.1),
      atLeast(
        '12 shortest wait at home as predicted when one was sent away, of the penalty, simulated',
        crowded.leastPredicted,
        1,
      ),
      atLeast(
        '12 mean wait that those sent away would have had at home, of the penalty, simulated',
        crowded.meanReal,
        1,
      ),
      atLeast(
        '12 shortest wait at home by the true mean time of answers when one was sent away, of the penalty, simulated',
        crowded.leastWait,
        0.75,
      ),
      atMost('12 home is full: wait p99, of the penalty, simulated', crowded.waitP99 / penaltyMs, 1.5),
      atMost('12 desired_replicas beside an oracle, largest difference, simulated', worst, 1),
    ],
  }
}

/** Two endpoints at home and two elsewhere; every caller is at home. */
async function spill(load: number, seconds: number) {
  const random = seeded(12)
  const time = new VirtualTime()
  const endpoint = (name: string, region: string) => ({
    name,
    region,
    url: 'http://127.0.0.1:1',
    // The way there takes a place too.
    maxConcurrent: region === 'home' ? places : 4 * places,
  })
  await using scheduler = openScheduler(
    [endpoint('a', 'home'), endpoint('b', 'home'), endpoint('c', 'away'), endpoint('d', 'away')],
    { clock: time, random: 1, penalties: { home: { away: penaltyMs } } },
  )
  const rate = (load * 2 * places) / serviceMs
  const waits: number[] = []
  const waitsBefore: number[] = []
  const predicted: number[] = []
  /** Who was sent away: when it came, and the number of the end at home that would have given it a place. */
  const sent: { came: number; end: number }[] = []
  const homeEnds: number[] = []
  /** Who waits, in the order of coming. */
  const line: symbol[] = []
  let total = 0
  let away = 0
  let failed: unknown
  const ask = async (warm: boolean): Promise<void> => {
    const came = time.now()
    const ahead = line.length
    const me = Symbol()
    line.push(me)
    const lease = await scheduler.acquire(
      { ability: 'chat', promptTokens: 50, outputTokens: 20, region: 'home' },
      patient,
    )
    const before = line.indexOf(me)
    line.splice(before, 1)
    const isAway = lease.endpoint.region === 'away'
    const waited = time.now() - came
    if (!warm) {
      total++
      waits.push(waited)
      if (isAway) {
        away++
        predicted.push(Math.max(waited, (before + 1) / placesPerMs(scheduler.state())))
        sent.push({ came, end: homeEnds.length + before })
        // An oracle knows the mean service time: who is behind so many others waits until so many have left.
        waitsBefore.push(Math.max(waited, ((ahead + 1) * serviceMs) / (2 * places)))
      }
    }
    time.at(time.now() + serviceMs * Math.exp(0.5 * gauss(random) - 0.125) + (isAway ? penaltyMs : 0), () => {
      if (!isAway) homeEnds.push(time.now())
      lease.begun()
      lease.end({ kind: 'done', outputTokens: 20 })
    })
  }
  for (let at = 0; at < (seconds + 10) * 1_000; at += -Math.log(1 - random()) / rate) {
    const warm = at < 10_000
    time.at(at, () => {
      ask(warm).catch((error: unknown) => (failed ??= error))
    })
  }
  await time.run((seconds + 60) * 1_000)
  if (failed !== undefined) throw failed
  const real = sent.map(({ came, end }) => (homeEnds[end] ?? came) - came)
  const least = (waits: readonly number[]): number => (waits.length === 0 ? Number.NaN : Math.min(...waits) / penaltyMs)
  return {
    orders: total,
    awayShare: away / total,
    leastPredicted: least(predicted),
    meanReal: real.reduce((sum, ms) => sum + ms, 0) / real.length / penaltyMs,
    leastWait: least(waitsBefore),
    waitP99: percentile(waits, 0.99),
  }
}

/** Places that are given back at home in a millisecond, by what the router tells of its endpoints. */
function placesPerMs({ endpoints }: SchedulerState): number {
  let perMs = 0
  for (const { region, limit, serviceMs } of endpoints) if (region === 'home') perMs += limit / (serviceMs ?? 0)
  return perMs
}

/** Demand rises from what one endpoint carries to what eight do, and falls again; the oracle knows it exactly. */
async function ramp(seconds: number) {
  const random = seeded(13)
  const time = new VirtualTime()
  const [each, use, takesMs, most] = [8, 0.75, 500, 8]
  await using scheduler = openScheduler(
    Array.from({ length: most + 2 }, (_, number) => ({
      name: `e${number}`,
      url: 'http://127.0.0.1:1',
      maxConcurrent: each,
    })),
    { clock: time, random: 1, use },
  )
  const half = (seconds * 1_000) / 2
  /** Orders under way that the demand of this moment makes, in endpoints. */
  const wanted = (at: number): number => 0.6 + (most - 1) * (at < half ? at / half : 2 - at / half)
  let failed: unknown
  const ask = async (): Promise<void> => {
    const lease = await scheduler.acquire({ ability: 'chat', promptTokens: 50, outputTokens: 20 }, patient)
    time.at(time.now() + takesMs * Math.exp(0.5 * gauss(random) - 0.125), () => {
      lease.begun()
      lease.end({ kind: 'done', outputTokens: 20 })
    })
  }
  for (let at = 0; at < 2 * half; at += (-Math.log(1 - random()) * takesMs) / (wanted(at) * each * use))
    time.at(at, () => {
      ask().catch((error: unknown) => (failed ??= error))
    })
  let worst = 0
  let samples = 0
  // The average over the last quarter minute begins with none.
  for (let at = 30_000; at < 2 * half; at += 5_000)
    time.at(at, () => {
      const desired = scheduler.signals()[0]?.desired_replicas ?? Number.NaN
      const off = Math.abs(desired - Math.ceil(wanted(at)))
      worst = Number.isNaN(off) ? Number.POSITIVE_INFINITY : Math.max(worst, off)
      samples++
    })
  await time.run(2 * half + 60_000)
  if (failed !== undefined) throw failed
  return { worst, samples }
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random())
}
