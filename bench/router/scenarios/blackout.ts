// Gate 9: all endpoints fail. The router must not make it worse by trying again and again, and must say so to each caller.

import { atLeast, atMost } from '../../harness.ts'
import { poisson } from '../plan.ts'
import { Figures, sleep, type Scenario, type TargetName } from '../stage.ts'
import { counts, tally } from '../tally.ts'

const names: readonly TargetName[] = ['ours', 'portkey-lb+fb']

export const blackout: Scenario = async (stage) => {
  const figures = new Figures<'attempts' | 'honest' | 'hungUp' | 'p99'>()
  const gone = new Figures<'honest' | 'hungUp' | 'backMs'>()
  const statuses: Record<string, unknown>[] = []
  for (let round = 0; round < stage.rounds; round++) {
    for (const name of names) {
      await using targets = await stage.targets([name], { firstTokenMs: 1_500 })
      const [target] = targets
      if (!target) continue
      await stage.warm(targets)
      const mix = { seed: 100 + round, rate: 150, streams: 0.25, deadlineMs: 3_000 }
      const plan = poisson({ ...mix, seconds: stage.many(4) })
      const run = await stage.run(target, plan, { settings: { mode: 'failing' } })
      const found = tally(run)
      const told = ({ end, retryAfterS, status }: (typeof run.samples)[number]): boolean =>
        end === 'refused' && (status === 502 || ((status === 503 || status === 429) && retryAfterS !== undefined))
      const hungUp = ({ end }: (typeof run.samples)[number]): boolean => end === 'timeout' || end === 'broken'
      figures.add(name, {
        attempts: found.attempts,
        honest: run.samples.filter(told).length / run.samples.length,
        hungUp: run.samples.filter(hungUp).length,
        p99: Math.max(...run.samples.map(({ ms }) => ms)),
      })
      statuses.push({
        scenario: 'blackout statuses',
        target: name,
        round,
        ...counts(run.samples.map(({ status }) => status)),
      })
      let backAt = 0
      const dead = await stage.run(target, poisson({ ...mix, seconds: 4 }), {
        during: async () => {
          for (const endpoint of [0, 1, 2, 3]) await stage.fleet.ask('kill', { endpoint })
          await sleep(2_000)
          for (const endpoint of [0, 1, 2, 3]) backAt = await stage.fleet.ask('up', { endpoint })
        },
      })
      const meanwhile = dead.samples.filter(({ sentAt }) => sentAt < backAt)
      const firstGood = Math.min(
        ...dead.samples
          .filter(({ end, sentAt, ms }) => end === 'done' && sentAt + ms > backAt)
          .map(({ sentAt, ms }) => sentAt + ms),
      )
      gone.add(name, {
        honest: meanwhile.filter((sample) => told(sample) || sample.end === 'done').length / meanwhile.length,
        hungUp: meanwhile.filter(hungUp).length,
        backMs: firstGood - backAt,
      })
      await stage.load.ask('forget')
    }
  }
  return {
    rows: [
      ...figures.rows({ scenario: 'blackout, all fail' }),
      ...gone.rows({ scenario: 'blackout, all gone' }),
      ...statuses,
    ],
    gates: [
      atMost('9 all fail: attempts for each request', figures.most('ours', 'attempts'), 1.1),
      atLeast('9 all fail: share that is told honestly', figures.least('ours', 'honest'), 1),
      atLeast(
        '9 nobody listens: share that is told honestly, or waited and was served',
        gone.least('ours', 'honest'),
        1,
      ),
      atMost('9 callers left hanging', figures.most('ours', 'hungUp') + gone.most('ours', 'hungUp'), 0),
    ],
  }
}
