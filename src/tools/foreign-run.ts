// Runs tools of the AI SDK and of LangChain.js as their own libraries would, in this process or in a worker.

import { AndonError } from '../core/errors.ts'
import type { ToolContext } from './tool.ts'

/** Calls `execute`; of one that yields, the last value is the result, and each before it is progress when it is text. */
export async function runAiSdkTool(tool: object, input: unknown, context: ToolContext): Promise<unknown> {
  const { execute } = tool as { execute: (this: object, input: unknown, options: object) => unknown }
  const value = await execute.call(tool, input, {
    toolCallId: context.callId,
    messages: [],
    abortSignal: context.signal,
    context: {},
  })
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return value
  let last: unknown
  for await (const each of value as AsyncIterable<unknown>) {
    if (typeof last === 'string') context.progress(last)
    last = each
  }
  return last
}

/** Calls `invoke` with the arguments alone, so that the result is what its function returns. */
export function runLangChainTool(tool: object, input: unknown, context: ToolContext): unknown {
  const { invoke } = tool as { invoke: (this: object, input: unknown, config: object) => unknown }
  return invoke.call(tool, input, { signal: context.signal })
}

class Exported {
  readonly #module: string
  readonly #export: string

  constructor(module: string, name: string) {
    this.#module = module
    this.#export = name
  }

  protected async load(): Promise<object> {
    const exports = (await import(this.#module)) as Record<string, unknown>
    const found = exports[this.#export]
    if (typeof found === 'object' && found !== null) return found
    throw new AndonError('invalid', `The module ${this.#module} exports no tool ${this.#export}`)
  }
}

/** A tool of the AI SDK in a worker. */
export class AiSdkTool extends Exported {
  async run(input: unknown, context: ToolContext): Promise<unknown> {
    return runAiSdkTool(await this.load(), input, context)
  }
}

/** A tool of LangChain.js in a worker. */
export class LangChainTool extends Exported {
  async run(input: unknown, context: ToolContext): Promise<unknown> {
    return runLangChainTool(await this.load(), input, context)
  }
}
