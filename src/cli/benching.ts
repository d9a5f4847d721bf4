// A run of andon bench as a command: progress while it goes, a table and a folder at its end.

import { join } from 'node:path'
import { SingleBar } from 'cli-progress'
import { failedChecks } from '../bench/failed-checks.ts'
import { planOf } from '../bench/options.ts'
import { OutputFolder } from '../bench/output-folder.ts'
import { runBench, type BegunPhase, type BenchPlan } from '../bench/run-bench.ts'
import { comparisonTable, shortTable } from '../bench/tables.ts'
import type { BenchOptions } from './bench.ts'
import { exitCodes } from './exit-codes.ts'
import { counted, table, type Output } from './output.ts'
import type { Shell } from './shell.ts'

/** Runs, prints and writes. Interrupted, it writes what there is. */
export async function runAndReport(options: BenchOptions, shell: Shell): Promise<number> {
  const { output, signal } = shell
  const { json: _json, tenant: _tenant, config: _config, data: _data, out, ...flags } = options
  const plan = await planOf(flags, shell.path)
  await using folder = await OutputFolder.open(shell.path(out ?? `andon-bench-${stamp()}`))
  using bar = showRounds(plan, output)
  const result = await runBench(plan, {
    signal,
    phase: bar.phase,
    record: (record) => {
      bar.step()
      folder.add(record)
    },
  })
  await folder.write(result)
  bar.stop()
  output.result(result)
  const main = shortTable(result)
  for (const line of table(main.head.map(upper), main.rows)) output.line(line)
  const ratios = comparisonTable(result)
  if (ratios.rows.length > 0) {
    output.line()
    for (const line of table(ratios.head.map(upper), ratios.rows)) output.line(line)
  }
  for (const { name, targets } of result.cells)
    for (const { target, summary } of targets)
      for (const { error, count } of summary.errors.slice(0, 1))
        output.note(`Of ${target} under ${name}, ${count} failed with: ${error}`)
  if (result.simulated) output.note('Simulated: at least one target is a model of a server, not a server.')
  if (!result.complete) output.note('The run did not come to its end: these are the results until then.')
  for (const line of failedChecks(result.cells)) output.note(`Check failed: ${line}`)
  if (!result.valid) output.note('The run is INVALID: a check failed, or nothing was measured. Nobody wins by it.')
  output.note(`The report is ${join(folder.path, 'report.html')}`)
  if (signal.aborted) return exitCodes.interrupted
  return result.valid ? exitCodes.ok : exitCodes.failed
}

interface Rounds extends Disposable {
  phase: (phase: BegunPhase) => void
  step: () => void
  stop: () => void
}

/** A bar for each round on a terminal; elsewhere a line for each load, so that a log shows how far it is. */
function showRounds(plan: BenchPlan, output: Output): Rounds {
  const nothing = (): void => {}
  if (!output.interactive) {
    let last = ''
    const phase = ({ cell, rounds }: BegunPhase): void => {
      if (cell !== last) output.note(`Measuring ${cell}, ${counted(rounds, 'round')} …`)
      last = cell
    }
    return { phase, step: nothing, stop: nothing, [Symbol.dispose]: nothing }
  }
  const names = Math.max(...plan.targets.map(({ name }) => name.length))
  const bar = new SingleBar({
    format: '{cell} round {round}/{rounds} {target} {bar} {done}{of}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 24,
  })
  let running = false
  let done = 0
  let total: number | undefined
  const stop = (): void => {
    if (running) bar.stop()
    running = false
  }
  return {
    phase({ requests, target, ...payload }) {
      stop()
      running = true
      const of = requests === undefined ? ' requests' : `/${requests}`
      done = 0
      total = requests
      // Of an unknown number the bar stays empty, and counts.
      bar.start(requests ?? 1, 0, { ...payload, of, done, target: target.padEnd(names) })
    },
    step() {
      done += 1
      bar.update(total === undefined ? 0 : done, { done })
    },
    stop,
    [Symbol.dispose]: stop,
  }
}

function upper(text: string): string {
  return text.toUpperCase()
}

function stamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(':', '-')
}
