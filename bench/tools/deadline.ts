// A tool that ignores its deadline, called by twice as many as there are workers: when its callers are released, and
// whether the CPU is free afterwards.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { median, percentile, round } from '../harness.ts'
import type { Built } from './build.ts'
import type { Mode } from './registry.ts'

/** Milliseconds that the tool may take. */
const deadlineMs = 300

/** How long it is looked at what runs still. */
const lookMs = 250

export interface DeadlineRow {
  cell: string
  calls: number
  /** Milliseconds from the call to its result. */
  p50Ms: number
  p99Ms: number
  /** Of one core, after the calls were released and their workers had their grace: the median of all rounds. */
  cpuAfterwards: number
  /** Calls that were not told that their time was over. */
  errors: number
}

export async function measureDeadline(built: Built, mode: Mode, workers: number, rounds: number): Promise<DeadlineRow> {
  await using registry = new built.tools.ToolRegistry({
    mode,
    executor: { workers, quarantine: { crashes: Number.MAX_SAFE_INTEGER } },
  })
  await registry.registerModule(built.calculator, {
    only: ['spin', 'add'],
    tools: { spin: { description: 'Never ends', limits: { timeoutMs: deadlineMs } } },
  })
  await registry.warm()
  const released: number[] = []
  const busy: number[] = []
  let errors = 0
  for (let turn = 0; turn < rounds; turn++) {
    const calls = Array.from({ length: workers * 2 }, (_, at) => ({ id: `${turn}-${at}`, name: 'spin', arguments: {} }))
    const start = performance.now()
    await registry.executeToolCalls(calls, {
      deadlineMs,
      onResult({ error }) {
        released.push(performance.now() - start)
        if (error?.kind !== 'timeout') errors++
      },
    })
    // The grace, and the end of the workers.
    await sleep(400)
    const before = cpuMs()
    await sleep(lookMs)
    busy.push((cpuMs() - before) / lookMs)
    // Whoever comes next finds a worker.
    const [sum] = await registry.executeToolCalls([{ id: `${turn}`, name: 'add', arguments: { a: 1, b: 2 } }])
    if (sum?.value !== 3) errors++
  }
  return {
    cell: `${mode} deadline`,
    calls: released.length,
    p50Ms: round(median(released)),
    p99Ms: round(percentile(released, 0.99)),
    cpuAfterwards: round(median(busy), 2),
    errors,
  }
}

/** Milliseconds of CPU that this process and its children have used. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000 + childrenMs()
}

function childrenMs(): number {
  if (process.platform !== 'linux') return 0
  let ticks = 0
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (Number(fields[1]) === process.pid) ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It ended meanwhile.
    }
  }
  // Ticks of a hundredth of a second.
  return ticks * 10
}
