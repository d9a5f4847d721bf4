// Who asks over MCP, and what their calls reach: the same factory, lanes and rules as at every other door.

import type { Caller, Factory } from '../../core/factory.ts'
import type { Scope } from '../../core/key.ts'
import type { Lane, Permit } from '../door.ts'
import type { Links } from '../links-source.ts'

/** One request, or one connection of a client on this machine. */
export interface McpVisit {
  /** Names the request in the log. */
  readonly id: string
  /** Tenant and trace. */
  readonly caller: Pick<Caller, 'tenant' | 'trace'>
  may(scope: Scope): boolean
  /** A place in a lane. Throws `overloaded` when there is none. */
  enter(lane: Lane, signal: AbortSignal): Promise<Permit>
}

/** What calls over MCP are served from. */
export interface McpHouse {
  readonly factory: Factory
  readonly links: Links
}

/** What one call is given. */
export interface Errand extends McpHouse {
  readonly visit: McpVisit
  /** The visit's tenant and trace, with the signal of this call: it ends when the client cancels, or is gone for good. */
  readonly caller: Caller & { signal: AbortSignal }
  /** Milliseconds that the client still has, when it says so. */
  readonly budgetMs: number | undefined
  /** Tells a client that asked for it how far the call is. */
  progress(message: string): void
}
