// What the door announces: each request as it ends, and faults with their cause, which callers are not shown.

import { announcer, type Announcer } from '../core/channels.ts'
import type { AndonError } from '../core/errors.ts'

export type GatewayEvent =
  | { event: 'request-ended'; id: string; method: string; path: string; status: number; ms: number; left: boolean }
  | { event: 'fault'; id: string; error: AndonError }

/** Requests and faults of every gateway in this process. `left`: the caller went before the answer was complete. */
export const gatewayChannel: Announcer<GatewayEvent> = announcer('andon:gateway')
