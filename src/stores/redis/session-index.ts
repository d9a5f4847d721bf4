// In which order a tenant's sessions are listed, and which were removed: sorted sets beside the sessions. A session alone
// says whether it is there, so an entry may outlive it, but no session is without its entry: it is written before.

import type { SessionPlace } from '../../core/session.ts'
import { listKey, tenantsKey } from './keys.ts'
import type { SessionRedis } from './session-redis.ts'

/** The lists of all tenants under one prefix. */
export class SessionIndex {
  readonly #redis: SessionRedis
  readonly #prefix: string
  readonly #ttlMs: string

  constructor(redis: SessionRedis, prefix: string, ttlMs: string) {
    this.#redis = redis
    this.#prefix = prefix
    this.#ttlMs = ttlMs
  }

  /** A session is about to begin: its place is the last until something was said. */
  async begin(tenant: string, id: string): Promise<void> {
    const key = listKey(this.#prefix, tenant, 'latest')
    const tenants = tenantsKey(this.#prefix)
    await Promise.all([
      this.#redis.send(tenants, ['SADD', tenants, tenant]),
      this.#redis.send(key, ['ZADD', key, 'NX', '0', id]),
    ])
  }

  /** Something was said in it, at this time (Unix ms). */
  async said(tenant: string, id: string, at: number): Promise<void> {
    const key = listKey(this.#prefix, tenant, 'latest')
    await Promise.all([this.#redis.send(key, ['ZADD', key, 'GT', String(at), id]), this.keep(tenant)])
  }

  /** The list stays as long as the last session of it that is used. */
  async keep(tenant: string): Promise<void> {
    const key = listKey(this.#prefix, tenant, 'latest')
    await this.#redis.send(key, ['PEXPIRE', key, this.#ttlMs])
  }

  /** It was removed. Should this be lost, the session still ends with its time to live. */
  async remove(tenant: string, id: string): Promise<void> {
    const key = listKey(this.#prefix, tenant, 'removed')
    await Promise.all([
      this.#redis.send(key, ['ZADD', key, String(Date.now()), id]),
      this.#redis.send(key, ['PEXPIRE', key, this.#ttlMs]),
    ])
  }

  /** It is gone. */
  async drop(tenant: string, id: string): Promise<void> {
    const keys = [listKey(this.#prefix, tenant, 'latest'), listKey(this.#prefix, tenant, 'removed')]
    await Promise.all(keys.map((key) => this.#redis.send(key, ['ZREM', key, id])))
  }

  /** Latest first, in groups of about `size`; of one moment, in the order of their ids. */
  async *latest(
    tenant: string,
    before: number | SessionPlace | undefined,
    size: number,
  ): AsyncGenerator<SessionPlace[]> {
    const key = listKey(this.#prefix, tenant, 'latest')
    let behind = typeof before === 'object' ? before : undefined
    let from = typeof before === 'number' ? `(${before}` : String(before?.updatedAt ?? '+inf')
    for (let most = size; ;) {
      const range = ['ZRANGE', key, from, '-inf', 'BYSCORE', 'REV', 'LIMIT', '0', String(most), 'WITHSCORES']
      const found = placesOf(await this.#redis.send(key, range, true))
      const fresh = found.filter((place) => !behind || isBehind(place, behind))
      yield fresh
      if (found.length < most) return
      const last = fresh.at(-1)
      // More sessions of one moment than were asked for.
      if (!last) most *= 2
      else {
        behind = last
        from = String(last.updatedAt)
      }
    }
  }

  /** Tenants that have sessions, or had. */
  async tenants(): Promise<string[]> {
    const key = tenantsKey(this.#prefix)
    return Array.from((await this.#redis.send(key, ['SMEMBERS', key], true)) as Iterable<unknown>, String)
  }

  /** Sessions of a tenant that may have been removed before a time (Unix ms), oldest first. */
  async removedBefore(tenant: string, before: number): Promise<string[]> {
    const key = listKey(this.#prefix, tenant, 'removed')
    const range = ['ZRANGE', key, '-inf', `(${before}`, 'BYSCORE']
    return ((await this.#redis.send(key, range, true)) as unknown[]).map(String)
  }
}

function placesOf(reply: unknown): SessionPlace[] {
  return (reply as [unknown, unknown][]).map(([id, at]) => ({ id: String(id), updatedAt: Number(at) }))
}

/** In the order of Redis: by time, then by the bytes of the id. */
function isBehind(place: SessionPlace, other: SessionPlace): boolean {
  if (place.updatedAt !== other.updatedAt) return place.updatedAt < other.updatedAt
  return Buffer.compare(Buffer.from(place.id), Buffer.from(other.id)) < 0
}
