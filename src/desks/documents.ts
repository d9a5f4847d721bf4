// The desk for documents: taken in, looked at, changed, removed and restored.

import type { DocumentText } from '../core/document.ts'
import { AndonError } from '../core/errors.ts'
import type { Documents } from '../core/factory.ts'
import { accept } from '../library/add.ts'
import { checkedMetadata, checkedTitle } from '../library/describe.ts'
import { piecesOf } from '../library/pieces.ts'
import { mustBe } from '../requests.ts'
import type { Quota } from '../stores/quota.ts'
import type { Job, Stores } from '../stores/store.ts'
import { known, type Desk } from './desk.ts'

export interface DocumentsParts {
  stores: Pick<Stores, 'library' | 'jobs' | 'blobs'>
  /** New work is there: this job, when it is a new one. */
  wake: (job?: { tenant: string; id: string }) => void
  /** A job was ended by something else than its worker or its owner: both hear of it. */
  tellCancelled: (job: Job) => void
  /** Forgets what was removed before this time. */
  purge: (before: number) => Promise<void>
}

type Span = { start: number; end: number }

/** Characters that are read when no span is given. */
const readAtOnce = 100_000

/** See {@link Documents}. */
export function documentsDesk(desk: Desk, { stores, wake, tellCancelled, purge }: DocumentsParts): Documents {
  const { library, jobs, blobs } = stores
  const { quotas } = desk.options
  const quota: Quota = { documents: quotas.documents, bytes: quotas.bytes }

  async function read(id: string, span: Span, tenant: string): Promise<DocumentText> {
    const found = await library.read(tenant, id, span)
    if (found) return found
    const { name, status, reason } = known(await library.get(tenant, id), 'document', id)
    throw new AndonError(
      'not-found',
      `${name} has no text: it is ${status}${reason === undefined ? '' : `. ${reason}`}`,
    )
  }

  return {
    async add(source, caller) {
      mustBe.source(source)
      using call = desk.callFor(caller)
      const { maxBytes, attempts } = desk.options.loading
      const { cancelledJobId, ...added } = await accept(
        source,
        call.tenant,
        { library, blobs, maxBytes, attempts, quota },
        call.signal,
      )
      if (cancelledJobId !== undefined) {
        const job = await jobs.get(call.tenant, cancelledJobId)
        if (job) tellCancelled(job)
      }
      if (added.jobId !== undefined) wake({ tenant: call.tenant, id: added.jobId })
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
    async describe(id, change, caller) {
      mustBe.id(id, 'document id')
      mustBe.change(change)
      const tenant = desk.tenantOf(caller)
      const { name, metadata: before } = known(await library.get(tenant, id), 'document', id)
      const title = titleOf(change.title, name)
      const { metadata } = change
      // The store changes what is there then; what it would be now must have room.
      if (metadata !== undefined) checkedMetadata({ ...before, ...metadata }, name)
      const changes = { ...(title === undefined ? {} : { title }), ...(metadata === undefined ? {} : { metadata }) }
      return known(await library.describe(tenant, id, changes), 'document', id)
    },
    async text(id, span, caller) {
      mustBe.id(id, 'document id')
      mustBe.span(span)
      return known(await library.text(desk.tenantOf(caller), id, span), 'document', id)
    },
    async read(id, span, caller) {
      mustBe.id(id, 'document id')
      mustBe.span(span)
      const tenant = desk.tenantOf(caller)
      if (span) return await read(id, span, tenant)
      const start = await read(id, { start: 0, end: readAtOnce }, tenant)
      // Half of a pair is no character.
      const half = start.end < start.length && /[\uD800-\uDBFF]$/.test(start.text)
      return half ? { ...start, text: start.text.slice(0, -1), end: start.end - 1 } : start
    },
    async *bytes(id, caller) {
      mustBe.id(id, 'document id')
      using call = desk.callFor(caller)
      const { name, hash } = known(await library.get(call.tenant, id), 'document', id)
      yield* piecesOf(blobs.path(hash), name, call)
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
      const document = known(await library.restore(desk.tenantOf(caller), id, quota), 'removed document', id)
      wake()
      return document
    },
  }
}

/** A title that says something: a document that was given one cannot go back to none. */
function titleOf(title: string | undefined, name: string): string | undefined {
  const checked = checkedTitle(title, name)
  if (title !== undefined && checked === undefined)
    throw new AndonError('invalid', `The new title of ${name} is empty: give it one, or leave the title out`)
  return checked
}
