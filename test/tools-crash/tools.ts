// Makes the tools of the tests from their fixtures.

import { readdirSync, readFileSync } from 'node:fs'
import { processTree } from '../../src/places/process-tree.ts'
import { createExecutor } from '../../src/tools/executor.ts'
import type { Executor, ExecutorCall } from '../../src/tools/executor.ts'
import type { ExecutorOptions } from '../../src/tools/executor-options.ts'
import type { CodeSource, Tool } from '../../src/tools/tool.ts'

/** How often each deed is done. */
export const rounds = Number(process.env['ROUNDS'] ?? 5)

const fixtures = {
  calculator: new URL('./fixtures/calculator.ts', import.meta.url).href,
  reaching: new URL('./fixtures/reaching.ts', import.meta.url).href,
  crashes: new URL('./fixtures/crashes.ts', import.meta.url).href,
}

/** A tool whose code is an export of a fixture. */
export function toolOf(
  fixture: keyof typeof fixtures,
  name: string,
  changes: Partial<Tool> & { from?: Partial<CodeSource> } = {},
): Tool {
  const { from, ...rest } = changes
  return {
    name,
    description: name,
    input: { type: 'object' },
    source: { kind: 'code', module: fixtures[fixture], export: name, ...from },
    traits: {},
    limits: {},
    tags: [],
    enabled: true,
    deferred: false,
    ...rest,
  }
}

export const add = toolOf('calculator', 'add', { traits: { idempotent: true } })

/** Calls of `add`, with ids from 0. */
export function additions(count: number, tool: Tool = add): ExecutorCall[] {
  return Array.from({ length: count }, (_, index) => ({ id: `add-${index}`, tool, input: { a: index, b: 1 } }))
}

/** An executor with two workers that are up. */
export async function warmExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  const executor = createExecutor({ workers: 2, memoryMb: 128, ...options })
  await executor.warm([add])
  return executor
}

/** Children of this process that ended and were not waited for. */
export function zombies(): string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state === 'Z' && parent === String(process.pid)
    } catch {
      return false
    }
  })
}

/** Processes below this one that are no workers of the executor. */
export function strangers(executor?: Executor): number[] {
  const workers = new Set(
    Object.values(executor?.state.pools ?? {}).flatMap(({ workers }) => workers.map(({ pid }) => pid)),
  )
  return processTree(process.pid).filter((pid) => pid !== process.pid && !workers.has(pid))
}

/** Resolves when nothing is left; fails when something is for long, and says what. */
export async function settled(what: string, left: () => readonly (number | string)[]): Promise<void> {
  const end = performance.now() + 60_000
  while (left().length > 0) {
    if (performance.now() > end)
      throw new Error(`There were still ${what} after 60 s: ${left().map(described).join('; ')}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A process as /proc tells: its number, its name, its state and its parent. */
function described(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ').slice(0, 5).join(' ')
  } catch {
    return String(pid)
  }
}
