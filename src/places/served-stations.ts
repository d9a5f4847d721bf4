// The stations at a far side: those that were there from the start, and those that the near side had made.

import { AndonError } from '../core/errors.ts'
import type { Recipe, Station } from '../core/station.ts'

export type AnyStation = Station<unknown, unknown>

/** Frees a station, when it has something to free. */
export async function disposeStation(station: AnyStation): Promise<void> {
  if (Symbol.asyncDispose in station) await (station as AnyStation & AsyncDisposable)[Symbol.asyncDispose]()
  else if (Symbol.dispose in station) (station as AnyStation & Disposable)[Symbol.dispose]()
}

export class ServedStations {
  readonly #make: ((recipe: Recipe<unknown, unknown>) => Promise<AnyStation>) | undefined
  readonly #ready = new Map<string, AnyStation>()
  readonly #opened = new Map<string, Promise<AnyStation>>()
  #closing = false

  /** Without `make` only the stations given here are served; they are never freed here. */
  constructor(
    stations: Iterable<AnyStation>,
    make: ((recipe: Recipe<unknown, unknown>) => Promise<AnyStation>) | undefined,
  ) {
    for (const station of stations) this.#ready.set(station.name, station)
    this.#make = make
  }

  /** The station, when it is ready: most calls need nothing more. */
  ready(key: string): AnyStation | undefined {
    return this.#ready.get(key)
  }

  /** The station, also one that is still being made: frames are in order, so its calls may come before it is ready. */
  async find(key: string): Promise<AnyStation> {
    const station = this.#ready.get(key) ?? (await this.#opened.get(key))
    if (station) return station
    throw new AndonError('not-found', `No station named ${JSON.stringify(key)} is served here`)
  }

  /** Makes a station; resolves to its name. */
  async open(key: string, recipe: Recipe<unknown, unknown>): Promise<string> {
    if (!this.#make) throw new AndonError('forbidden', 'Stations cannot be opened through this port')
    if (this.#closing) throw new AndonError('unavailable', 'The far side is closing')
    const opening = this.#make(recipe)
    this.#opened.set(key, opening)
    try {
      const station = await opening
      if (this.#opened.get(key) === opening) this.#ready.set(key, station)
      return station.name
    } catch (reason) {
      this.#opened.delete(key)
      throw reason
    }
  }

  /** Frees a station that was opened here. */
  async close(key: string): Promise<void> {
    const opening = this.#opened.get(key)
    if (!opening) return
    this.#opened.delete(key)
    this.#ready.delete(key)
    try {
      await disposeStation(await opening)
    } catch (reason) {
      // The near side has let go of the station already: all that is left is to say so where people look.
      process.emitWarning(`A station did not close cleanly: ${AndonError.from(reason).message}`)
    }
  }

  /** Frees all that were opened here, the last one first, and makes no more. */
  async closeAll(): Promise<void> {
    this.#closing = true
    for (const key of [...this.#opened.keys()].toReversed()) await this.close(key)
  }
}
