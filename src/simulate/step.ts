// What a step of the engine computes, and how long that takes.

import type { Profile } from './profile.ts'
import type { Sequence } from './sequence.ts'

/** A step that was begun. */
export interface Step {
  /** How long it takes, in milliseconds. */
  ms: number
  /** Sequences that it makes one token for. */
  decodes: number
  prefillTokens: number
  readonly work: { sequence: Sequence; tokens: number }[]
}

/**
 * Milliseconds of a step without noise:
 *
 *   base + perDecode · sequences decoded + perKvToken · tokens they attend to + perPrefillToken · prompt tokens
 *
 * `padding` are slots of a static batch whose sequences are done: they are computed and thrown away.
 */
export function stepMs(profile: Profile, { decodes, prefillTokens, work }: Step, padding: number): number {
  let attended = 0
  for (const { sequence } of work) if (sequence.decoding) attended += sequence.target
  return (
    profile.baseMs.value +
    profile.perDecodeMs.value * (decodes + padding) +
    profile.perKvTokenMs.value * attended +
    profile.perPrefillTokenMs.value * prefillTokens
  )
}
