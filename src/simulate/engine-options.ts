// How an engine is set up: a profile's constants, how it batches, and what may be said otherwise.

import { AndonError } from '../core/errors.ts'
import { readProfile } from './profile.ts'
import type { Profile } from './profile.ts'

/**
 * How requests share the engine. `continuous`: they join and leave between steps (vLLM, SGLang). `static`: a batch is
 * formed, and nobody joins until its last member is done; slots of those who are done are padding. `sequential`: one at
 * a time, as a plain server around a model's `generate` does.
 */
export const modes = ['continuous', 'static', 'sequential'] as const
export type Mode = (typeof modes)[number]

export interface EngineOptions {
  /** A name of `profileNames`, a JSON file, or a profile. Default `quick`. */
  profile?: string | Profile
  /** Default `continuous`. */
  mode?: Mode
  /** `fcfs`: who comes first. `priority`: lower numbers first, as vLLM's `--scheduling-policy priority`. Default `fcfs`. */
  scheduling?: 'fcfs' | 'priority'
  /** Whether equal beginnings of prompts are computed once. Default: true when continuous, false otherwise. */
  prefixCache?: boolean
  /** Seed of the noise and of what is said. Default 1. */
  seed?: number
  /** A share of the steps takes so many milliseconds more, by the seed: pauses of a real server. Default: none. */
  stall?: { share: number; ms: number }
  /** Instead of the profile's. With `sequential` it is 1, and this is refused. */
  maxSeqs?: number
  tokenBudget?: number
  kvBlocks?: number
  maxModelTokens?: number
  /** Most requests that wait; one more is refused with 503. Default 4,096. */
  maxWaiting?: number
}

/** The same with everything in place, as plain numbers. Times in milliseconds. */
export interface EngineSettings {
  readonly profile: Profile
  readonly mode: Mode
  readonly scheduling: 'fcfs' | 'priority'
  readonly prefixCache: boolean
  readonly seed: number
  readonly stall: { readonly share: number; readonly ms: number }
  readonly maxSeqs: number
  readonly tokenBudget: number
  readonly blockSize: number
  readonly kvBlocks: number
  readonly maxModelTokens: number
  readonly maxWaiting: number
}

const mostStallMs = 600_000

/** Puts defaults in place. Throws `invalid` for settings with which an engine could not go on. */
export function engineSettings(options: EngineOptions = {}): EngineSettings {
  const profile = typeof options.profile === 'object' ? options.profile : readProfile(options.profile ?? 'quick')
  const { mode = 'continuous' } = options
  if (mode === 'sequential' && options.maxSeqs !== undefined && options.maxSeqs !== 1)
    throw new AndonError('invalid', `A sequential engine runs one request at a time, not maxSeqs ${options.maxSeqs}.`)
  const settings: EngineSettings = {
    profile,
    mode,
    scheduling: options.scheduling ?? 'fcfs',
    prefixCache: options.prefixCache ?? mode === 'continuous',
    seed: options.seed ?? 1,
    stall: options.stall ?? { share: 0, ms: 0 },
    maxSeqs: mode === 'sequential' ? 1 : (options.maxSeqs ?? profile.maxSeqs.value),
    tokenBudget: options.tokenBudget ?? profile.tokenBudget.value,
    blockSize: profile.blockSize.value,
    kvBlocks: options.kvBlocks ?? profile.kvBlocks.value,
    maxModelTokens: options.maxModelTokens ?? profile.maxModelTokens.value,
    maxWaiting: options.maxWaiting ?? 4096,
  }
  for (const name of ['maxSeqs', 'tokenBudget', 'kvBlocks', 'maxModelTokens', 'maxWaiting'] as const)
    if (!Number.isInteger(settings[name]) || settings[name] < 1)
      throw new AndonError('invalid', `${name} is ${settings[name]}: it must be a whole number from 1 up.`)
  const { share, ms } = settings.stall
  if (!(share >= 0 && share <= 1 && ms >= 0 && ms <= mostStallMs))
    throw new AndonError(
      'invalid',
      `stall is a share of ${share} and ${ms} ms: give a share from 0 to 1, and 0 to ${mostStallMs} milliseconds.`,
    )
  const { maxSeqs, tokenBudget, kvBlocks, blockSize, maxModelTokens } = settings
  if (tokenBudget < maxSeqs)
    throw new AndonError('invalid', `tokenBudget ${tokenBudget} is less than one token for each of maxSeqs ${maxSeqs}.`)
  if (kvBlocks * blockSize < maxModelTokens)
    throw new AndonError(
      'invalid',
      `kvBlocks ${kvBlocks} of ${blockSize} tokens hold less than one request of maxModelTokens ${maxModelTokens}.`,
    )
  return settings
}
