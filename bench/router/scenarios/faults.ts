// S9: one endpoint misbehaves in each of the ways that are known, and the clients are asked what they saw of it.

import { tickMs } from '../../../src/router/wire/silence-watch.ts'
import { atMost, percentile, round, type Gate } from '../../harness.ts'
import { failoverMs, lostMs } from '../elsewhere.ts'
import { poisson } from '../plan.ts'
import type { EndpointSettings } from '../shapes.ts'
import { Figures, sleep, type Scenario, type Stage, type Target, type TargetName } from '../stage.ts'
import { counts, isHidden, isLost } from '../tally.ts'

const names: readonly TargetName[] = ['ours', 'portkey-lb+fb']

const firstTokenMs = 500

interface Fault {
  name: string
  settings: Partial<EndpointSettings> | 'gone'
  streams: number
  /** When the endpoint shows that it fails: as soon as it is asked, never, or while it answers. */
  shows: 'at once' | 'never' | 'later'
}

const faults: readonly Fault[] = [
  { name: 'refused', settings: 'gone', streams: 0.5, shows: 'at once' },
  { name: '500', settings: { mode: 'failing' }, streams: 0.5, shows: 'at once' },
  { name: '502 with HTML', settings: { mode: 'html' }, streams: 0.5, shows: 'at once' },
  { name: 'silence after headers', settings: { mode: 'silent' }, streams: 1, shows: 'never' },
  { name: 'silence', settings: { mode: 'hang' }, streams: 0.5, shows: 'never' },
  { name: 'malformed frame', settings: { mode: 'malformed' }, streams: 1, shows: 'at once' },
  { name: 'an end without a word', settings: { mode: 'empty' }, streams: 1, shows: 'at once' },
  { name: 'cut before the first token', settings: { mode: 'cut', cutAfter: 0 }, streams: 1, shows: 'later' },
  { name: 'cut after three tokens', settings: { mode: 'cut', cutAfter: 3 }, streams: 1, shows: 'later' },
  // These say that they have too much to do. They are sent less for a while, and the next fault would be met in line.
  { name: '429', settings: { mode: 'busy', retryAfterS: 1 }, streams: 0.5, shows: 'at once' },
  { name: 'error as first frame', settings: { mode: 'error-frame' }, streams: 1, shows: 'at once' },
]

export const faulty: Scenario = async (stage) => {
  const rows: Record<string, unknown>[] = []
  const ours = new Map(faults.map(({ name }) => [name, new Figures<'lost' | 'hidden' | 'met'>()]))
  const late = new Figures<'at once' | 'never'>()
  for (let round = 0; round < stage.rounds; round++) {
    await using targets = await stage.targets(round === 0 ? names : ['ours'], { firstTokenMs })
    await stage.warm(targets)
    const moved: Record<Fault['shows'], number[]> = { 'at once': [], never: [], later: [] }
    for (const [number, fault] of faults.entries()) {
      // What a fault comes to is seen the first time; how long it takes is looked at in every round.
      if (round > 0 && fault.shows === 'later') continue
      for (const target of targets) {
        const { ends, movedMs, ...found } = await meet(stage, target, fault, number)
        rows.push({ scenario: 'S9', fault: fault.name, target: target.name, round, ...found, movedMs, ends })
        if (target.name !== 'ours') continue
        ours.get(fault.name)?.add('ours', { lost: found.lost, hidden: found.hidden, met: found.met })
        moved[fault.shows].push(movedMs)
      }
      await stage.fleet.ask('reset', { seed: 1 })
      await sleep(300)
    }
    // Fewer than a hundred: their p99 is the worst of them.
    if (stage.has('ours')) late.add('ours', { 'at once': most(moved['at once']), never: most(moved.never) })
  }
  return {
    rows,
    gates: [
      ...[...ours].flatMap(([name, figures]) => gatesOf(name, figures)),
      atMost(
        '4 faults that show at once: ms until a request is at another endpoint, p99',
        late.of('ours', 'at once'),
        failoverMs,
      ),
      atMost(
        '4 faults of silence: ms until a request is at another endpoint, p99',
        late.of('ours', 'never'),
        firstTokenMs + tickMs + failoverMs,
      ),
    ],
  }
}

/** One second of requests while one endpoint has the fault, and what the clients saw of it. */
async function meet(stage: Stage, target: Target, { settings, streams }: Fault, number: number) {
  // Each time it is another endpoint: one that is still left alone would be no trial.
  const endpoint = number % 4
  const shots = poisson({ seed: 90 + number, rate: 100, seconds: 1, streams, tokens: 8 })
  const run = await stage.run(target, shots, {
    timeoutMs: 4_000,
    during: async () => {
      if (settings === 'gone') await stage.fleet.ask('kill', { endpoint })
      else await stage.fleet.ask('set', { endpoint, settings })
    },
  })
  const { samples, endpoints } = run
  return {
    requests: samples.length,
    met:
      settings === 'gone'
        ? samples.filter(({ attempts = 1 }) => attempts > 1).length
        : (endpoints[endpoint]?.arrived ?? 0),
    lost: samples.filter(isLost).length,
    told: samples.filter(({ end, firstMs }) => end === 'error' && firstMs !== undefined).length,
    hidden: samples.filter(isHidden).length,
    movedMs: round(most(lostMs(run))),
    ends: counts(samples.map(({ end, status }) => (end === 'refused' ? `${status}` : end))),
  }
}

function gatesOf(name: string, figures: Figures<'lost' | 'hidden' | 'met'>): Gate[] {
  return [
    atMost(`4 fault "${name}": lost before their first token`, figures.most('ours', 'lost'), 0),
    atMost(`4 fault "${name}": streams cut without being told`, figures.most('ours', 'hidden'), 0),
    ...(figures.least('ours', 'met') === 0 ? [atMost(`4 fault "${name}": was met by no request`, Number.NaN, 0)] : []),
  ]
}

/** Not a number when there is none. */
function most(values: readonly number[]): number {
  return percentile(values, 1)
}
