// S2: streams that all begin at once, which is the worst that can come, and a thousand that go on together.

import { atMost, percentile } from '../../harness.ts'
import { burst } from '../plan.ts'
import { cpuMs, rssMb } from '../processes.ts'
import { Figures, type Scenario, type Stage, type Target } from '../stage.ts'

type Figure = 'firstP50' | 'firstP99' | 'p99' | 'cpuMs' | 'rssMb' | 'errors' | 'perSecond'

export const streams: Scenario = async (stage) => {
  await using targets = await stage.targets(['direct', 'floor', 'ours', 'portkey-lb'], {
    endpoint: { maxConcurrent: 1_024 },
  })
  await stage.warm(targets, 2_000)
  const cells = [
    // Each is over in a second, so one says little.
    { count: 32, meanMs: 50, itlMs: 20, times: 5 },
    { count: 256, meanMs: 50, itlMs: 20, times: 5 },
    { count: 1_000, meanMs: 100, itlMs: 100, times: 1 },
  ].map((cell) => ({
    ...cell,
    figures: new Figures<Figure>(),
  }))
  for await (const { target } of stage.turns(targets)) {
    for (const cell of cells)
      for (let time = 0; time < cell.times; time++) {
        cell.figures.add(target.name, await onceOf(stage, target, cell))
        // The next one begins with no connection either.
        await stage.load.ask('forget')
      }
  }
  const [of32, of256, of1000] = cells.map(({ figures }) => figures)
  if (!of32 || !of256 || !of1000) return { rows: [], gates: [] }
  const added = (name: 'ours' | 'portkey-lb', figure: 'firstP50' | 'firstP99'): number =>
    of256.of(name, figure) - of256.of('direct', figure)
  return {
    rows: cells.flatMap(({ count, figures }) => figures.rows({ scenario: 'S2', streams: count })),
    gates: [
      atMost(
        '2 first token p50 added to 32 streams, ms',
        of32.of('ours', 'firstP50') - of32.of('direct', 'firstP50'),
        5,
      ),
      atMost(
        "2 first token p50 added to a burst of 256, of Portkey's",
        added('ours', 'firstP50') / added('portkey-lb', 'firstP50'),
        0.3,
      ),
      atMost(
        "2 first token p99 added to a burst of 256, of Portkey's",
        added('ours', 'firstP99') / added('portkey-lb', 'firstP99'),
        0.3,
      ),
      atMost('2 a thousand streams: those that failed', of1000.most('ours', 'errors'), 0),
      atMost('2 a thousand streams: MB', of1000.most('ours', 'rssMb'), 250),
      atMost(
        "2 CPU of a stream, of Portkey's, burst of 256",
        of256.of('ours', 'cpuMs') / of256.of('portkey-lb', 'cpuMs'),
        0.55,
      ),
      atMost(
        "2 CPU of a stream, of Portkey's, a thousand",
        of1000.of('ours', 'cpuMs') / of1000.of('portkey-lb', 'cpuMs'),
        0.55,
      ),
    ],
  }
}

async function onceOf(
  stage: Stage,
  target: Target,
  { count, meanMs, itlMs }: { count: number; meanMs: number; itlMs: number },
): Promise<Record<Figure, number>> {
  const pid = target.running?.pid
  const shots = burst(stage.many(count), { stream: true, tokens: 30 })
  let most = 0
  // It is looked at while all of them go on: afterwards some is given back.
  const watch = setInterval(() => {
    if (pid !== undefined) most = Math.max(most, rssMb(pid))
  }, 100)
  const before = pid === undefined ? 0 : cpuMs(pid)
  const { samples } = await stage.run(target, shots, { settings: { slots: 4_096, meanMs, sigma: 0, itlMs } })
  clearInterval(watch)
  const used = pid === undefined ? 0 : cpuMs(pid) - before
  const firsts = samples.flatMap(({ firstMs }) => (firstMs === undefined ? [] : [firstMs]))
  const all = samples.map(({ ms }) => ms)
  return {
    firstP50: percentile(firsts, 0.5),
    firstP99: percentile(firsts, 0.99),
    p99: percentile(all, 0.99),
    cpuMs: used / shots.length,
    rssMb: most,
    errors: samples.filter(({ end }) => end !== 'done').length,
    perSecond: (shots.length / percentile(all, 1)) * 1_000,
  }
}
