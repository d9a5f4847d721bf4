// What a tool is, what a call of it is, and what comes back: the words that registry, executor and wire formats share.

import type { Plain } from '../core/plain.ts'

/** Where a call runs. */
export type ToolPlace = 'inline' | 'thread' | 'process'
/** Where calls are asked to run; `auto` chooses by what was measured, and says why. */
export type ToolMode = ToolPlace | 'auto'

/**
 * How far the code of a tool is believed. `trusted`: it may do what the user of this program may, unless the executor is
 * confined. `untrusted`: it runs in a process behind a wall, without network and files, one call at a time.
 */
export type ToolTrust = 'trusted' | 'untrusted'

/** A JSON Schema (draft 2020-12) of an object of arguments, or of a result. */
export type JsonSchema = { readonly [key: string]: Plain }

/** Where the code of a tool is, so that a worker can load it: never a closure. */
export interface CodeSource {
  kind: 'code'
  /** Absolute file URL of a module. */
  module: string
  /** Name of the export: a function, or a class. */
  export: string
  /** Of a class: its method; static ones are called on the class. */
  method?: string
  /** Of a class with bound methods: what its constructor is given, once per worker. */
  construct?: readonly Plain[]
  /**
   * What instances keep: `stateless` (any worker, default), `affine` (calls with the same key go to the same worker), or
   * `host` (one instance in the process of the registry).
   */
  state?: 'stateless' | 'affine' | 'host'
}

/** A function that cannot be moved: it runs in the process of the registry, and only when that is asked for. */
export interface ClosureSource {
  kind: 'closure'
  run(input: unknown, context: ToolContext): unknown
}

/** A tool behind a connection: what the connector needs to call it, as plain data. */
export interface RemoteSource {
  kind: 'openapi' | 'mcp'
  /** The service it belongs to, with what it takes to reach it; secrets among that are never shown. */
  connection: { name: string; config: Plain }
  operation: Plain
}

export type ToolSource = CodeSource | ClosureSource | RemoteSource

/** What a tool may do, and what may be done with it. */
export interface ToolTraits {
  /** Changes nothing. Default false. */
  readOnly?: boolean
  /** Twice is as good as once: it may run again when it is not known whether it ran. Default: that of `readOnly`. */
  idempotent?: boolean
  /** The same arguments always give the same result: it may be kept and shared. Default false. */
  pure?: boolean
  /** May not be undone. Default false. */
  destructive?: boolean
  /** Reaches out of this machine. Default false. */
  network?: boolean
}

/** What a call may take. */
export interface ToolLimits {
  /** Milliseconds from the start of its run. Default 30,000. */
  timeoutMs?: number
  /** Between the signal and the kill. Default 250. */
  graceMs?: number
  /**
   * MiB of heap; buffers may take half of that and 128 MiB more. It runs in workers of its own size. Default: that of
   * the executor.
   */
  memoryMb?: number
  /** Milliseconds of processor time, of all its threads. In processes only, where it runs with nobody beside it. */
  cpuMs?: number
  /** Bytes of its result as JSON; a longer one fails. Default 1 MiB. */
  outputBytes?: number
  /**
   * A result of more than `bytes` is cut to text of about that size, from its beginning or from both ends, and kept
   * whole as an artifact. Default of `keep`: `both`.
   */
  truncate?: { bytes: number; keep?: 'beginning' | 'both' }
  /** Calls of this tool at once. Default: as many as there are workers for. */
  concurrency?: number
  /** Calls per second. */
  perSecond?: number
  /** Calls with the same key run one after another; the name of an argument whose value is the key, or a fixed key. */
  exclusive?: { key: string } | { argument: string }
  /** Further attempts after a failure, only where it is safe. Default 0. */
  retries?: number
}

/** A tool as it stands in a registry. */
export interface Tool {
  /** Unique: `namespace-name`, of letters, digits, `_` and `-`, at most 64. */
  readonly name: string
  readonly namespace?: string
  readonly title?: string
  readonly description: string
  readonly input: JsonSchema
  readonly output?: JsonSchema
  readonly source: ToolSource
  readonly traits: ToolTraits
  readonly limits: ToolLimits
  readonly tags: readonly string[]
  /** Overrides the registry's mode. */
  readonly mode?: ToolMode
  /** Default `trusted`. */
  readonly trust?: ToolTrust
  readonly enabled: boolean
  /** Left out of the schemas until `discover_tools` finds it. */
  readonly deferred: boolean
}

/** What a running tool is given beside its arguments. */
export interface ToolContext {
  /** Aborts at the deadline, or when nobody waits any more. Whoever ignores it beyond the grace is killed. */
  readonly signal: AbortSignal
  readonly callId: string
  readonly tenant: string
  /** Milliseconds it had left when it began. */
  readonly budgetMs?: number
  /** Tells how far it is, 0 to 1, or in words. */
  readonly progress: (done: number | string) => void
}

/** A call, as a model asked for it. */
export interface ToolCall {
  id: string
  name: string
  /** JSON text or the object itself. */
  arguments: string | { readonly [key: string]: Plain }
}

export type ToolErrorKind =
  | 'unknown-tool'
  | 'disabled'
  | 'denied'
  | 'invalid-arguments'
  | 'invalid-result'
  /** It threw. */
  | 'failed'
  | 'timeout'
  | 'cancelled'
  /** Its worker died under it. */
  | 'crashed'
  | 'out-of-memory'
  | 'output-too-large'
  | 'overloaded'
  /** It crashed too often, or its service failed too often in a row, and rests. */
  | 'quarantined'
  /** A neighbour took the worker down while this ran, and it must not run twice. */
  | 'outcome-unknown'
  /** It cannot run in the mode that was asked for. */
  | 'wrong-place'

/** What became of a call. Every call has exactly one. */
export interface ToolResult {
  id: string
  name: string
  ok: boolean
  value?: Plain
  error?: {
    kind: ToolErrorKind
    message: string
    /** Whether the same call may be made again. */
    retryable: boolean
    /** When that is worth it, in milliseconds, where somebody said so. */
    retryAfterMs?: number
  }
  /** Where it really ran; absent when it never began. */
  place?: ToolPlace
  /** Of `auto`: why there. */
  why?: string
  /** From 1. */
  attempt: number
  /** Milliseconds: before it was sent, on the way there and back, and of its own. */
  timings: { queueMs: number; transportMs: number; runMs: number }
  /** When `value` is cut: bytes of the whole output, and the file that has it, unless it could not be written. */
  truncated?: { bytes: number; artifact?: string }
}

/** Options of a batch of calls. */
export interface ExecuteOptions {
  /** Overrides the mode of the registry, not that of a tool. */
  parallelMode?: ToolMode
  /** Milliseconds for the whole batch. */
  deadlineMs?: number
  signal?: AbortSignal
  /** Calls of this batch at once. */
  concurrency?: number
  tenant?: string
  onProgress?(callId: string, done: number | string): void
  /** Each result as it comes; the batch still returns all in order. */
  onResult?(result: ToolResult): void
}
