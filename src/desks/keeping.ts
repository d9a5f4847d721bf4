// The desk for the whole: backup, export and import, health, what was used, and what was done once.

import { resolve } from 'node:path'
import { AndonError } from '../core/errors.ts'
import type { DocumentSource, Documents, Health, Keeping } from '../core/factory.ts'
import { exportTenant, importTenant } from '../library/export.ts'
import { mustBe } from '../requests.ts'
import type { EmbeddedStores } from '../stores/embedded/open.ts'
import type { Desk } from './desk.ts'

export interface KeepingParts {
  stores: EmbeddedStores
  add: Documents['add']
  health(): Promise<Health>
}

/** See {@link Keeping}. */
export function keepingDesk(desk: Desk, { stores, add, health }: KeepingParts): Keeping {
  const missing = async (): Promise<never> => {
    throw new AndonError('unsupported', 'Not built yet')
  }
  return {
    usage: missing,
    claimOnce: missing,
    settleOnce: missing,
    async backup(to) {
      mustBe.id(to, 'folder')
      return await stores.backup(resolve(to))
    },
    async export(to, caller) {
      mustBe.id(to, 'folder')
      using call = desk.callFor(caller)
      return await exportTenant(resolve(to), call.tenant, stores, call.signal)
    },
    async import(from, caller) {
      mustBe.id(from, 'folder')
      const adding = (source: DocumentSource) => add(source, caller)
      return await importTenant(resolve(from), { stores, add: adding, tenant: desk.tenantOf(caller) })
    },
    health,
  }
}
