// Finds the constants with which the engine would have been as fast as a server that was measured: the engine runs the
// same loads in virtual time, again and again, and least squares turn its constants until its times are the measured ones.

import { AndonError } from '../core/errors.ts'
import { simulateLoad } from './load.ts'
import type { LoadRequest } from './load.ts'
import type { Profile } from './profile.ts'
import { smallestSquares } from './smallest-squares.ts'

/** One load that a server was measured under. */
export interface MeasuredLoad {
  name: string
  /** Of a closed loop. Absent for an open one, whose requests say when they came. */
  concurrency?: number
  /** In the order they were sent, with the lengths that the server counted. */
  requests: readonly LoadRequest[]
  /** Mean time to first token, in milliseconds. */
  ttftMs: number
  /** Mean gap between tokens, in milliseconds. */
  gapMs: number
}

/** A load as it was measured, and as the engine does it with the constants found. Milliseconds. */
export interface FittedLoad {
  name: string
  requests: number
  ttftMs: { measured: number; simulated: number }
  gapMs: { measured: number; simulated: number }
}

export interface Calibration {
  /** The constants found, among those that were not looked for; each says where it comes from. */
  profile: Profile
  loads: FittedLoad[]
  /** Root of the mean square of all relative differences: 0.05 is 5 %. */
  residual: number
}

/** A caller takes so long to ask again, or a little more: a step that is under way is missed. */
const thinkMs = 0.1

const sought = ['baseMs', 'perDecodeMs', 'perPrefillTokenMs'] as const
type Constants = Record<(typeof sought)[number], number>

/**
 * Fits `baseMs`, `perDecodeMs` and `perPrefillTokenMs` to the loads; everything else stays as it is in `from`. `source`
 * says in a few words where the measurements are from. Throws `invalid` when the loads cannot tell the constants apart.
 */
export function calibrate(loads: readonly MeasuredLoad[], from: Profile, source: string): Calibration {
  const [first] = loads.toSorted((one, other) => one.gapMs - other.gapMs)
  if (!first || loads.length < 2)
    throw new AndonError(
      'invalid',
      `${source} has ${loads.length === 1 ? 'one load' : 'no load'} to calibrate by: measure under several at least, as --concurrency 1,8,32.`,
    )
  const prompt = mean(first.requests.map(({ promptTokens }) => promptTokens))
  const begin: Constants = {
    baseMs: first.gapMs,
    perDecodeMs: first.gapMs / 100,
    perPrefillTokenMs: Math.max(first.ttftMs - first.gapMs, first.ttftMs / 10) / prompt,
  }
  const differences = (constants: Constants): number[] =>
    run(loads, withConstants(from, constants)).flatMap(({ ttftMs, gapMs }) => [ratio(ttftMs), ratio(gapMs)])
  // By their logarithms: none of them can be negative, and a change counts by its share.
  const found = smallestSquares(
    (logarithms) => differences(constantsOf(logarithms)),
    sought.map((name) => Math.log(begin[name])),
  )
  const constants = constantsOf(found.parameters)
  const fitted = run(loads, withConstants(from, constants))
  const off = fitted.flatMap(({ ttftMs, gapMs }) => [ttftMs, gapMs]).map((of) => of.simulated / of.measured - 1)
  const residual = Math.sqrt(mean(off.map((share) => share ** 2)))
  const provenance = (at: number): string =>
    `Fitted by least squares to ${loads.length} loads of ${source}, ${certain(found.errors[at])}; all simulated and measured means differ by ${percent(residual)} (root mean square).`
  return {
    profile: {
      ...withConstants(from, constants, provenance),
      name: `calibrated-from-${from.name}`,
      describes: `Calibrated: ${sought.join(', ')} from ${source}, everything else as in the profile ${from.name}.`,
    },
    loads: fitted,
    residual,
  }
}

function run(loads: readonly MeasuredLoad[], profile: Profile): FittedLoad[] {
  // Noise has the mean 1: without it the same constants always give the same times.
  const still = { ...profile, noise: { ...profile.noise, value: 0 } }
  return loads.map(({ name, concurrency, requests, ttftMs, gapMs }) => {
    const load = simulateLoad(
      { profile: still, prefixCache: false },
      requests,
      concurrency === undefined ? {} : { concurrency, thinkMs },
    )
    const { requests: done } = load
    if (done.some(({ outcome }) => outcome !== 'done'))
      throw new AndonError(
        'invalid',
        `Under ${name} the server answered requests that the profile ${profile.name} has no room for: give another one with --profile.`,
      )
    const simulated = mean(done.map(({ firstTokenMs = 0, arrivedMs }) => firstTokenMs - arrivedMs))
    return {
      name,
      requests: requests.length,
      ttftMs: { measured: ttftMs, simulated },
      gapMs: { measured: gapMs, simulated: mean(done.flatMap((request) => request.gapsMs)) },
    }
  })
}

function withConstants(
  profile: Profile,
  constants: Constants,
  provenance: (at: number) => string = () => 'Tried.',
): Profile {
  const set = { ...profile }
  for (const [at, name] of sought.entries())
    set[name] = { value: Number(constants[name].toPrecision(4)), provenance: provenance(at) }
  return set
}

function constantsOf(logarithms: readonly number[]): Constants {
  const [base = 0, decode = 0, prefill = 0] = logarithms
  return { baseMs: Math.exp(base), perDecodeMs: Math.exp(decode), perPrefillTokenMs: Math.exp(prefill) }
}

/** Errors of logarithms are shares, as long as they are small. */
function certain(error = Infinity): string {
  return error < 1 ? `standard error ${percent(error)}` : 'which hardly depend on it'
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function ratio({ measured, simulated }: FittedLoad['gapMs']): number {
  return Math.log(Math.max(simulated, 1e-6) / measured)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
