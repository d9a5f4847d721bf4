// What every benchmark shares: seeded randomness, medians, gates, and one way to print and keep a result.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

export { seeded } from '../src/core/random.ts'

/** One bound of a benchmark, and whether the run kept it. */
export interface Gate {
  name: string
  ok: boolean
  value: number
  /** For people: `>= 25`. */
  bound: string
  /** Why it was missed, where that is known. */
  reason?: string
}

export function atLeast(name: string, value: number, bound: number): Gate {
  return { name, ok: value >= bound, value: round(value), bound: `>= ${bound}` }
}

export function atMost(name: string, value: number, bound: number): Gate {
  return { name, ok: value <= bound, value: round(value), bound: `<= ${bound}` }
}

/** The value below which the share `p` (0 to 1) of the sample lies; nearest rank. */
export function percentile(sample: readonly number[], p: number): number {
  const sorted = Float64Array.from(sample).sort()
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN
}

export function median(sample: readonly number[]): number {
  return percentile(sample, 0.5)
}

export function round(value: number, digits = 4): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value
}

/** What the run ran on, without naming the machine. */
export function conditions(): Record<string, string | number> {
  let commit = 'unknown'
  try {
    commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    // not a clone: the figures still say which Node and CPU
  }
  return {
    node: process.version,
    sqlite: process.versions['sqlite'] ?? 'unknown',
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    commit,
    date: new Date().toISOString().slice(0, 10),
  }
}

export interface Result {
  name: string
  /** How it was measured, in a few sentences. */
  method: string
  /** Of what it was measured beside. */
  versions?: Record<string, string>
  rows: unknown[]
  gates: Gate[]
}

/** Keeps the result beside the benchmark and prints it: as one JSON line with `--json`, else as a table. Of a part or a quick look nothing is kept. */
export function publish(result: Result, { keep = true } = {}): void {
  const { gates, ...head } = result
  const full = { ...head, conditions: conditions(), gates }
  const folder = new URL('results/', import.meta.url)
  if (keep) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(fileURLToPath(new URL(`${result.name}.json`, folder)), `${JSON.stringify(full, null, 2)}\n`)
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify(full))
  else {
    console.log(result.method)
    for (const row of result.rows) console.log(JSON.stringify(row))
    for (const { name, ok, value, bound, reason } of gates)
      console.log(`${ok ? 'ok  ' : 'MISS'} ${name}: ${value} (${bound})${reason ? ` ${reason}` : ''}`)
  }
  if (gates.some(({ ok }) => !ok)) process.exitCode = 1
}

/** Progress for people, on standard error. */
export function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
}
