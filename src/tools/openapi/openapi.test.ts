import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startService } from '../../../test/tool-fixtures/openapi/service.ts'
import type { Service } from '../../../test/tool-fixtures/openapi/service.ts'
import { ToolRegistry } from '../registry.ts'
import type { Tool } from '../tool.ts'
import type { OpenApiOptions } from './openapi.ts'
import type { ServiceConfig } from './operation.ts'

const shop = new URL('../../../test/tool-fixtures/openapi/shop.yaml', import.meta.url)
const head = { openapi: '3.1.0', info: { title: 'Small', version: '1' } }
const fine = { responses: { 200: { description: 'Fine' } } }
const baseUrl = 'http://127.0.0.1:1'

async function registered(spec: object | string | URL, options?: OpenApiOptions): Promise<Tool[]> {
  await using registry = new ToolRegistry({ mode: 'inline' })
  return await registry.registerOpenApi(spec, options)
}

async function one(spec: object | URL, options?: OpenApiOptions): Promise<Tool> {
  const [tool] = await registered(spec, options)
  assert.ok(tool)
  return tool
}

function configOf({ source }: Tool): ServiceConfig {
  assert.ok(source.kind === 'openapi')
  return source.connection.config as unknown as ServiceConfig
}

describe('what a document gives', () => {
  let service: Service
  before(async () => {
    service = await startService()
  })
  after(() => service[Symbol.asyncDispose]())

  test('the document of a running service gives its operations, which can be called', async () => {
    await using registry = new ToolRegistry({ mode: 'inline' })
    const tools = await registry.registerOpenApi(`${service.url}/openapi.json`, { namespace: 'calc' })
    assert.deepEqual(
      tools.map(({ name, description, traits }) => ({ name, description, traits })),
      [
        {
          name: 'calc-add',
          description: 'Adds two numbers',
          traits: { readOnly: true, idempotent: true, network: true },
        },
      ],
    )
    const [sum, wrong] = await registry.executeToolCalls([
      { id: '1', name: 'calc-add', arguments: '{"a":2,"b":40}' },
      { id: '2', name: 'calc-add', arguments: '{"a":2,"c":40}' },
    ])
    assert.equal(sum?.value, 42)
    assert.equal(wrong?.error?.kind, 'invalid-arguments')
  })

  test('a file in YAML is read with the files that it refers to', async () => {
    const tools = await registered(shop, { baseUrl })
    assert.deepEqual(tools.map(({ name }) => name).sort(), [
      'addItem',
      'addPicture',
      'deleteItem',
      'findItems',
      'getItem',
      'logIn',
      'putItem',
    ])
  })

  test('parameters and body stand side by side, clashes say where they stand, and what somebody else says is left out', async () => {
    const options = { baseUrl, auth: { schemes: { key: 'k' } } } as const
    const tool = await one(shop, { ...options, only: ['getItem'] })
    assert.deepEqual(tool.input, {
      type: 'object',
      properties: {
        id: { type: 'integer', exclusiveMinimum: 0 },
        query_id: { type: ['string', 'null'], description: 'Of the one who asks' },
        'X-Trace': { type: 'string' },
      },
      required: ['id'],
      additionalProperties: false,
    })
    assert.deepEqual(tool.tags, ['items'])
    const find = await one(shop, { ...options, only: ['findItems'] })
    assert.deepEqual(Object.keys(find.input['properties'] as object), [
      'filter_name_',
      'color',
      'size',
      'pipes',
      'where',
      'json',
    ])
  })

  test('what is read only is not asked for, recursion stays a reference, and 3.0 is said as JSON Schema', async () => {
    const { input, traits } = await one(shop, { baseUrl, only: ['putItem'] })
    assert.deepEqual(input['required'], ['id', 'name', 'secret'])
    const properties = input['properties'] as Record<string, unknown>
    assert.deepEqual(Object.keys(properties), ['id', 'X-Trace', 'name', 'secret', 'parent', 'parts', 'kind', 'price'])
    assert.deepEqual(properties['parent'], { $ref: '#/$defs/Item' })
    assert.deepEqual(properties['name'], { type: ['string', 'null'], description: 'Default: "unnamed".' })
    assert.deepEqual(properties['kind'], { type: ['string', 'null'], enum: ['small', 'large', null] })
    assert.deepEqual(properties['price'], { anyOf: [{ allOf: [{ $ref: '#/$defs/price' }] }, { type: 'null' }] })
    const defs = input['$defs'] as Record<string, { required?: unknown; properties: Record<string, unknown> }>
    assert.deepEqual(Object.keys(defs).sort(), ['Item', 'price'])
    assert.deepEqual(defs['Item']?.required, ['name', 'secret'])
    assert.deepEqual(defs['price']?.properties, {
      amount: { type: 'number', exclusiveMinimum: 0, description: 'Example: 9.5.' },
      before: { $ref: '#/$defs/price' },
    })
    assert.deepEqual(traits, { idempotent: true, network: true })
  })

  test('a body that may be left out, and must not be half, is one argument', async () => {
    const { input } = await one(shop, { baseUrl, only: ['addItem'] })
    assert.deepEqual(Object.keys(input['properties'] as object), ['body'])
    assert.equal(input['required'], undefined)
  })

  test('files of a form are given as base64', async () => {
    const { input } = await one(shop, { baseUrl, only: ['addPicture'] })
    const { picture, more, about } = input['properties'] as Record<string, Record<string, unknown>>
    assert.deepEqual(picture?.['required'], ['base64'])
    assert.equal(more?.['type'], 'array')
    assert.deepEqual(about, { type: 'object', properties: { title: { type: 'string' } } })
    assert.deepEqual(input['required'], ['picture'])
  })

  test('results have a schema only when that is asked for, without what is write only', async () => {
    assert.equal((await one(shop, { baseUrl, only: ['getItem'] })).output, undefined)
    const { output } = await one(shop, { baseUrl, only: ['getItem'], output: true })
    const item = ((output ?? {})['$defs'] as Record<string, { required: unknown; properties: object }>)['Item']
    assert.equal(output?.['$ref'], '#/$defs/Item')
    assert.deepEqual(item?.required, ['id', 'name'])
    assert.ok(item && !('secret' in item.properties))
  })

  test('3.1: types in lists, references with company, composed bodies and bodies of any shape', async () => {
    const spec = {
      ...head,
      servers: [{ url: `${baseUrl}/` }],
      paths: {
        '/a': {
          post: {
            ...fine,
            parameters: [{ $ref: '#/components/parameters/Page' }],
            requestBody: { $ref: '#/components/requestBodies/Both' },
          },
        },
        '/b': {
          $ref: '#/components/pathItems/Either',
        },
      },
      components: {
        parameters: { Page: { name: 'page', in: 'query', schema: { type: ['integer', 'null'], default: 1 } } },
        pathItems: {
          Either: {
            post: {
              ...fine,
              deprecated: true,
              description: 'Takes either',
              requestBody: {
                required: true,
                content: {
                  'application/json': { schema: { oneOf: [{ type: 'string' }, { type: 'array', items: true }] } },
                },
              },
            },
          },
        },
        requestBodies: {
          Both: {
            required: true,
            content: {
              'application/merge-patch+json': {
                schema: {
                  allOf: [
                    { $ref: '#/components/schemas/Named' },
                    {
                      type: 'object',
                      properties: { tags: { $ref: '#/components/schemas/Tags', description: 'Some' } },
                    },
                  ],
                  required: ['name'],
                },
              },
            },
          },
        },
        schemas: {
          Named: { type: 'object', properties: { name: { type: 'string', const: 'x', 'x-own': 1 } } },
          Tags: { type: 'array', prefixItems: [{ type: 'string' }], items: { $ref: '#/components/schemas/Tags' } },
        },
      },
    }
    const [both, either] = await registered(spec)
    assert.equal(both?.name, 'post_a')
    assert.deepEqual(both?.input, {
      type: 'object',
      properties: {
        page: { type: ['integer', 'null'], description: 'Default: 1.' },
        name: { type: 'string', const: 'x' },
        tags: { $ref: '#/$defs/Tags', description: 'Some' },
      },
      required: ['name'],
      additionalProperties: false,
      $defs: { Tags: { type: 'array', prefixItems: [{ type: 'string' }], items: { $ref: '#/$defs/Tags' } } },
    })
    assert.equal(either?.description, 'Deprecated. Takes either')
    assert.deepEqual(either?.input['properties'], {
      body: { oneOf: [{ type: 'string' }, { type: 'array', items: true }] },
    })
  })

  test('operations are chosen by id, tag, path and method, and may be said anew', async () => {
    const names = async (options: OpenApiOptions): Promise<string[]> =>
      (await registered(shop, { baseUrl, ...options })).map(({ name }) => name)
    assert.deepEqual(await names({ only: ['tag:items'], exclude: ['PUT *'] }), ['getItem'])
    assert.deepEqual(await names({ only: ['/items', 'get*'] }), ['getItem', 'findItems', 'addItem'].sort(byPath))
    assert.deepEqual(await names({ only: ['delete /items/*'] }), ['deleteItem'])
    await assert.rejects(names({ exclude: ['removeItem'] }), /"removeItem" of `exclude` fits no operation.*getItem/)
    const tool = await one(shop, {
      baseUrl,
      only: ['deleteItem'],
      namespace: 'shop',
      defaults: { tags: ['outside'], limits: { timeoutMs: 1_000 } },
      tools: { deleteItem: { name: 'discard', description: 'Throws it away', traits: { idempotent: false } } },
    })
    assert.equal(tool.name, 'shop-discard')
    assert.equal(tool.description, 'Throws it away')
    assert.deepEqual(tool.traits, { idempotent: false, destructive: true, network: true })
    assert.deepEqual(tool.tags, ['outside'])
    assert.deepEqual(tool.limits, { timeoutMs: 1_000 })
    await assert.rejects(one(shop, { baseUrl, tools: { nothing: {} } }), /tells of nothing/)
  })
})

/** As the document has them. */
function byPath(one: string, other: string): number {
  const order = ['getItem', 'findItems', 'addItem']
  return order.indexOf(one) - order.indexOf(other)
}

describe('where the service is, and who asks', () => {
  test('the server of the document, its variables, or the base URL that is given', async () => {
    const only = ['getItem']
    assert.equal(configOf(await one(shop, { only })).baseUrl, 'http://127.0.0.1:1/v1')
    const variables = { port: '8080', version: 'v2' }
    assert.equal(configOf(await one(shop, { only, variables })).baseUrl, 'http://127.0.0.1:8080/v2')
    assert.equal(
      configOf(await one(shop, { only, baseUrl: 'https://shop.test/api/' })).baseUrl,
      'https://shop.test/api',
    )
    await assert.rejects(one(shop, { only, variables: { version: 'v3' } }), /one of v1, v2, not v3/)
    await assert.rejects(one(shop, { only, baseUrl: 'ftp://shop.test' }), /none of http or https/)
    await assert.rejects(one(shop, { only, baseUrl: 'http://me:pass@shop.test' }), (error: Error) => {
      return /auth: \{ basic/.test(error.message) && !error.message.includes('pass@')
    })
  })

  test('a document without a server needs a base URL, unless it was fetched from one', async () => {
    const spec = { ...head, paths: { '/a': { get: fine } } }
    await assert.rejects(one(spec), /names no server.*baseUrl/)
    await assert.rejects(one({ ...spec, servers: [{ url: '/v1' }] }), /\/v1.*no whole address.*baseUrl/)
    const server = createServer((_, response) => response.end(JSON.stringify({ ...spec, servers: [{ url: '../v2' }] })))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const tool = await one(new URL(`http://127.0.0.1:${port}/docs/api.json`))
    assert.equal(configOf(tool).baseUrl, `http://127.0.0.1:${port}/v2`)
    server.close()
  })

  test('secrets go to the origin that the document is from, or to the base URL that is given', async () => {
    let spec: object = {}
    const server = createServer((_, response) => response.end(JSON.stringify(spec)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const own = `http://127.0.0.1:${port}`
    const where = new URL(`${own}/openapi.json`)
    const [auth, servers] = [{ bearer: 'secret' }, [{ url: 'https://elsewhere.test' }]]
    const asked = /go to https:\/\/elsewhere\.test, and secrets go only where you say: give baseUrl/
    const same = { ...head, servers: [{ url: `${own}/v1` }], paths: { '/a': { get: fine } } }
    spec = same
    assert.equal(configOf(await one(where, { auth })).baseUrl, `${own}/v1`)
    for (const elsewhere of [
      { ...same, servers },
      { ...same, paths: { '/a': { servers, get: fine } } },
      { ...same, paths: { '/a': { get: { ...fine, servers } } } },
    ]) {
      spec = elsewhere
      await assert.rejects(one(where, { auth }), asked)
      await assert.rejects(one(where, { headers: { 'X-Key': 'secret' } }), asked)
      await assert.rejects(one(elsewhere, { auth }), asked)
      assert.equal(configOf(await one(where)).baseUrl, 'https://elsewhere.test')
      assert.equal(configOf(await one(where, { auth, baseUrl: own })).baseUrl, own)
    }
    server.close()
  })

  test('secrets come from the environment, by scheme, and go where the scheme says', async () => {
    process.env['ANDON_TEST_KEY'] = 'from-outside'
    const { credentials } = configOf(
      await one(shop, { only: ['getItem'], baseUrl, auth: { schemes: { key: { env: 'ANDON_TEST_KEY' } } } }),
    )
    delete process.env['ANDON_TEST_KEY']
    assert.deepEqual(credentials, { key: { in: 'header', name: 'shop-key', value: 'from-outside' } })
    const missing = one(shop, { auth: { bearer: { env: 'ANDON_TEST_KEY' } } })
    await assert.rejects(missing, /ANDON_TEST_KEY is not set/)
    await assert.rejects(one(shop, { auth: { schemes: { token: 'x' } } }), /no security scheme token: there are key/)
    const pair = { username: 'a', password: 'b' }
    await assert.rejects(one(shop, { auth: { schemes: { key: pair } } }), /takes one secret/)
    await assert.rejects(one(shop, { auth: { bearer: 'a\nb' } }), (error: Error) => {
      return /line break/.test(error.message) && !error.message.includes('a\nb')
    })
  })
})

describe('what is refused, in a sentence', () => {
  const refused: [string, object, RegExp][] = [
    ['Swagger 2.0', { swagger: '2.0', info: head.info, paths: {} }, /Swagger 2\.0, which is not read: convert/],
    [
      'a version to come',
      { ...head, openapi: '4.0.0', paths: {} },
      /OpenAPI "4\.0\.0": give one of OpenAPI 3\.0 or 3\.1/,
    ],
    ['no version', { info: head.info, paths: {} }, /says no version/],
    ['no operations', { ...head, paths: {} }, /has no operations/],
    [
      'a document with mistakes',
      { ...head, paths: { '/a': { get: { parameters: [{ name: 'x' }] } } } },
      /no correct OpenAPI 3\.1\.0: #\/paths/,
    ],
    [
      'a reference to nothing',
      { ...head, paths: { '/a': { get: { ...fine, parameters: [{ $ref: '#/components/parameters/X' }] } } } },
      /components\/parameters\/X/,
    ],
    [
      'two with the same name',
      {
        ...head,
        paths: { '/a-b': { get: { ...fine, operationId: 'a b' } }, '/a_b': { get: { ...fine, operationId: 'a_b' } } },
      },
      /GET \/a-b and GET \/a_b would both be called a_b/,
    ],
    ['a path that leads out', { ...head, paths: { '/../a': { get: fine } } }, /leads out of its place/],
    [
      'a file named by an object',
      { ...head, paths: { '/a': { $ref: '/etc/hostname' } } },
      /only one that is a file may do so|refers to/,
    ],
    [
      'another host',
      { ...head, paths: { '/a': { $ref: 'http://127.0.0.1:1/a.json' } } },
      /fetched only with remoteRefs/,
    ],
  ]
  for (const [what, spec, expected] of refused) {
    test(what, async () => {
      await assert.rejects(registered(spec, { baseUrl }), expected)
    })
  }

  test('files that are none, too large, or mean too much', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'andon-openapi-'))
    const write = async (text: string): Promise<string> => {
      const file = join(folder, 'api.yaml')
      await writeFile(file, text)
      return file
    }
    await assert.rejects(registered(join(folder, 'nowhere.yaml')), /nowhere\.yaml cannot be read/)
    await assert.rejects(registered(await write('a: [1'), { baseUrl }), /cannot be read/)
    await assert.rejects(registered(await write('just words'), { baseUrl }), /no OpenAPI document|cannot be read/)
    const long = await write(`# ${'x'.repeat(2_000)}`)
    await assert.rejects(registered(long, { maxDocumentBytes: 1_000 }), /more than 1000 bytes/)
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at + 1}: &l${at + 1} [${Array(10).fill(`*l${at}`).join(', ')}]`,
    )
    const bomb = await write(['openapi: 3.1.0', 'l0: &l0 ha', ...levels].join('\n'))
    await assert.rejects(registered(bomb, { baseUrl }), /means too much/)
    await rm(folder, { recursive: true })
  })

  test('a service that does not answer with a document, or not in time', async () => {
    await using service = await startService()
    await assert.rejects(registered(`${service.url}/broken`), /answered 500 instead of an OpenAPI document/)
    await assert.rejects(registered(`${service.url}/hang`, { readMs: 50 }), /takes too long, raise readMs/)
    await assert.rejects(registered(`${service.url}/moved-away`), /leads on to http:\/\/127\.0\.0\.2:1/)
    await assert.rejects(registered('http://127.0.0.1:1/api.json'), /cannot be read/)
    await assert.rejects(registered('gopher://127.0.0.1/api.json'), /not read from gopher:/)
  })
})
