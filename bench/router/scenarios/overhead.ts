// S1: what a gateway costs. The fleet answers at once, so what remains is the way there and back.

import { atLeast, atMost, percentile } from '../../harness.ts'
import { cpuMs, rssMb } from '../processes.ts'
import { Figures, type Scenario } from '../stage.ts'

const setup = { endpoint: { maxConcurrent: 512 } }

export const overhead: Scenario = async (stage) => {
  await using targets = await stage.targets(['direct', 'floor', 'ours', 'portkey-lb'], setup)
  // As in a process that has been up for a while: until then V8 compiles, and that is CPU time, too.
  await stage.warm(targets, 30_000)
  const cells = [1, 32, 256].map((clients) => ({
    clients,
    requests: stage.many(clients === 32 ? 15_000 : 5_000),
    // One client leaves time to compile anew for it: that is over when it counts.
    first: clients === 1 ? stage.many(1_000) : clients * 4,
    figures: new Figures<'rps' | 'p50' | 'p99' | 'cpuUs' | 'rssMb' | 'errors'>(),
  }))
  for await (const { target } of stage.turns(targets)) {
    for (const { clients, requests, first, figures } of cells) {
      await stage.fleet.ask('reset', { seed: 1, settings: { meanMs: 0 } })
      const shot = { at: 0, id: '', stream: false, tokens: 20 }
      const { door, running } = target
      await stage.load.ask('closed', { shot, door, clients, requests: first })
      const before = running ? cpuMs(running.pid) : 0
      const { ms, ends, seconds } = await stage.load.ask('closed', { shot, door, clients, requests })
      const used = running ? cpuMs(running.pid) - before : 0
      figures.add(target.name, {
        rps: requests / seconds,
        p50: percentile(ms, 0.5),
        p99: percentile(ms, 0.99),
        cpuUs: (used * 1_000) / requests,
        rssMb: running ? rssMb(running.pid) : 0,
        errors: requests - (ends.done ?? 0),
      })
    }
  }
  const [one, many] = [cells[0]?.figures, cells[1]?.figures]
  if (!one || !many) return { rows: [], gates: [] }
  const cpu = many.of('ours', 'cpuUs')
  const added = (name: 'ours' | 'portkey-lb'): number => many.of(name, 'p99') - many.of('direct', 'p99')
  return {
    rows: cells.flatMap(({ clients, figures }) => figures.rows({ scenario: 'S1', clients })),
    gates: [
      atMost('1 CPU of a request, of the floor, 32 clients', cpu / many.of('floor', 'cpuUs'), 2),
      atMost("1 CPU of a request, of Portkey's, 32 clients", cpu / many.of('portkey-lb', 'cpuUs'), 0.2),
      atMost('1 added p50 ms, one client', one.of('ours', 'p50') - one.of('direct', 'p50'), 0.3),
      atLeast(
        "1 requests per second, of Portkey's, 32 clients",
        many.of('ours', 'rps') / many.of('portkey-lb', 'rps'),
        5,
      ),
      atMost("1 added p99, of Portkey's, 32 clients", added('ours') / added('portkey-lb'), 0.3),
      atMost('1 requests that failed', Math.max(...cells.map(({ figures }) => figures.most('ours', 'errors'))), 0),
    ],
  }
}
