// The front of this folder: opens a recipe inline or in a named pool of threads or processes.

import { AndonError } from '../core/errors.ts'
import type { Limits, Places, Recipe, Station } from '../core/station.ts'
import { inline } from './inline.ts'
import { Pool } from './pool.ts'
import type { PoolState } from './pool.ts'
import { makeStation } from './recipe.ts'
import type { RestartTiming } from './restart.ts'
import { disposeStation } from './served-stations.ts'

/** Places that run, with what only the wiring needs. Disposing ends all pools. */
export interface RunningPlaces extends Places {
  /** Starts every worker of a pool (default: of all pools) and waits until they are ready. */
  warm(pool?: string): Promise<void>
  /** What the pools are doing, by name. */
  state(): Record<string, PoolState>
}

/** Makes places with these pools. Workers start with the first recipe that is opened in their pool, and with demand. */
export function createPlaces(pools: Record<string, Limits>, timing?: Partial<RestartTiming>): RunningPlaces {
  const running = new Map(
    Object.entries(pools).map(([name, limits]) => [name, new Pool(name, checked(name, limits), timing)]),
  )
  const inlineStations = new Set<Station<unknown, unknown>>()

  function pool(name: string): Pool {
    const found = running.get(name)
    if (found) return found
    const names = ['inline', ...running.keys()].join(', ')
    throw new AndonError('invalid', `There is no pool named ${name}: there are ${names}`)
  }

  async function openInline<Input, Output>(
    recipe: Recipe<Input, Output>,
  ): Promise<Station<Input, Output> & AsyncDisposable> {
    const made = await makeStation(recipe)
    inlineStations.add(made)
    const station = made as Station<Input, Output>
    return {
      ...inline({
        name: station.name,
        run(input, call) {
          if (inlineStations.has(made)) return station.run(input, call)
          throw new AndonError('unavailable', `The station ${station.name} is closed`)
        },
      }),
      async [Symbol.asyncDispose]() {
        if (inlineStations.delete(made)) await disposeStation(made)
      },
    }
  }

  return {
    open: async (recipe, where) => (where === 'inline' ? openInline(recipe) : pool(where).open(recipe)),
    async warm(name) {
      const chosen = name === undefined ? [...running.values()] : [pool(name)]
      await Promise.all(chosen.map((each) => each.warm()))
    },
    state: () => Object.fromEntries(Array.from(running, ([name, each]) => [name, each.state])),
    async [Symbol.asyncDispose]() {
      const stations = [...inlineStations]
      inlineStations.clear()
      await Promise.all([
        ...Array.from(running.values(), (each) => each[Symbol.asyncDispose]()),
        ...stations.map((station) => disposeStation(station)),
      ])
    },
  }
}

function checked(name: string, limits: Limits): Limits {
  const atLeastOne = { size: limits.size, concurrency: limits.concurrency, recycleAfter: limits.recycleAfter }
  for (const [key, value] of Object.entries(atLeastOne)) {
    if (value === undefined || (Number.isInteger(value) && value >= 1)) continue
    throw new AndonError('invalid', `The pool ${name} has ${key} ${value}: give a whole number from 1`)
  }
  if (name === 'inline') throw new AndonError('invalid', 'A pool cannot be named inline: that is this thread')
  return limits
}
