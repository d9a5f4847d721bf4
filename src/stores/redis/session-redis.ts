// The Redis of conversations: one that evicts keys is refused before anything is asked of it, and whatever fails is
// `unavailable`, in a sentence.

import { AndonError } from '../../core/errors.ts'
import type { RedisConnection, Script } from '../../redis/connection.ts'
import { refuseEviction } from './eviction.ts'

export class SessionRedis {
  readonly #redis: RedisConnection
  readonly #warn: (sentence: string) => void
  #checked: Promise<void> | undefined

  constructor(redis: RedisConnection, warn: (sentence: string) => void) {
    this.#redis = redis
    this.#warn = warn
  }

  /**
   * Whether this database may hold conversations: asked once, and again until it was told. Throws `invalid` when it may
   * not, and `unavailable` when it does not answer.
   */
  check(): Promise<void> {
    return (this.#checked ??= this.#check().catch((reason: unknown) => {
      this.#checked = undefined
      throw reason
    }))
  }

  async #check(): Promise<void> {
    const { name } = this.#redis
    const sure = await refuseEviction(this.#redis).catch((reason: unknown) => {
      const error = AndonError.from(reason)
      throw error.code === 'invalid' ? error : unavailable(name, error)
    })
    if (!sure)
      this.#warn(
        `Redis at ${name} does not tell its maxmemory-policy: see that it is noeviction, or conversations are lost when it is full`,
      )
  }

  /** See {@link RedisConnection.send}. */
  send(key: string, args: string[], readonly = false): Promise<unknown> {
    return this.#ask(() => this.#redis.send(key, args, readonly))
  }

  /** See {@link RedisConnection.run}. */
  run(script: Script, keys: string[], args: string[]): Promise<unknown> {
    return this.#ask(() => this.#redis.run(script, keys, args))
  }

  async #ask(ask: () => Promise<unknown>): Promise<unknown> {
    try {
      await this.check()
    } catch (reason) {
      const error = AndonError.from(reason)
      throw error.code === 'unavailable' ? error : new AndonError('unavailable', error.sentence, { cause: error })
    }
    try {
      return await ask()
    } catch (reason) {
      throw unavailable(this.#redis.name, AndonError.from(reason))
    }
  }
}

function unavailable(name: string, cause: AndonError): AndonError {
  const where = `Conversations are kept in Redis at ${name}, which`
  const why = (): string => {
    if (cause.code === 'deadline')
      return 'did not answer in time. Whether it kept what was said is not known: read the session before you say it again'
    if (cause.code !== 'invalid') return 'does not answer. Try again later'
    if (cause.sentence.includes('OOM '))
      return 'has no memory left, and kept nothing of this. Give it more (maxmemory), or forget old conversations'
    return `refused this. ${cause.sentence}`
  }
  return new AndonError('unavailable', `${where} ${why()}`, { cause })
}
