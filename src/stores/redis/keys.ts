// What conversations are called in Redis. The tenant stands in every key, and the keys of one session share a hash tag,
// and so a slot of a cluster.

import { AndonError } from '../../core/errors.ts'

/** The keys of one session: what is known of it, its turns, and what was asked in it. */
export function sessionKeys(prefix: string, tenant: string, id: string): [head: string, turns: string, asked: string] {
  const base = `${prefix}:session:{${part(tenant)}:${part(id)}}`
  return [base, `${base}:turns`, `${base}:asked`]
}

/** The key of a list of a tenant's sessions. */
export function listKey(prefix: string, tenant: string, list: 'latest' | 'removed'): string {
  return `${prefix}:sessions:{${part(tenant)}}:${list}`
}

/** The key of the set of all tenants with sessions. */
export function tenantsKey(prefix: string): string {
  return `${prefix}:sessions:tenants`
}

/** A name within a key: two different ones never make the same key. */
function part(name: string): string {
  if (!name.isWellFormed())
    throw new AndonError(
      'invalid',
      `The name ${JSON.stringify(name.slice(0, 40))} holds half a character: send it whole`,
    )
  return name.replace(/[%:{}]/g, encodeURIComponent)
}
