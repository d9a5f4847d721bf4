// A toolbox over a registry of this process: what answers need of the factory's tools, with nothing around it.

import type { AskedCall, ClientTool } from '../../src/core/question.ts'
import type { Call } from '../../src/core/station.ts'
import type { Toolbox, ToolErrand, ToolHappening } from '../../src/stations/tools/toolbox.ts'
import type { ToolRegistry } from '../../src/tools/registry.ts'
import type { ToolResult } from '../../src/tools/tool.ts'

export class RegistryToolbox implements Toolbox {
  /** What each batch was for. */
  readonly errands: ToolErrand[] = []
  readonly #registry: ToolRegistry

  constructor(registry: ToolRegistry) {
    this.#registry = registry
  }

  async offered(_: Call, names?: readonly string[]): Promise<ClientTool[]> {
    return this.#registry
      .list({ enabled: true })
      .filter(({ name }) => names?.includes(name) ?? true)
      .map(({ name, description, input }) => ({ name, description, parameters: input }))
  }

  async *run(calls: readonly AskedCall[], errand: ToolErrand, call: Call): AsyncGenerator<ToolHappening> {
    this.errands.push(errand)
    const happened: ToolHappening[] = []
    let more = Promise.withResolvers<void>()
    const tell = (event: ToolHappening): void => {
      happened.push(event)
      more.resolve()
    }
    let running = true
    const run = this.#registry
      .executeToolCalls(calls, {
        signal: call.signal,
        tenant: call.tenant,
        onProgress: (id, done) => tell({ type: 'tool-progress', id, done }),
        onResult: (result) => tell(resultEvent(result)),
      })
      .finally(() => {
        running = false
        more.resolve()
      })
    for (;;) {
      for (let event = happened.shift(); event; event = happened.shift()) yield event
      if (!running) break
      await more.promise
      more = Promise.withResolvers()
    }
    await run
  }
}

function resultEvent({ id, name, ok, value, error, place, timings }: ToolResult): ToolHappening {
  return {
    type: 'tool-result',
    id,
    name,
    ok,
    ...(value === undefined ? {} : { value }),
    ...(error === undefined ? {} : { error: { kind: error.kind, message: error.message } }),
    ...(place === undefined ? {} : { place }),
    ms: timings.runMs,
  }
}
