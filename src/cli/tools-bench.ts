// andon tools bench: how fast calls of a built-in tool are on this machine, in threads and in processes.

import { extname } from 'node:path'
import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import type { ToolCall } from '../tools/tool.ts'
import { table } from './output.ts'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'

interface BenchOptions extends CommonOptions {
  calls: string
}

/** What is measured, one row for each tool and place. */
interface Measured {
  tool: string
  place: 'thread' | 'process'
  calls: number
  /** From nothing to the first batch's last result. */
  coldMs: number
  /** Of batches of 100 on warm workers. */
  callsPerSecond: number
  p50Ms: number
  p99Ms: number
}

const tools: { module: string; name: string; arguments: (at: number) => Record<string, Plain> }[] = [
  { module: 'calculator', name: 'calculator', arguments: (at) => ({ expression: `${at % 100} * 3 + 15% of 80` }) },
  {
    module: 'date-time',
    name: 'date_time',
    arguments: (at) => ({ operation: 'add', date: '2024-02-29', days: at % 1000 }),
  },
]

const batch = 100

/** The command `bench`. */
export function benchTools(): Command {
  const command = new Command('bench')
    .description('measure how fast calls of the built-in tools are here, in threads and in processes')
    .option('--calls <number>', 'calls of each tool in each place', '2000')
    .addHelpText('after', '\nExample:\n  andon tools bench --calls 10000')
  return withCommonOptions(command).action(async (options: BenchOptions) => {
    await runCommand(options, async ({ output, signal }) => {
      const calls = Number(options.calls)
      if (!Number.isInteger(calls) || calls < batch || calls > 1_000_000)
        throw new AndonError('invalid', `--calls is ${options.calls}: give a number from ${batch} to 1000000`)
      const measured: Measured[] = []
      for (const place of ['thread', 'process'] as const) {
        for (const tool of tools) {
          signal.throwIfAborted()
          measured.push(await measure(tool, place, calls, signal))
        }
      }
      output.result(measured)
      const rows = measured.map((row) => [
        row.tool,
        row.place,
        String(row.calls),
        `${row.coldMs.toFixed(0)} ms`,
        `${Math.round(row.callsPerSecond)}`,
        `${row.p50Ms.toFixed(2)} ms`,
        `${row.p99Ms.toFixed(2)} ms`,
      ])
      const head = ['TOOL', 'PLACE', 'CALLS', `FIRST ${batch}`, 'CALLS/S', `P50 OF ${batch}`, `P99 OF ${batch}`]
      for (const line of table(head, rows)) output.line(line)
    })
  })
}

async function measure(
  { module, name, arguments: given }: (typeof tools)[number],
  place: Measured['place'],
  calls: number,
  signal: AbortSignal,
): Promise<Measured> {
  const { ToolRegistry } = await import('../tools/registry.ts')
  const before = performance.now()
  // Kept results would be measured instead of calls.
  await using registry = new ToolRegistry({ mode: place, executor: { cached: 0 } })
  await registry.registerModule(new URL(`../tools/built-in/${module}${extname(import.meta.filename)}`, import.meta.url))
  let at = 0
  const run = async (): Promise<number> => {
    const wanted: ToolCall[] = Array.from({ length: batch }, () => ({ id: `${at}`, name, arguments: given(at++) }))
    const began = performance.now()
    const failed = (await registry.executeToolCalls(wanted, { signal })).find(({ ok }) => !ok)
    signal.throwIfAborted()
    if (failed)
      throw new AndonError('internal', `A call of ${name} failed: ${failed.error?.message ?? 'nobody knows why'}`)
    return performance.now() - began
  }
  await run()
  const coldMs = performance.now() - before
  const batches: number[] = []
  while (batches.length * batch < calls) batches.push(await run())
  const sorted = batches.toSorted((one, other) => one - other)
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  const spent = batches.reduce((sum, ms) => sum + ms, 0)
  return {
    tool: name,
    place,
    calls: batches.length * batch,
    coldMs,
    callsPerSecond: (batches.length * batch * 1000) / spent,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  }
}
