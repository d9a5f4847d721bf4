// What the door announces: each request as it is let in or refused and as it ends, and faults with
// their cause, which callers are not shown.

import { announcer, type Announcer } from '../core/channels.ts'
import type { AndonError } from '../core/errors.ts'
import type { Lane } from './door.ts'

/** A request whose response is complete or was broken off, or whose caller has left. */
export interface RequestEnded {
  event: 'request-ended'
  id: string
  traceId: string
  method: string
  path: string
  /** The pattern that the path follows, like `/v1/documents/:id`; `none` when it follows none. */
  route: string
  status: number
  ms: number
  left: boolean
  /**
   * The error that was answered with: `[code]`, and from status 500 on its sentence. What is wrong with a request may
   * quote what was asked.
   */
  error?: string
  /** Why the answer was not brought to its end, though its caller was there. */
  brokenOff?: AndonError
  /** Whose it was, once that was known. */
  tenant?: string
  keyId?: string
}

export type GatewayEvent =
  | RequestEnded
  | { event: 'fault'; id: string; error: AndonError }
  | { event: 'let-in'; lane: Lane | 'model'; waitMs: number }
  | { event: 'refused'; lane: Lane | 'model' }

/** Requests and faults of every gateway in this process. `left`: the caller went before the answer was complete. */
export const gatewayChannel: Announcer<GatewayEvent> = announcer('andon:gateway')
