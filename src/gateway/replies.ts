// What the door answers, as zod schemas: they document (see openapi.ts), and tests hold replies against them. Each is
// the twin of a type in core/; replies.test.ts fails to compile when the two differ.

import { z } from 'zod'
import type { Plain } from '../core/plain.ts'

/** The schemas that have a name of their own in /openapi.json. */
export const named = z.registry<{ id: string; description?: string }>()

const count = z.int().min(0)
const time = z.number().describe('Unix time in milliseconds.')
const milliseconds = z.number().min(0)
const plain = z.custom<Plain>().describe('Anything that JSON can say.')

const blockKind = z.enum(['heading', 'paragraph', 'list', 'table', 'code'])

/** See {@link import('../core/document.ts').Block}. */
export const block = z.strictObject({
  kind: blockKind,
  start: count,
  end: count,
  level: count.exactOptional(),
  page: count.exactOptional(),
  headerLines: count.exactOptional(),
  language: z.string().exactOptional(),
})

/** See {@link import('../core/document.ts').DocumentInfo}. */
export const documentInfo = z
  .strictObject({
    id: z.string(),
    tenant: z.string(),
    collection: z.string(),
    name: z.string().describe('What it was added under: unique within tenant and collection.'),
    title: z.string(),
    mediaType: z.string(),
    hash: z.string().describe('SHA-256 of the bytes, hex.'),
    size: count.describe('Bytes.'),
    status: z.enum(['waiting', 'loading', 'ready', 'failed', 'quarantined', 'removed']),
    reason: z.string().exactOptional().describe('Why it failed or was quarantined, and what to do about it.'),
    metadata: z.record(z.string(), plain),
    version: count,
    passages: count,
    pages: count.exactOptional(),
    vectorsMissing: count.describe('Passages that still wait for their vector.'),
    warnings: z.array(z.string()),
    sameAs: z
      .strictObject({ id: z.string(), name: z.string(), collection: z.string() })
      .exactOptional()
      .describe('The oldest other document with the same bytes.'),
    addedAt: time,
    updatedAt: time,
    removedAt: time.exactOptional(),
  })
  .register(named, { id: 'Document' })

/** See {@link import('../core/document.ts').DocumentText}. */
export const documentText = z
  .strictObject({
    document: documentInfo,
    text: z.string(),
    start: count,
    end: count,
    length: count.describe('Of the whole text, in UTF-16 units.'),
    blocks: z.array(block),
  })
  .register(named, { id: 'DocumentText' })

/** See {@link import('../core/factory.ts').Added}. */
export const added = z
  .strictObject({
    document: documentInfo,
    outcome: z.enum(['added', 'replacing', 'restored', 'unchanged']),
    jobId: z.string().exactOptional().describe('The job that loads it, while there is one.'),
  })
  .register(named, { id: 'Added' })

const failure = z.strictObject({ code: z.string(), message: z.string() })

/** See {@link import('../core/factory.ts').JobView}. */
export const jobView = z
  .strictObject({
    id: z.string(),
    kind: z.string(),
    documentId: z.string().exactOptional(),
    documentName: z.string().exactOptional(),
    state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'dead']),
    stage: z.string(),
    progress: z.strictObject({ done: z.number(), total: z.number() }),
    attempts: count,
    maxAttempts: count,
    error: failure.exactOptional(),
    createdAt: time,
    startedAt: time.exactOptional(),
    endedAt: time.exactOptional(),
  })
  .register(named, { id: 'Job' })

/** See {@link import('../core/factory.ts').JobStory}. */
export const jobStory = z
  .strictObject({
    job: jobView,
    before: z.strictObject({ tenant: count, all: count }).describe('Jobs that come first.'),
    sentences: z.array(z.string()).describe('Why it waits, who works on it, what comes next: for people.'),
    history: z.array(z.strictObject({ at: time, event: z.string(), detail: z.string().exactOptional() })),
  })
  .register(named, { id: 'JobStory' })

/** One of {@link import('../core/factory.ts').Documents.collections}. */
export const collection = z
  .strictObject({ collection: z.string(), documents: count, passages: count })
  .register(named, { id: 'Collection' })

/** See {@link import('../core/session.ts').SessionInfo}. */
export const sessionInfo = z
  .strictObject({
    id: z.string(),
    title: z.string().describe('The name given to it, or how it began.'),
    turns: count,
    updatedAt: time,
    removedAt: time.exactOptional(),
  })
  .register(named, { id: 'Session' })

/** See {@link import('../core/question.ts').Turn}. */
export const turn = z
  .strictObject({
    role: z.enum(['user', 'assistant']),
    text: z.string(),
    at: time,
    cited: z.array(z.string()).exactOptional().describe('Ids of the passages it cited, best first.'),
    citedFirst: z
      .strictObject({ documentId: z.string(), passageId: z.string(), start: count, end: count })
      .exactOptional(),
    resolved: z.string().exactOptional().describe('The whole question that it stood for.'),
    answerId: z.string().exactOptional(),
    versionOf: z.string().exactOptional().describe('The answer that this one is another version of.'),
  })
  .register(named, { id: 'Turn' })

/** See {@link import('../core/session.ts').SessionView}. */
export const sessionView = z
  .strictObject({ session: sessionInfo, turns: z.array(turn) })
  .register(named, { id: 'SessionView' })

/** See {@link import('../core/question.ts').Passage}. */
export const passage = z
  .strictObject({
    id: z.string(),
    documentId: z.string(),
    documentName: z.string(),
    title: z.string(),
    collection: z.string(),
    headings: z.array(z.string()),
    kind: blockKind,
    page: count.exactOptional(),
    pageEnd: count.exactOptional(),
    ordinal: count,
    start: count,
    end: count,
    text: z.string(),
    prefix: z.string().exactOptional(),
  })
  .register(named, { id: 'Passage' })

/** See {@link import('../core/question.ts').Found}. */
export const found = z
  .strictObject({
    passage,
    score: z.number().describe('Higher is better.'),
    keyword: z.number().exactOptional(),
    vector: z.number().exactOptional(),
  })
  .register(named, { id: 'Found' })

/** See {@link import('../core/question.ts').Citation}. */
export const citation = z
  .strictObject({
    passageId: z.string(),
    documentId: z.string(),
    documentName: z.string(),
    title: z.string(),
    headings: z.array(z.string()),
    page: count.exactOptional(),
    start: count.describe("The span in the document's text."),
    end: count,
    quote: z.string().describe('The text of that span.'),
  })
  .register(named, { id: 'Citation' })

const usage = z.strictObject({ promptTokens: count, completionTokens: count, estimated: z.boolean() })

const degradation = z.strictObject({
  reason: z.enum(['model-missing', 'model-failed', 'model-slow', 'embedder-failed', 'reranker-failed', 'out-of-time']),
  message: z.string(),
})

/** See {@link import('../core/question.ts').AnswerEnd}. */
export const answerEnd = z
  .strictObject({
    type: z.literal('answer-end'),
    id: z.string(),
    text: z.string(),
    mode: z.enum(['generated', 'extractive']),
    confidence: z.enum(['answered', 'uncertain', 'refused']),
    score: z.number(),
    citations: z.array(citation),
    unsupported: count,
    citationsRemoved: count,
    degraded: z.array(degradation),
    skipped: z.array(z.string()),
    usage: usage.exactOptional(),
    timings: z.record(z.string(), z.number()),
    totalMs: milliseconds,
    sessionId: z.string().exactOptional(),
  })
  .register(named, { id: 'AnswerEnd' })

/** See {@link import('../core/question.ts').AnswerEvent}. */
export const answerEvent = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('answer-start'),
      id: z.string(),
      question: z.string(),
      resolved: z.string().exactOptional(),
    }),
    z.strictObject({ type: z.literal('stage-start'), stage: z.string() }),
    z.strictObject({ type: z.literal('stage-end'), stage: z.string(), ms: z.number() }),
    z.strictObject({
      type: z.literal('passages-found'),
      passages: z.array(found),
      search: z.enum(['lexical', 'hybrid']),
      repaired: z.record(z.string(), z.array(z.string())).exactOptional(),
    }),
    z.strictObject({ type: z.literal('text-delta'), text: z.string() }),
    z.strictObject({ type: z.literal('citation'), marker: count, citation }),
    z.strictObject({
      type: z.literal('sentence-checked'),
      start: count,
      end: count,
      supported: z.boolean(),
      problems: z.array(z.string()),
    }),
    z.strictObject({ type: z.literal('answer-degraded'), degradation }),
    z.strictObject({ type: z.literal('usage'), usage }),
    z.strictObject({ type: z.literal('suggestions'), questions: z.array(z.string()) }),
    answerEnd,
  ])
  .register(named, { id: 'AnswerEvent' })

const answerFailure = z.strictObject({
  code: z.string(),
  message: z.string(),
  retryAfterMs: milliseconds.exactOptional(),
})

/** See {@link import('../core/answer-record.ts').NumberedEvent}. */
export const numberedEvent = z
  .strictObject({
    number: z.int().min(1),
    event: z.union([answerEvent, z.strictObject({ type: z.literal('answer-failed'), error: answerFailure })]),
  })
  .register(named, { id: 'NumberedEvent' })

const span = z.strictObject({
  station: z.string(),
  place: z.string().exactOptional(),
  startMs: z.number(),
  waitMs: z.number(),
  workMs: z.number(),
  outcome: z.enum(['ok', 'failed', 'cancelled']),
  attempt: count.exactOptional(),
  firstTextMs: z.number().exactOptional(),
  note: z.string().exactOptional(),
})

const scalar = z.union([z.string(), z.number(), z.boolean()])

/** See {@link import('../core/answer-record.ts').AnswerRecord}. */
export const answerRecord = z
  .strictObject({
    id: z.string(),
    question: z.string(),
    sessionId: z.string().exactOptional(),
    retryOf: z.string().exactOptional(),
    filter: z
      .strictObject({
        collections: z.array(z.string()).exactOptional(),
        documents: z.array(z.string()).exactOptional(),
        excludeDocuments: z.array(z.string()).exactOptional(),
        metadata: z.record(z.string(), z.union([scalar, z.array(scalar)])).exactOptional(),
      })
      .exactOptional(),
    state: z.enum(['running', 'done', 'failed', 'stopped', 'interrupted']),
    startedAt: time,
    endedAt: time.exactOptional(),
    firstTextMs: z.number().exactOptional(),
    totalMs: z.number().exactOptional(),
    error: answerFailure.exactOptional(),
    events: z.array(answerEvent),
    pieces: z.array(count).exactOptional().describe('How long each piece of text was, in order.'),
    spans: z.array(span),
  })
  .register(named, { id: 'AnswerRecord' })

/** See {@link import('../core/key.ts').KeyInfo}. */
export const keyInfo = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    tenant: z.string(),
    scopes: z.array(z.enum(['ask', 'load', 'admin'])),
    createdAt: time,
    expiresAt: time.exactOptional(),
    revokedAt: time.exactOptional(),
    lastUsedAt: time.exactOptional(),
  })
  .register(named, { id: 'Key' })

const used = z.strictObject({ used: count, limit: count.exactOptional() })

/** See {@link import('../core/factory.ts').TenantUsage}. */
export const tenantUsage = z
  .strictObject({ documents: used, bytes: used, questions: used })
  .register(named, { id: 'TenantUsage' })

/** See {@link import('../core/factory.ts').Health}. */
export const health = z
  .strictObject({
    ready: z.boolean(),
    version: z.string(),
    parts: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), message: z.string() })),
    totals: z.strictObject({ documents: count, passages: count, bytes: count, waiting: count, running: count }),
    models: z.strictObject({
      chat: z.string().exactOptional(),
      embedder: z.string().exactOptional(),
      reranker: z.string().exactOptional(),
    }),
    eventLoopDelayMs: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }),
    pools: z
      .array(z.strictObject({ name: z.string(), size: count, running: count, waiting: count }))
      .exactOptional()
      .describe('Threads and processes that do the work, and how many calls wait for one.'),
  })
  .register(named, { id: 'Health' })

/** See {@link import('./errors.ts').Problem}. */
export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('One sentence: what is wrong, and what to do.'),
    instance: z.string(),
    code: z.enum([
      'cancelled',
      'deadline',
      'overloaded',
      'unavailable',
      'invalid',
      'unauthenticated',
      'forbidden',
      'not-found',
      'conflict',
      'too-large',
      'unsupported',
      'internal',
    ]),
    retryAfterMs: milliseconds.exactOptional(),
    problems: plain.exactOptional().describe('What exactly is wrong with the input, one sentence each.'),
    crowd: plain.exactOptional().describe('Of a full lane: which, its places, who waits there.'),
  })
  .register(named, { id: 'Problem', description: 'A problem document (RFC 9457).' })

/** See {@link import('./errors.ts').OpenAIError}. */
export const openAIError = z
  .strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .register(named, { id: 'OpenAIError' })
