// How a command ends, as a number that scripts can rely on.

import type { Code } from '../core/errors.ts'

/** The exit codes of every command. */
export const exitCodes = {
  ok: 0,
  /** Something that was asked for failed. */
  failed: 1,
  /** Wrong usage: an unknown command or option, a wrong value, a wrong configuration. */
  usage: 2,
  /** The server or the data directory cannot be reached, or another process holds it. */
  unreachable: 3,
  /** Ctrl-C, as shells number it: 128 + SIGINT. */
  interrupted: 130,
} as const

/** The exit code that belongs to an error. */
export function exitCodeOf(code: Code): number {
  switch (code) {
    case 'invalid':
      return exitCodes.usage
    case 'unavailable':
    case 'conflict':
      return exitCodes.unreachable
    case 'cancelled':
      return exitCodes.interrupted
    default:
      return exitCodes.failed
  }
}
