// The other side of a stream that is made in another process: reads what is there, then waits to be told of more.

import { counted } from './lead.ts'
import type { Level } from './level.ts'
import type { Statistics } from './statistics.ts'

/** Pause after a stream that failed, until somebody else may begin it again, in milliseconds. */
const shortPause = 20

export class Follower implements AsyncDisposable {
  readonly #level: Level
  readonly #key: string
  readonly #statistics: Statistics
  #next = ''
  #failed = false
  #following: Promise<() => void> | undefined
  #added = Promise.withResolvers<void>()

  constructor(level: Level, key: string, statistics: Statistics) {
    this.#level = level
    this.#key = key
    this.#statistics = statistics
  }

  /** Hands over what is there, then waits so long for more. True when the stream has ended well; undefined otherwise. */
  async follow(
    pauseMs: number,
    signal: AbortSignal,
    heard: (item: Buffer | undefined) => void,
  ): Promise<true | undefined> {
    this.#following ??= this.#level.follow(this.#key, () => this.#added.resolve())
    await this.#following.catch(() => (this.#following = undefined))
    for (;;) {
      const { promise: added } = (this.#added = Promise.withResolvers())
      const part = await counted(this.#statistics, this.#level.read(this.#key, this.#next))
      if (!part) return undefined
      const { items, next, end } = part
      this.#next = next
      this.#failed = end === 'failed' || (this.#failed && items.length === 0)
      for (const item of items) heard(item)
      if (end === 'done') return true
      if (end === 'failed' || signal.aborted) return undefined
      if (items.length === 0 && !(await within(added, this.#failed ? shortPause : pauseMs, signal))) return undefined
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stop = await this.#following?.catch(() => undefined)
    stop?.()
  }
}

/** Whether it settled before the time was over and the signal aborted. */
async function within(promise: Promise<void>, ms: number, signal: AbortSignal): Promise<boolean> {
  const over = Promise.withResolvers<boolean>()
  const leave = (): void => over.resolve(false)
  const timer = setTimeout(leave, ms)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([promise.then(() => true), over.promise])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
}
