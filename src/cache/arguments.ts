// The arguments of a cached function: what of them is the call, which stays out of the key, and how it is replaced.

import { openCall } from '../core/call.ts'
import type { Call } from '../core/station.ts'
import type { Leaving } from './flight.ts'
import { canonical, hashed } from './key.ts'
import type { Settings } from './options.ts'

/** Longer texts are hashed. */
const longestText = 200

/** The last argument's signal, when it is an AbortSignal or something that has one under `signal`. */
export function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const last = args.at(-1)
  if (typeof last !== 'object' || last === null) return undefined
  if (last instanceof AbortSignal) return last
  return 'signal' in last && last.signal instanceof AbortSignal ? last.signal : undefined
}

/** The arguments with the signal of the work in place of one caller's; without that caller's deadline. */
export function withSignal<Args extends readonly unknown[]>(args: Args, leaving: Leaving): Args {
  if (!signalOf(args)) return args
  const { signal } = leaving
  const last = args.at(-1)
  const own =
    last instanceof AbortSignal ? signal : isCall(last) ? shared(last, signal) : { ...(last as object), signal }
  return [...args.slice(0, -1), own] as unknown as Args
}

function isCall(value: unknown): value is Call {
  return typeof value === 'object' && value !== null && 'tenant' in value && 'deadline' in value && 'id' in value
}

function shared(call: Call, signal: AbortSignal): Call {
  const { id, tenant, key, trace } = call
  return openCall({ id, tenant, signal, ...(key ? { key } : {}), ...(trace === undefined ? {} : { trace }) })
}

/**
 * Makes the key of a call within its cached function: a short text that was given as it is, else the canonical text, or
 * its hash where that is shorter.
 */
export function localKey<Args extends readonly unknown[], Value>(
  settings: Settings<Args, Value>,
): (args: Args) => string {
  const { key, scope } = settings
  const keyed = key ? spreading(key) : (args: Args): unknown => trimmed(signalOf(args) ? args.slice(0, -1) : args)
  if (scope) return (args) => short([scope(...args), keyed(args)])
  return (args) => {
    const own = keyed(args)
    // A text that begins like the others is not taken as it is, so that none can pass for one.
    return typeof own === 'string' && own.length <= longestText && !own.startsWith('\0') ? own : short([own])
  }
}

/** A list's canonical text and a hash are no two lists' own: one begins with `a1[`, and a hash has no bracket. */
function short(parts: readonly unknown[]): string {
  const text = canonical(parts)
  return text.length <= longestText ? `\0${text}` : `\0${hashed(text)}`
}

/** Calls with the arguments of a list. One alone is by far the most frequent, and handed over by itself much faster. */
function spreading<Args extends readonly unknown[]>(key: (...args: Args) => unknown): (args: Args) => unknown {
  const withOne = key as unknown as (only: unknown) => unknown
  return (args) => (args.length === 1 ? withOne(args[0]) : key(...args))
}

/** `f(x)` and `f(x, undefined)` are one call. */
function trimmed(args: readonly unknown[]): readonly unknown[] {
  let length = args.length
  while (length > 0 && args[length - 1] === undefined) length--
  return length === args.length ? args : args.slice(0, length)
}
