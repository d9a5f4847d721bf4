// Runs the same tests against a station in every place where it may run.

import { after, before, describe } from 'node:test'
import type { Limits, Recipe, Station } from '../../src/core/station.ts'
import { createPlaces } from '../../src/places/places.ts'

/** A place and the station that was opened in it. */
export interface TestedPlace<Input, Output> {
  /** `inline`, `thread`, `process`, `threads` or `processes`. */
  where: string
  /** Whether it runs elsewhere than in the test's own thread. */
  far: boolean
  /** Open from the first test on. */
  station: Station<Input, Output>
}

const sizes: Record<string, Limits> = {
  thread: { place: 'thread', size: 1, graceMs: 200 },
  process: { place: 'process', size: 1, graceMs: 200 },
  threads: { place: 'thread', size: 2, graceMs: 200 },
  processes: { place: 'process', size: 2, graceMs: 200 },
}

const titles: Record<string, string> = {
  inline: 'inline',
  thread: 'in a thread',
  process: 'in a process',
  threads: 'in a pool of threads',
  processes: 'in a pool of processes',
}

/**
 * Declares the tests of `body` once for each place, with a fresh station in each. `limits` are added to those of every
 * pool; `not` leaves places out, for instance the processes for a station that shares memory.
 */
export function inEveryPlace<Input, Output>(
  name: string,
  recipe: Recipe<Input, Output>,
  body: (place: TestedPlace<Input, Output>) => void,
  options: { limits?: Partial<Limits>; not?: string[] } = {},
): void {
  for (const where of Object.keys(titles).filter((each) => !options.not?.includes(each))) {
    describe(`${name} ${titles[where]}`, { timeout: 60_000 }, () => {
      const limits = sizes[where]
      const places = createPlaces(limits ? { [where]: { ...limits, ...options.limits } } : {})
      let opened: Station<Input, Output> | undefined
      before(async () => {
        opened = await places.open(recipe, where)
        await places.warm()
      })
      after(() => places[Symbol.asyncDispose]())
      body({
        where,
        far: where !== 'inline',
        station: {
          get name() {
            return opened?.name ?? 'not open yet'
          },
          run(input, call) {
            if (!opened) throw new Error('The station is open when the tests run, not while they are declared')
            return opened.run(input, call)
          },
        },
      })
    })
  }
}
