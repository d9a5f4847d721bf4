// A station does one kind of work. Every station has the same shape, so an order can pass through any of them
// without knowing where it runs.

import type { CallKey } from './caller.ts'
import { AndonError } from './errors.ts'
import type { Plain } from './plain.ts'

/** What travels with every piece of work. */
export interface Call {
  /** Unique per order; the same in every station the order passes through. */
  readonly id: string
  /** Whose work it is. Nothing crosses tenants. */
  readonly tenant: string
  /** The key that it was asked with, whose budget pays for models. Stays in the process that asks them. */
  readonly key?: CallKey
  /** W3C traceparent, when the caller sent one. */
  readonly trace?: string
  /** Aborts when the caller leaves, the deadline passes or the house closes. Its reason is an AndonError. */
  readonly signal: AbortSignal
  /** Local monotonic milliseconds (`performance.now()`); Infinity when there is none. Frames carry what is left. */
  readonly deadline: number
}

/**
 * One kind of work: typed input in, a stream of typed items out.
 * Input and items are plain data (structured clone), never functions or handles; `moved` hands large buffers over
 * without a copy. A station that computes should let the event loop turn every few milliseconds, or it cannot hear
 * its signal; in a pool it then costs its neighbours their worker when it is cancelled.
 * A reader that stops reading (`break`) has cancelled; a station stops at the next chance and frees what it holds.
 */
export interface Station<Input, Output> {
  readonly name: string
  run(input: Input, call: Call): AsyncIterable<Output>
}

/** The one item of a station that answers with exactly one. Fails with `internal` when there is none. */
export async function one<Input, Output>(station: Station<Input, Output>, input: Input, call: Call): Promise<Output> {
  for await (const item of station.run(input, call)) return item
  throw new AndonError('internal', `The station ${station.name} ended without an item`)
}

declare const input: unique symbol
declare const output: unique symbol

/** How to make a station anywhere: which module, which of its exports, with which options. */
export interface Recipe<Input, Output> {
  /** Absolute file URL of a module. */
  readonly module: string
  /** Name of the export: a function `(options, shared) => Station | Promise<Station>`; the station may be (async) disposable. */
  readonly export: string
  readonly options: Plain
  /** A SharedArrayBuffer or a shared WebAssembly.Memory, for threads; a process refuses a recipe that has it. */
  readonly shared?: object
  readonly [input]?: Input
  readonly [output]?: Output
}

/** The type of a recipe's export. */
export type Maker<Options extends Plain, Input, Output> = (
  options: Options,
  shared?: object,
) => Station<Input, Output> | Promise<Station<Input, Output>>

/** How many workers a pool has, and what each may take. */
export interface Limits {
  place: 'thread' | 'process'
  /** Number of workers. */
  size: number
  /** Calls a worker runs at once. Default 64; 1 when a call may kill its worker. */
  concurrency?: number
  /** Calls that may wait for a worker before new ones are refused as overloaded. Default 10,000. */
  queue?: number
  /** Heap limit per worker in MiB; a process is also watched by its resident size (1.5 × + 128). */
  memoryMb?: number
  /** How long a worker may ignore a cancellation or a deadline before it is killed. Default 1,000 ms. */
  graceMs?: number
  /** How long a call may have its worker, in milliseconds; then it fails with `deadline`. Default: as long as it likes. */
  callMs?: number
  /** A worker is replaced after this many calls. Default: never. */
  recycleAfter?: number
  /** Scheduling niceness of a process, 0 to 19. Default 0. */
  nice?: number
  /** Further flags of Node for a process, such as those of its permission model. */
  flags?: readonly string[]
  /** The environment of its workers. Default: a short allow-list for processes, all for threads. */
  environment?: Readonly<Record<string, string>>
  /** Of processes: a command in front of Node's, such as one that walls it in. */
  command?: readonly string[]
  /**
   * Processes that are not believed: a message of theirs may have so many bytes, and what they print is dropped. Default:
   * they are believed.
   */
  messageBytes?: number
  /** Processes lead a group of their own, which ends with them: nothing that they started stays behind. */
  group?: boolean
}

/** Where stations run. `places/` implements it; nobody but the wiring sees how. */
export interface Places extends AsyncDisposable {
  /**
   * Makes the station of a recipe. `where` is `inline` (this thread) or the name of a pool; recipes opened in the same
   * pool share its workers, and a worker that is replaced opens them all again.
   */
  open<Input, Output>(recipe: Recipe<Input, Output>, where: string): Promise<Station<Input, Output> & AsyncDisposable>
}
