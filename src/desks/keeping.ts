// The desk for the whole: backup, export and import, health, what was used, and what was done once.

import { resolve } from 'node:path'
import { AndonError } from '../core/errors.ts'
import type { Added, Caller, DocumentSource, Health, Keeping, TenantUsage } from '../core/factory.ts'
import { exportTenant, importTenant } from '../library/export.ts'
import { mustBe } from '../requests.ts'
import type { EmbeddedStores } from '../stores/embedded/open.ts'
import type { AddedSources } from './tool-sources.ts'
import type { Desk } from './desk.ts'
import { questionsToday } from './quota.ts'

export interface KeepingParts {
  stores: EmbeddedStores
  add: (source: DocumentSource, caller?: Caller) => Promise<Added>
  health: () => Promise<Health>
  /** Sources of tools that were added. */
  sources?: AddedSources
}

/** How long a write may be under way, in milliseconds: keys of a process that ended are free at once. */
const holdMs = 3_600_000
/** How long what was answered to a write is kept. */
const keepMs = 86_400_000
/** Keys of one tenant that are kept; beyond them the oldest are forgotten. */
const mostKeys = 10_000

/** See {@link Keeping}. */
export function keepingDesk(desk: Desk, { stores, add, health, sources }: KeepingParts): Keeping {
  const { library, ledger } = stores
  const { quotas } = desk.options
  return {
    async usage(caller) {
      const tenant = desk.tenantOf(caller)
      const [{ documents, bytes }, questions] = await Promise.all([
        library.totals(tenant),
        questionsToday(ledger, tenant),
      ])
      return {
        documents: usedOf(documents, quotas.documents),
        bytes: usedOf(bytes, quotas.bytes),
        questions: usedOf(questions, quotas.questionsPerDay),
      }
    },
    async claimOnce(key, fingerprint, caller) {
      mustBe.onceKey(key)
      mustBe.fingerprint(fingerprint)
      const claim = await ledger.claim(desk.tenantOf(caller), key, fingerprint, holdMs)
      if (claim.outcome === 'new') return { new: true }
      if (claim.outcome === 'done') return { new: false, reply: claim.reply }
      if (claim.outcome === 'taken')
        throw new AndonError('conflict', `The write with the key ${key} is still under way: ask for it again later`, {
          retryAfterMs: 1_000,
        })
      throw new AndonError('conflict', `The key ${key} came with another write before: use a new key for this one`)
    },
    async settleOnce(key, reply, caller) {
      mustBe.onceKey(key)
      await ledger.settle(desk.tenantOf(caller), key, reply, keepMs, mostKeys)
    },
    async backup(to) {
      mustBe.id(to, 'folder')
      const made = await stores.backup(resolve(to))
      await sources?.copyTo(made.path)
      return made
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

function usedOf(used: number, limit: number | undefined): TenantUsage['documents'] {
  return { used, ...(limit === undefined ? {} : { limit }) }
}
