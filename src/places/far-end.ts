// What a thread and a process have in common for the pool that started them.

import { extname } from 'node:path'
import type { Wire } from './port.ts'

/** How a far end ended. */
export interface Ending {
  /** `memory`: it outgrew its limit; `crash`: an uncaught error or a signal; `exit`: it ended by itself. */
  reason: 'memory' | 'crash' | 'exit'
  exitCode?: number
  signal?: string
  /** The error that ended it, in its own words. */
  message?: string
}

/** What a far end is given. */
export interface FarEndOptions {
  /** Shown in process lists and thread names. */
  name: string
  /** Heap limit in MiB. Default: Node's own. */
  memoryMb?: number | undefined
  /** Niceness of a process, 0 to 19. Default 0. */
  nice?: number | undefined
  /** Further flags of Node for a process. */
  flags?: readonly string[] | undefined
  /** Its environment. Default: a short allow-list for a process, all for a thread. */
  environment?: Readonly<Record<string, string>> | undefined
  /** See `Limits`: of processes. */
  command?: readonly string[] | undefined
  messageBytes?: number | undefined
  group?: boolean | undefined
}

/** Second argument of a process whose wire is a socket: its file descriptor 3. */
export const overSocket = 'socket'

/** A thread or a process that was started. */
export interface FarEnd {
  readonly wire: Wire
  /** Resolves when it is gone and everything that it sent has been heard. Never rejects. */
  readonly ended: Promise<Ending>
  readonly pid?: number
  /** Ends it without asking. */
  kill(): void
  /** Resident bytes when the place can tell from outside, else undefined. */
  resident(): number | undefined
}

/** The module that a far end runs, in the extension of this build. */
export const hostModule = new URL(`./host${extname(import.meta.filename)}`, import.meta.url)
