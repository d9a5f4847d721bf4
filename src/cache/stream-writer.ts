// Writes a stream to the level while it is made: what comes while one addition is under way goes with the next.

import { counted, type Lease } from './lead.ts'
import type { Level, StreamMark } from './level.ts'
import type { Statistics } from './statistics.ts'

export class StreamWriter {
  readonly #level: Level
  readonly #key: string
  readonly #lease: Lease
  readonly #statistics: Statistics
  #waiting: Buffer[] = []
  #mark: StreamMark | undefined = 'begin'
  #sending: Promise<void> | undefined
  #broken = false

  constructor(level: Level, key: string, lease: Lease, statistics: Statistics) {
    this.#level = level
    this.#key = key
    this.#lease = lease
    this.#statistics = statistics
  }

  write(item: Uint8Array): void {
    if (this.#broken) return
    this.#waiting.push(Buffer.from(item))
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined))
  }

  /** Ends the stream; settles when all is written, or cannot be. */
  async end(mark: 'done' | 'failed'): Promise<void> {
    await this.#sending
    if (this.#mark === 'begin') await this.#send()
    this.#mark = mark
    await this.#send()
  }

  async #send(): Promise<void> {
    while (!this.#broken && (this.#waiting.length > 0 || this.#mark !== undefined)) {
      const items = this.#waiting
      const mark = this.#mark
      this.#waiting = []
      this.#mark = undefined
      const added = await counted(this.#statistics, this.#level.append(this.#key, this.#lease.token, items, mark))
      if (added !== true) this.#broken = true
    }
  }
}
