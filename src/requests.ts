// What a factory may be asked, checked before any work begins. The types promise it already; a program in plain
// JavaScript, or one at the far end of a socket, has nobody but this to tell it.

import { z } from 'zod'
import { cacheNames } from './core/caches.ts'
import { AndonError } from './core/errors.ts'
import type { Caller, DocumentSource } from './core/factory.ts'
import type { Question } from './core/question.ts'
import type { SearchRequest } from './answering/find.ts'
import { checked, filterSchema, questionText, sessionId } from './gateway/schemas.ts'
import { askedCallSchema, clientToolSchema, toolChoiceSchema, toolNames } from './gateway/tool-schemas.ts'

const id = z.string().min(1).max(200)
const name = z.string().max(1_024)

const offset = z.int().min(0)

const filter = filterSchema.extend({ excludeDocuments: z.array(id).max(1_000).optional() })

/** Unknown keys of a turn are passed over: a caller may keep more with it. */
const turn = z.looseObject({
  role: z.enum(['user', 'assistant', 'tool']),
  text: z.string(),
  toolCalls: z.array(askedCallSchema).max(128).optional(),
  callId: id.optional(),
  cited: z.array(id).optional(),
  citedFirst: z.object({ documentId: id, passageId: id, start: offset, end: offset }).optional(),
  resolved: z.string().optional(),
  answerId: id.optional(),
  versionOf: id.optional(),
})

const question = z.strictObject({
  text: questionText,
  filter: filter.optional(),
  history: z.array(turn).optional(),
  sessionId: sessionId.optional(),
  passages: z.int().min(1).max(50).optional(),
  budgetMs: z.number().min(1).max(3_600_000).optional(),
  mode: z.enum(['auto', 'extractive']).optional(),
  resumable: z.boolean().optional(),
  retryOf: id.optional(),
  tools: z.union([z.boolean(), toolNames]).optional(),
  clientTools: z.array(clientToolSchema).max(128).optional(),
  toolChoice: toolChoiceSchema.optional(),
  parallelCalls: z.boolean().optional(),
  cache: z.boolean().optional(),
})

const from = z.strictObject({ after: z.int().min(0).optional() })

/** As much as one request of 1 MB could bring over HTTP, and some more. */
const text = z.string().max(100_000)
const texts = z.object({ texts: z.array(text).max(2_048) })
const ranked = z.object({ query: questionText, texts: z.array(text).max(1_000) })

const search = z.strictObject({
  text: questionText,
  filter: filter.optional(),
  k: z.int().min(1).max(1_000).optional(),
  rerank: z.boolean().optional(),
  by: z.enum(['both', 'words', 'vectors']).optional(),
})

const source = z.strictObject({
  // Its length is told with the name itself.
  name: z.string().optional(),
  path: z.string().min(1).max(4_096).optional(),
  text: z.string().optional(),
  bytes: z
    .custom<Exclude<DocumentSource['bytes'], undefined>>(
      (bytes) =>
        bytes instanceof Uint8Array || (typeof bytes === 'object' && bytes !== null && Symbol.asyncIterator in bytes),
      'must be a Uint8Array or an async iterable of them',
    )
    .optional(),
  mediaType: z.string().max(200).optional(),
  title: z.string().max(1_024).optional(),
  collection: z.string().optional(),
  // Looked through where it is kept: see library/describe.ts.
  metadata: z.custom<object>(isPlainObject, 'must be an object of plain values').optional(),
})

const limit = z.int().min(1).optional()
const documentStates = ['waiting', 'loading', 'ready', 'failed', 'quarantined', 'removed'] as const
const documentQuery = z.strictObject({
  collection: name.optional(),
  name: name.optional(),
  status: z.enum(documentStates).optional(),
  limit,
  after: id.optional(),
})
const jobStates = ['waiting', 'running', 'done', 'failed', 'cancelled', 'dead'] as const
const jobQuery = z.strictObject({
  state: z.enum(jobStates).optional(),
  documentId: id.optional(),
  limit,
  after: id.optional(),
})

const span = z
  .strictObject({ start: offset, end: offset })
  .refine(({ start, end }) => start <= end, 'ends before it starts')

/** Null removes a key of the metadata; what else is in it is looked through where it is kept. */
const change = z.strictObject({
  title: z.string().max(1_024).optional(),
  metadata: z.custom<object>(isPlainObject, 'must be an object of plain values').optional(),
})

const time = z.int().min(0)
const sessionQuery = z.strictObject({
  search: z.string().max(1_000).optional(),
  limit: z.int().min(1).max(10_000).optional(),
  before: z.union([time, z.strictObject({ updatedAt: time, id: sessionId })]).optional(),
})

/** A name that a person gives: shown in lists, so that it says something and can be shown. */
const label = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => text.trim() !== '', 'is empty: give it a name')
    .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'has characters that cannot be shown: leave them out')

const session = z.object({ session: sessionId })
const sessionTitle = z.object({ title: label(200) })
const onceKey = z.object({ key: label(255) })
const fingerprint = z.object({ fingerprint: z.string().min(1).max(255) })

const cacheQuery = z.strictObject({ measured: z.boolean().optional() })
const cacheName = z.object({ cache: z.enum([...cacheNames, 'all']) })

const newKey = z.strictObject({
  name: label(100),
  scopes: z
    .array(z.enum(['ask', 'load', 'admin']))
    .min(1)
    .max(3)
    .optional(),
  expiresAt: time
    .refine((at) => at > Date.now(), 'is over already: give a time to come, in Unix milliseconds')
    .optional(),
})

const caller = z.looseObject({
  tenant: z
    .string()
    .min(1)
    .max(200)
    // Names are compared as UTF-8, where all halves of a pair are one and the same character.
    .refine((tenant) => tenant.isWellFormed() && !tenant.includes('\0'), 'has characters that no text has')
    .optional(),
  signal: z.instanceof(AbortSignal, { error: 'must be an AbortSignal' }).optional(),
  trace: z.string().max(200).optional(),
})

/** Whether a value is an object that JSON could have made. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * Throws `invalid`, naming the field, its value and what is expected, unless the value is what the function says.
 * A key that is not known is refused too: it is most likely a slip, and would silently change nothing.
 */
export const mustBe = {
  question: (value: Question): void => void checked(question, value, 'The question'),
  search: (value: SearchRequest): void => void checked(search, value, 'The search'),
  from: (value: unknown): void => void checked(from.optional(), value ?? undefined, 'The place to go on from'),
  texts: (value: string[]): void => void checked(texts, { texts: value }, 'The texts'),
  rerank: (query: string, value: string[]): void => void checked(ranked, { query, texts: value }, 'The texts'),
  source: (value: DocumentSource): void => void checked(source, value, 'The document'),
  documentQuery: (value: unknown): void => void checked(documentQuery.optional(), value ?? undefined, 'The query'),
  jobQuery: (value: unknown): void => void checked(jobQuery.optional(), value ?? undefined, 'The query'),
  span: (value: unknown): void => void checked(span.optional(), value ?? undefined, 'The span'),
  caller: (value: Caller | undefined): void => void checked(caller.optional(), value ?? undefined, 'The caller'),
  change: (value: unknown): void => void checked(change, value, 'The change'),
  session: (value: unknown): void => void checked(session, { session: value }),
  sessionQuery: (value: unknown): void => void checked(sessionQuery.optional(), value ?? undefined, 'The query'),
  sessionTitle: (value: unknown): void => void checked(sessionTitle, { title: value }),
  cacheQuery: (value: unknown): void => void checked(cacheQuery.optional(), value ?? undefined, 'The query'),
  cacheName: (value: unknown): void => void checked(cacheName, { cache: value }),
  newKey: (value: unknown): void => void checked(newKey, value, 'The key'),
  onceKey: (value: unknown): void => void checked(onceKey, { key: value }),
  fingerprint: (value: unknown): void => void checked(fingerprint, { fingerprint: value }),
  /** An id of a document or a job, or a path: `what` says which. */
  id(value: unknown, what: string): void {
    if (typeof value !== 'string' || value === '' || value.length > 4_096 || value.includes('\0'))
      throw new AndonError(
        'invalid',
        `The ${what} is ${shown(value)}: it must be a string of 1 to 4,096 characters without NUL`,
      )
  },
  /** A list of ids of jobs. */
  ids(value: unknown): void {
    if (!Array.isArray(value)) throw new AndonError('invalid', `The jobs are ${shown(value)}: give a list of their ids`)
    for (const each of value as unknown[]) mustBe.id(each, 'job id')
  },
}

function shown(value: unknown): string {
  if (typeof value === 'string')
    return value.length > 60
      ? `${JSON.stringify(value.slice(0, 60))}… (${value.length} characters)`
      : JSON.stringify(value)
  return Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'an object' : String(value)
}
