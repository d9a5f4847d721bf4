// What is said of an endpoint that failed: who it is for its callers, and for its owner which settings to look at.

import type { Blame } from '../../models/failure.ts'
import type { Lease } from '../order.ts'
import type { AskedBody } from './asked-body.ts'
import type { Upstream } from './upstream.ts'

/** The blame of an attempt at the endpoint of this lease. */
export function blameOf(lease: Lease, { who, settings, secrets }: Upstream, body: AskedBody): Blame {
  const model = lease.model ?? body.model
  return {
    who,
    addressSetting: settings.address,
    keySetting: settings.key,
    modelSetting: settings.model,
    secrets,
    ...(model === undefined ? {} : { model }),
  }
}
