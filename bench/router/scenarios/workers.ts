// Gate 6: four processes behind one port share what an endpoint takes. The endpoints themselves count how many they had at once.

import { atLeast, atMost } from '../../harness.ts'
import { Figures, sleep, type Scenario } from '../stage.ts'

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
    await stage.fleet.ask('reset', { seed: 6, settings: { slots: 64 } })
    const seconds = Math.max(1, stage.many(3))
    // Enough that the backlog lasts for longer than it is looked at.
    const requests = (seconds + 3) * 10 * maxConcurrent * 4
    const loaded = stage.load.ask('closed', { shot, door, clients: 96, requests })
    await sleep(1_500)
    const [before, from] = [await stage.fleet.ask('report'), performance.now()]
    await sleep(seconds * 1_000)
    const [after, to] = [await stage.fleet.ask('report'), performance.now()]
    const { ends, ms } = await loaded
    const openMs = after.reduce((sum, endpoint) => sum + endpoint.openMs, 0)
    const openMsBefore = before.reduce((sum, endpoint) => sum + endpoint.openMs, 0)
    const arrived = after.reduce((sum, endpoint) => sum + endpoint.arrived, 0)
    const arrivedBefore = before.reduce((sum, endpoint) => sum + endpoint.arrived, 0)
    const last = await stage.fleet.ask('report')
    figures.add(target.name, {
      most: Math.max(...last.map(({ mostOpen }) => mostOpen)),
      used: (openMs - openMsBefore) / ((to - from) * maxConcurrent * 4),
      errors: ms.length - (ends.done ?? 0),
      perSecond: ((arrived - arrivedBefore) / (to - from)) * 1_000,
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
