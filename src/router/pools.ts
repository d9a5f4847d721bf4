// Which endpoints an order may go to at all: those that can do it, serve its model and take its length, seen from where
// the caller stands. Orders with the same answer share one pool, and with it one line.

import { Demand } from './autoscale.ts'
import type { Strategy } from './choice.ts'
import { namesOf } from './endpoint.ts'
import type { Ability } from './endpoint.ts'
import type { EndpointState } from './endpoint-state.ts'
import { Line } from './line.ts'
import type { Room } from './line.ts'
import type { Order } from './order.ts'
import { penaltyBetween } from './regions.ts'
import type { Penalties } from './regions.ts'
import { Habits } from './speed.ts'
import { moment } from './timetable.ts'
import type { Moment } from './timetable.ts'

export interface Pool {
  readonly endpoints: readonly EndpointState[]
  /** Milliseconds that each costs the caller by where it stands, in the same order. */
  readonly penalties: readonly number[]
  readonly line: Line
  readonly habits: Habits
  readonly demand: Demand
  /** How one of its endpoints is picked. */
  readonly strategy: Strategy
  /** When somebody in the line should be looked at again though nothing happened. */
  readonly wake: Moment
  /** Whose turn it is, for the strategy that goes round. */
  turn: number
}

/** What outlives a change of the endpoints. */
export interface Memories {
  readonly habits: Map<Ability, Habits>
  readonly rooms: Map<Ability, Room>
  /** By ability and model; those of models that are gone, for as long as anybody asked lately. */
  readonly demands: Map<string, Demand>
}

export interface PoolOptions {
  readonly queue: number
  readonly ageMs: number
  readonly penalties: Penalties
  readonly strategy: Strategy
  /** Monotonic milliseconds. */
  readonly now: number
  readonly onWake: (pool: Pool) => void
}

/** Those of one ability and model, before length and region. */
interface Family {
  readonly endpoints: readonly EndpointState[]
  /** Context lengths that tell them apart, ascending. */
  readonly lengths: readonly number[]
  readonly demand: Demand
  readonly ability: Ability
  readonly pools: Map<number, Pool>
}

/** Any model that no endpoint names. */
const anyModel = '*'

/** As a time at which a demand is asked for: whoever asked, asked after it. */
const ever = -Infinity

export class Pools {
  readonly #families = new Map<Ability, Map<string, Family>>()
  readonly #regions: readonly string[]
  readonly #options: PoolOptions
  readonly #memories: Memories
  readonly all: Pool[] = []

  constructor(endpoints: readonly EndpointState[], memories: Memories, options: PoolOptions) {
    this.#options = options
    this.#memories = memories
    const regions = new Set<string>(Object.keys(options.penalties))
    for (const row of Object.values(options.penalties)) for (const region of Object.keys(row)) regions.add(region)
    for (const { settings } of endpoints) if (settings.region !== undefined) regions.add(settings.region)
    this.#regions = [...regions]
    const names = new Set([anyModel, ...endpoints.flatMap(({ settings }) => namesOf(settings) ?? [])])
    for (const ability of new Set(endpoints.flatMap(({ settings }) => settings.can))) {
      const families = new Map<string, Family>()
      this.#families.set(ability, families)
      for (const name of names) {
        const members = endpoints.filter(
          ({ settings }) => settings.can.includes(ability) && (namesOf(settings)?.includes(name) ?? true),
        )
        if (members.length > 0) families.set(name, this.#family(ability, name, members))
      }
      // Who asks for no model in particular takes any endpoint.
      const members = endpoints.filter(({ settings }) => settings.can.includes(ability))
      families.set('', this.#family(ability, '', members))
    }
    this.#forgetOthers(options.now)
  }

  /** Undefined when no endpoint serves the order. */
  find(order: Order): Pool | undefined {
    const families = this.#families.get(order.ability)
    const family = families?.get(order.model ?? '') ?? families?.get(anyModel)
    if (family === undefined) return undefined
    const region = order.region === undefined ? -1 : this.#regions.indexOf(order.region)
    const { contextTokens, likelyTokens = 0 } = order
    const tokens = contextTokens ?? likelyTokens
    let length = 0
    while (length < family.lengths.length && (family.lengths[length] ?? 0) < tokens) length++
    let pool = this.#pool(family, length, region, order.region)
    // What is only likely to be too much for all is for them to say.
    if (pool.endpoints.length === 0 && contextTokens === undefined) pool = this.#pool(family, 0, region, order.region)
    return pool.endpoints.length === 0 ? undefined : pool
  }

  #pool(family: Family, length: number, region: number, name: string | undefined): Pool {
    const key = length * (this.#regions.length + 1) + region + 1
    return family.pools.get(key) ?? this.#open(family, key, length, name)
  }

  /**
   * The demand for each model, with the endpoints that serve it and since when those wait who do now. That for any model is
   * left out where models have names, until somebody asks for it: its endpoints are all among theirs.
   */
  *demands(): IterableIterator<{ demand: Demand; endpoints: readonly EndpointState[]; waiting: readonly number[] }> {
    for (const families of this.#families.values()) {
      // Who asks for any model and who asks for one that nobody names are one demand, on all endpoints.
      for (const [name, { demand, endpoints, pools }] of families) {
        if (name === anyModel) continue
        if (name === '' && isNamed(families) && !demand.isAsked(ever)) continue
        const waiting = [...waitingIn(pools)]
        if (name === '') waiting.push(...waitingIn(families.get(anyModel)?.pools))
        yield { demand, endpoints, waiting }
      }
    }
  }

  #family(ability: Ability, name: string, endpoints: readonly EndpointState[]): Family {
    const model = name || anyModel
    const key = `${ability} ${model}`
    let demand = this.#memories.demands.get(key)
    if (demand === undefined) this.#memories.demands.set(key, (demand = new Demand(ability, model)))
    const lengths = new Set<number>()
    for (const { settings } of endpoints) if (settings.contextTokens !== undefined) lengths.add(settings.contextTokens)
    return { endpoints, lengths: [...lengths].sort((a, b) => a - b), demand, ability, pools: new Map() }
  }

  /** Forgets the demand for models that nobody serves, once nobody asks for them any more. */
  #forgetOthers(now: number): void {
    const { demands } = this.#memories
    const served = new Set(
      [...this.#families.values()].flatMap((families) => [...families.values()].map(({ demand }) => demand)),
    )
    for (const [key, demand] of demands) if (!served.has(demand) && !demand.isAsked(now)) demands.delete(key)
  }

  #open(family: Family, key: number, length: number, region: string | undefined): Pool {
    const { habits, rooms } = this.#memories
    const least = length === 0 ? 0 : (family.lengths[length - 1] ?? 0) + 1
    const endpoints = family.endpoints.filter(({ settings }) => (settings.contextTokens ?? Infinity) >= least)
    const room = rooms.get(family.ability) ?? { used: 0, most: this.#options.queue, served: 0 }
    rooms.set(family.ability, room)
    const known = habits.get(family.ability) ?? new Habits()
    habits.set(family.ability, known)
    const pool: Pool = {
      endpoints,
      penalties: endpoints.map(({ settings }) => penaltyBetween(this.#options.penalties, region, settings.region)),
      line: new Line(room, this.#options.ageMs),
      habits: known,
      demand: family.demand,
      strategy: this.#options.strategy,
      wake: moment(() => this.#options.onWake(pool)),
      turn: 0,
    }
    family.pools.set(key, pool)
    this.all.push(pool)
    for (const endpoint of endpoints) endpoint.pools = [...endpoint.pools, pool]
    return pool
  }
}

/** Whether any of the models that are asked for has a name. */
function isNamed(families: ReadonlyMap<string, Family>): boolean {
  for (const name of families.keys()) if (name !== '' && name !== anyModel) return true
  return false
}

/** Since when they wait who wait in these lines. */
function* waitingIn(pools: ReadonlyMap<number, Pool> = new Map()): IterableIterator<number> {
  for (const { line } of pools.values()) for (const { since } of line) yield since
}
