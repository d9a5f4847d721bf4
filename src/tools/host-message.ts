// What executor and tool host say to each other. Arguments and results travel as JSON text, many to a message: that is
// several times faster than one structured clone per call.

import type { ToolSource } from './tool.ts'

/** A tool as a host is told of it, once. */
export interface HostTool {
  index: number
  source: ToolSource
  outputBytes: number
  timeoutMs: number
}

export type HostInput =
  | {
      kind: 'run'
      /** Tools that the host has not heard of yet. */
      tools: HostTool[]
      /** Monotonic milliseconds of this machine: a call that has not begun by then must not begin here. */
      lease: number
      /** JSON of {@link SentCall}s. */
      calls: string
    }
  /** Answered when the tools are loaded, and their connections open, or have failed to. */
  | { kind: 'load'; tools: HostTool[] }
  /** Answered by `[]` when the host has heard it. */
  | { kind: 'cancel'; number: number; late: boolean }
  /** Nobody waits for the end of a call that was cancelled: it is forgotten. */
  | { kind: 'forget'; number: number }
  /** Ends the processes that tools of a thread have started; answered when they are gone. */
  | { kind: 'clear' }
  /** Closes a connection, by its name. */
  | { kind: 'close'; connection: string }
  /** Answered with what connections announce, each a JSON text, for as long as somebody listens. */
  | { kind: 'news' }

/**
 * Number (rising), index of the tool, id, tenant, and the arguments: an object, or JSON text of one. `care`: its tool
 * never came to a good end so far (1), or ended workers (2), so what others have done is sent before it begins; 0: none of both.
 * `until`: monotonic milliseconds of this machine when nobody waits any more, where that is before its own time is over.
 */
export type SentCall = [
  number: number,
  tool: number,
  id: string,
  tenant: string,
  input: unknown,
  care?: 0 | 1 | 2,
  until?: number,
]

/** How a call ended, as the first word after its number. */
export const ended = {
  ok: 0,
  /** It threw: what `failureOf` says of that. */
  failed: 1,
  /** Bytes. */
  tooLarge: 2,
  /** It has not begun, and will not. */
  notStarted: 3,
  /** Not an end: how far it is. */
  progress: 4,
  invalidArguments: 5,
  invalidResult: 6,
} as const

/** Number, kind of end, milliseconds in all and in the part before the first `await`, and what belongs to the kind. */
export type HostResult = [number: number, kind: number, runMs: number, heldMs: number, value: unknown]

/** Milliseconds of the machine's monotonic clock: the same in all processes and threads. */
export function machineMs(): number {
  return performance.now() + offset
}

const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now()
