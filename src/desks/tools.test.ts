// Tools in a factory: listed and called for a tenant, switched and permitted, approved by a person, and added while it runs.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import type { Factory } from '../core/factory.ts'
import type { ToolApproval } from '../core/tooling.ts'
import { createFactory } from '../factory.ts'
import type { OptionsInput } from '../options.ts'
import { processTree } from '../places/process-tree.ts'

const module = `
export const add = Object.assign(({ a, b }) => a + b, { [Symbol.for('andon.tool')]: {
  description: 'Adds two numbers', traits: { pure: true },
  input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
} })
export const wipe = Object.assign(() => 'gone', { [Symbol.for('andon.tool')]: {
  description: 'Removes everything', traits: { destructive: true }, input: { type: 'object' },
} })
export const reach = Object.assign(({ url }) => 'read ' + url, { [Symbol.for('andon.tool')]: {
  description: 'Reads an address', traits: { network: true },
  input: { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] },
} })
export const who = Object.assign((_, { tenant }) => tenant, { [Symbol.for('andon.tool')]: {
  description: 'Says whose call it is', input: { type: 'object' },
} })
`

/** An MCP server on standard input and output, in as few words as it can be. */
const mcpServer = `
import { createInterface } from 'node:readline'
const replies = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'greeter', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'greet', description: process.env.SAYS ?? 'Greets', inputSchema: { type: 'object' } }] }),
  'tools/call': ({ arguments: { name } }) => ({ content: [{ type: 'text', text: process.env.GREETING + ', ' + name }] }),
  ping: () => ({}),
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  const reply = replies[method] ? { result: replies[method](params) } : { error: { code: -32601, message: 'unknown' } }
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...reply }) + '\\n')
})
`

interface Service extends AsyncDisposable {
  baseUrl: string
  document: object
  heard: string[]
}

async function openService(): Promise<Service> {
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`)
    response.setHeader('content-type', 'application/json').end('{"price":3}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const baseUrl = `http://127.0.0.1:${port}`
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
  const document = {
    openapi: '3.1.0',
    info: { title: 'Shop', version: '1' },
    servers: [{ url: baseUrl }],
    paths: {
      '/prices/{id}': { get: { operationId: 'getPrice', parameters: [id], responses: { 200: { description: 'ok' } } } },
    },
  }
  return {
    baseUrl,
    document,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface House extends AsyncDisposable {
  factory: Factory
  folder: string
  path: string
}

async function house(tools: OptionsInput['tools'] = {}, withModule = true): Promise<House> {
  await using stack = new AsyncDisposableStack()
  const { path: folder } = stack.use(await mkdtempDisposable(join(tmpdir(), 'andon-tools-desk-')))
  const path = join(folder, 'tools.mjs')
  await writeFile(path, module)
  const modules = withModule ? [{ name: 'my', module: path }] : []
  const factory = stack.use(
    await createFactory({
      dataDir: join(folder, 'data'),
      handbook: false,
      tools: { mode: 'inline', modules, ...tools },
    }),
  )
  const owned = stack.move()
  return { factory, folder, path, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** The first call of a tenant that waits. */
async function waiting(factory: Factory, tenant = 'default'): Promise<ToolApproval> {
  for (;;) {
    const [approval] = await factory.approvals({ tenant })
    if (approval) return approval
    await new Promise(setImmediate)
  }
}

it('lists tools with what they may do, and runs one', async () => {
  await using opened = await house()
  const { factory } = opened
  const mine = (await factory.tools()).filter(({ namespace }) => namespace === 'my')
  assert.deepEqual(
    mine.map(({ name, permission, state, origin }) => [name, permission, state, origin]),
    [
      ['my-add', 'allow', 'ready', 'module'],
      ['my-reach', 'ask', 'ready', 'module'],
      ['my-who', 'allow', 'ready', 'module'],
      ['my-wipe', 'ask', 'ready', 'module'],
    ],
  )
  assert.deepEqual(
    (await factory.tools({ search: 'two NUMBERS' })).map(({ name }) => name),
    ['my-add'],
  )
  const outcome = await factory.callTool({ name: 'my-add', arguments: { a: 2, b: 3 } })
  assert.equal(outcome.value, 5)
  assert.equal(outcome.place, 'inline')
  const wrong = await factory.callTool({ name: 'my-add', arguments: { a: 'two' } })
  assert.equal(wrong.error?.kind, 'invalid-arguments')
  await assert.rejects(factory.callTool({ name: 'my-ad' }), { code: 'not-found' })
  const { p50Ms = -1, ...counts } = (await factory.tool('my-add')).stats
  assert.deepEqual(counts, { runs: 2, failed: 1, killed: 0 })
  assert.ok(p50Ms >= 0)
})

it('tells runs of the tenant alone, newest first, page by page', async () => {
  await using opened = await house()
  const { factory } = opened
  const [acme, other] = [{ tenant: 'acme' }, { tenant: 'other' }]
  assert.equal((await factory.callTool({ name: 'my-who' }, acme)).value, 'acme')
  await factory.callTool({ name: 'my-add', arguments: { a: 1, b: 1 } }, acme)
  const runs = await factory.toolRuns({}, acme)
  assert.deepEqual(
    runs.map(({ tool, outcome }) => [tool, outcome]),
    [
      ['my-add', 'done'],
      ['my-who', 'done'],
    ],
  )
  assert.deepEqual(await factory.toolRuns({ limit: 1, before: runs[0]?.id ?? '' }, acme), [runs[1]])
  assert.deepEqual(await factory.toolRuns({ tool: 'my-add' }, acme), [runs[0]])
  assert.deepEqual(await factory.toolRuns({}, other), [])
  assert.deepEqual(await factory.toolRuns({ before: runs[0]?.id ?? '' }, other), [])
})

it('switches a tool off and denies it, for the tenant alone', async () => {
  await using opened = await house()
  const { factory } = opened
  const acme = { tenant: 'acme' }
  const off = await factory.setTool('my-add', { enabled: false }, acme)
  assert.deepEqual([off.enabled, off.state], [false, 'off'])
  const add = { name: 'my-add', arguments: { a: 1, b: 1 } }
  assert.equal((await factory.callTool(add, acme)).error?.kind, 'disabled')
  assert.equal((await factory.callTool(add)).value, 2)
  await factory.setTool('my-add', { enabled: true, permission: 'deny' }, acme)
  assert.equal((await factory.callTool({ ...add, approved: true }, acme)).error?.kind, 'denied')
  assert.equal((await factory.toolRuns({}, acme))[0]?.outcome, 'declined')
  await assert.rejects(factory.setTool('nothing', { enabled: true }), { code: 'not-found' })
  await assert.rejects(factory.setTool('my-add', {}), { code: 'invalid' })
})

it('waits for a person, whose word counts once, and whose tenant it is', async () => {
  await using opened = await house()
  const { factory } = opened
  const acme = { tenant: 'acme' }
  const wiping = factory.callTool({ name: 'my-wipe' }, acme)
  const approval = await waiting(factory, 'acme')
  assert.deepEqual(
    [approval.tool, approval.description, approval.arguments, approval.traits.destructive],
    ['my-wipe', 'Removes everything', {}, true],
  )
  assert.equal((await factory.toolRuns({}, acme))[0]?.outcome, 'waiting')
  assert.deepEqual(await factory.approvals({ tenant: 'other' }), [])
  await assert.rejects(factory.approve(approval.id, 'once', { tenant: 'other' }), { code: 'not-found' })
  await factory.approve(approval.id, 'once', acme)
  assert.equal((await wiping).value, 'gone')
  await assert.rejects(factory.approve(approval.id, 'once', acme), { code: 'not-found' })

  const declined = factory.callTool({ name: 'my-wipe' }, acme)
  await factory.approve((await waiting(factory, 'acme')).id, 'decline', acme)
  assert.equal((await declined).error?.kind, 'denied')
  const always = factory.callTool({ name: 'my-wipe' }, acme)
  await factory.approve((await waiting(factory, 'acme')).id, 'always', acme)
  assert.equal((await always).ok, true)
  assert.equal((await factory.tool('my-wipe', acme)).permission, 'allow')
  assert.equal((await factory.callTool({ name: 'my-wipe' }, acme)).ok, true)
  assert.equal((await factory.tool('my-wipe')).permission, 'ask')
})

it('goes on without a call that nobody spoke about, and forgets one whose caller left', async () => {
  await using opened = await house({ approvalMs: 50 })
  const { factory } = opened
  const result = await factory.callTool({ name: 'my-wipe' })
  assert.deepEqual([result.error?.kind, result.place], ['denied', undefined])
  assert.deepEqual(await factory.approvals(), [])

  const leaving = new AbortController()
  await using patient = await house()
  const left = patient.factory.callTool({ name: 'my-wipe' }, { signal: leaving.signal })
  await waiting(patient.factory)
  leaving.abort()
  await assert.rejects(left, { code: 'cancelled' })
  assert.deepEqual(await patient.factory.approvals(), [])
  assert.equal((await patient.factory.toolRuns())[0]?.outcome, 'cancelled')
})

it('follows the rules of the options before what a tool may do', async () => {
  await using opened = await house({
    permissions: [
      { names: ['my-w*'], traits: ['destructive'], permission: 'allow' },
      { origins: ['module'], names: ['my-who'], permission: 'deny' },
    ],
  })
  const { factory } = opened
  const of = async (name: string): Promise<string> => (await factory.tool(name)).permission
  assert.deepEqual([await of('my-wipe'), await of('my-who'), await of('my-reach')], ['allow', 'deny', 'ask'])
})

it('adds and removes sources while it runs, and has them again the next time', async () => {
  await using opened = await house({}, false)
  const { factory, folder, path } = opened
  const added = await factory.addToolSource({ kind: 'module', name: 'my', module: path })
  assert.deepEqual(added, { name: 'my', kind: 'module', from: path, tools: 4, fixed: false })
  assert.equal((await factory.callTool({ name: 'my-add', arguments: { a: 1, b: 2 } })).value, 3)
  const file = join(folder, 'data', 'tools.json')
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  await factory.addToolSource({ kind: 'module', name: 'my', module: path, only: ['add'] })
  assert.deepEqual(await factory.toolSources(), [{ ...added, tools: 1 }])

  const broken = await factory.addToolSource({ kind: 'module', name: 'broken', module: join(folder, 'none.mjs') })
  assert.match(broken.problem ?? '', /cannot be imported/)
  const view = await factory.tool('broken')
  assert.deepEqual([view.state, view.reason], ['unreachable', broken.problem])
  const health = await factory.health()
  assert.ok(health.parts.some(({ name, ok }) => name === 'tools of broken' && !ok))
  assert.equal(health.ready, true)

  assert.equal(await factory.removeToolSource('broken'), true)
  assert.equal(await factory.removeToolSource('broken'), false)
  const backup = join(folder, 'backup')
  await factory.backup(backup)
  assert.equal((await stat(join(backup, 'tools.json'))).mode & 0o777, 0o600)
  await factory[Symbol.asyncDispose]()
  await using again = await createFactory({ dataDir: join(folder, 'data'), handbook: false })
  assert.deepEqual(
    (await again.toolSources()).map(({ name, tools }) => [name, tools]),
    [['my', 1]],
  )
})

it('does the same with the registry in a process of its own', async () => {
  await using opened = await house({ place: 'process' })
  const { factory } = opened
  const add = { name: 'my-add', arguments: { a: 2, b: 3 } }
  assert.equal((await factory.callTool(add)).value, 5)
  const wiping = factory.callTool({ name: 'my-wipe' })
  await factory.approve((await waiting(factory)).id, 'once')
  assert.equal((await wiping).value, 'gone')
  assert.ok((await factory.health()).pools?.some(({ name }) => name === 'tools'))
})

it('gives a server the secret that a variable has, also from a process of its own', async () => {
  await using opened = await mkdtempDisposable(join(tmpdir(), 'andon-secret-'))
  const folder = opened.path
  const file = join(folder, 'greeter.mjs')
  await writeFile(file, mcpServer)
  process.env['SECRET_OF_GREETER'] = 'Speaks with a secret'
  await using factory = await createFactory({
    dataDir: join(folder, 'data'),
    handbook: false,
    tools: { place: 'process' },
  })
  const env = { SAYS: { env: 'SECRET_OF_GREETER' } }
  await factory.addToolSource({ kind: 'mcp', name: 'greeter', command: process.execPath, args: [file], env })
  assert.equal((await factory.tool('greeter-greet')).description, 'Speaks with a secret')
  delete process.env['SECRET_OF_GREETER']
})

it('has its sources again after the process of the registry has ended', async () => {
  await using opened = await house({ place: 'process' })
  const { factory } = opened
  assert.equal((await factory.tool('my-add')).state, 'ready')
  const name = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0.*$/s, '')
  const registry = processTree(process.pid).find((pid) => pid !== process.pid && name(pid) === 'andon tools')
  assert.ok(registry !== undefined)
  process.kill(registry, 'SIGKILL')
  for (let found = false; !found;)
    found = (await factory.tools().catch(() => [])).some((tool) => tool.name === 'my-add' && tool.state === 'ready')
  assert.equal((await factory.callTool({ name: 'my-add', arguments: { a: 2, b: 3 } })).value, 5)
})

it('keeps all of what is added at once, and lets the options have the names they say', async () => {
  await using opened = await house({}, false)
  const { factory, folder, path } = opened
  const names = ['one', 'two', 'three']
  await Promise.all(names.map((name) => factory.addToolSource({ kind: 'module', name, module: path, only: ['add'] })))
  await factory[Symbol.asyncDispose]()
  const dataDir = join(folder, 'data')
  const kept = JSON.parse(await readFile(join(dataDir, 'tools.json'), 'utf8')) as { modules: { name: string }[] }
  assert.deepEqual(kept.modules.map(({ name }) => name).sort(), names.toSorted())
  const tools: OptionsInput['tools'] = { mode: 'inline', modules: [{ name: 'two', module: path }] }
  await using again = await createFactory({ dataDir, handbook: false, tools })
  const sources = async (): Promise<unknown> =>
    (await again.toolSources()).map(({ name, tools: count, fixed }) => [name, count, fixed])
  const expected = [
    ['one', 1, false],
    ['three', 1, false],
    ['two', 4, true],
  ]
  assert.deepEqual(await sources(), expected)
  assert.equal(await again.removeToolSource('two'), true)
  assert.deepEqual(await sources(), expected)
  await assert.rejects(again.removeToolSource('two'), { code: 'conflict' })
})

it('has tools that are off at first, and says what to set', async () => {
  await using opened = await house({}, false)
  const { factory } = opened
  const web = await factory.tool('http_get')
  assert.deepEqual([web.enabled, web.state, web.permission], [false, 'off', 'ask'])
  assert.match(web.reason ?? '', /tools\.httpHosts/)
  assert.equal((await factory.tool('run_javascript')).enabled, false)
  assert.equal((await factory.setTool('run_javascript', { enabled: true })).enabled, true)
  await assert.rejects(house({ httpHosts: 'http://no host' }), { code: 'invalid' })
})

it('refuses a source that the options name, and one that is none', async () => {
  await using opened = await house()
  const { factory, path } = opened
  await assert.rejects(factory.addToolSource({ kind: 'module', name: 'my', module: path }), { code: 'conflict' })
  await assert.rejects(factory.removeToolSource('my'), { code: 'conflict' })
  await assert.rejects(factory.addToolSource({ kind: 'mcp', name: 'none' }), { code: 'invalid' })
})

it('asks again about a tool that is no longer what somebody allowed', async () => {
  await using opened = await house({}, false)
  const { factory, folder } = opened
  const program = join(folder, 'server.mjs')
  await writeFile(program, mcpServer)
  const reach = { kind: 'mcp' as const, name: 'greeter', command: process.execPath, args: [program] }
  await factory.addToolSource({ ...reach, env: { GREETING: 'Hello' } })
  const permission = async (of: Factory): Promise<string> => (await of.tool('greeter-greet')).permission
  assert.equal(await permission(factory), 'ask')
  const greeting = factory.callTool({ name: 'greeter-greet', arguments: { name: 'Ann' } })
  await factory.approve((await waiting(factory)).id, 'always')
  assert.equal((await greeting).value, 'Hello, Ann')
  // Another secret, and another start, make no other tool.
  await factory.addToolSource({ ...reach, env: { GREETING: 'Good day' } })
  assert.equal(await permission(factory), 'allow')
  assert.equal('fingerprint' in (await factory.tool('greeter-greet')), false)
  await factory[Symbol.asyncDispose]()
  await using again = await createFactory({ dataDir: join(folder, 'data'), handbook: false })
  assert.equal(await permission(again), 'allow')
  await again.addToolSource({ ...reach, env: { SAYS: 'Greets, and sends what it hears' } })
  assert.equal(await permission(again), 'ask')
  await again.setTool('greeter-greet', { permission: 'allow' })
  assert.equal(await permission(again), 'allow')
})

it('has the tools of services and of MCP servers, whose secrets nobody is told', async () => {
  await using opened = await house({}, false)
  const { factory, folder } = opened
  await using service = await openService()
  const spec = join(folder, 'service.json')
  await writeFile(spec, JSON.stringify(service.document))
  const { baseUrl } = service
  const auth = { bearer: 'sk-secret' }
  const shop = await factory.addToolSource({ kind: 'openapi', name: 'shop', spec, baseUrl, auth })
  assert.deepEqual([shop.tools, shop.from, shop.problem], [1, spec, undefined])
  const outcome = await factory.callTool({ name: 'shop-getPrice', arguments: { id: 'tea' }, approved: true })
  assert.deepEqual(outcome.error, undefined)
  assert.deepEqual(service.heard, ['/prices/tea Bearer sk-secret'])

  const program = join(folder, 'server.mjs')
  await writeFile(program, mcpServer)
  const reach = { name: 'greeter', command: process.execPath, args: [program], env: { GREETING: 'Hello' } }
  const greeter = await factory.addToolSource({ kind: 'mcp', ...reach })
  assert.deepEqual([greeter.tools, greeter.problem], [1, undefined])
  const greeting = await factory.callTool({ name: 'greeter-greet', arguments: { name: 'Ann' }, approved: true })
  assert.deepEqual([greeting.value, greeting.error], ['Hello, Ann', undefined])
  const told = JSON.stringify([await factory.tools(), await factory.toolSources(), await factory.health()])
  assert.doesNotMatch(told, /sk-secret/)
  assert.equal(await factory.removeToolSource('greeter'), true)
  assert.equal((await factory.tools()).filter(({ namespace }) => namespace === 'greeter').length, 0)
})
