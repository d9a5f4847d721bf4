// What one conversation may hold and how it is refused what is more: the same wherever conversations are kept.

import { AndonError } from '../core/errors.ts'
import type { Turn } from '../core/question.ts'
import type { Recap } from './store.ts'

/** How much of one conversation is kept. */
export interface SessionLimits {
  /** Turns of a session. Default 2,000. */
  readonly turns: number
  /** Bytes of one turn, as JSON. Default 256 KiB. */
  readonly turnBytes: number
  /** Bytes of all turns of a session, as JSON. Default 16 MiB. */
  readonly bytes: number
}

export const sessionLimits: SessionLimits = { turns: 2_000, turnBytes: 256 * 1024, bytes: 16 * 1024 * 1024 }

const idLength = 200

/** Bytes of a recap. */
const recapBytes = 64 * 1024

/** Characters of the first question that say how a session began. */
const firstCharacters = 200

/** Throws `invalid` for an id that no session may have. */
export function checkSessionId(id: string): void {
  if (id === '' || id.length > idLength)
    throw new AndonError(
      'invalid',
      `The session id ${JSON.stringify(id.slice(0, 40))} must have 1 to ${idLength} characters`,
    )
}

/** Turns as they are written down, each as JSON. Throws `too-large` when one is too long. */
export function writtenTurns(id: string, turns: readonly Turn[], limits = sessionLimits): string[] {
  return turns.map((turn) => {
    const data = JSON.stringify(turn)
    const bytes = Buffer.byteLength(data)
    if (bytes > limits.turnBytes)
      throw new AndonError(
        'too-large',
        `A turn of session ${id} has ${bytes} bytes; at most ${limits.turnBytes} are kept`,
      )
    return data
  })
}

/** Throws `too-large` for a recap that is none any more. */
export function checkRecap(id: string, { text }: Recap): void {
  const bytes = Buffer.byteLength(text)
  if (bytes > recapBytes)
    throw new AndonError('too-large', `The recap of session ${id} has ${bytes} bytes; at most ${recapBytes} are kept`)
}

/** How a session began. */
export function firstOf(turns: readonly Turn[]): string {
  return turns.find(({ role }) => role === 'user')?.text.slice(0, firstCharacters) ?? ''
}

/** Somebody else appended first. */
export function saidInBetween(id: string, known: number, version: number): AndonError {
  return new AndonError(
    'conflict',
    `The session ${id} is at version ${known}, not ${version}: somebody else said something in between. Read it again, then append.`,
    { detail: { version: known } },
  )
}

/** There is no room for more turns, or for more bytes. */
export function noRoom(id: string, has: number, unit: 'turns' | 'bytes', limits = sessionLimits): AndonError {
  return new AndonError(
    'too-large',
    `The session ${id} has ${has} ${unit} of at most ${limits[unit]}. Begin a new one.`,
  )
}
