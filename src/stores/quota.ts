// What a tenant may keep, and how one that has no room for more is told.

import { AndonError } from '../core/errors.ts'

/** Most documents and bytes of a tenant, of what is not removed. Absent is no limit. */
export interface Quota {
  documents?: number | undefined
  bytes?: number | undefined
}

/** The error of an add or a restore that the tenant has no room for: `would` is what it would have then, at least. */
export function overQuota(tenant: string, what: keyof Quota, would: number, limit: number): AndonError {
  return new AndonError(
    'forbidden',
    `The tenant ${tenant} may keep ${limit} ${what} and would have ${would}: remove documents first, or raise quotas.${what}`,
    { detail: { quota: what, limit, would } },
  )
}
