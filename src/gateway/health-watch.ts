// How the house is, for those who ask often: read at most four times a second, and told within a second whatever hangs.

import { AndonError } from '../core/errors.ts'
import type { Factory, Health } from '../core/factory.ts'
import { version } from '../version.ts'

export interface HealthWatchOptions {
  /** How long a reading is good for, in milliseconds. Default 250. */
  freshMs?: number
  /** How long a reading may take, in milliseconds. Default 1000. */
  limitMs?: number
}

export class HealthWatch {
  readonly #factory: Pick<Factory, 'health'>
  readonly #freshMs: number
  readonly #limitMs: number
  #last: { health: Health; at: number } | undefined
  #reading: { health: Promise<Health>; since: number } | undefined

  constructor(factory: Pick<Factory, 'health'>, { freshMs = 250, limitMs = 1000 }: HealthWatchOptions = {}) {
    this.#factory = factory
    this.#freshMs = freshMs
    this.#limitMs = limitMs
  }

  /** Never throws: a factory that cannot say how it is, is not ready. */
  async read(): Promise<Health> {
    if (this.#last && performance.now() - this.#last.at < this.#freshMs) return this.#last.health
    const { health, since } = (this.#reading ??= this.#begin())
    const left = since + this.#limitMs - performance.now()
    const silent = (): Health =>
      unwell(
        `It has not said how it is for ${Math.round(performance.now() - since)} ms: its store or its process hangs.`,
      )
    if (left <= 0) return silent()
    const late = Promise.withResolvers<Health>()
    const timer = setTimeout(() => late.resolve(silent()), left)
    try {
      return await Promise.race([health, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  #begin(): { health: Promise<Health>; since: number } {
    const read = async (): Promise<Health> => {
      let health: Health
      try {
        health = await this.#factory.health()
      } catch (reason) {
        health = unwell(AndonError.from(reason).sentence)
      }
      this.#last = { health, at: performance.now() }
      this.#reading = undefined
      return health
    }
    return { health: read(), since: performance.now() }
  }
}

function unwell(message: string): Health {
  return {
    ready: false,
    version,
    parts: [{ name: 'factory', ok: false, message }],
    totals: { documents: 0, passages: 0, bytes: 0, waiting: 0, running: 0 },
    models: {},
    eventLoopDelayMs: { p50: 0, p99: 0, max: 0 },
  }
}
