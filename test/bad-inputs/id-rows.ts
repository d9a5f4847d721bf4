// Ids that nobody has, ids of another tenant, and ids that are none, on every method that takes one.

import type { Factory } from '../../src/core/factory.ts'
import type { Row } from './house.ts'

/** The ids of a document and of its job. */
export interface Ids {
  document: string
  job: string
}

/** A method that takes an id, called with one. */
export interface IdRow {
  method: string
  call: (factory: Factory, ids: Ids, tenant: string) => unknown
  /** What it gives for an id that is not there: an error, or the same as for an empty library. */
  gives: 'not-found' | 'nothing'
}

export const idRows: IdRow[] = [
  {
    method: 'document',
    gives: 'not-found',
    call: (factory, ids, tenant) => factory.document(ids.document, { tenant }),
  },
  {
    method: 'text',
    gives: 'not-found',
    call: (factory, ids, tenant) => factory.text(ids.document, undefined, { tenant }),
  },
  {
    method: 'text of a span',
    gives: 'not-found',
    call: (factory, ids, tenant) => factory.text(ids.document, { start: 0, end: 5 }, { tenant }),
  },
  {
    method: 'remove',
    gives: 'not-found',
    call: (factory, ids, tenant) => factory.remove(ids.document, {}, { tenant }),
  },
  {
    method: 'remove now',
    gives: 'not-found',
    call: (factory, ids, tenant) => factory.remove(ids.document, { now: true }, { tenant }),
  },
  { method: 'restore', gives: 'not-found', call: (factory, ids, tenant) => factory.restore(ids.document, { tenant }) },
  { method: 'explain', gives: 'not-found', call: (factory, ids, tenant) => factory.explain(ids.job, { tenant }) },
  { method: 'cancel', gives: 'not-found', call: (factory, ids, tenant) => factory.cancel(ids.job, { tenant }) },
  { method: 'retry', gives: 'not-found', call: (factory, ids, tenant) => factory.retry(ids.job, { tenant }) },
  {
    method: 'watch',
    gives: 'not-found',
    call: (factory, ids, tenant) => Array.fromAsync(factory.watch([ids.job], { tenant })),
  },
  {
    method: 'jobs of a document',
    gives: 'nothing',
    call: (factory, ids, tenant) => factory.jobs({ documentId: ids.document }, { tenant }),
  },
  {
    method: 'search in a document',
    gives: 'nothing',
    call: (factory, ids, tenant) =>
      factory.search({ text: 'beacon', filter: { documents: [ids.document] } }, { tenant }),
  },
  {
    method: 'ask about a document',
    gives: 'nothing',
    async call(factory, ids, tenant) {
      const question = { text: 'What colour is the beacon?', filter: { documents: [ids.document] } }
      const events = await Array.fromAsync(factory.ask(question, { tenant }))
      return events.flatMap((event): unknown[] =>
        event.type === 'passages-found' ? event.passages : event.type === 'answer-end' ? event.citations : [],
      )
    },
  },
]

/** What stands in the documentation about each of the rows above. */
export const idTable: Row[] = idRows.flatMap(({ method, gives }) => {
  const gets = gives === 'not-found' ? 'refused: not-found' : 'nothing is found'
  return [
    { given: `${method}: an id that nobody has`, gets },
    { given: `${method}: an id of another tenant`, gets: `${gets}; the other tenant notices nothing` },
  ]
})

/** Ids that are none: every method refuses them alike. */
export const noIds: (Row & { id: unknown; says: readonly string[] })[] = [
  { given: 'a number for an id', gets: 'refused: invalid', id: 7, says: ['is 7', 'it must be a string'] },
  {
    given: 'an object for an id',
    gets: 'refused: invalid',
    id: { $ne: '' },
    says: ['is an object', 'it must be a string'],
  },
  { given: 'a list for an id', gets: 'refused: invalid', id: ['doc_1'], says: ['is a list', 'it must be a string'] },
  { given: 'no id', gets: 'refused: invalid', id: undefined, says: ['is undefined', 'it must be a string'] },
  { given: 'an empty id', gets: 'refused: invalid', id: '', says: ['is ""', '1 to 4,096 characters'] },
  { given: 'an id with NUL', gets: 'refused: invalid', id: 'doc_\0', says: ['without NUL'] },
  {
    given: 'an id of 5,000 characters',
    gets: 'refused: invalid',
    id: 'x'.repeat(5_000),
    says: ['5000 characters', '1 to 4,096'],
  },
]

/** A conversation belongs to a tenant too. */
export const sessionRow: Row = { given: 'a session id of another tenant', gets: 'a new, empty conversation' }
