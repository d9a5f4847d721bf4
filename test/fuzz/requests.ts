// Requests as the description of the API allows them, and as it does not: paths, queries, headers and bodies.

import fc from 'fast-check'
import { anything, nearlyOf, spelled, texts, valuesOf, type Schema } from './values.ts'

interface Parameter {
  name: string
  in: string
  schema?: Schema
}

interface Operation {
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, { schema?: Schema }> }
}

/** The description of the API, as far as it is read here. */
export interface Description {
  paths: Record<string, Record<string, Operation>>
  components: { schemas?: Record<string, Schema> }
}

/** A request that can be sent, and printed. */
export interface Sent {
  method: string
  path: string
  headers: Record<string, string>
  body?: string | Buffer
}

/** A request of every operation, each as often as the others. */
export function requestsOf(description: Description, ids: Record<string, string>): fc.Arbitrary<Sent> {
  const all = description.components.schemas ?? {}
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => requestOf(method.toUpperCase(), path, operation, all, ids)),
  )
  return fc.oneof(...operations, nowhere)
}

/** Paths where nothing is, and methods that nobody takes. */
const nowhere: fc.Arbitrary<Sent> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'SEARCH'),
  path: fc.oneof(
    fc.constantFrom(
      '/',
      '//',
      '/v1',
      '/v1/',
      '/v1/ask/',
      '/%',
      '/%00',
      '/%ff',
      '/v1/%61sk',
      '/..%2f..%2fetc/passwd',
      '/s/x',
      '/assets/../../package.json',
      '/library',
      '*',
      '/?',
      '/v1/ask;a=b',
      '/openapi.json',
      '/favicon.svg',
      '/v1/models/',
      '/v1/documents//text',
    ),
    texts.map((text) => `/${encodeURIComponent(text.toWellFormed())}`),
  ),
  headers: fc.constant({}),
})

function requestOf(
  method: string,
  path: string,
  operation: Operation,
  all: Record<string, Schema>,
  ids: Record<string, string>,
): fc.Arbitrary<Sent> {
  const { parameters = [], requestBody } = operation
  const inPath = parameters.filter((each) => each.in === 'path')
  const inQuery = parameters.filter((each) => each.in === 'query')
  return fc
    .record({
      segments: fc.tuple(...inPath.map(() => segments(ids))),
      query: fc.tuple(
        ...inQuery.map(({ schema = {} }) => fc.option(nearlyOf(schema, all), { nil: undefined, freq: 1 })),
      ),
      more: fc.oneof(
        { weight: 6, arbitrary: fc.constant('') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            '%',
            'a[]=1&a[]=2',
            '&&==',
            '%00=%ff',
            'limit=1&limit=2',
            '__proto__=1',
            `x=${'y'.repeat(4_000)}`,
            'after=%ED%A0%80',
          ),
        },
      ),
      headers: headers(ids),
      body: requestBody === undefined ? bodyForNone : bodies(requestBody.content ?? {}, all, ids),
    })
    .map(({ segments, query, more, headers, body }) => {
      let at = 0
      const filled = path.replaceAll(/\{\*?\w+\}/g, () => segments[at++] ?? 'x')
      const given = query.flatMap((value, place): string[] => {
        const name = inQuery[place]?.name ?? ''
        return value === undefined ? [] : [`${encodeURIComponent(name)}=${encoded(plain(value, ids))}`]
      })
      if (more !== '') given.push(more)
      const whole = given.length === 0 ? filled : `${filled}?${given.join('&')}`
      return {
        method,
        path: whole.slice(0, 12_000),
        headers: { ...body.headers, ...headers },
        ...('body' in body ? { body: body.body } : {}),
      }
    })
}

/** A value as a query says it. */
function plain(value: unknown, ids: Record<string, string>): string {
  const text = spelled(value, ids)
  const bare: unknown = typeof value === 'string' && text.startsWith('"') ? JSON.parse(text) : text
  return typeof bare === 'string' ? bare.slice(0, 3_000) : text.slice(0, 3_000)
}

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

function segments(ids: Record<string, string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...Object.values(ids)) },
    { weight: 2, arbitrary: texts.map(encoded) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        '%00',
        '%ff',
        '%',
        '%2e%2e%2f',
        '.',
        '..',
        'x'.repeat(900),
        'x'.repeat(3_000),
        '%ED%A0%80',
        '00000000-0000-0000-0000-000000000000',
        'resp_',
        'andon/',
        'andon%2Fhouses',
        'andon/houses',
      ),
    },
  )
}

/** Headers that a request may have, with what they may say. Those that Node's client would not write are in `raw.ts`. */
function headers(ids: Record<string, string>): fc.Arbitrary<Record<string, string>> {
  const any = fc.constantFrom('', ' ', '*', '-1', '0', 'ÿþ', ';;;,,,', '"', 'x'.repeat(2_000), ids['answer'] ?? '')
  const events = fc.constantFrom('1', '0', '-1', '99999999999999999999', 'x', '').map((at) => `${ids['answer']}.${at}`)
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const each: Record<string, fc.Arbitrary<string>> = {
    accept: fc.constantFrom('application/json', 'text/event-stream', '*/*', 'text/html', ''),
    'accept-encoding': fc.constantFrom('gzip', 'br;q=1, *;q=0', 'identity;q=0', ''),
    authorization: fc.constantFrom('Bearer x', 'Bearer andon_x', 'Basic eDp5', '', `Bearer ${'a.'.repeat(500)}`),
    connection: fc.constantFrom('close', 'keep-alive', 'upgrade'),
    'content-encoding': fc.constantFrom('gzip', 'identity', 'br', 'x'),
    cookie: fc.constantFrom('a=b', '=', ';'),
    expect: fc.constantFrom('100-continue', '200-ok'),
    host: fc.constantFrom('evil.example', '', '127.0.0.1', 'localhost:99999', '[::1]', '[', 'a b', '127.0.0.1@x'),
    'idempotency-key': fc.oneof(fc.constantFrom('k1', 'k2', 'k3'), any, fc.uuid()),
    'if-none-match': fc.constantFrom('*', '"x"', 'W/"', ''),
    'if-range': fc.constantFrom('"x"', 'Mon, 01 Jan 2001 00:00:00 GMT'),
    'last-event-id': fc.oneof(any, events),
    origin: fc.constantFrom('null', 'http://evil.example', 'http://127.0.0.1', 'x'),
    range: fc.constantFrom(
      'bytes=0-0',
      'bytes=-1',
      'bytes=5-2',
      'bytes=0-,1-',
      'bytes=99999999999999999999-',
      'x=1',
      'bytes=-',
    ),
    traceparent: fc.constantFrom(trace, `${trace}x`, '00-0-0-0', '', 'ff-'),
    'transfer-encoding': fc.constantFrom('chunked'),
    upgrade: fc.constantFrom('websocket', 'h2c'),
    'x-api-key': any,
    'x-forwarded-for': fc.constantFrom('1.2.3.4', '', 'x'),
    'x-http-method-override': fc.constant('DELETE'),
    'x-request-id': any,
  }
  const one = fc.constantFrom(...Object.keys(each)).chain((name) => (each[name] ?? any).map((value) => [name, value]))
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    {
      weight: 2,
      arbitrary: fc
        .array(one, { minLength: 1, maxLength: 4 })
        .map((list) => Object.fromEntries(list) as Record<string, string>),
    },
  )
}

type Body = { headers: Record<string, string>; body?: string | Buffer }

const json = { 'content-type': 'application/json' }

const bodyForNone: fc.Arbitrary<Body> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ headers: {} }) },
  { weight: 1, arbitrary: fc.constant({ headers: json, body: '{"a":1}' }) },
  { weight: 1, arbitrary: fc.constant({ headers: json, body: '' }) },
)

const contentTypes = fc.constantFrom(
  '',
  'text/plain',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'multipart/mixed; boundary=x',
  'application/jsonx',
  'application/octet-stream',
  '/',
  'application/problem+json',
  'ÿ',
)

function bodies(
  content: Record<string, { schema?: Schema }>,
  all: Record<string, Schema>,
  ids: Record<string, string>,
): fc.Arbitrary<Body> {
  const schema = content['application/json']?.schema ?? {}
  const right = valuesOf(schema, all).map((value): Body => ({ headers: json, body: spelled(value, ids) }))
  const nearly = nearlyOf(schema, all).map((value): Body => ({ headers: json, body: spelled(value, ids) }))
  const cut = fc
    .tuple(nearly, fc.nat())
    .map(([{ body = '' }, at]): Body => ({ headers: json, body: body.slice(0, at % (body.length + 1)) }))
  const bytes = fc.uint8Array({ maxLength: 200 }).map((some): Body => ({ headers: json, body: Buffer.from(some) }))
  const otherwise = fc
    .tuple(right, contentTypes)
    .map(([{ body = '' }, type]): Body => ({ headers: type === '' ? {} : { 'content-type': type }, body }))
  const any = anything.map((value): Body => ({ headers: json, body: spelled(value, ids) }))
  const marked = right.map(({ body = '' }): Body => ({ headers: json, body: `\uFEFF${String(body)}` }))
  return fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 6, arbitrary: nearly },
    ...[cut, bytes, otherwise, any, marked].map((arbitrary) => ({ weight: 1, arbitrary })),
  )
}
