// Requests over HTTP that are wrong, hostile or hardly HTTP at all, except those in OpenAI's format.

import type { Code } from '../../src/core/errors.ts'
import type { Row } from './house.ts'
import type { Sent } from './wire.ts'

/** A request and its answer. */
export interface RequestRow extends Row {
  status: number
  code: Code
  says: readonly string[]
  /** What is sent: a request, or bare bytes. */
  sent: Sent | { raw: string | Uint8Array }
  headers?: Record<string, string>
}

export const json = { 'content-type': 'application/json' }
const asking = { question: 'When does the lighthouse open?' }

function row(
  status: number,
  code: Code,
  given: string,
  sent: RequestRow['sent'],
  says: readonly string[],
  headers?: Record<string, string>,
): RequestRow {
  return { given, gets: `${status} ${code}`, status, code, sent, says, ...(headers ? { headers } : {}) }
}

/** A question with these fields, refused as 400. */
function ask(given: string, body: unknown, says: readonly string[]): RequestRow {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return row(400, 'invalid', given, { path: '/v1/ask', headers: json, body: text }, says)
}

const field = (given: string, fields: object, says: readonly string[]): RequestRow =>
  ask(given, { ...asking, ...fields }, says)

function raw(status: number, code: Code, given: string, lines: string, says: readonly string[]): RequestRow {
  return row(status, code, given, { raw: lines }, says)
}

const ready = 'GET /health/live HTTP/1.1\r\n'
const here = 'Host: 127.0.0.1\r\nConnection: close\r\n'

export const requestRows: RequestRow[] = [
  ask('a body that is no JSON', '{"question": ', ['not valid JSON', 'quotes and commas']),
  ask('a body of words', 'When does it open?', ['not valid JSON']),
  ask('a body that is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe]).toString('latin1'), ['not valid JSON']),
  ask('no body', '', ['body is empty', 'JSON object']),
  ask('a body that is `null`', 'null', ['must be a JSON object']),
  ask('a body that is a list', [], ['must be a JSON object']),
  ask('a body nested 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000), ['levels deep']),
  ask('a body with the key __proto__', '{"question":"x","__proto__":{"polluted":true}}', [
    'key __proto__',
    'something else',
  ]),
  ask('a filter with the key __proto__', '{"question":"x","filter":{"metadata":{"__proto__":{"polluted":true}}}}', [
    'key __proto__',
    'something else',
  ]),
  ask('a body with a constructor and its prototype', '{"question":"x","constructor":{"prototype":{"polluted":true}}}', [
    'constructor: no such field',
  ]),
  ask('a body without a question', {}, ['question is missing']),
  ask('a body whose question is empty', { question: '' }, ['question is empty', 'ask something']),
  ask('a body whose question is blank', { question: ' \n ' }, ['question is empty']),
  ask('a body whose question is a number', { question: 5 }, ['question must be of type string, not number']),
  ask('a body whose question is a list', { question: ['x'] }, ['question must be of type string, not array']),
  ask('a body whose question is an object', { question: { text: 'x' } }, [
    'question must be of type string, not object',
  ]),
  ask('a body whose question has 8,001 characters', { question: 'x'.repeat(8_001) }, ['8000 characters', 'shorten it']),
  field('a field there is not', { temperature: 1 }, ['temperature: no such field']),
  field('a field with a name of 10,000 characters', { ['x'.repeat(10_000)]: 1 }, ['xxx…: no such field']),
  field('`passages` of 0', { passages: 0 }, ['passages must be at least 1, not 0']),
  field('`passages` of 51', { passages: 51 }, ['passages must be at most 50, not 51']),
  field('`passages` of 1.5', { passages: 1.5 }, ['passages must be a whole number, not 1.5']),
  field('`passages` as a text', { passages: 'big' }, ['passages must be of type number, not string']),
  field('a negative `budget_ms`', { budget_ms: -5 }, ['budget_ms must be at least 1, not -5']),
  field('a `budget_ms` of two hours', { budget_ms: 7_200_000 }, ['budget_ms must be at most 3600000, not 7200000']),
  field('`tools` that are a number', { tools: 5 }, ['tools must be true, false, or a list of names']),
  field('a result of a tool without content', { tool_results: [{ call_id: 'c' }] }, [
    'tool_results.0.content is missing',
  ]),
  field('results of tools without a session', { tool_results: [] }, ['give its session_id']),
  field('a `mode` there is not', { mode: 'fast' }, ['mode must be "auto" or "extractive", not "fast"']),
  field('an empty `session_id`', { session_id: '' }, ['session_id is empty']),
  field('a `session_id` of 201 characters', { session_id: 'x'.repeat(201) }, [
    'session_id has 201 characters',
    'at most 200',
  ]),
  field('a `session_id` with NUL', { session_id: 'a\0b' }, ['session_id has characters that no text has']),
  field('a `filter` that is a list', { filter: [] }, ['filter must be of type object, not array']),
  field('a `filter` for another tenant', { filter: { tenant: 'other' } }, ['filter.tenant: no such field']),
  field('`filter.collections` that is a text', { filter: { collections: 'a' } }, [
    'filter.collections must be of type array, not string',
  ]),
  field('`filter.documents` of 1,001', { filter: { documents: Array.from({ length: 1_001 }, () => 'd') } }, [
    'filter.documents has 1001 entries',
    'at most 1000',
  ]),
  field('`filter.metadata` that is nested', { filter: { metadata: { a: { b: { c: 1 } } } } }, [
    'filter.metadata.a must be',
  ]),
  row(
    413,
    'too-large',
    'a body over 1 MB',
    { path: '/v1/ask', headers: json, body: JSON.stringify({ question: 'x'.repeat(1_100_000) }) },
    ['larger than 1 MiB', 'Send less'],
  ),
  row(
    415,
    'unsupported',
    'a body of another content type',
    { path: '/v1/ask', headers: { 'content-type': 'text/plain' }, body: JSON.stringify(asking) },
    ['application/json'],
  ),
  row(
    415,
    'unsupported',
    'a form',
    { path: '/v1/ask', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'question=x' },
    ['application/json'],
  ),
  row(415, 'unsupported', 'a body without a content type', { path: '/v1/ask', body: JSON.stringify(asking) }, [
    'application/json',
  ]),
  row(
    415,
    'unsupported',
    'a content type that is none',
    { path: '/v1/ask', headers: { 'content-type': '/;;' }, body: JSON.stringify(asking) },
    ['application/json'],
  ),
  row(
    405,
    'unsupported',
    'a method that the path does not take',
    { method: 'GET', path: '/v1/ask' },
    ['/v1/ask does not take GET', 'Use POST'],
    { allow: 'POST' },
  ),
  row(
    405,
    'unsupported',
    'DELETE on a path that does not take it',
    { method: 'DELETE', path: '/v1/ask' },
    ['does not take DELETE', 'Use POST'],
    { allow: 'POST' },
  ),
  row(404, 'not-found', 'a path there is not', { method: 'GET', path: '/v1/nothing?x=1' }, [
    'nothing at GET /v1/nothing',
    'The page at /',
  ]),
  row(404, 'not-found', 'a path that climbs out', { method: 'GET', path: '/v1/../../etc/passwd' }, ['nothing at GET']),
  row(404, 'not-found', 'a path that climbs out, encoded', { method: 'GET', path: '/%2e%2e/%2e%2e/etc/passwd' }, [
    'nothing at GET',
  ]),
  row(400, 'invalid', 'a path with a broken escape', { method: 'GET', path: '/v1/%zz' }, ['not a valid URL path']),
  row(404, 'not-found', 'a path of 10,000 characters', { method: 'GET', path: `/${'x'.repeat(10_000)}` }, [
    'nothing at GET /xxx',
    '…',
  ]),
  raw(403, 'forbidden', 'a Host header of somebody else', `${ready}Host: evil.example\r\nConnection: close\r\n\r\n`, [
    '"evil.example"',
    'Use http://127.0.0.1',
  ]),
  raw(
    403,
    'forbidden',
    'a Host header that only begins like this machine',
    `${ready}Host: 127.0.0.1.evil.example\r\nConnection: close\r\n\r\n`,
    ['127.0.0.1.evil.example'],
  ),
  raw(403, 'forbidden', 'an empty Host header', `${ready}Host: \r\nConnection: close\r\n\r\n`, [
    'Host header',
    'Use http://127.0.0.1',
  ]),
  raw(400, 'invalid', 'no Host header', `${ready}Connection: close\r\n\r\n`, ['Host']),
  raw(
    400,
    'invalid',
    'two Host headers',
    `${ready}Host: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    ['Host'],
  ),
  raw(400, 'invalid', 'words that are no HTTP', 'hello, is anybody there?\r\n\r\n', ['no valid HTTP']),
  raw(400, 'invalid', 'the beginning of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n', ['no valid HTTP']),
  raw(400, 'invalid', 'a header with a space in its name', `${ready}${here}bad name: x\r\n\r\n`, ['no valid HTTP']),
  raw(400, 'invalid', 'a header folded over two lines', `${ready}${here}x: a\r\n\tb\r\n\r\n`, ['no valid HTTP']),
  raw(
    400,
    'invalid',
    'a body with a length that is no number',
    `POST /v1/ask HTTP/1.1\r\n${here}content-type: application/json\r\ncontent-length: many\r\n\r\n{}`,
    ['no valid HTTP'],
  ),
  raw(
    400,
    'invalid',
    'a body with two lengths',
    `POST /v1/ask HTTP/1.1\r\n${here}content-type: application/json\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
    ['no valid HTTP'],
  ),
  raw(
    400,
    'invalid',
    'a body with a length and in chunks',
    `POST /v1/ask HTTP/1.1\r\n${here}content-type: application/json\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ['no valid HTTP'],
  ),
  raw(
    400,
    'invalid',
    'chunks that are none',
    `POST /v1/ask HTTP/1.1\r\n${here}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
    ['no valid HTTP'],
  ),
  raw(431, 'too-large', 'a header of 100,000 characters', `${ready}${here}x: ${'y'.repeat(100_000)}\r\n\r\n`, [
    'headers',
    'smaller',
  ]),
  raw(
    431,
    'too-large',
    'ten thousand headers',
    `${ready}${here}${Array.from({ length: 10_000 }, (_, at) => `x-${at}: y\r\n`).join('')}\r\n`,
    ['headers', 'smaller'],
  ),
]

/** Clients that go before they are answered. */
export const leavingRows = {
  sending: { given: 'a client that leaves in the middle of sending', gets: 'nothing; nobody else is affected' },
  reading: { given: 'a client that leaves in the middle of the answer', gets: 'nothing more; the answer is cancelled' },
} satisfies Record<string, Row>
