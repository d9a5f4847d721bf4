// What a connector is: the code that calls tools behind connections, and keeps those open. It runs in workers of its own,
// so that a tool that is killed costs no connection; inline it runs in this thread.

import { extname } from 'node:path'
import type { Plain } from '../core/plain.ts'
import type { RemoteSource, ToolContext } from './tool.ts'

/** What the module of a connector exports. */
export interface ConnectorModule {
  /**
   * Makes one call; opens its connection when there is none. Stops at `context.signal`. Fails with an AndonError:
   * `deadline` and `cancelled` say why it stopped, `unavailable` and `overloaded` that nothing was done and the call may
   * be made again; whoever knows more says it with `callFailed`.
   */
  call(source: RemoteSource, input: unknown, context: ToolContext): Promise<Plain>
  /** Opens the connection of a tool ahead of its first call. */
  open?(source: RemoteSource): Promise<void>
  /** Closes a connection, by its name, or all. The program ends after it. */
  close?(connection?: string): Promise<void>
}

/** Where the code of a connector is: `export` names its `call`. */
export interface Connector {
  module: string
  export: string
}

/** By kind of source. */
export interface Connectors {
  openapi?: Connector
  mcp?: Connector
}

/** Andon's own. */
export const builtInConnectors: Required<Connectors> = {
  openapi: { module: beside('./openapi/connector'), export: 'call' },
  mcp: { module: beside('./mcp/connector'), export: 'call' },
}

function beside(path: string): string {
  return new URL(path + extname(import.meta.filename), import.meta.url).href
}
