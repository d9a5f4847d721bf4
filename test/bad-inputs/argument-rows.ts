// Arguments of the wrong shape: limits, spans, queries, callers and folders.

import type { Code } from '../../src/core/errors.ts'
import type { Caller, Factory } from '../../src/core/factory.ts'
import type { Row } from './house.ts'

/** A call that is refused; `folder` is one that exists and is not empty. */
export interface ArgumentRow extends Row {
  code: Code
  says: readonly string[]
  call: (factory: Factory, folder: string) => unknown
}

function refused(
  given: string,
  call: ArgumentRow['call'],
  says: readonly string[],
  code: Code = 'invalid',
): ArgumentRow {
  return { given, gets: `refused: ${code}`, code, call, says }
}

/** What the compiler would refuse, as a program without one gives it. */
function loose(value: unknown): never {
  return value as never
}

const asCaller = (value: unknown): Caller => loose(value)

export const argumentRows: ArgumentRow[] = [
  refused('a list of 0 documents', (factory) => factory.list({ limit: 0 }), ['limit must be at least 1, not 0']),
  refused('a list of half a document', (factory) => factory.list({ limit: 0.5 }), [
    'limit must be a whole number, not 0.5',
  ]),
  refused('a list of documents in a state there is not', (factory) => factory.list({ status: loose('lost') }), [
    'status must be',
    'not "lost"',
  ]),
  refused('a list with a key there is not', (factory) => factory.list(loose({ tenant: 'other' })), [
    'tenant: no such field',
  ]),
  refused('a list that begins after a number', (factory) => factory.list({ after: loose(5) }), [
    'after must be of type string',
  ]),
  refused('jobs in a state there is not', (factory) => factory.jobs({ state: loose('lost') }), [
    'state must be',
    'not "lost"',
  ]),
  refused('a span that begins before the text', (factory) => factory.text('doc_1', { start: -1, end: 5 }), [
    'start must be at least 0, not -1',
  ]),
  refused('a span that ends before it starts', (factory) => factory.text('doc_1', { start: 5, end: 1 }), [
    'The span ends before it starts',
  ]),
  refused('a span of half characters', (factory) => factory.text('doc_1', { start: 0.5, end: 1 }), [
    'start must be a whole number, not 0.5',
  ]),
  refused('a span that is a text', (factory) => factory.text('doc_1', loose('0-5')), ['The span must be']),
  refused('an empty tenant', (factory) => factory.list({}, { tenant: '' }), ['tenant is empty']),
  refused('a tenant that is a number', (factory) => factory.list({}, asCaller({ tenant: 1 })), [
    'tenant must be of type string, not number',
  ]),
  refused('a tenant of 201 characters', (factory) => factory.collections({ tenant: 'x'.repeat(201) }), [
    'tenant has 201 characters',
    'at most 200',
  ]),
  refused('a tenant with half a surrogate pair', (factory) => factory.list({}, { tenant: 'a\ud800' }), [
    'tenant has characters that no text has',
  ]),
  refused('a caller that is a text', (factory) => factory.list({}, asCaller('me')), ['The caller must be']),
  refused('a signal that is none', (factory) => factory.list({}, asCaller({ signal: {} })), [
    'signal must be an AbortSignal',
  ]),
  refused('jobs to watch that are no list', (factory) => Array.fromAsync(factory.watch(loose('job_1'))), [
    '"job_1"',
    'give a list',
  ]),
  refused(
    'a backup into a folder that exists',
    (factory, folder) => factory.backup(folder),
    ['is already there', 'new folder'],
    'conflict',
  ),
  refused(
    'an export into a folder that is not empty',
    (factory, folder) => factory.export(folder),
    ['is not empty', 'new folder'],
    'conflict',
  ),
  refused(
    'an import from where nothing is',
    (factory, folder) => factory.import(`${folder}/nothing`),
    ['There is no', 'andon export'],
    'not-found',
  ),
]
