// Those of this process who wait for permits in Redis. One at a time asks for them, under one place in the queue that all
// processes share; it is woken by a message, and asks again on its own in case the message was lost.

import { randomUUID } from 'node:crypto'
import { AndonError } from '../../core/errors.ts'
import { RedisConnection } from '../../redis/connection.ts'
import { WaiterList, wrong, type PrimitiveOptions, type WaitOptions } from '../waiters.ts'
import { Lease, type LeaseLine } from './lease.ts'
import { acquireScript, leaveScript, renewScript } from './scripts.ts'

/** What a primitive of several hosts may be told. */
export interface RedisPrimitiveOptions extends Pick<PrimitiveOptions, 'maxWaiting'> {
  /** A connection, or a URL for one of its own. The database must not evict keys: give locks one apart from a cache. */
  redis: RedisConnection | string
  /** Milliseconds after which a holder that died holds nothing any more, from 100 to 3,600,000. Default 10,000. */
  leaseMs?: number
  /** In front of all keys and channels. Default `andon`. */
  prefix?: string
}

/** Longest pause between two questions of one that waits, in milliseconds. */
const longestPause = 250

/** How long Redis believes that a process waits which does not ask again, in milliseconds. */
const believedMs = 1_000

/** The line of one name. */
export class LeasedPermits implements LeaseLine, AsyncDisposable {
  readonly title: string
  readonly leaseMs: number
  readonly #redis: RedisConnection
  readonly #ownsRedis: boolean
  readonly #keys: string[]
  readonly #channel: string
  readonly #limit: number
  readonly #line: WaiterList<Lease, number>
  readonly #leases = new Set<Lease>()
  #asking: Promise<void> | undefined
  #token = ''
  #wake: (() => void) | undefined
  /** Whether a message came since Redis was asked last. */
  #called = false
  #unsubscribe: (() => void) | undefined
  #ended: Promise<void> | undefined

  constructor(kind: 'lock' | 'semaphore', name: string, limit: number, late: string, options: RedisPrimitiveOptions) {
    const { redis, leaseMs = 10_000, prefix = 'andon' } = options
    if (!(leaseMs >= 100 && leaseMs <= 3_600_000))
      throw wrong(`leaseMs of the ${kind} "${name}"`, leaseMs, 'from 100 to 3,600,000 milliseconds')
    this.title = `${kind} "${name}" in Redis`
    this.leaseMs = leaseMs
    this.#limit = limit
    this.#ownsRedis = typeof redis === 'string'
    this.#redis = typeof redis === 'string' ? new RedisConnection({ url: redis, timeoutMs: 1_000 }) : redis
    const base = `{${prefix}:${kind}:${name}}`
    this.#channel = `${base}:wake`
    this.#keys = ['holders', 'weights', 'queue', 'seen', 'fence'].map((part) => `${base}:${part}`)
    this.#line = new WaiterList({ kind: `${kind} in Redis`, late }, { ...options, name }, () => this.#left())
  }

  get waiting(): number {
    return this.#line.size
  }

  acquire(weight: number, options: WaitOptions | undefined): Promise<Lease> {
    const waiting = this.#line.wait(weight, options)
    this.#start()
    return waiting
  }

  async renew(token: string): Promise<boolean> {
    return (await this.#redis.run(renewScript, this.#keys, [token, String(this.leaseMs)])) === 1
  }

  async leave(token: string): Promise<void> {
    await this.#redis.run(leaveScript, this.#keys, [token, this.#channel]).catch(() => {})
  }

  /** Who waits leaves. A connection of its own ends when the last hold has ended. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#ended ??= this.#close())
  }

  async #close(): Promise<void> {
    this.#line.close()
    this.#left()
    await this.#asking
    this.#unsubscribe?.()
    if (!this.#ownsRedis) return
    const held = [...this.#leases].map((lease) => lease.ended)
    const end = Promise.all(held).then(() => this.#redis[Symbol.asyncDispose]())
    if (held.length === 0) await end
  }

  #start(): void {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
      if (this.#line.size > 0) this.#start()
    })
  }

  /** Serves the line from the front, as long as anybody stands in it. */
  async #ask(): Promise<void> {
    try {
      for (let first = this.#line.first; first; first = this.#line.first) {
        if (this.#token === '') this.#token = randomUUID()
        const since = performance.now()
        const answer = await this.#acquire(first.want)
        if (answer.fence === undefined) await this.#pause(answer.againMs)
        else this.#grant(first.want, answer.fence, since)
      }
      if (this.#token !== '') await this.leave(this.#token)
    } catch (reason) {
      const error = new AndonError(
        'unavailable',
        `The ${this.title} cannot be asked for: ${AndonError.from(reason).sentence}`,
        { cause: reason },
      )
      const token = this.#token
      this.#token = ''
      for (let left = this.#line.size; left > 0; left--) this.#line.first?.leave(error)
      // It may have been granted without our hearing of it.
      void this.leave(token)
    }
    this.#token = ''
  }

  async #acquire(weight: number): Promise<{ fence: number } | { fence?: undefined; againMs: number }> {
    this.#called = false
    const numbers = [this.#limit, weight, this.leaseMs, believedMs].map(String)
    const reply = (await this.#redis.run(acquireScript, this.#keys, [this.#token, ...numbers, this.#channel])) as [
      number,
      Buffer | number,
    ]
    return reply[0] === 1 ? { fence: Number(String(reply[1])) } : { againMs: Number(reply[1]) }
  }

  #grant(weight: number, fence: number, since: number): void {
    const lease = new Lease(this, this.#token, fence, since)
    this.#token = ''
    const { first } = this.#line
    // Whoever asked has left; the next may want the same.
    if (first?.want !== weight) return lease.release()
    this.#line.remove(first)
    this.#leases.add(lease)
    void lease.ended.then(() => this.#leases.delete(lease))
    first.resolve(lease)
  }

  /** Until it is woken, or for a while. The first time it begins to listen instead, and asks again at once. */
  async #pause(ms: number): Promise<void> {
    if (this.#unsubscribe === undefined) {
      const heard = (token: string): void => {
        if (token !== this.#token) return
        this.#called = true
        this.#wake?.()
      }
      // Without messages it only takes longer.
      this.#unsubscribe = await this.#redis.subscribe(this.#channel, heard).catch(() => undefined)
      if (this.#unsubscribe) return
    }
    if (this.#called || this.#line.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, longestPause))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  #left(): void {
    if (this.#line.size === 0) this.#wake?.()
  }
}
