// A whole run: each load, in rounds, each round through every target in turn, so that what changes on the machine
// meanwhile changes for all of them.

import { version } from '../version.ts'
import { readEnvironment } from './environment.ts'
import { cellReport, roundReport } from './cell.ts'
import type { Objectives } from './measures.ts'
import { loadName, type Load, type PhaseOutcome, type PhasePlan } from './phase.ts'
import type { RequestRecord } from './record.ts'
import { resultSchemaName, type BenchResult, type CellReport, type RoundReport, type TargetReport } from './result.ts'
import { runPhase } from './run-phase.ts'
import { readSpans } from './spans.ts'
import { watchServer, type ServerReport } from './server-watch.ts'
import { TargetClient, type RequestStyle } from './target-client.ts'
import type { Target } from './target.ts'
import type { Workload } from './workload.ts'

/** What a run does. */
export interface BenchPlan {
  targets: Target[]
  /** Loads in order; of a sweep, as long as any target keeps up. */
  loads: Load[]
  /** Whether a target that fell behind is left out of the loads that follow. */
  sweep: boolean
  rounds: number
  workload: Workload
  style: RequestStyle
  seed: number
  /** Names this run, in the first word of each prompt: see WorkSeed. */
  run: string
  /** Most requests of a phase. */
  requests: number
  durationMs?: number
  drainMs: number
  maxInFlight: number
  warmup: number
  stopWhenSaturated: boolean
  workers: number
  objectives: Objectives
  /** For the result: the options as the user gave them. */
  options: Record<string, unknown>
}

/** A request that ended, with where it belongs. */
export interface PlacedRecord extends RequestRecord {
  target: string
  cell: string
  round: number
}

/** A phase that begins. */
export interface BegunPhase {
  target: string
  cell: string
  round: number
  rounds: number
  /** About how many there will be; absent when only the time is known. */
  requests: number | undefined
}

export interface RunBenchOptions {
  signal: AbortSignal
  /** Each request as it ends. */
  record?: (record: PlacedRecord) => void
  /** A phase begins. */
  phase?: (phase: BegunPhase) => void
}

/** Runs the plan. Interrupted, it gives what there is, marked incomplete. */
export async function runBench(plan: BenchPlan, options: RunBenchOptions): Promise<BenchResult> {
  const startedAt = new Date()
  const environment = readEnvironment()
  const targets = await Promise.all(plan.targets.map((target) => introduce(target, plan.style)))
  const cells: CellReport[] = []
  const behind = new Set<string>()
  let complete = true
  for (const load of plan.loads) {
    const taking = plan.targets.filter(({ name }) => !behind.has(name))
    if (taking.length === 0 || !complete) break
    const cell = await runCell(plan, load, taking, options)
    complete = cell.complete
    for (const target of targets) target.simulated ||= cell.simulated.has(target.name)
    if (cell.report.targets.length > 0) cells.push(cell.report)
    if (plan.sweep) for (const { target, saturated } of cell.report.targets) if (saturated) behind.add(target)
  }
  return {
    schema: resultSchemaName,
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    complete: complete && !options.signal.aborted,
    valid: cells.length > 0 && cells.every((cell) => cell.targets.every(({ valid }) => valid)),
    simulated: targets.some(({ simulated }) => simulated),
    andon: version,
    environment,
    options: plan.options,
    seed: plan.seed,
    runId: plan.run,
    rounds: plan.rounds,
    objectives: plan.objectives,
    targets,
    cells,
  }
}

async function runCell(
  plan: BenchPlan,
  load: Load,
  targets: readonly Target[],
  options: RunBenchOptions,
): Promise<{ report: CellReport; complete: boolean; simulated: ReadonlySet<string> }> {
  const name = loadName(load)
  const simulated = new Set<string>()
  const done = new Map<string, { records: RequestRecord[]; report: RoundReport }[]>()
  let complete = true
  for (let round = 1; round <= plan.rounds && complete; round += 1) {
    for (const target of targets) {
      if (options.signal.aborted) {
        complete = false
        break
      }
      const { seed, run, workload, style, drainMs, maxInFlight, warmup, stopWhenSaturated } = plan
      const requests = load.kind === 'trace' ? Math.min(plan.requests, load.dueMs.length) : plan.requests
      options.phase?.({
        target: target.name,
        cell: name,
        round,
        rounds: plan.rounds,
        requests: expected(plan, load, requests),
      })
      const phase: PhasePlan = {
        target,
        load,
        workload,
        style,
        seed,
        run,
        requests,
        drainMs,
        maxInFlight,
        warmup,
        stopWhenSaturated,
        phase: `${name}/${round}`,
        ...(plan.durationMs === undefined ? {} : { durationMs: plan.durationMs }),
      }
      const { outcome, server } = await watched(phase, plan.workers, options.signal, (record) =>
        options.record?.({ target: target.name, cell: name, round, ...record }),
      )
      if (outcome.interrupted) complete = false
      if (outcome.records.length === 0) continue
      if (outcome.records.some((record) => record.simulated)) simulated.add(target.name)
      if (target.speaks === 'andon') await readSpans(target, style, outcome.records, options.signal)
      const report = roundReport(round, outcome, load, plan.objectives, server)
      const rounds = done.get(target.name) ?? []
      done.set(target.name, rounds)
      rounds.push({ records: outcome.records, report })
    }
  }
  return { report: cellReport(name, load, done, plan), complete, simulated }
}

/** About how many requests a phase will make; undefined when only its time is known. */
function expected({ durationMs }: BenchPlan, load: Load, requests: number): number | undefined {
  if (durationMs === undefined || load.kind === 'trace') return requests
  return load.kind === 'open' ? Math.min(requests, Math.ceil((load.rate * durationMs) / 1000)) : undefined
}

/** A phase, with the server's own metrics of it. */
async function watched(
  phase: PhasePlan,
  workers: number,
  signal: AbortSignal,
  record: (record: RequestRecord) => void,
): Promise<{ outcome: PhaseOutcome; server: ServerReport | undefined }> {
  await using client = new TargetClient(phase.target, phase.style, 1)
  using watch = await watchServer(() => client.look('/metrics'))
  const outcome = await runPhase(phase, { workers, signal, record })
  return { outcome, server: await watch.end() }
}

/** What a target says of itself, when it says something. */
async function introduce(target: Target, style: RequestStyle): Promise<TargetReport> {
  await using client = new TargetClient(target, style, 1)
  const said = (await client.look('/version'))?.slice(0, 500)
  const { name, url, speaks, model } = target
  return {
    name,
    url,
    speaks,
    ...(model === undefined ? {} : { model }),
    ...(said === undefined ? {} : { version: said }),
    simulated: said !== undefined && /simulat/i.test(said),
  }
}
