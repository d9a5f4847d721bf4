// What the routes of one simulated engine share: its loop, its counts, its faults, and whether it answers at all.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { AndonError } from '../../core/errors.ts'
import type { RespondOptions } from '../content/respond.ts'
import { Engine } from '../engine.ts'
import type { EngineOptions, EngineSettings } from '../engine-options.ts'
import { faultsInHeader } from '../faults.ts'
import type { EngineFaults, Faults } from '../faults.ts'
import { EngineLoop } from '../loop.ts'
import { EngineMetrics } from '../metrics.ts'
import { seeded } from '../../core/random.ts'
import { RequestCounts } from '../stats.ts'

export interface HostOptions extends EngineOptions, RespondOptions {
  /** Names its model goes by; `*` is any. The first one is told. Default: the profile's. */
  models?: readonly string[]
  /** Asked for under /v1 when given, as `Authorization: Bearer …`. */
  apiKey?: string
  /** Its number in a fleet, from 0. */
  index?: number
}

export class EngineHost implements Disposable {
  readonly settings: EngineSettings
  readonly loop: EngineLoop
  readonly metrics: EngineMetrics
  readonly counts = new RequestCounts()
  readonly options: HostOptions
  readonly models: readonly [string, ...string[]]
  asleep = false
  #hung = false
  #faults: EngineFaults = {}
  #faultsUntil = Infinity
  readonly #waiting = new Set<(answers: boolean) => void>()
  readonly #random: () => number
  #ids = 0

  constructor(options: HostOptions) {
    const engine = new Engine(options)
    this.options = options
    this.settings = engine.settings
    const [first = this.settings.profile.model, ...others] = options.models ?? []
    this.models = [first, ...others]
    this.metrics = new EngineMetrics(engine, { model: first, index: options.index ?? 0 }, () => this.asleep)
    this.loop = new EngineLoop(engine, (step) => this.metrics.stepped(step))
    this.#random = seeded(this.settings.seed ^ 0x5eed)
  }

  [Symbol.dispose](): void {
    this.loop[Symbol.dispose]()
    for (const resolve of this.#waiting) resolve(false)
  }

  /** The name to answer under. Throws `not-found` for a model that is not served. */
  modelNamed(name: string | undefined): string {
    if (name === undefined || name === '') return this.models[0]
    if (this.models.includes(name) || this.models.includes('*')) return name
    throw new AndonError('not-found', `The model \`${name}\` does not exist.`)
  }

  /** A new id, unlike those of other engines of the fleet. */
  nextId(): string {
    return `sim-${this.options.index ?? 0}-${String(++this.#ids).padStart(8, '0')}`
  }

  /** Steps stop and nothing is answered any more, until `resume`. */
  hang(): void {
    this.#hung = true
    this.loop.pause()
  }

  resume(): void {
    this.#hung = false
    if (!this.asleep) this.loop.resume()
    for (const resolve of this.#waiting) resolve(true)
    this.#waiting.clear()
  }

  /** Resolves once it answers; false when the caller left before. */
  async answers(response: ServerResponse): Promise<boolean> {
    if (response.destroyed) return false
    if (!this.#hung) return true
    return new Promise<boolean>((resolve) => {
      this.#waiting.add(resolve)
      response.once('close', () => {
        this.#waiting.delete(resolve)
        resolve(false)
      })
    })
  }

  /** Puts these faults in the place of those before. */
  fault(faults: EngineFaults): void {
    this.#faults = faults
    this.#faultsUntil = faults.forMs === undefined ? Infinity : performance.now() + faults.forMs
  }

  /** The faults that befall a request: the engine's, and over them those of its own header. */
  faultsFor(request: IncomingMessage): Faults {
    const header = request.headers['x-simulate']
    const own = faultsInHeader(Array.isArray(header) ? header.join(';') : header)
    const { share = 1, forMs: _, ...faults } = this.#faults
    const befallen = performance.now() < this.#faultsUntil && (share >= 1 || this.#random() < share)
    return befallen ? { ...faults, ...own } : own
  }
}
