// Makes the tools of the tests from their fixtures.

import { createExecutor } from '../../src/tools/executor.ts'
import type { Executor, ExecutorCall, ExecutorOptions } from '../../src/tools/executor.ts'
import type { CodeSource, Tool } from '../../src/tools/tool.ts'

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
