// Conversations in Redis: any process serves any turn. Every change of a session is one script that compares and writes,
// so that turns of several processes stand in one order, none lost and none twice.

import { AndonError } from '../../core/errors.ts'
import type { Turn } from '../../core/question.ts'
import { RedisConnection, type Script } from '../../redis/connection.ts'
import { pageLimit } from '../page-limit.ts'
import {
  checkRecap,
  checkSessionId,
  firstOf,
  noRoom,
  saidInBetween,
  sessionLimits,
  writtenTurns,
  type SessionLimits,
} from '../session-limits.ts'
import { foldForSearch, missingWords, searchWords } from '../session-search.ts'
import type { Recap, Session, SessionStore, SessionSummary } from '../store.ts'
import { sessionKeys } from './keys.ts'
import * as scripts from './scripts.ts'
import { SessionIndex } from './session-index.ts'
import { SessionRedis } from './session-redis.ts'

export interface RedisSessionOptions {
  /** A connection, or a URL for one of its own. */
  redis: RedisConnection | string
  /** Days that a session is kept without being read or written. Default 90. */
  ttlDays?: number
  /** In front of all keys. Default `andon`. */
  prefix?: string
  /** How much of one session is kept. */
  limits?: Partial<SessionLimits>
  /** Hears what an operator should know. Default: a warning of the process. */
  onWarning?: (sentence: string) => void
}

const day = 86_400_000

/** Sessions are listed whole, for an export. */
const mostListed = 1_000_000

/** Sessions that are looked at together: when only listed, and when also searched. */
const listedAtOnce = 1_000
const searchedAtOnce = 50

/**
 * Opens the conversations that a Redis keeps. Throws `invalid` when its database evicts keys. A Redis that does not answer
 * yet is a warning: each method throws `unavailable` until it does, and still when it then turns out to evict keys.
 */
export async function openRedisSessions(options: RedisSessionOptions): Promise<SessionStore & AsyncDisposable> {
  const { redis, onWarning: warn = (sentence: string) => process.emitWarning(sentence) } = options
  await using opened = new AsyncDisposableStack()
  const connection =
    typeof redis === 'string' ? opened.use(new RedisConnection({ url: redis, timeoutMs: 1_000 })) : redis
  const asked = new SessionRedis(connection, warn)
  await asked.check().catch((reason: unknown) => {
    const { code, sentence } = AndonError.from(reason)
    if (code !== 'unavailable') throw reason
    warn(sentence)
  })
  return new RedisSessions(asked, opened.move(), options)
}

class RedisSessions implements SessionStore, AsyncDisposable {
  readonly #redis: SessionRedis
  readonly #owned: AsyncDisposableStack
  readonly #prefix: string
  readonly #ttlMs: string
  readonly #limits: SessionLimits
  readonly #index: SessionIndex

  constructor(redis: SessionRedis, owned: AsyncDisposableStack, options: RedisSessionOptions) {
    const { prefix = 'andon', ttlDays = 90, limits } = options
    this.#redis = redis
    this.#owned = owned
    this.#prefix = prefix
    this.#ttlMs = String(Math.max(1, Math.round(ttlDays * day)))
    this.#limits = { ...sessionLimits, ...limits }
    this.#index = new SessionIndex(redis, prefix, this.#ttlMs)
  }

  async read(tenant: string, id: string, { latest }: { latest?: number } = {}): Promise<Session> {
    const [reply] = await Promise.all([
      this.#run(scripts.read, tenant, id, [this.#ttlMs, String(latest === undefined ? 0 : -latest)]),
      this.#index.keep(tenant),
    ])
    const [version, at, title, removed, count, recap, recapped, turns] = reply as ReadReply
    if (!version) return { id, version: 0, turns: [], updatedAt: 0 }
    const earlier = latest === undefined ? 0 : Number(String(count)) - turns.length
    return {
      id,
      version: Number(String(version)),
      turns: turns.map((data) => JSON.parse(String(data)) as Turn),
      ...(earlier > 0 ? { earlier } : {}),
      ...(recap && recapped ? { recap: { text: String(recap), turns: Number(String(recapped)) } } : {}),
      updatedAt: Number(String(at)),
      ...namedOrRemoved(title, removed),
    }
  }

  async append(tenant: string, id: string, version: number, turns: Turn[]): Promise<number> {
    checkSessionId(id)
    const limits = this.#limits
    const written = writtenTurns(id, turns, limits)
    // A long list is refused before it is sent.
    if (turns.length > limits.turns) throw noRoom(id, turns.length, 'turns', limits)
    const bytes = written.reduce((sum, data) => sum + Buffer.byteLength(data), 0)
    if (bytes > limits.bytes) throw noRoom(id, bytes, 'bytes', limits)
    const questions = turns.flatMap(({ role, text }) => (role === 'user' ? `${foldForSearch(text)}\n` : [])).join('')
    const numbers = [version, limits.turns, limits.bytes, this.#ttlMs].map(String)
    const originals = new Set(turns.flatMap(({ versionOf }) => versionOf ?? []))
    const named = [...originals].map((original) => `"answerId":${JSON.stringify(original)}`).join('\n')
    const said = [firstOf(turns), questions, String(bytes), named, ...written]
    if (version === 0) await this.#index.begin(tenant, id)
    const reply = await this.#run(scripts.append, tenant, id, [...numbers, ...said])
    const [outcome, known, at] = reply as AppendReply
    switch (String(outcome)) {
      case 'kept':
        await this.#index.said(tenant, id, Number(String(at)))
        return known
      case 'version':
        throw saidInBetween(id, known, version)
      default:
        throw noRoom(id, known, String(outcome) === 'turns' ? 'turns' : 'bytes', limits)
    }
  }

  async keepRecap(tenant: string, id: string, version: number, recap: Recap): Promise<boolean> {
    checkRecap(id, recap)
    return (await this.#run(scripts.recap, tenant, id, [String(version), recap.text, String(recap.turns)])) === 1
  }

  async list(tenant: string, limit?: number, query: Query = {}): Promise<SessionSummary[]> {
    const most = pageLimit(limit, mostListed)
    const words = searchWords(query.search ?? '')
    const size = words.length > 0 ? searchedAtOnce : Math.min(most, listedAtOnce)
    const found: SessionSummary[] = []
    for await (const places of this.#index.latest(tenant, query.before, size)) {
      const looked = await Promise.all(places.map((place) => this.#look(tenant, place, words)))
      for (const summary of looked) if (summary && found.push(summary) === most) return found
    }
    return found
  }

  /** A session as it is listed, unless it is gone, removed, or not what is searched. */
  async #look(
    tenant: string,
    { id, updatedAt }: { id: string; updatedAt: number },
    words: string[],
  ): Promise<SessionSummary | undefined> {
    const [head, , questions] = sessionKeys(this.#prefix, tenant, id)
    const [fields, text] = (await Promise.all([
      this.#redis.send(head, ['HMGET', head, 'turns', 'first', 'title', 'removed'], true),
      words.length > 0 ? this.#redis.send(questions, ['GET', questions], true) : null,
    ])) as [Field[], Field]
    const [turns, first, title, removed] = fields
    if (!turns) await this.#unlist(tenant, id)
    if (!turns || removed) return undefined
    if (missingWords(`${foldForSearch(String(title ?? ''))}\n${String(text ?? '')}`, words).length > 0) return undefined
    return {
      id,
      updatedAt,
      turns: Number(String(turns)),
      first: String(first ?? ''),
      ...namedOrRemoved(title, removed),
    }
  }

  async rename(tenant: string, id: string, title: string): Promise<boolean> {
    return (await this.#run(scripts.rename, tenant, id, [this.#ttlMs, title])) === 1
  }

  async remove(tenant: string, id: string, { now = false }: { now?: boolean } = {}): Promise<boolean> {
    if (now) return this.#forget(tenant, id)
    const removed = (await this.#run(scripts.remove, tenant, id, [])) === 1
    if (removed) await this.#index.remove(tenant, id)
    return removed
  }

  async restore(tenant: string, id: string): Promise<boolean> {
    return (await this.#run(scripts.restore, tenant, id, [this.#ttlMs])) === 1
  }

  async purge(before: number): Promise<number> {
    let purged = 0
    for (const tenant of await this.#index.tenants())
      for (const id of await this.#index.removedBefore(tenant, before))
        if (await this.#forget(tenant, id, before)) purged++
    return purged
  }

  async #forget(tenant: string, id: string, removedBefore?: number): Promise<boolean> {
    const forgotten = (await this.#run(scripts.forget, tenant, id, [String(removedBefore ?? '')])) === 1
    await this.#unlist(tenant, id)
    return forgotten
  }

  /** Takes one out of the lists that is gone; one that somebody began anew in this moment stays. */
  async #unlist(tenant: string, id: string): Promise<void> {
    await this.#index.drop(tenant, id)
    const [head] = sessionKeys(this.#prefix, tenant, id)
    const at = (await this.#redis.send(head, ['HGET', head, 'at'], true)) as Field
    if (at) await this.#index.said(tenant, id, Number(String(at)))
  }

  #run(script: Script, tenant: string, id: string, args: string[]): Promise<unknown> {
    return this.#redis.run(script, sessionKeys(this.#prefix, tenant, id), args)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned.disposeAsync()
  }
}

type Query = NonNullable<Parameters<SessionStore['list']>[2]>
type Field = Buffer | null
type ReadReply = [
  version: Field,
  at: Field,
  title: Field,
  removed: Field,
  count: Field,
  recap: Field,
  recapped: Field,
  turns: Buffer[],
]
type AppendReply = [outcome: Buffer, known: number, at?: Buffer]

function namedOrRemoved(title: Field | undefined, removed: Field | undefined): Pick<Session, 'title' | 'removedAt'> {
  return {
    ...(title ? { title: String(title) } : {}),
    ...(removed ? { removedAt: Number(String(removed)) } : {}),
  }
}
