// Simulated engines for tests and benches: a model server without a model.
//
//   await using engine = await openSimulatedEngine({ profile: 'h100-8b', seed: 1 })
//   const factory = await createFactory({ models: { baseUrl: `${engine.url}/v1` } })
//   engine.fault({ status: 429, retryAfterMs: 2_000, forMs: 5_000 })
//
// Every number that comes of one is simulated.

export { openSimulatedEngine, type SimulatedEngine, type SimulatedEngineOptions } from './simulated-engine.ts'
export { openSimulatedFleet, type Fleet, type FleetOptions } from './fleet.ts'
export { simulateLoad, type LoadOptions, type LoadRequest, type LoadResult, type LoadTiming } from './load.ts'
export { calibrate, type Calibration, type FittedLoad, type MeasuredLoad } from './calibrate.ts'
export { modes, type EngineOptions, type Mode } from './engine-options.ts'
export type { EngineCounts } from './engine.ts'
export type { EngineFaults, Faults } from './faults.ts'
export type { EngineStats } from './stats.ts'
export { profileNames, readProfile, type Profile } from './profile.ts'
export type { RespondOptions, ScriptLine } from './content/respond.ts'
export { readScriptLines } from './content/script.ts'
