import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { startService } from '../../../test/tool-fixtures/openapi/service.ts'
import type { Echo, Service } from '../../../test/tool-fixtures/openapi/service.ts'
import { ToolRegistry } from '../registry.ts'
import type { ToolResult } from '../tool.ts'
import type { OpenApiOptions } from './openapi.ts'

const shop = new URL('../../../test/tool-fixtures/openapi/shop.yaml', import.meta.url)
const places = ['inline', 'thread', 'process'] as const

type Input = Parameters<ToolRegistry['executeToolCalls']>[0][number]['arguments']

/** A document with one operation for each path, called as the path is without its slash. */
function pathsOf(...paths: string[]): object {
  const responses = { 200: { description: 'Fine' } }
  const method = (path: string): string => (path.startsWith('POST ') ? 'post' : 'get')
  const described = paths.map((path) => {
    const bare = path.replace(/^POST /, '')
    return [bare, { [method(path)]: { operationId: bare.slice(1), responses } }]
  })
  return { openapi: '3.1.0', info: { title: 'Any', version: '1' }, paths: Object.fromEntries(described) }
}

describe('a service', () => {
  let service: Service
  let registry: ToolRegistry
  before(async () => {
    service = await startService()
    registry = new ToolRegistry({ mode: 'inline' })
  })
  after(async () => {
    await registry[Symbol.asyncDispose]()
    await service[Symbol.asyncDispose]()
  })

  async function asked(
    spec: object | URL,
    name: string,
    input: Input,
    options: OpenApiOptions = {},
  ): Promise<ToolResult> {
    await using own = new ToolRegistry({ mode: 'inline' })
    await own.registerOpenApi(spec, { baseUrl: `${service.url}/v1`, ...options })
    const [result] = await own.executeToolCalls([{ id: name, name, arguments: input }])
    assert.ok(result)
    return result
  }

  async function echo(name: string, input: Input, options: OpenApiOptions = {}): Promise<Echo> {
    const result = await asked(shop, name, input, options)
    assert.equal(result.error, undefined)
    return result.value as unknown as Echo
  }

  const get = (path: string, options: OpenApiOptions = {}): Promise<ToolResult> =>
    asked(pathsOf(path), path.slice(path.indexOf('/') + 1), {}, { baseUrl: service.url, ...options })

  test('arguments go where the document says', async () => {
    const said = await echo('getItem', { id: 7, query_id: 'me & you', 'X-Trace': 'a b' })
    assert.equal(said.url, '/v1/items/7?id=me%20%26%20you')
    assert.equal(said.headers['x-trace'], 'a b')
    const put = await echo('putItem', { id: 7, name: null, secret: 's', parts: [{ name: 'p', secret: 't' }] })
    assert.equal(put.method, 'PUT')
    assert.equal(put.headers['content-type'], 'application/json')
    assert.deepEqual(JSON.parse(put.body), { name: null, secret: 's', parts: [{ name: 'p', secret: 't' }] })
    const bare = await echo('addItem', {})
    assert.equal(bare.headers['content-type'], undefined)
    const added = await echo('addItem', { body: { name: 'n', price: { amount: 2 } } })
    assert.deepEqual(JSON.parse(added.body), { name: 'n', price: { amount: 2 } })
  })

  test('lists and objects are written in the style that the document says', async () => {
    const { url } = await echo('findItems', {
      filter_name_: 'ä',
      color: ['red', 'light blue'],
      size: [1, 2],
      pipes: ['a', 'b|c'],
      where: { size: { from: 1 }, tags: ['x', 'y'] },
      json: { a: [1] },
    })
    assert.equal(
      url,
      '/v1/items?filter%5Bname%5D=%C3%A4&color=red&color=light%20blue&size=1,2&pipes=a%7Cb%7Cc' +
        '&where%5Bsize%5D%5Bfrom%5D=1&where%5Btags%5D=x&where%5Btags%5D=y&json=%7B%22a%22%3A%5B1%5D%7D',
    )
  })

  test('forms, and files among their parts', async () => {
    const login = await echo('logIn', { user: 'a&b', roles: ['x', 'y'] })
    assert.equal(login.body, 'user=a%26b&roles=x&roles=y')
    const { body, headers } = await echo('addPicture', {
      picture: { base64: Buffer.from([137, 80]).toString('base64'), filename: 'a"\r\n.png' },
      more: [{ base64: 'AA==', mediaType: 'text/plain\r\nx: y' }],
      about: { title: 'T' },
      note: 'n',
    })
    assert.match(String(headers['content-type']), /^multipart\/form-data; boundary=/)
    assert.ok(body.includes('name="picture"; filename="a%22%0D%0A.png"\r\ncontent-type: image/png\r\n\r\n\u0089P\r\n'))
    assert.ok(body.includes('name="more"; filename="more"\r\ncontent-type: application/octet-stream\r\n\r\n\0\r\n'))
    assert.ok(body.includes('name="about"\r\ncontent-type: application/json\r\n\r\n{"title":"T"}\r\n'))
    assert.ok(body.includes('name="note"\r\n\r\nn\r\n'))
  })

  test('an argument leads neither to another host nor out of the base URL', async () => {
    const spec = {
      ...pathsOf(),
      paths: {
        '/files/{name}{more}': {
          get: {
            operationId: 'file',
            parameters: [
              { name: 'name', in: 'path', required: true, schema: { type: 'string' } },
              { name: 'more', in: 'path', required: true, schema: { type: 'string' } },
              { name: 'Host', in: 'header', schema: { type: 'string' } },
              { name: 'note', in: 'header', schema: { type: 'string' } },
            ],
            responses: { 200: { description: 'Fine' } },
          },
        },
      },
    }
    const url = async (name: string, more: string): Promise<unknown> => {
      const { value, error } = await asked(spec, 'file', { name, more })
      return error ? error.message : (value as unknown as Echo).url
    }
    assert.equal(await url('../../secret', '?a=b#c'), '/v1/files/..%2F..%2Fsecret%3Fa%3Db%23c')
    assert.equal(await url('//evil.test', '\\'), '/v1/files/%2F%2Fevil.test%5C')
    assert.equal(await url('%2e%2e', '%2f'), '/v1/files/%252e%252e%252f')
    assert.match(String(await url('.', '.')), /leads elsewhere/)
    assert.match(String(await url('', 'x')), /name is empty/)
    assert.match(String(await url('\ud800', 'x')), /half a character/)
    const host = await asked(spec, 'file', { name: 'a', more: 'b', Host: 'evil.test' })
    assert.equal(host.error?.kind, 'invalid-arguments')
    const note = await asked(spec, 'file', { name: 'a', more: 'b', note: 'x\r\nhost: evil.test' })
    assert.match(String(note.error?.message), /no line breaks/)
  })

  test('secrets go along where the document asks for them, and nowhere else', async () => {
    const auth = { schemes: { key: 'k-123' } }
    assert.equal((await echo('putItem', { id: 1, name: 'n', secret: 's' }, { auth })).headers['shop-key'], 'k-123')
    assert.equal((await echo('deleteItem', { id: 1 }, { auth })).headers['shop-key'], undefined)
    const basic = { basic: { username: 'me', password: 'p' } }
    const plain = await echo('getItem', { id: 1 }, { auth: basic, headers: { 'X-Trace': 'fixed' } })
    assert.equal(plain.headers['authorization'], `Basic ${btoa('me:p')}`)
    assert.equal(plain.headers['x-trace'], 'fixed')
    const query = await echo('getItem', { id: 1, query_id: 'me' }, { auth: { query: 'api_key', value: 'a b' } })
    assert.equal(query.url, '/v1/items/1?id=me&api_key=a%20b')
  })

  test('what comes back is JSON, text, bytes or nothing', async () => {
    assert.equal((await get('/text')).value, 'grün')
    assert.deepEqual((await get('/bytes')).value, { mediaType: 'image/png', base64: 'AQL6' })
    assert.equal((await get('/nothing')).value, null)
    assert.deepEqual((await get('/made')).value, { status: 201, location: '/things/7' })
    assert.match((await get('/not-json')).error?.message ?? '', /says that it answers JSON, and does not/)
    const large = await get('/large', { maxResponseBytes: 10_000 })
    assert.equal(large.error?.kind, 'output-too-large')
  })

  test('an answer that is no success is a failure with its status and what it says, without secrets', async () => {
    const broken = await get('/broken')
    assert.equal(broken.error?.kind, 'failed')
    assert.match(broken.error?.message ?? '', /^The service Any at 127\.0\.0\.1:\d+ answered 500: \{"error":"no"\}$/)
    const busy = await get('POST /busy')
    assert.match(busy.error?.message ?? '', /answered 429; it asks to wait 7 s: /)
    assert.equal(busy.error?.retryable, true)
    assert.equal((await get('POST /down')).error?.retryable, true)
    assert.equal((await get('POST /broken')).error?.retryable, false)
    const refused = await get('/refused', { auth: { bearer: 'very-secret' } })
    assert.match(String(refused.error?.message), /answered 401: \{"youSent":"…"\}/)
    assert.equal(refused.error?.retryable, false)
  })

  test('an answer may lead on to another place of the service, and to no other', async () => {
    assert.equal((await get('/moved')).value, 'grün')
    assert.match(String((await get('/moved-away')).error?.message), /leads away to http:\/\/127\.0\.0\.2:1/)
    assert.match(String((await get('/moved-again')).error?.message), /leads on more than 3 times/)
    const beside = await asked(
      pathsOf('/moved'),
      'moved',
      {},
      { baseUrl: service.url.replace('127.0.0.1', 'localhost') },
    )
    assert.equal(beside.ok, true)
  })

  test('what may be asked twice is asked again when its connection was cut; of the rest it is said that it is not known', async () => {
    assert.equal((await get('/cut-once')).value, 'whole')
    const twice = await get('/cut-always')
    assert.match(String(twice.error?.message), /cannot be reached/)
    assert.equal(twice.error?.retryable, true)
    const before = service.asked
    const once = await get('POST /cut-always')
    assert.match(String(once.error?.message), /whether it did what it was asked is unknown/)
    assert.equal(once.error?.retryable, false)
    assert.equal(service.asked, before + 1)
  })

  test('a service that is not there is told as such', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const { error } = await get('/text', { baseUrl: `http://127.0.0.1:${port}` })
    assert.match(String(error?.message), /cannot be reached \(.*ECONNREFUSED.*\): see that it runs/)
    assert.equal(error?.retryable, true)
  })
})

for (const mode of places) {
  test(`${mode}: connections stay open, the time that is left travels along, and leaving is heard by the service`, async () => {
    await using service = await startService()
    await using registry = new ToolRegistry({ mode, executor: { workers: 2 } })
    await registry.registerOpenApi(pathsOf('/echo', '/hang'), { baseUrl: service.url, connections: 4 })
    await registry.registerOpenApi(`${service.url}/openapi.json`, { connections: 4 })
    for (let batch = 0; batch < 3; batch += 1) {
      const calls = Array.from({ length: 50 }, (_, a) => ({ id: String(a), name: 'add', arguments: { a, b: batch } }))
      const results = await registry.executeToolCalls(calls)
      assert.deepEqual(
        results.map(({ value }) => value),
        calls.map(({ arguments: { a, b } }) => a + b),
      )
      assert.ok(results.every(({ place }) => place === mode))
    }
    assert.ok(service.sockets <= 2 * 4 + 2, `${service.sockets} connections`)
    const [told] = await registry.executeToolCalls([{ id: 'e', name: 'echo', arguments: {} }], { deadlineMs: 9_000 })
    const budget = Number(((told?.value ?? {}) as unknown as Echo).headers['x-andon-budget-ms'])
    assert.ok(budget > 0 && budget <= 9_000, String(budget))

    const leaving = new AbortController()
    const hanging = registry.executeToolCalls([{ id: 'h', name: 'hang', arguments: {} }], { signal: leaving.signal })
    await service.hung
    leaving.abort()
    const [left] = await hanging
    assert.equal(left?.error?.kind, 'cancelled')
    await service.left
  })
}
