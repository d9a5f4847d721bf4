// Turns where a tool's code is into something that can be called: in a worker, or in this thread.

import { AndonError } from '../core/errors.ts'
import { builtInConnectors } from './connector.ts'
import type { ConnectorModule, Connectors } from './connector.ts'
import { lendOwnPackages } from './own-packages.ts'
import type { CodeSource, RemoteSource, ToolContext, ToolSource } from './tool.ts'

/** A tool that is loaded. */
export type Run = (input: unknown, context: ToolContext) => unknown

/** Loads tools; instances of classes are made once, and connections are kept. */
export class Loader {
  readonly #connectors: Required<Connectors>
  /** Those that were used, by their module. */
  readonly #connecting = new Map<string, ConnectorModule>()
  readonly #instances = new Map<string, unknown>()

  constructor(connectors: Connectors = {}) {
    this.#connectors = { ...builtInConnectors, ...connectors }
  }

  /** Fails with `invalid` when the source names nothing that can be called. */
  async load(source: ToolSource): Promise<Run> {
    if (source.kind === 'closure') return (input, context) => source.run(input, context)
    return source.kind === 'code' ? this.#code(source) : this.#remote(source)
  }

  /** Opens the connection of a tool that was loaded; others have none. */
  async open(source: ToolSource): Promise<void> {
    if (source.kind !== 'openapi' && source.kind !== 'mcp') return
    await this.#connecting.get(this.#connectors[source.kind].module)?.open?.(source)
  }

  /** Closes a connection by its name, or all. */
  async close(connection?: string): Promise<void> {
    await Promise.all(Array.from(this.#connecting.values(), async (connector) => connector.close?.(connection)))
  }

  async #code(source: CodeSource): Promise<Run> {
    lendOwnPackages()
    const found = await exported(source.module, source.export)
    if (source.method === undefined) {
      if (typeof found !== 'function') throw nothing(source, 'function')
      return (input, context) => found(input, context) as unknown
    }
    const { method } = source
    const owner = source.construct === undefined ? found : this.#instance(source, found)
    const bound = (owner as Record<string, unknown> | undefined)?.[method]
    if (typeof bound !== 'function') throw nothing(source, `method ${method}`)
    return (input, context) => Reflect.apply(bound, owner, [input, context]) as unknown
  }

  #instance(source: CodeSource, found: unknown): unknown {
    const key = JSON.stringify([source.module, source.export, source.construct])
    if (!this.#instances.has(key)) {
      if (typeof found !== 'function') throw nothing(source, 'class')
      this.#instances.set(key, Reflect.construct(found, source.construct ?? []))
    }
    return this.#instances.get(key)
  }

  async #remote(source: RemoteSource): Promise<Run> {
    const { module, export: name } = this.#connectors[source.kind]
    const found = await exported(module, name)
    if (typeof found !== 'function') throw nothing(this.#connectors[source.kind], 'function')
    this.#connecting.set(module, (await import(module)) as ConnectorModule)
    return (input, context) => found(source, input, context) as unknown
  }
}

async function exported(
  module: string,
  name: string,
): Promise<((...given: unknown[]) => unknown) | object | undefined> {
  const exports = (await import(module)) as Record<string, object | undefined>
  return exports[name]
}

function nothing(source: { module: string; export: string }, what: string): AndonError {
  return new AndonError(
    'invalid',
    `The export ${source.export} of ${source.module} has no ${what} to call: a tool names a module and what it exports`,
  )
}
