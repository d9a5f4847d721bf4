// The result of a run, as it stands in result.json. Charts, tables and comparisons are made of nothing else.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { ComparedMetric, Ratio } from './ratio.ts'
import type { Environment } from './environment.ts'
import type { Objectives, Summary } from './measures.ts'
import type { Load } from './phase.ts'
import type { ClientState, SelfCheck } from './self-checks.ts'
import type { ServerReport } from './server-watch.ts'
import type { Distribution } from './statistics.ts'

/** Grows when a field changes its meaning; new fields do not count. */
export const resultSchemaName = 'andon.bench/1'

export interface BenchResult {
  schema: typeof resultSchemaName
  /** ISO 8601. */
  startedAt: string
  endedAt: string
  /** False when the run was interrupted or stopped early: then these are the cells that were finished, and the last in part. */
  complete: boolean
  /** False when any phase failed a check of its own. */
  valid: boolean
  /** Whether any target, or a server behind it, said of itself that it is simulated. */
  simulated: boolean
  andon: string
  environment: Environment
  /** The options as they were understood. Keys are named, never held. */
  options: Record<string, unknown>
  seed: number
  /** In the first word of each prompt that was drawn: given again with the seed, the next run sends the very same bytes. */
  runId: string
  rounds: number
  objectives: Objectives
  targets: TargetReport[]
  cells: CellReport[]
}

/** A target, and what it said of itself. */
export interface TargetReport {
  name: string
  url: string
  speaks: 'openai' | 'andon'
  model?: string
  /** What GET /version said. */
  version?: string
  simulated: boolean
}

/** One load, for every target. */
export interface CellReport {
  name: string
  load: Exclude<Load, { kind: 'trace' }> | { kind: 'trace'; requests: number; seconds: number }
  targets: CellTarget[]
  comparisons: Comparison[]
}

/** What one target did under one load, all rounds together and each alone. */
export interface CellTarget {
  target: string
  valid: boolean
  saturated: boolean
  summary: Summary
  rounds: RoundReport[]
  /** 101 quantiles, from the least to the largest, in milliseconds: enough to draw a distribution. */
  curves: { ttft: number[]; itl: number[]; e2e: number[] }
  /** The first requests of the last round, for a picture. Milliseconds from its start. */
  timeline: { scheduledMs: number; sentMs: number; firstTokenMs?: number; endMs: number; outcome: string }[]
  /** Of Andon's answers: time by station, in milliseconds. */
  stations?: { station: string; count: number; wait: Distribution; work: Distribution }[]
  /** Of Andon's answers: time by stage, as the stream told it. */
  stages?: { stage: string; ms: Distribution }[]
}

/** One round of one target. */
export interface RoundReport {
  round: number
  summary: Summary
  checks: SelfCheck[]
  saturated: boolean
  client: ClientState
  server?: ServerReport
}

/** Two targets by one metric. `winner` is absent when there is none to name. */
export interface Comparison extends Ratio {
  base: string
  other: string
  metric: string
  better: ComparedMetric['better']
  winner?: string
}

const summary = z.looseObject({ requests: z.number(), ok: z.number() })
const file = z.looseObject({
  schema: z.literal(resultSchemaName),
  complete: z.boolean(),
  valid: z.boolean(),
  cells: z.array(
    z.looseObject({
      name: z.string(),
      targets: z.array(z.looseObject({ target: z.string(), valid: z.boolean(), summary })),
    }),
  ),
})

/** What a comparison needs of a result. */
export type ReadResult = z.output<typeof file>

/** Reads a result.json, or the one in a folder. Throws `invalid` for anything else. */
export async function readResult(path: string): Promise<ReadResult> {
  const whole = path.endsWith('.json') ? path : `${path.replace(/\/+$/, '')}/result.json`
  let value: unknown
  try {
    value = JSON.parse(await readFile(whole, 'utf8'))
  } catch (reason) {
    if (reason instanceof SyntaxError) throw new AndonError('invalid', `${whole} is no JSON.`)
    const code = reason instanceof Error && 'code' in reason ? reason.code : undefined
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : AndonError.from(reason).sentence
    throw new AndonError(
      'invalid',
      `${whole} cannot be read: ${why}. Give a folder that andon bench wrote, or its result.json.`,
      { cause: reason },
    )
  }
  const parsed = file.safeParse(value)
  if (parsed.success) return parsed.data
  throw new AndonError('invalid', `${whole} is no result of andon bench with the schema ${resultSchemaName}.`)
}
