// Tools for tests of the registry: functions and classes in a module, as users write them.

import { z } from 'zod'
import { defineTool } from '../../src/tools/definition.ts'
import type { ToolContext } from '../../src/tools/tool.ts'

const two = z.object({ a: z.number(), b: z.number() })

export const add = defineTool({ description: 'Adds two numbers', input: two, tags: ['sum'] }, ({ a, b }) => a + b)

export const divide = defineTool(
  { description: 'Divides a number by another', input: two, output: z.number() },
  ({ a, b }) => (b === 0 ? 'not a number' : a / b),
)

export const repeat = defineTool(
  {
    description: 'Repeats text',
    input: z.object({ text: z.string(), times: z.number().int().default(2) }),
    limits: { truncate: { bytes: 1_000 } },
  },
  ({ text, times }) => text.repeat(times),
)

export const forever = defineTool(
  { description: 'Never ends', input: z.object({}), limits: { timeoutMs: 100, graceMs: 50 } },
  () => {
    for (;;);
  },
)

/** Described nowhere: only offered by name. */
export function whoami(_: unknown, context: ToolContext): { tenant: string; pid: number } {
  return { tenant: context.tenant, pid: process.pid }
}

export class Calculator {
  static readonly tools = {
    twice: { description: 'Doubles a number', input: z.object({ n: z.number() }) },
    times: { description: 'Multiplies by what it was made with', input: z.object({ n: z.number() }) },
  }

  readonly #factor: number

  constructor(factor: number) {
    this.#factor = factor
  }

  static twice({ n }: { n: number }): number {
    return n * 2
  }

  times({ n }: { n: number }): number {
    return n * this.#factor
  }

  _private(): void {}
}

export class ScientificCalculator extends Calculator {
  square({ n }: { n: number }): number {
    return n * n
  }
}
