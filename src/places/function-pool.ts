// Pools of threads or processes that call the functions of a module: the pools of this house, for functions instead of
// stations.

import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { moved } from '../core/moved.ts'
import { one, type Limits } from '../core/station.ts'
import { functionsOf } from './functions.ts'
import { createPlaces } from './places.ts'
import type { PoolState } from './pool.ts'

export { currentCall } from './functions.ts'

/** A pool of functions. Sizes and times are those of `Limits`, with other defaults where they say so. */
export interface FunctionPoolOptions extends Pick<
  Limits,
  'memoryMb' | 'graceMs' | 'callMs' | 'recycleAfter' | 'environment'
> {
  /** The module: a file URL, such as `new URL('./work.ts', import.meta.url)`. */
  module: URL | string
  /** Number of workers; they start with demand. Default: 2. */
  size?: number
  /** Calls that a worker runs at once: more than 1 for functions that wait rather than compute. Default: 1. */
  concurrency?: number
  /** Calls that may wait for a worker; the next hears `overloaded`. Default: 1,000. */
  queue?: number
}

/** How a function is called. */
export interface FunctionCallOptions {
  /** Its abort ends the call for the caller at once. The function may heed `currentCall()`; else its worker is replaced. */
  signal?: AbortSignal
  /** Milliseconds from now until the call ends with `deadline`, waiting included. Default: none. */
  timeoutMs?: number
  /** Buffers in the arguments that are moved to a thread instead of copied: they are empty here afterwards. */
  transfer?: readonly ArrayBuffer[]
}

type AnyFunction = (...args: never[]) => unknown

/** The names of the functions that a module exports. */
export type FunctionNames<Module> = {
  [Name in keyof Module]: Module[Name] extends AnyFunction ? Name & string : never
}[keyof Module]

type ArgumentsOf<Value> = Value extends (...args: infer Args) => unknown ? Args : never
type ResultOf<Value> = Value extends (...args: never[]) => infer Result ? Awaited<Result> : never

/**
 * Functions that run elsewhere. Arguments and results are structured clones; what a function throws arrives as an
 * AndonError. Disposing it ends its workers; calls that run have the grace to end.
 *
 * Promises: calls begin in the order in which they came; a worker that crashes or grows too large fails the calls it was
 * running (`unavailable`) and no others, and is replaced; a call that is cancelled or late ends for its caller at once.
 * Does not promise: that a call which failed so has done nothing.
 */
export interface FunctionPool<Module> extends AsyncDisposable {
  call<Name extends FunctionNames<Module>>(
    name: Name,
    args: ArgumentsOf<Module[Name]>,
    options?: FunctionCallOptions,
  ): Promise<ResultOf<Module[Name]>>
  /** Starts all workers now, and waits until they have the module. */
  warm(): Promise<void>
  /** What its workers are doing. */
  readonly state: PoolState | undefined
}

/**
 * Functions in threads of this process: quick to start, buffers can be moved; a crash of native code, or of the whole
 * heap, takes the process along. Rejects with `invalid` when the module cannot be imported.
 *
 *   await using pool = await openThreadPool<typeof import('./work.ts')>({ module: new URL('./work.ts', import.meta.url) })
 *   const digest = await pool.call('digest', [bytes], { signal })
 */
export function openThreadPool<Module>(options: FunctionPoolOptions): Promise<FunctionPool<Module>> {
  return open('thread', options)
}

/** Functions in child processes: whatever they do ends with their process. Rejects like {@link openThreadPool}. */
export function openProcessPool<Module>(options: FunctionPoolOptions): Promise<FunctionPool<Module>> {
  return open('process', options)
}

async function open<Module>(place: Limits['place'], options: FunctionPoolOptions): Promise<FunctionPool<Module>> {
  const { module, size = 2, concurrency = 1, queue = 1_000, ...limits } = options
  await using opened = new AsyncDisposableStack()
  const places = opened.use(createPlaces({ functions: { ...limits, place, size, concurrency, queue } }))
  const station = await places.open(functionsOf(String(module)), 'functions').catch((reason: unknown) => {
    const { sentence } = AndonError.from(reason)
    throw new AndonError('invalid', `The module ${String(module)} of a pool cannot be used: ${sentence}`, {
      cause: reason,
    })
  })
  const closing = opened.move()
  return {
    async call(name, args, { signal, timeoutMs, transfer } = {}) {
      using call = openCall({
        tenant: 'local',
        ...(signal ? { signal } : {}),
        ...(timeoutMs === undefined ? {} : { budgetMs: timeoutMs }),
      })
      const input = { name, args }
      const result = await one(station, transfer ? moved(input, transfer) : input, call)
      return result as ResultOf<Module[typeof name]>
    },
    warm: () => places.warm(),
    get state() {
      return places.state()['functions']
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}
