// Several simulated engines beside each other, with one control server.

import { openControl } from './control.ts'
import { openSimulatedEngine } from './simulated-engine.ts'
import type { SimulatedEngine, SimulatedEngineOptions } from './simulated-engine.ts'

export interface FleetOptions extends Omit<SimulatedEngineOptions, 'index'> {
  /** Default 1. With a port they stand at it and those after it. Each has a seed of its own: the seed, and counting up. */
  engines?: number
  /** Default 0: a free one. */
  controlPort?: number
}

export interface Fleet extends AsyncDisposable {
  readonly engines: readonly SimulatedEngine[]
  readonly controlUrl: string
}

/** Opens engines and their control server; all of them or none. */
export async function openSimulatedFleet(options: FleetOptions = {}): Promise<Fleet> {
  const { engines: count = 1, port = 0, seed = 1, controlPort, ...shared } = options
  await using opened = new AsyncDisposableStack()
  const engines: SimulatedEngine[] = []
  for (let index = 0; index < count; index++) {
    const own = { ...shared, index, seed: seed + index, port: port === 0 ? 0 : port + index }
    engines.push(opened.use(await openSimulatedEngine(own)))
  }
  const control = opened.use(await openControl(engines, controlPort))
  const open = opened.move()
  return { engines, controlUrl: control.url, [Symbol.asyncDispose]: async () => open.disposeAsync() }
}
