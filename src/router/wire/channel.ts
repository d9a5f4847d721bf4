// What a router announces: each request for a model, once it is over, whichever way it came in.

import { announcer, type Announcer } from '../../core/channels.ts'
import type { Ended } from './upstream.ts'

/** Requests for models of every router in this process: of its doors, of its own answers, and of programs. */
export const passedChannel: Announcer<Ended> = announcer('andon:passed')
