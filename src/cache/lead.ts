// One process of many makes a value and the others wait for it: lead or wait, with a lease that is renewed while the
// work goes on and that another takes over when its holder goes silent. This saves work; it is no lock: when the level
// fails, or the wait is too long, the function simply runs here too.

import { AndonError } from '../core/errors.ts'
import type { Level } from './level.ts'
import type { Statistics } from './statistics.ts'

/** What was granted to the one that makes the value. */
export interface Lease {
  readonly token: string
  /** The level's clock when it was granted. */
  readonly startedAt: string
  /** Whoever ended the lease says so, and it is not given back again. */
  ended: boolean
}

export interface LeadOptions<Result> {
  readonly level: Level
  readonly key: string
  readonly leaseMs: number
  readonly waitMaxMs: number
  readonly signal: AbortSignal
  readonly statistics: Statistics
  /** A value that is known not to do, by how it begins. */
  readonly besides?: Buffer | undefined
  /** Takes a value that somebody stored; undefined when it does not do. */
  accept(bytes: Buffer): Promise<Result | undefined>
  /** Makes it: under a lease, or without one when the level cannot give any. */
  make(lease: Lease | undefined): Promise<Result>
  /** What to do while somebody else makes it, in place of waiting for news; a result ends it. */
  meanwhile?(pauseMs: number): Promise<Result | undefined>
}

/** Longest pause between two looks, in milliseconds: what lost news costs at most. */
const longestPause = 250

/** So much of a value tells it from any other: the header with its checksum. */
export const markBytes = 36

/** Leads or waits until there is a result. */
export async function leadOrWait<Result>(options: LeadOptions<Result>): Promise<Result> {
  const { level, key, leaseMs, signal, statistics } = options
  const token = crypto.randomUUID()
  const giveUp = performance.now() + options.waitMaxMs
  let { besides } = options
  let waited = false
  using news = level.news(key)
  for (;;) {
    if (signal.aborted) throw AndonError.from(signal.reason, 'cancelled')
    const led = await counted(statistics, level.lead(key, token, leaseMs, besides))
    if (!led || (led.kind === 'wait' && performance.now() > giveUp)) return options.make(undefined)
    if (led.kind === 'value') {
      const result = await options.accept(led.bytes)
      if (result !== undefined) return result
      besides = led.bytes.subarray(0, markBytes)
    } else if (led.kind === 'lead') {
      if (waited) statistics.takeovers++
      return leading(options, { token, startedAt: led.startedAt, ended: false })
    } else {
      if (!waited) statistics.waits++
      waited = true
      const pauseMs = Math.min(longestPause, led.leaseMs + 5)
      if (options.meanwhile) {
        const result = await options.meanwhile(pauseMs)
        if (result !== undefined) return result
      } else await news.wait(pauseMs, signal)
    }
  }
}

async function leading<Result>(options: LeadOptions<Result>, lease: Lease): Promise<Result> {
  using _beating = keepLease(options, lease)
  try {
    return await options.make(lease)
  } finally {
    await endLease(options, lease)
  }
}

/** Renews a lease until it is disposed. */
export function keepLease({ level, key, leaseMs, statistics }: LeaseOptions, lease: Lease): Disposable {
  const timer = setInterval(() => {
    void counted(statistics, level.renew(key, lease.token, leaseMs)).then((held) => {
      if (held !== false || lease.ended) return
      lease.ended = true
      statistics.lostLeases++
    })
  }, leaseMs / 3)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Gives a lease back that was not ended by a commit. */
export async function endLease({ level, key, statistics }: LeaseOptions, lease: Lease): Promise<void> {
  if (lease.ended) return
  lease.ended = true
  await counted(statistics, level.release(key, lease.token))
}

type LeaseOptions = Pick<LeadOptions<unknown>, 'level' | 'key' | 'leaseMs' | 'statistics'>

/** What the level answered; undefined, and counted, when it failed. */
export async function counted<Reply>(statistics: Statistics, asked: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await asked
  } catch (reason) {
    return countFailure(statistics, reason)
  }
}

/** Counts a failure of the level. Throws what is none. */
export function countFailure(statistics: Statistics, reason: unknown): undefined {
  if (!(reason instanceof AndonError)) throw reason
  if (reason.code === 'deadline') statistics.levelTimeouts++
  else if (reason.code === 'unavailable') statistics.levelSkipped++
  else statistics.levelErrors++
  return undefined
}
