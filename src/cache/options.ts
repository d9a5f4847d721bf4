// What a cached function can be told, and what is meant where nothing is said.

import { AndonError } from '../core/errors.ts'
import { json, type Codec } from './codecs.ts'
import type { Compression } from './compression.ts'
import { milliseconds, type Duration } from './duration.ts'
import type { Level } from './level.ts'

export interface CacheOptions<Args extends readonly unknown[], Value> {
  /** Whose values these are: caches of one name on one level share them. */
  readonly name: string
  /** Change it when the function means something else: what older versions stored is no longer found. Default ''. */
  readonly version?: string
  /**
   * What tells two calls apart: a text, or anything with a canonical form. Default: all arguments but a signal
   * at their end.
   */
  readonly key?: (...args: Args) => unknown
  /** Whose value it is, such as the tenant; scopes never share. Default: one for all. */
  readonly scope?: (...args: Args) => string
  /** How long a value is fresh. Default `1h`. */
  readonly ttl?: Duration
  /** Up to this share less, at random, so that what was made together does not end together. Default 0.1. */
  readonly jitter?: number
  /** This process's memory. `ttl` limits how long it may not notice a change elsewhere. Default 64 MiB and the `ttl` of the value, `10m` with a second level; false for none. */
  readonly l1?: false | { readonly maxBytes?: number; readonly ttl?: Duration }
  /** The second level: `redisLevel`, `ring` or `folderLevel`. Default: none. */
  readonly l2?: Level
  /** How a value becomes bytes. Default JSON. */
  readonly codec?: Codec<Value>
  /** Zstandard for large values in the second level. Default: from 4096 bytes on; false for never. */
  readonly compress?: Compression | false
  /** A larger value is given and not kept: as the codec writes it, or without a second level about as it lies in memory. Default 8 MiB. */
  readonly maxValueBytes?: number
  readonly flight?: {
    /** Who makes a value once together: all that share the second level, or each process for itself. Default `cluster`. */
    readonly across?: 'process' | 'cluster'
    /** How long a process may be silent before another takes its place. Default `5s`. */
    readonly lease?: Duration
    /** Longest wait for another process; then the function is run here. Default `60s`. */
    readonly waitMax?: Duration
  }
  readonly stale?: {
    /** For so long after its time a value is given at once while a new one is made. Default 0. */
    readonly revalidate?: Duration
    /** For so long after its time a value is given when the function fails. Default 0. */
    readonly grace?: Duration
    /** After this share of its time a call makes a new one in the background. Default 1: never. */
    readonly refreshAhead?: number
  }
  /** Failures that are remembered and given again. Default: none. Being cancelled never is. */
  readonly failures?: { readonly ttl: Duration; readonly if?: (reason: unknown) => boolean }
  /** Words by which values are invalidated together, on all functions of one level. */
  readonly tags?: (value: Value, ...args: Args) => readonly string[]
}

/** The same, with everything said. Times in milliseconds. */
export interface Settings<Args extends readonly unknown[], Value> {
  readonly name: string
  readonly version: string
  readonly key: ((...args: Args) => unknown) | undefined
  readonly scope: ((...args: Args) => string) | undefined
  readonly ttlMs: number
  readonly jitter: number
  readonly l1Bytes: number
  readonly l1TtlMs: number
  readonly level: Level | undefined
  readonly codec: Codec<Value>
  readonly compress: Compression | false
  readonly maxValueBytes: number
  readonly together: boolean
  readonly leaseMs: number
  readonly waitMaxMs: number
  readonly revalidateMs: number
  readonly graceMs: number
  readonly refreshAhead: number
  readonly failuresMs: number
  readonly remembers: (reason: unknown) => boolean
  readonly tags: ((value: Value, ...args: Args) => readonly string[]) | undefined
}

/** Throws `invalid` for what makes no sense, naming the option. */
export function settingsOf<Args extends readonly unknown[], Value>(
  options: CacheOptions<Args, Value>,
): Settings<Args, Value> {
  const { name, l1 = {}, l2: level, flight = {}, stale = {}, failures, codec = json<Value>() } = options
  if (!/^[\w.:-]{1,100}$/u.test(name))
    throw new AndonError(
      'invalid',
      `A cache has the name "${name}": give up to 100 letters, digits, "_", ".", ":" or "-"`,
    )
  const ttlMs = milliseconds(options.ttl ?? '1h', 'ttl')
  const jitter = share(options.jitter ?? 0.1, 'jitter')
  const l1Ttl = (l1 === false ? undefined : l1.ttl) ?? (level ? Math.min(ttlMs, 600_000) : ttlMs)
  return {
    name,
    version: options.version ?? '',
    key: options.key,
    scope: options.scope,
    ttlMs,
    jitter,
    l1Bytes: l1 ? (l1.maxBytes ?? 64 * 2 ** 20) : 0,
    l1TtlMs: milliseconds(l1Ttl, 'l1.ttl'),
    level,
    codec,
    compress: codec.compressible ? (options.compress ?? {}) : false,
    maxValueBytes: options.maxValueBytes ?? 8 * 2 ** 20,
    together: (flight.across ?? 'cluster') === 'cluster',
    leaseMs: Math.max(30, milliseconds(flight.lease ?? '5s', 'flight.lease')),
    waitMaxMs: milliseconds(flight.waitMax ?? '60s', 'flight.waitMax'),
    revalidateMs: milliseconds(stale.revalidate ?? 0, 'stale.revalidate'),
    graceMs: milliseconds(stale.grace ?? 0, 'stale.grace'),
    refreshAhead: share(stale.refreshAhead ?? 1, 'stale.refreshAhead'),
    failuresMs: failures ? milliseconds(failures.ttl, 'failures.ttl') : 0,
    remembers: failures ? (failures.if ?? (() => true)) : () => false,
    tags: options.tags,
  }
}

function share(value: number, what: string): number {
  if (value >= 0 && value <= 1) return value
  throw new AndonError('invalid', `${what} is ${value}: give a number from 0 to 1`)
}
