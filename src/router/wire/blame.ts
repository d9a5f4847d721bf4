// What is said of an endpoint that failed: who it is for its callers, and for its owner which settings to look at.

import type { Blame } from '../../models/failure.ts'
import type { Lease } from '../order.ts'
import type { AskedBody } from './asked-body.ts'
import type { Upstream } from './upstream.ts'

/** The blame of an attempt at the endpoint of this lease. */
export function blameOf({ endpoint, model: named }: Lease, { who, secrets }: Upstream, body: AskedBody): Blame {
  const { name } = endpoint
  const model = named ?? body.model
  return {
    who,
    addressSetting: `url of the endpoint "${name}"`,
    keySetting: `apiKey of the endpoint "${name}"`,
    modelSetting: `model of the endpoint "${name}"`,
    secrets,
    ...(model === undefined ? {} : { model }),
  }
}
