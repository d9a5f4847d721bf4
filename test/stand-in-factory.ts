// A stand-in for the Factory interface: documents in a Map, and answers that quote the first document holding a word
// of the question. For tests of what stands around a factory: the gateway, the control socket and the commands.

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { AndonError } from '../src/core/errors.ts'
import type { DocumentInfo } from '../src/core/document.ts'
import type { Added, Caller, DocumentSource, Factory, Health, JobStory, JobView } from '../src/core/factory.ts'
import type { AnswerEvent, Citation, Found, Question } from '../src/core/question.ts'
import { standInKeys, standInOnce } from './stand-in-keys.ts'

/** What tests may watch and steer. */
export interface StandIn extends Factory {
  /** Every question as it was asked, with its caller. */
  readonly asked: { question: Question; caller: Caller }[]
  /** Why answers ended early: the reasons of their signals. */
  readonly stopped: unknown[]
  /** Resolves when the next answer has stopped early. */
  nextStop(): Promise<unknown>
  /** While set, an answer waits after its first words until this resolves (or its caller leaves). */
  hold: Promise<void> | undefined
  /** While set, every method throws it; `ask` throws it before its first event. */
  fail: AndonError | undefined
  /** While set, `ask` throws it after its first words. */
  failLater: AndonError | undefined
  /** Names whose loading fails, with the reason. */
  readonly unreadable: Map<string, string>
}

interface Kept {
  info: DocumentInfo
  text: string
  tenant: string
}

/** Makes an empty stand-in. */
export function standInFactory(): StandIn {
  const documents = new Map<string, Kept>()
  const jobs = new Map<string, JobView>()
  let stop = Promise.withResolvers<unknown>()
  let count = 0
  let cleared = false

  function check(caller: Caller | undefined): string {
    if (self.fail) throw self.fail
    caller?.signal?.throwIfAborted()
    return caller?.tenant ?? 'default'
  }

  function find(id: string, caller: Caller | undefined): Kept {
    const tenant = check(caller)
    const kept = documents.get(id)
    if (kept?.tenant !== tenant) throw new AndonError('not-found', `There is no document with the id ${id}.`)
    return kept
  }

  function job(id: string): JobView {
    const found = jobs.get(id)
    if (!found) throw new AndonError('not-found', `There is no job with the id ${id}.`)
    return found
  }

  const self: StandIn = {
    asked: [],
    stopped: [],
    hold: undefined,
    fail: undefined,
    failLater: undefined,
    unreadable: new Map(),
    nextStop: () => stop.promise,

    // What no test asks of it so far.
    follow: () => notHere(),
    stop: async () => notHere(),
    record: async () => notHere(),
    embed: async () => notHere(),
    rerank: async () => notHere(),
    describe: async () => notHere(),
    read: async () => notHere(),
    bytes: () => notHere(),
    sessions: async () => [],
    session: async () => notHere(),
    exportSession: async () => notHere(),
    renameSession: async () => notHere(),
    removeSession: async () => notHere(),
    restoreSession: async () => notHere(),
    tools: async () => [],
    tool: async () => notHere(),
    callTool: async () => notHere(),
    setTool: async () => notHere(),
    toolRuns: async () => [],
    approvals: async () => [],
    approve: async () => notHere(),
    toolSources: async () => [],
    addToolSource: async () => notHere(),
    removeToolSource: async () => false,
    ...standInKeys(check),
    ...standInOnce(check),
    usage: async () => ({ documents: { used: 0 }, bytes: { used: 0 }, questions: { used: 0 } }),

    async *ask(given, caller = {}): AsyncGenerator<AnswerEvent> {
      const question: Question = typeof given === 'string' ? { text: given } : given
      self.asked.push({ question, caller })
      const tenant = check(caller)
      let ended = false
      try {
        const passage = search(question.text, tenant)[0]
        yield { type: 'answer-start', id: `answer-${self.asked.length}`, question: question.text }
        yield { type: 'passages-found', passages: passage ? [passage] : [], search: 'lexical' }
        if (!passage) {
          const text = 'Nothing in the documents answers this.'
          yield { type: 'text-delta', text }
          ended = true
          yield end(text, [])
          return
        }
        const citation = citationOf(passage)
        yield { type: 'text-delta', text: `${citation.quote} ` }
        if (self.hold) await leaveOr(self.hold, caller.signal)
        if (self.failLater) {
          ended = true
          throw self.failLater
        }
        yield { type: 'citation', marker: 1, citation }
        yield { type: 'text-delta', text: '[1]' }
        ended = true
        yield end(`${citation.quote} [1]`, [citation], question.sessionId)
      } finally {
        if (!ended) {
          self.stopped.push(caller.signal?.reason)
          stop.resolve(caller.signal?.reason)
          stop = Promise.withResolvers()
        }
      }
    },

    search: async ({ text, k = 10 }, caller) => search(text, check(caller)).slice(0, k),

    async add(source, caller) {
      const tenant = check(caller)
      return keep(source, tenant, await textOf(source))
    },

    async *watch(ids, caller) {
      check(caller)
      for (const id of ids ?? jobs.keys()) yield job(id)
    },

    async list(query = {}, caller) {
      const tenant = check(caller)
      return [...documents.values()]
        .filter((kept) => kept.tenant === tenant && (query.name === undefined || kept.info.name === query.name))
        .filter((kept) => query.collection === undefined || kept.info.collection === query.collection)
        .filter((kept) =>
          query.status === undefined ? kept.info.status !== 'removed' : kept.info.status === query.status,
        )
        .map((kept) => kept.info)
        .filter((info) => query.after === undefined || info.id > query.after)
        .slice(0, query.limit ?? 100)
    },

    async collections(caller) {
      const tenant = check(caller)
      const counts = new Map<string, number>()
      for (const { info, tenant: owner } of documents.values())
        if (owner === tenant) counts.set(info.collection, (counts.get(info.collection) ?? 0) + 1)
      return [...counts].map(([collection, number]) => ({ collection, documents: number, passages: number }))
    },

    document: async (id, caller) => find(id, caller).info,
    text: async (id, span, caller) => find(id, caller).text.slice(span?.start, span?.end),

    async remove(id, options = {}, caller) {
      const kept = find(id, caller)
      if (options.now === true) documents.delete(id)
      else kept.info = { ...kept.info, status: 'removed', removedAt: Date.now() }
    },

    async restore(id, caller) {
      const kept = find(id, caller)
      kept.info = { ...kept.info, status: 'ready' }
      return kept.info
    },

    async jobs(query = {}, caller) {
      check(caller)
      return [...jobs.values()].filter((each) => query.state === undefined || each.state === query.state)
    },

    async explain(id, caller): Promise<JobStory> {
      check(caller)
      return {
        job: job(id),
        before: { tenant: 0, all: 0 },
        sentences: [`The job is ${job(id).state}.`],
        history: [{ at: 0, event: 'created' }],
      }
    },
    cancel: async (id, caller) => (check(caller), job(id)),
    retry: async (id, caller) => (check(caller), job(id)),
    backup: async (to, caller) => (check(caller), { path: to, documents: documents.size, bytes: 0 }),
    export: async (to, caller) => (check(caller), { path: to, documents: documents.size, sessions: 0 }),
    import: async (_from, caller) => (check(caller), { documents: 0, sessions: 0, jobIds: [] }),

    async caches({ measured = false } = {}, caller) {
      check(caller)
      const counts = { memoryHits: 6, levelHits: 2, joined: 1, misses: 3, failures: 1, stored: 2, troubles: 0 }
      const kept = measured ? { kept: { values: cleared ? 0 : 5, bytes: cleared ? 0 : 1_500_000 } } : {}
      return {
        where: '/stand/in',
        shared: false,
        maxBytes: 512 * 2 ** 20,
        caches: [
          { name: 'embeddings', on: true, ...counts, values: 4, bytes: 6_144, ...kept },
          { name: 'answers', on: false, ...counts, values: 0, bytes: 0 },
        ],
      }
    },
    async clearCaches(which, caller) {
      check(caller)
      cleared = true
      return { cleared: which === 'all' ? ['embeddings', 'answers'] : [which], where: '/stand/in' }
    },
    async health(caller): Promise<Health> {
      check(caller)
      return {
        ready: true,
        version: '0.0.0',
        parts: [{ name: 'store', ok: true, message: 'A stand-in keeps documents in memory.' }],
        totals: { documents: documents.size, passages: documents.size, bytes: 0, waiting: 0, running: 0 },
        models: {},
        eventLoopDelayMs: { p50: 0, p99: 0, max: 0 },
      }
    },

    async [Symbol.asyncDispose]() {},
  }

  function keep(source: DocumentSource, tenant: string, text: string): Added {
    const name = source.name ?? source.path ?? 'untitled'
    const before = [...documents.values()].find((kept) => kept.tenant === tenant && kept.info.name === name)
    const collection = source.collection ?? 'default'
    if (before?.text === text && before.info.status === 'ready') return { document: before.info, outcome: 'unchanged' }
    count += 1
    const id = before?.info.id ?? `doc-${String(count).padStart(4, '0')}`
    const reason = self.unreadable.get(basename(name))
    const info: DocumentInfo = {
      id,
      tenant,
      collection,
      name,
      title: source.title ?? name,
      mediaType: source.mediaType ?? 'text/plain',
      hash: String(text.length),
      size: text.length,
      status: reason === undefined ? 'ready' : 'failed',
      ...(reason === undefined ? {} : { reason }),
      metadata: source.metadata ?? {},
      version: (before?.info.version ?? 0) + 1,
      passages: 1,
      vectorsMissing: 0,
      warnings: [],
      addedAt: 0,
      updatedAt: 0,
    }
    documents.set(id, { info, text, tenant })
    const jobId = `job-${count}`
    jobs.set(jobId, {
      id: jobId,
      kind: 'load',
      documentId: id,
      documentName: name,
      state: reason === undefined ? 'done' : 'failed',
      stage: 'store',
      progress: { done: 1, total: 1 },
      attempts: 1,
      maxAttempts: 3,
      ...(reason === undefined ? {} : { error: { code: 'invalid', message: reason } }),
      createdAt: 0,
    })
    return { document: info, outcome: before ? 'replacing' : 'added', jobId }
  }

  function search(text: string, tenant: string): Found[] {
    const words = text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []
    return [...documents.values()]
      .filter((kept) => kept.tenant === tenant && kept.info.status === 'ready')
      .filter((kept) => words.some((word) => kept.text.toLowerCase().includes(word)))
      .map(({ info, text: content }) => ({
        score: 1,
        passage: {
          id: `${info.id}.${info.version}.0`,
          documentId: info.id,
          documentName: info.name,
          title: info.title,
          collection: info.collection,
          headings: ['Heading'],
          kind: 'paragraph' as const,
          page: 1,
          ordinal: 0,
          start: 0,
          end: content.length,
          text: content,
        },
      }))
  }

  return self
}

function citationOf({ passage }: Found): Citation {
  const { id: passageId, documentId, documentName, title, headings, page, start } = passage
  const quote = passage.text.split('\n')[0] ?? ''
  return {
    passageId,
    documentId,
    documentName,
    title,
    headings,
    ...(page === undefined ? {} : { page }),
    start,
    end: start + quote.length,
    quote,
  }
}

function notHere(): never {
  throw new AndonError('unsupported', 'The stand-in factory does not know how to do this.')
}

function end(text: string, citations: Citation[], sessionId?: string): AnswerEvent {
  return {
    type: 'answer-end',
    id: 'answer-1',
    text,
    mode: 'extractive',
    confidence: citations.length > 0 ? 'answered' : 'refused',
    score: citations.length,
    citations,
    unsupported: 0,
    citationsRemoved: 0,
    degraded: [{ reason: 'model-missing', message: 'No model is configured: these are sentences of the documents.' }],
    skipped: [],
    timings: { search: 1 },
    totalMs: 1,
    ...(sessionId === undefined ? {} : { sessionId }),
  }
}

async function textOf(source: DocumentSource): Promise<string> {
  if (source.text !== undefined) return source.text
  if (source.path !== undefined) return readFile(source.path, 'utf8')
  if (source.bytes instanceof Uint8Array) return new TextDecoder().decode(source.bytes)
  let text = ''
  const decoder = new TextDecoder()
  for await (const part of source.bytes ?? []) text += decoder.decode(part, { stream: true })
  return text + decoder.decode()
}

/** Waits for the promise, or throws the signal's reason as soon as it aborts. */
async function leaveOr(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return promise
  const left = Promise.withResolvers<never>()
  const leave = (): void => left.reject(AndonError.from(signal.reason))
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    await Promise.race([promise, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
