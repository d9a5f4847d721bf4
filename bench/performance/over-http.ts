// The same engines over real HTTP in real time, measured with `andon bench`, beside what virtual time foretells of them:
// whether the curves hold outside of the arithmetic that drew them. Simulated all the same.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from '../../src/bench/result.ts'
import { simulateLoad, type Mode } from '../../src/simulate/index.ts'
import { median, percentile, round, say } from '../harness.ts'
import { startEngine } from '../serving/engine-process.ts'
import { profile } from './curves.ts'

export interface Check {
  kind: 'over HTTP'
  simulated: true
  way: string
  clients: number
  /** Requests done per second, and the middle time to the first token in milliseconds: over HTTP, and as foretold. */
  perSecond: number
  firstTokenP50Ms: number
  foretoldPerSecond: number
  foretoldFirstTokenP50Ms: number
  /** Whether the bench believed itself: its client was quick enough, nothing failed. */
  valid: boolean
}

const modes = ['sequential', 'continuous'] as const satisfies readonly Mode[]
const output = 32

/** A closed loop of so many clients on two servers that take turns; each cell ends after so many requests. */
export async function overHttp({
  clients,
  requests,
  rounds,
}: {
  clients: readonly number[]
  requests: number
  rounds: number
}): Promise<Check[]> {
  await using sequential = await startEngine('--mode', 'sequential', '--profile', profile)
  await using continuous = await startEngine('--mode', 'continuous', '--profile', profile)
  const targets = `--target sequential=${sequential.url} --target continuous=${continuous.url}`
  const cells = `--concurrency ${clients.join(',')} --requests ${requests} --rounds ${rounds}`
  const result = await bench(`${targets} ${cells} --input 512 --output ${output} --ignore-eos`.split(' '))
  if (!result.complete) throw new Error('andon bench did not come to its end.')
  return result.cells.flatMap(({ load, targets }) =>
    targets.map((of): Check => {
      if (load.kind !== 'closed') throw new Error(`andon bench ran a load that is ${load.kind}.`)
      const mode = modes.find((each) => each === of.target)
      if (mode === undefined) throw new Error(`andon bench measured ${of.target}, which nobody asked for.`)
      const { summary } = of
      const foretold = simulated(mode, load.concurrency, requests, Math.round(summary.promptTokens / summary.ok))
      return {
        kind: 'over HTTP',
        simulated: true,
        way: mode,
        clients: load.concurrency,
        perSecond: round(median(of.rounds.map((each) => each.summary.rps))),
        firstTokenP50Ms: round(median(of.rounds.map((each) => each.summary.ttft?.p50 ?? Number.NaN))),
        foretoldPerSecond: foretold.perSecond,
        foretoldFirstTokenP50Ms: foretold.firstTokenP50Ms,
        valid: of.valid,
      }
    }),
  )
}

function simulated(
  mode: Mode,
  concurrency: number,
  requests: number,
  promptTokens: number,
): { perSecond: number; firstTokenP50Ms: number } {
  const load = Array.from({ length: requests }, () => ({ promptTokens, outputTokens: output }))
  const { requests: done, durationMs } = simulateLoad({ profile, mode }, load, { concurrency })
  const first = done.map(({ arrivedMs, firstTokenMs = Number.NaN }) => firstTokenMs - arrivedMs)
  return { perSecond: round((requests / durationMs) * 1_000), firstTokenP50Ms: round(percentile(first, 0.5)) }
}

/** Runs `andon bench` as a user does, and reads what it wrote. */
async function bench(flags: readonly string[]): Promise<BenchResult> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const out = mkdtempSync(join(tmpdir(), 'andon-bench-batching-'))
  try {
    say(`andon bench ${flags.join(' ')}`)
    const child = spawn(process.execPath, [main, 'bench', 'run', ...flags, '--out', out], { stdio: ['ignore', 2, 2] })
    const [status] = (await once(child, 'exit')) as [number | null]
    // One that doubts itself ends with 1: the result says so, and what is made of it says so too.
    if (status !== 0 && status !== 1) throw new Error(`andon bench ended with ${status}.`)
    return JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as BenchResult
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}
