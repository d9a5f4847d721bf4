// The places that an executor has: its own thread, and pools of workers by place, kind of tool, memory, and what those
// behind a wall may read.

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { AndonError } from '../core/errors.ts'
import { toolEnvironment } from './executor-confinement.ts'
import { InlinePlace } from './executor-inline.ts'
import type { Job } from './executor-job.ts'
import type { ExecutorOptions } from './executor-options.ts'
import { ToolPool } from './executor-pool.ts'
import type { PoolSetting, ToolPoolState } from './executor-pool.ts'
import { swiftFolder } from './executor-record.ts'
import { Slots } from './executor-slots.ts'
import { folderOf } from './executor-wall.ts'
import type { Tool, ToolMode } from './tool.ts'
import { networkEnvironment } from './network-environment.ts'

type Far = 'thread' | 'process'

/** Which workers of a place; those of code and of the standard size unless it says more. */
interface Which {
  kind?: PoolSetting['kind']
  memoryMb?: number
  folder?: string
}

/** Workers for few tools end after so many milliseconds without calls. */
const idleMs = 60_000

/** A pool is made with its first call, or when its mode is started. Disposing ends them all. */
export class Pools implements AsyncDisposable {
  readonly #options: ExecutorOptions
  readonly #size: number
  readonly #slots: Slots
  readonly #inline: InlinePlace
  readonly #pools = new Map<string, ToolPool>()
  /** Found once for each tool. */
  readonly #homes = new WeakMap<Tool, { [place in Far]?: ToolPool }>()
  /** For what processes write about themselves. */
  readonly #folder: string

  /** Throws `invalid` when the number of workers is none. */
  constructor(options: ExecutorOptions) {
    const size = options.workers ?? Math.min(8, Math.max(2, availableParallelism()))
    if (!Number.isInteger(size) || size < 1) {
      throw new AndonError('invalid', `An executor cannot have ${size} workers: give a whole number from 1`)
    }
    this.#options = options
    this.#size = size
    this.#slots = new Slots(size)
    this.#inline = new InlinePlace(options.connectors ?? {})
    this.#folder = mkdtempSync(join(swiftFolder(), 'andon-tools-'))
  }

  get state(): { [name: string]: ToolPoolState } {
    return Object.fromEntries(Array.from(this.#pools, ([name, { state }]) => [name, state]))
  }

  /** Where a call runs. */
  of({ place, tool }: Job): InlinePlace | ToolPool {
    if (place === 'inline') return this.#inline
    let homes = this.#homes.get(tool)
    if (!homes) this.#homes.set(tool, (homes = {}))
    return (homes[place] ??= this.#poolOf(tool, place))
  }

  /** The worker that calls of a tool belong to; undefined when any will do. */
  slotOf(tool: Tool, tenant: string): number | undefined {
    return this.#slots.of(tool, tenant)
  }

  /** Starts the workers of a mode. */
  start(mode: ToolMode): void {
    for (const place of placesOf(mode)) if (place !== 'inline') this.#pool(place)
  }

  /** Resolves when the workers of a mode are up and have loaded these tools. */
  async warm(tools: readonly Tool[], mode: ToolMode): Promise<void> {
    await Promise.all(
      placesOf(mode).map((place) => (place === 'inline' ? this.#inline.warm(tools) : this.#warm(tools, place))),
    )
  }

  /** Closes the connection of this name, wherever it is open. */
  async disconnect(connection: string): Promise<void> {
    await Promise.all([this.#inline, ...this.#pools.values()].map((place) => place.close(connection)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#inline, ...this.#pools.values()].map((place) => place[Symbol.asyncDispose]()))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #warm(tools: readonly Tool[], place: Far): Promise<void> {
    // Untrusted code has a process for each call: there is nothing to keep warm.
    const movable = tools.filter(({ source, trust }) => source.kind !== 'closure' && trust !== 'untrusted')
    const pools = Map.groupBy(movable, (tool) => this.#poolOf(tool, place))
    if (!pools.has(this.#pool(place))) pools.set(this.#pool(place), [])
    await Promise.all(
      Array.from(pools, ([pool, those]) => {
        const slots = Map.groupBy(those, (tool) => (tool.source.kind === 'mcp' ? this.#slots.of(tool, '') : undefined))
        if (slots.size === 0) return pool.warm([])
        return Promise.all(Array.from(slots, ([slot, each]) => pool.warm(each, slot)))
      }),
    )
  }

  #poolOf({ source, trust, limits: { memoryMb } }: Tool, place: Far): ToolPool {
    if (source.kind === 'openapi' || source.kind === 'mcp') return this.#pool(place, { kind: source.kind })
    if (trust !== 'untrusted') return this.#pool(place, memoryMb === undefined ? {} : { memoryMb })
    const folder = source.kind === 'code' ? folderOf(source.module) : undefined
    const size = memoryMb === undefined ? {} : { memoryMb }
    return this.#pool(place, { kind: 'untrusted', ...size, ...(folder === undefined ? {} : { folder }) })
  }

  /** The workers for tools of a kind, of a size, and of those behind a wall for a folder. */
  #pool(place: Far, which: Which = {}): ToolPool {
    const {
      memoryMb: standardMb = 256,
      queue = 10_000,
      recycle,
      connectors = {},
      confine,
      env = [],
      untrusted,
    } = this.#options
    const { kind = 'code', memoryMb = standardMb, folder } = which
    const name = [
      place,
      ...(kind === 'code' ? [] : [kind]),
      ...(memoryMb === standardMb ? [] : [`${memoryMb}MiB`]),
    ].join('-')
    const key = folder === undefined ? name : `${name} ${folder}`
    let pool = this.#pools.get(key)
    if (!pool) {
      const { calls = 1_000_000, afterMs = 3_600_000, rssMb = memoryMb } = recycle ?? {}
      const forever = { calls: Infinity, afterMs: Infinity, rssMb: Infinity }
      const own = memoryMb !== standardMb || kind === 'untrusted'
      pool = new ToolPool({
        name: `tools-${name}`,
        kind,
        place,
        size: this.#size,
        memoryMb,
        queue,
        connectors,
        folder: this.#folder,
        confine,
        // Programs that a connector starts get it from there.
        environment: toolEnvironment(kind === 'mcp' ? [...env, ...networkEnvironment] : env),
        folders: [...(folder === undefined ? [] : [folder]), ...(untrusted?.read ?? [])],
        // A worker that holds connections is not replaced for its age: that would cost them.
        recycle: kind === 'openapi' || kind === 'mcp' ? forever : { calls, afterMs, rssMb },
        onDemand: kind !== 'code' || own,
        ...(own ? { idleMs } : {}),
      })
      this.#pools.set(key, pool)
    }
    return pool
  }
}

function placesOf(mode: ToolMode): readonly (Far | 'inline')[] {
  return mode === 'auto' ? ['thread', 'process'] : [mode]
}
