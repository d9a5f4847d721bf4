// The documents that are shown, and the work on them: read in pages, and kept up to date by what the server tells of
// its jobs.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { DocumentInfo, DocumentStatus } from '../../../../src/core/document.ts'
import type { Added, JobView } from '../../../../src/core/factory.ts'
import { ApiError, call, getJson } from '../../api/client.ts'
import { untilReached } from '../../api/connection.ts'
import { eventsIn } from '../../api/events.ts'
import { key } from '../../api/key.ts'

/** Which documents are looked at. */
export interface View {
  section: 'all' | 'recent' | 'failed' | 'quarantined' | 'removed'
  folder: string | undefined
  status: DocumentStatus | undefined
}

export interface Listed {
  /** Undefined until the first page was read. */
  documents: readonly DocumentInfo[] | undefined
  error: ApiError | undefined
  /** The newest job of a document, by the document's id. */
  jobs: ReadonlyMap<string, JobView>
  /** Whether there is more than is shown. */
  hasMore: boolean
  more: () => void
  reload: () => void
  /** Puts a document as it now is into its place. */
  put: (document: DocumentInfo) => void
  drop: (id: string) => void
  added: (added: Added) => void
  /** Counts up when something in the library changed. */
  changes: number
}

const pageSize = 100
const dayMs = 86_400_000

interface Page {
  documents: DocumentInfo[]
  next?: string
}

/** The documents of a view. `follows` says whether its jobs may be followed. */
export function useDocuments(view: View, { follows, embeds }: { follows: boolean; embeds: boolean }): Listed {
  const [documents, setDocuments] = useState<readonly DocumentInfo[] | undefined>()
  const [next, setNext] = useState<string | undefined>()
  const [error, setError] = useState<ApiError | undefined>()
  const [jobs, setJobs] = useState<ReadonlyMap<string, JobView>>(new Map())
  const [round, setRound] = useState(0)
  const [changes, setChanges] = useState(0)
  const reading = useRef(false)
  const { section, folder, status } = view

  async function read(after: string | undefined, signal: AbortSignal): Promise<void> {
    reading.current = true
    try {
      const page = await getJson<Page>(pathOf(view, after), { signal })
      const found = section === 'recent' ? page.documents.toReversed() : page.documents
      setDocuments((before) => {
        if (after === undefined || before === undefined) return found
        const known = new Set(before.map(({ id }) => id))
        return [...before, ...found.filter(({ id }) => !known.has(id))]
      })
      setNext(page.next)
      setError(undefined)
    } catch (reason) {
      if (reason instanceof ApiError) setError(reason)
    } finally {
      reading.current = false
    }
  }

  useEffect(() => {
    const leaving = new AbortController()
    void read(undefined, leaving.signal)
    return () => leaving.abort()
  }, [section, folder, status, key.value, round])
  // What was shown in another view is not shown in this one.
  useEffect(() => setDocuments(undefined), [section, folder, status])

  const put = (document: DocumentInfo): void => {
    setDocuments((all = []) => {
      const fits = belongs(document, view)
      const known = all.some(({ id }) => id === document.id)
      if (!fits) return known ? all.filter(({ id }) => id !== document.id) : all
      // What is new stands on top, wherever it will be when the list is read again.
      return known ? all.map((each) => (each.id === document.id ? document : each)) : [document, ...all]
    })
    setChanges((count) => count + 1)
  }
  const now = useRef(put)
  now.current = put

  useEffect(() => {
    if (!follows) return undefined
    const leaving = new AbortController()
    void follow(leaving.signal, (changed) => {
      setJobs((before) => {
        const after = new Map(before)
        for (const job of changed) if (job.documentId !== undefined) after.set(job.documentId, job)
        return after
      })
      // A document is looked at again when its work begins and when it ends.
      const ids = new Set(changed.filter((job) => job.endedAt !== undefined).flatMap((job) => job.documentId ?? []))
      if (ids.size > 40) setRound((count) => count + 1)
      else for (const id of ids) void readAgain(id, leaving.signal, (document) => now.current(document))
      if (ids.size > 0) setChanges((count) => count + 1)
    })
    return () => leaving.abort()
  }, [follows, key.value])

  // Vectors come behind everything else, and no job tells of them.
  const embedding = embeds ? (documents ?? []).filter(isEmbedding).slice(0, 10) : []
  const wanted = embedding.map(({ id }) => id).join()
  useEffect(() => {
    if (wanted === '') return undefined
    const leaving = new AbortController()
    const timer = setInterval(() => {
      if (document.hidden) return
      for (const id of wanted.split(',')) void readAgain(id, leaving.signal, (found) => now.current(found))
    }, 2000)
    return () => {
      clearInterval(timer)
      leaving.abort()
    }
  }, [wanted])

  return {
    documents,
    error,
    jobs,
    hasMore: next !== undefined,
    more: () => {
      if (next !== undefined && !reading.current) void read(next, new AbortController().signal)
    },
    reload: () => setRound((count) => count + 1),
    put,
    drop: (id) => {
      setDocuments((all) => all?.filter((each) => each.id !== id))
      setChanges((count) => count + 1)
    },
    added: ({ document }) => put(document),
    changes,
  }
}

function pathOf({ section, folder, status }: View, after: string | undefined): string {
  const query = new URLSearchParams({ limit: String(section === 'recent' ? 1000 : pageSize) })
  if (folder !== undefined) query.set('collection', folder)
  const only = section === 'all' || section === 'recent' ? status : section
  if (only !== undefined) query.set('status', only)
  const from = after ?? (section === 'recent' ? beforeRecent() : undefined)
  if (from !== undefined) query.set('after', from)
  return `/v1/documents?${query}`
}

/** What stands before the ids of the last seven days. */
export function beforeRecent(): string {
  return idOf(Math.floor(Date.now() / dayMs - 7) * dayMs)
}

/** The least id that a document of this time can have: ids begin with ten digits of their time, base 32. */
function idOf(time: number): string {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  let digits = ''
  for (let rest = time; digits.length < 10; rest = Math.floor(rest / 32)) digits = alphabet.charAt(rest % 32) + digits
  return `doc_${digits}`
}

function belongs(document: DocumentInfo, { section, folder, status }: View): boolean {
  if (folder !== undefined && document.collection !== folder) return false
  if (section === 'all' || section === 'recent')
    return document.status !== 'removed' && (status === undefined || document.status === status)
  return document.status === section
}

function isEmbedding({ status, vectorsMissing }: DocumentInfo): boolean {
  return status === 'ready' && vectorsMissing > 0
}

async function readAgain(id: string, signal: AbortSignal, put: (document: DocumentInfo) => void): Promise<void> {
  const document = await getJson<DocumentInfo>(`/v1/documents/${encodeURIComponent(id)}`, { signal }).catch(
    () => undefined,
  )
  if (document && !signal.aborted) put(document)
}

/** Tells of jobs as they change, a few times a second at most; a line that is lost is found again. */
async function follow(signal: AbortSignal, tell: (jobs: JobView[]) => void): Promise<void> {
  let waiting = new Map<string, JobView>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    timer = undefined
    const jobs = [...waiting.values()]
    waiting = new Map()
    if (!signal.aborted) tell(jobs)
  }
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      const response = await call('/v1/jobs/events', { headers: { accept: 'text/event-stream' }, signal })
      for await (const { event, data } of eventsIn(response)) {
        if (event !== 'job') continue
        tries = 0
        const job: JobView = JSON.parse(data)
        waiting.set(job.id, job)
        timer ??= setTimeout(flush, 200)
      }
    } catch (reason) {
      if (reason instanceof ApiError && (reason.status === 401 || reason.status === 403)) return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, Math.min(500 * 2 ** tries, 10_000))
    await promise
    await untilReached(signal).catch(() => undefined)
  }
}
