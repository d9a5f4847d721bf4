// The desk for documents: taken in, looked at, changed, removed and restored.

import { AndonError } from '../core/errors.ts'
import type { Documents } from '../core/factory.ts'
import { accept } from '../library/add.ts'
import { mustBe } from '../requests.ts'
import type { Job, Stores } from '../stores/store.ts'
import { known, type Desk } from './desk.ts'

export interface DocumentsParts {
  stores: Pick<Stores, 'library' | 'jobs' | 'blobs'>
  /** New work is there. */
  wake(): void
  /** A job was ended by something else than its worker or its owner: both hear of it. */
  tellCancelled(job: Job): void
  /** Forgets what was removed before this time. */
  purge(before: number): Promise<void>
}

/** See {@link Documents}. */
export function documentsDesk(desk: Desk, { stores, wake, tellCancelled, purge }: DocumentsParts): Documents {
  const { library, jobs, blobs } = stores
  return {
    async add(source, caller) {
      mustBe.source(source)
      using call = desk.callFor(caller)
      const { maxBytes, attempts } = desk.options.loading
      const { cancelledJobId, ...added } = await accept(
        source,
        call.tenant,
        { library, blobs, maxBytes, attempts },
        call.signal,
      )
      if (cancelledJobId !== undefined) {
        const job = await jobs.get(call.tenant, cancelledJobId)
        if (job) tellCancelled(job)
      }
      if (added.jobId !== undefined) wake()
      return added
    },
    async list(query, caller) {
      mustBe.documentQuery(query)
      return await library.list(desk.tenantOf(caller), query)
    },
    collections: async (caller) => library.collections(desk.tenantOf(caller)),
    async document(id, caller) {
      mustBe.id(id, 'document id')
      return known(await library.get(desk.tenantOf(caller), id), 'document', id)
    },
    describe: async () => {
      throw new AndonError('unsupported', 'Not built yet')
    },
    async text(id, span, caller) {
      mustBe.id(id, 'document id')
      mustBe.span(span)
      return known(await library.text(desk.tenantOf(caller), id, span), 'document', id)
    },
    read: async () => {
      throw new AndonError('unsupported', 'Not built yet')
    },
    bytes: () => {
      throw new AndonError('unsupported', 'Not built yet')
    },
    async remove(id, removal, caller) {
      mustBe.id(id, 'document id')
      const tenant = desk.tenantOf(caller)
      // Looked at before, because removing for good forgets them.
      const underWay = (await jobs.list(tenant, { documentId: id })).filter(({ endedAt }) => endedAt === undefined)
      if (!(await library.remove(tenant, id, removal))) known(undefined, 'document', id)
      for (const job of underWay) tellCancelled(job)
      if (removal?.now) await purge(0)
    },
    async restore(id, caller) {
      mustBe.id(id, 'document id')
      const document = known(await library.restore(desk.tenantOf(caller), id), 'removed document', id)
      wake()
      return document
    },
  }
}
