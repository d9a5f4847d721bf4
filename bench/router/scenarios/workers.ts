// Gate 6: four processes behind one port share what an endpoint takes. The endpoints themselves count how many they had at once.

import { atLeast, atMost } from '../../harness.ts'
import { Figures, type Scenario } from '../stage.ts'

const maxConcurrent = 8

export const workers: Scenario = async (stage) => {
  const figures = new Figures<'most' | 'used' | 'errors' | 'perSecond'>()
  await using targets = await stage.targets(['ours'], {
    endpoint: { maxConcurrent, adaptive: false },
    args: ['--workers', '4'],
  })
  const shot = { at: 0, id: '', stream: false, tokens: 20 }
  for await (const { target } of stage.turns(targets)) {
    const { door } = target
    const load = (requests: number) => stage.load.ask('closed', { shot, door, clients: 96, requests })
    await stage.fleet.ask('reset', { seed: 6, settings: { slots: 64 } })
    await load(400)
    const before = await stage.fleet.ask('report')
    const { ends, seconds, ms } = await load(stage.many(1_500))
    const after = await stage.fleet.ask('report')
    const openMs = after.reduce((sum, endpoint) => sum + endpoint.openMs, 0)
    const openMsBefore = before.reduce((sum, endpoint) => sum + endpoint.openMs, 0)
    figures.add(target.name, {
      most: Math.max(...after.map(({ mostOpen }) => mostOpen)),
      // The end of the run, when fewer clients are left than places, is in this share.
      used: (openMs - openMsBefore) / (seconds * 1_000 * maxConcurrent * 4),
      errors: ms.length - (ends.done ?? 0),
      perSecond: ms.length / seconds,
    })
  }
  return {
    rows: figures.rows({ scenario: 'workers' }),
    gates: [
      atMost('6 four workers: most at an endpoint at once', figures.most('ours', 'most'), maxConcurrent),
      atLeast('6 four workers: share of the places in use under backlog', figures.of('ours', 'used'), 0.95),
      atMost('6 four workers: requests that failed', figures.most('ours', 'errors'), 0),
    ],
  }
}
