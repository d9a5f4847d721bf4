// S9: one endpoint misbehaves in each of the ways that are known, and the clients are asked what they saw of it.

import { atMost, type Gate } from '../../harness.ts'
import { poisson } from '../plan.ts'
import type { EndpointSettings } from '../shapes.ts'
import { sleep, type Scenario, type TargetName } from '../stage.ts'
import { counts, isHidden, isLost } from '../tally.ts'

const names: readonly TargetName[] = ['ours', 'portkey-lb+fb']

interface Fault {
  name: string
  settings: Partial<EndpointSettings> | 'gone'
  streams: number
}

const faults: readonly Fault[] = [
  { name: 'refused', settings: 'gone', streams: 0.5 },
  { name: '500', settings: { mode: 'failing' }, streams: 0.5 },
  { name: '502 with HTML', settings: { mode: 'html' }, streams: 0.5 },
  { name: '429', settings: { mode: 'busy', retryAfterS: 1 }, streams: 0.5 },
  { name: 'silence after headers', settings: { mode: 'silent' }, streams: 1 },
  { name: 'silence', settings: { mode: 'hang' }, streams: 0.5 },
  { name: 'error as first frame', settings: { mode: 'error-frame' }, streams: 1 },
  { name: 'malformed frame', settings: { mode: 'malformed' }, streams: 1 },
  { name: 'an end without a word', settings: { mode: 'empty' }, streams: 1 },
  { name: 'cut before the first token', settings: { mode: 'cut', cutAfter: 0 }, streams: 1 },
  { name: 'cut after three tokens', settings: { mode: 'cut', cutAfter: 3 }, streams: 1 },
]

export const faulty: Scenario = async (stage) => {
  const rows: Record<string, unknown>[] = []
  const gates: Gate[] = []
  await using targets = await stage.targets(names, { firstTokenMs: 500 })
  await stage.warm(targets)
  for (const [number, { name, settings, streams }] of faults.entries()) {
    // Each time it is another endpoint: one that is still left alone would be no trial.
    const endpoint = number % 4
    for (const target of targets) {
      const shots = poisson({ seed: 90 + number, rate: 100, seconds: 1, streams, tokens: 8 })
      const { samples, endpoints } = await stage.run(target, shots, {
        timeoutMs: 4_000,
        during: async () => {
          if (settings === 'gone') await stage.fleet.ask('kill', { endpoint })
          else await stage.fleet.ask('set', { endpoint, settings })
        },
      })
      const lost = samples.filter(isLost).length
      const hidden = samples.filter(isHidden).length
      const met =
        settings === 'gone'
          ? samples.filter(({ attempts = 1 }) => attempts > 1).length
          : (endpoints[endpoint]?.arrived ?? 0)
      const told = samples.filter(({ end, firstMs }) => end === 'error' && firstMs !== undefined).length
      rows.push({
        scenario: 'S9',
        fault: name,
        target: target.name,
        requests: samples.length,
        met,
        lost,
        told,
        hidden,
        ends: counts(samples.map(({ end, status }) => (end === 'refused' ? `${status}` : end))),
      })
      if (target.name === 'ours') {
        gates.push(
          atMost(`4 fault "${name}": lost before their first token`, lost, 0),
          atMost(`4 fault "${name}": streams cut without being told`, hidden, 0),
        )
        if (met === 0) gates.push(atMost(`4 fault "${name}": was met by no request`, Number.NaN, 0))
      }
    }
    await stage.fleet.ask('reset', { seed: 1 })
    await sleep(300)
  }
  return { rows, gates }
}
