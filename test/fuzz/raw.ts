// Bytes that are hardly HTTP, and forms that are hardly forms.

import fc from 'fast-check'

const head = 'Host: 127.0.0.1\r\n'
const jsonBody = '{"question":"When does the lighthouse open?"}'
const ask = `POST /v1/ask HTTP/1.1\r\n${head}Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: ${jsonBody.length}\r\n\r\n${jsonBody}`

/** A whole form of one file, whose name tells it from others. */
export function form(name: string, boundary = 'edge'): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/markdown\r\n\r\n# ${name}\r\n--${boundary}--\r\n`
}

/** A request that uploads a form, said to be so long. */
export function upload(
  body: string,
  type = 'multipart/form-data; boundary=edge',
  length = Buffer.byteLength(body),
): string {
  return `POST /v1/documents HTTP/1.1\r\n${head}Content-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`
}

/** Requests that are right. */
export const whole = [ask, upload(form('whole.md')), `GET /health/live HTTP/1.1\r\n${head}\r\n`]

const part = (headers: string, body = 'x'): string => `--edge\r\n${headers}\r\n\r\n${body}\r\n`
const end = '--edge--\r\n'
const field = (name: string, value: string): string => part(`Content-Disposition: form-data; name="${name}"`, value)

/** Requests that are wrong in ways that have names. */
export const known: Record<string, string> = {
  'a body twice as long as it is said to be': ask.replace(/Length: \d+/, 'Length: 20'),
  'a body that is not as long as it is said to be': ask.replace(/Length: \d+/, 'Length: 5000'),
  'a length below zero': ask.replace(/Length: \d+/, 'Length: -1'),
  'a length with a sign': ask.replace(/Length: \d+/, 'Length: +45'),
  'a length of twenty digits': ask.replace(/Length: \d+/, `Length: ${'9'.repeat(20)}`),
  'two lengths': ask.replace('Content-Length', 'Content-Length: 1\r\nContent-Length'),
  'a length and chunks': ask.replace('Content-Length', 'Transfer-Encoding: chunked\r\nContent-Length'),
  'a length and chunks, with another request inside': `POST /v1/ask HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nDELETE /v1/documents/x HTTP/1.1\r\n${head}\r\n`,
  'chunks twice': ask.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked, chunked'),
  'chunks behind identity': ask.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked, identity'),
  'a space before the colon': ask.replace('Content-Length:', 'Content-Length :'),
  'a folded header': ask.replace('Accept:', 'X: a\r\n b\r\nAccept:'),
  'a chunk of no number': `POST /v1/ask HTTP/1.1\r\n${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
  'a chunk without end': `POST /v1/ask HTTP/1.1\r\n${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}`,
  'a large extension of a chunk': `POST /v1/ask HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\n{\r\n0\r\n\r\n`,
  trailers: `POST /v1/ask HTTP/1.1\r\n${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\n{}\r\n0\r\nX: 1\r\nContent-Length: 9\r\n\r\n`,
  'no method': `/v1/ask HTTP/1.1\r\n${head}\r\n`,
  'a method of its own': `ASK /v1/ask HTTP/1.1\r\n${head}\r\n`,
  'no version': `GET /v1/me\r\n${head}\r\n`,
  'HTTP/9.9': `GET /v1/me HTTP/9.9\r\n${head}\r\n`,
  'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'HTTP/0.9': 'GET /\r\n',
  TLS: '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  CONNECT: `CONNECT example.org:443 HTTP/1.1\r\n${head}\r\n`,
  'an address of another host': `GET http://evil.example/v1/me HTTP/1.1\r\n${head}\r\n`,
  'an address of another kind': `GET file:///etc/passwd HTTP/1.1\r\n${head}\r\n`,
  'a star': `OPTIONS * HTTP/1.1\r\n${head}\r\n`,
  'a path of 20,000 characters': `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${head}\r\n`,
  'a NUL in the path': `GET /\0 HTTP/1.1\r\n${head}\r\n`,
  'a NUL in a header': `GET / HTTP/1.1\r\n${head}X: a\0b\r\n\r\n`,
  'bytes in the path': `GET /\u00ff\u00fe HTTP/1.1\r\n${head}\r\n`,
  'a header of 100,000 characters': `GET / HTTP/1.1\r\n${head}X: ${'a'.repeat(100_000)}\r\n\r\n`,
  '5,000 headers': `GET / HTTP/1.1\r\n${head}${'X: y\r\n'.repeat(5_000)}\r\n`,
  'no Host': 'GET / HTTP/1.1\r\n\r\n',
  'two Hosts': `GET / HTTP/1.1\r\n${head}${head}\r\n`,
  'lines that end too early': `GET / HTTP/1.1\n${head.replace('\r', '')}\n`,
  'a bare return in a header': `GET / HTTP/1.1\r\n${head}X: a\rY: b\r\n\r\n`,
  'empty lines only': '\r\n'.repeat(1_000),
  'an upgrade to nothing': `GET / HTTP/1.1\r\n${head}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n`,
  'an upgrade with a body': ask.replace('Accept:', 'Connection: upgrade\r\nUpgrade: websocket\r\nAccept:'),
  'a form without a boundary': upload(form('a.md'), 'multipart/form-data'),
  'a form with an empty boundary': upload(form('a.md'), 'multipart/form-data; boundary='),
  'a form with another boundary': upload(form('a.md'), 'multipart/form-data; boundary=other'),
  'a form with a boundary of 5,000 characters': upload(
    form('a.md'),
    `multipart/form-data; boundary=${'b'.repeat(5_000)}`,
  ),
  'a form that is cut': upload(form('a.md').slice(0, 90)),
  'a form that is cut before its length': upload(form('a.md').slice(0, 90), undefined, 500),
  'an empty form': upload(''),
  'a form of an end': upload(end),
  'a form in a form': upload(
    part(
      'Content-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=in',
      `--in\r\nContent-Disposition: file; filename="b.md"\r\n\r\nx\r\n--in--`,
    ) + end,
  ),
  'a form of 1,000 fields': upload(Array.from({ length: 1_000 }, (_, at) => field(`f${at}`, 'x')).join('') + end),
  'a form of 1,000 titles': upload(field('title', 'x').repeat(1_000) + form('a.md')),
  'a form of 200 files': upload(
    Array.from({ length: 200 }, (_, at) =>
      part(`Content-Disposition: form-data; name="file"; filename="n${at % 3}.md"`),
    ).join('') + end,
  ),
  'a form with a huge header': upload(
    part(`Content-Disposition: form-data; name="file"; filename="${'n'.repeat(100_000)}"`) + end,
  ),
  'a form with 500 headers in a part': upload(
    part(`${'X: y\r\n'.repeat(500)}Content-Disposition: form-data; name="file"; filename="a.md"`) + end,
  ),
  'a form with a field of 1 MB': upload(field('metadata', 'x'.repeat(1_000_000)) + end),
  'a form with metadata that is no JSON': upload(field('metadata', '{') + form('a.md')),
  'a form with deep metadata': upload(
    field('metadata', '{"a":'.repeat(9_000) + '1' + '}'.repeat(9_000)) + form('a.md'),
  ),
  'a form with a field named __proto__': upload(field('__proto__', 'x') + form('a.md')),
  'a form with a field named constructor': upload(field('constructor', 'x') + form('a.md')),
  'a form with a file without a name': upload(part('Content-Disposition: form-data; name="file"; filename=""') + end),
  'a form with a file named ..': upload(
    part('Content-Disposition: form-data; name="file"; filename="../../etc/passwd"') + end,
  ),
  'a form with a NUL in a name': upload(part('Content-Disposition: form-data; name="file"; filename="a\0b.md"') + end),
  'a form with a broken charset': upload(
    part(`Content-Disposition: form-data; name="file"; filename*=utf-16''%ff%fe`) + end,
  ),
  'a form with a part without a header': upload(`--edge\r\n\r\nx\r\n${end}`),
  'a form with an unknown encoding': upload(
    part('Content-Disposition: form-data; name="file"; filename="a.md"\r\nContent-Transfer-Encoding: base64', '!!!') +
      end,
  ),
}

/** A change to bytes. */
const changes = fc.record({
  at: fc.nat(),
  take: fc.nat(8),
  put: fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc
      .constantFrom('\r\n', '\0', ':', ' ', '\r\n\r\n', '--edge', 'HTTP/1.1', '\u00ff')
      .map((text) => Buffer.from(text, 'latin1')),
  ),
})

/** Right requests with a few bytes changed, cut, or put in; and bytes without any sense. */
export const rawBytes: fc.Arbitrary<Buffer> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...whole, ...Object.values(known).filter(({ length }) => length < 2_000)),
        fc.array(changes, { minLength: 1, maxLength: 4 }),
      )
      .map(([text, list]) =>
        list.reduce(
          (bytes, { at, take, put }) => {
            const place = at % (bytes.length + 1)
            return Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + take)])
          },
          Buffer.from(text, 'latin1'),
        ),
      ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
)
