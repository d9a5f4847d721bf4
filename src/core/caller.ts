// Who asks, and how to stop it: the options that every request to a factory takes.

import type { CallKey } from './station.ts'

export interface Caller {
  /** Whose documents. Default `default`. */
  tenant?: string
  /** The key that they ask with: what models cost is charged to its budget, too. */
  key?: CallKey
  signal?: AbortSignal
  /** W3C traceparent. */
  trace?: string
}
