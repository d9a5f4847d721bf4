// The second level in a Redis (or a Redis Cluster).

import { RedisConnection, type RedisOptions } from '../redis/connection.ts'
import { GatheredReads } from './gathered-reads.ts'
import type { Invalidated, Lead, Level, News, StreamMark, StreamPart } from './level.ts'
import { Pager } from './pager.ts'
import { RedisGenerations } from './redis-generations.ts'
import * as scripts from './scripts.ts'

export interface RedisLevelOptions extends RedisOptions {
  /** Stands before every key and channel: whoever gives the same shares. Default `andon`. */
  readonly prefix?: string
}

/** How long an ended stream is there for those who still read it, and a silent one at most, in milliseconds. */
const endedStreamMs = 10_000
const openStreamMs = 3_600_000

/** A larger value is a draft of its own first: Redis copies what a script is given, several times. Bytes. */
const longestArgument = 64 * 1024

/** A draft whose writer died is gone after so long, in milliseconds. */
const draftMs = 10_000

/** Opens a second level; connects by itself and goes on without it while it cannot. */
export function redisLevel(options: RedisLevelOptions = {}): Level {
  return new RedisLevel(options)
}

class RedisLevel implements Level {
  readonly #redis: RedisConnection
  readonly #cluster: boolean
  readonly #prefix: string
  readonly #channel: string
  readonly #pager = new Pager()
  readonly #self: string = crypto.randomUUID()
  readonly #listeners = new Set<(what: Invalidated) => void>()
  readonly #generations: RedisGenerations
  /** In a cluster the keys lie in many slots, and each is asked for alone. */
  readonly #reads = new GatheredReads((names) => this.#read(names))
  #subscribed: Promise<unknown> | undefined
  #hears = false
  #heardBefore = false

  constructor(options: RedisLevelOptions) {
    this.#redis = new RedisConnection(options)
    this.#cluster = options.cluster ?? false
    this.#prefix = options.prefix ?? 'andon'
    this.#channel = `${this.#prefix}:news`
    const heard = (): boolean => this.#hears && this.#redis.listening
    this.#generations = new RedisGenerations(this.#redis, this.#prefix, heard)
    this.#redis.onListening((listening) => {
      this.#generations.forget()
      if (listening) this.#subscribe()
      if (listening && this.#heardBefore) this.#tell({ missed: true })
      this.#heardBefore ||= listening
    })
  }

  get up(): boolean {
    return this.#redis.up
  }

  get(key: string): Promise<Buffer | undefined> {
    return this.#cluster ? this.#getOne(this.#key(key)) : this.#reads.get(this.#key(key))
  }

  async getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    if (keys.length === 0) return []
    const names = keys.map((key) => this.#key(key))
    return this.#cluster ? Promise.all(names.map((name) => this.#getOne(name))) : this.#read(names)
  }

  async #getOne(name: string): Promise<Buffer | undefined> {
    return bytesOf(await this.#redis.send(name, ['GET', name], true))
  }

  async #read(names: readonly string[]): Promise<(Buffer | undefined)[]> {
    const replies = await this.#redis.send(names[0], ['MGET', ...names], true)
    return Array.isArray(replies) ? replies.map(bytesOf) : []
  }

  async set(key: string, bytes: Buffer, ms: number): Promise<void> {
    await this.#redis.send(this.#key(key), ['SET', this.#key(key), bytes, 'PX', String(Math.ceil(ms))])
  }

  async remove(key: string): Promise<void> {
    await this.#redis.send(this.#key(key), ['DEL', this.#key(key)])
  }

  async forget(key: string): Promise<void> {
    const name = this.#key(key)
    await this.#redis.send(name, ['DEL', name, `${name}:l`, `${name}:s`])
    this.#tell({ key })
    await this.#redis.send(name, ['PUBLISH', this.#channel, `forget ${this.#self} ${key}`])
  }

  async lead(key: string, token: string, leaseMs: number, besides: Buffer | '' = ''): Promise<Lead> {
    const name = this.#key(key)
    this.#subscribe()
    const args = [token, String(leaseMs), besides]
    const reply = await this.#redis.run(scripts.lead, [name, `${name}:l`, `${name}:w`], args)
    const [kind, what] = Array.isArray(reply) ? (reply as unknown[]) : []
    if (kind === 1 && Buffer.isBuffer(what)) return { kind: 'value', bytes: what }
    if (kind === 2) return { kind: 'lead', startedAt: String(what) }
    return { kind: 'wait', leaseMs: Math.max(0, Number(what)) }
  }

  async renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    return (await this.#redis.run(scripts.renew, [`${this.#key(key)}:l`], [token, String(leaseMs)])) === 1
  }

  async commit(key: string, token: string, bytes: Buffer, ms: number): Promise<boolean> {
    const name = this.#key(key)
    const forMs = String(Math.ceil(ms))
    if (bytes.length > longestArgument) return this.#commitDraft(name, key, token, bytes, forMs)
    const args = [token, bytes, forMs, this.#channel, `done ${key}`]
    return (await this.#redis.run(scripts.commit, [name, `${name}:l`], args)) === 1
  }

  /** Both go out at once, in this order; without the first, the second only ends the lease. */
  async #commitDraft(name: string, key: string, token: string, bytes: Buffer, forMs: string): Promise<boolean> {
    const draft = `${name}:d:${token}`
    const [written, committed] = await Promise.allSettled([
      this.#redis.send(name, ['SET', draft, bytes, 'PX', String(draftMs)]),
      this.#redis.run(scripts.commitDraft, [name, `${name}:l`, draft], [token, forMs, this.#channel, `done ${key}`]),
    ])
    if (written.status === 'rejected') throw written.reason
    if (committed.status === 'rejected') throw committed.reason
    return committed.value === 1
  }

  async release(key: string, token: string): Promise<void> {
    await this.#redis.run(scripts.release, [`${this.#key(key)}:l`], [token, this.#channel, `done ${key}`])
  }

  async awaited(key: string): Promise<boolean> {
    const name = this.#key(key)
    return (await this.#redis.send(name, ['EXISTS', `${name}:w`])) === 1
  }

  news(key: string): News {
    return this.#pager.listen(key)
  }

  generations(_key: string, tags: readonly string[], startedAt = ''): Promise<string[] | undefined> {
    this.#subscribe()
    return this.#generations.of(tags, startedAt)
  }

  current(_key: string, generations: readonly (readonly [tag: string, generation: string])[]): boolean | undefined {
    return this.#generations.are(generations)
  }

  async invalidate(tags: readonly string[]): Promise<void> {
    const generations = await this.#generations.renew(tags)
    this.#renewed(tags, generations)
    await this.#redis.send(this.#channel, [
      'PUBLISH',
      this.#channel,
      `tags ${this.#self} ${JSON.stringify([tags, generations])}`,
    ])
  }

  onInvalidated(listener: (what: Invalidated) => void): () => void {
    this.#listeners.add(listener)
    this.#subscribe()
    return () => void this.#listeners.delete(listener)
  }

  async append(key: string, token: string, items: readonly Buffer[], mark?: StreamMark): Promise<boolean> {
    const name = this.#key(key)
    const ended = mark === 'done' || mark === 'failed'
    const args = [token, String(ended ? endedStreamMs : openStreamMs), `${name}:n`, mark ?? '', ...items]
    return (await this.#redis.run(scripts.append, [`${name}:l`, `${name}:s`], args)) === 1
  }

  async read(key: string, after: string): Promise<StreamPart> {
    const name = this.#key(key)
    const from = after === '' ? '-' : `(${after}`
    const reply = await this.#redis.send(name, ['XRANGE', `${name}:s`, from, '+', 'COUNT', '1000'])
    const items: (Buffer | undefined)[] = []
    let next = after
    for (const element of Array.isArray(reply) ? (reply as unknown[]) : []) {
      const [id, fields] = Array.isArray(element) ? (element as unknown[]) : []
      const [kind, what] = Array.isArray(fields) ? (fields as unknown[]) : []
      next = String(id)
      if (String(kind) === 'e') return { items, next, end: String(what) === 'done' ? 'done' : 'failed' }
      if (Buffer.isBuffer(what)) items.push(String(kind) === 'b' ? undefined : what)
    }
    return { items, next }
  }

  follow(key: string, added: () => void): Promise<() => void> {
    return this.#redis.subscribe(`${this.#key(key)}:n`, added)
  }

  #key(key: string): string {
    return `${this.#prefix}:{${key}}`
  }

  /** News is a help, not a need: without it, whoever waits looks again by itself. */
  #subscribe(): void {
    if (this.#subscribed) return
    this.#subscribed = this.#redis
      .subscribe(this.#channel, (message) => this.#heard(message))
      .then(
        () => (this.#hears = true),
        () => (this.#subscribed = undefined),
      )
  }

  #heard(message: string): void {
    const space = message.indexOf(' ')
    const what = message.slice(space + 1)
    switch (message.slice(0, space)) {
      case 'done':
        return this.#pager.call(what)
      case 'forget':
        return this.#heardOther(what, (key) => {
          this.#tell({ key })
          this.#pager.call(key)
        })
      case 'tags':
        return this.#heardOther(what, (tags) => this.#heardTags(tags))
      default:
    }
  }

  /** What this level said itself was done before it was said: done again, it would meet what was begun since. */
  #heardOther(message: string, heard: (what: string) => void): void {
    const space = message.indexOf(' ')
    if (message.slice(0, space) !== this.#self) heard(message.slice(space + 1))
  }

  #heardTags(text: string): void {
    try {
      const [tags, generations] = JSON.parse(text) as [string[], string[]]
      this.#renewed(tags, generations)
    } catch (reason) {
      if (!(reason instanceof SyntaxError || reason instanceof TypeError)) throw reason
    }
  }

  #renewed(tags: readonly string[], generations: readonly string[]): void {
    this.#generations.renewed(tags, generations)
    this.#tell({ tags })
  }

  #tell(what: Invalidated): void {
    for (const listener of this.#listeners) listener(what)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pager.close()
    await this.#redis[Symbol.asyncDispose]()
  }
}

function bytesOf(reply: unknown): Buffer | undefined {
  return Buffer.isBuffer(reply) ? reply : undefined
}
