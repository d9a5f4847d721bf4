// What an executor is told when it is made, with every default.

import type { Connectors } from './connector.ts'
import type { Confinement } from './executor-confinement.ts'
import type { QuarantineOptions } from './executor-profile.ts'
import type { ToolMode } from './tool.ts'

/** Options of an executor; all may be left out. */
export interface ExecutorOptions {
  /** Where calls run when nothing else is said. Default `process`. */
  mode?: ToolMode
  /** Threads, and processes. Default: one per core, at least 2 and at most 8. */
  workers?: number
  /** MiB of heap of a worker; buffers may take half of that and 128 MiB more. Default 256. */
  memoryMb?: number
  /** Calls that may wait for a worker of a place. Default 10,000. */
  queue?: number
  /** When a tool that takes workers down is left alone. */
  quarantine?: QuarantineOptions
  /** Results of pure tools that are kept. Default 1,000; 0 keeps none. */
  cached?: number
  /** When a service is left alone that fails, as one that cannot be reached or is too slow does. */
  circuit?: {
    /** Failures of any of its tools in a row. Default 5. */
    failures?: number
    /** How long it rests, in milliseconds; then one call tries. Default 10,000. */
    restMs?: number
  }
  /**
   * A worker is replaced after this many calls (default 1,000,000), milliseconds (default an hour), or when its process
   * holds so many MiB (default: its `memoryMb`). Those that keep connections are not.
   */
  recycle?: { calls?: number; afterMs?: number; rssMb?: number }
  /** What calls tools behind connections. Default: Andon's own. */
  connectors?: Connectors
  /** What tools in processes may do. Default: all that the user of this process may. Nothing of it holds in threads. */
  confine?: Confinement
  /** Names of variables of the environment that tools see, beside PATH, HOME, LANG, TZ, TMPDIR and those of Node. */
  env?: readonly string[]
  /** Of untrusted tools. */
  untrusted?: {
    /** Files and folders that they may read, beside the folder of their module and the packages above it. */
    read?: readonly string[]
  }
}
