// What the pass-through announces: each request for a model, once it is over.

import { announcer, type Announcer } from '../../core/channels.ts'
import type { Ended } from './upstream.ts'

/** Requests for models of every door in this process. */
export const passedChannel: Announcer<Ended> = announcer('andon:passed')
