// The MCP inspector's command line against both ways in: /mcp of a door, and `andon mcp`.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { serveControl } from '../../src/cli/control.ts'
import { openGateway } from '../../src/gateway/server.ts'
import { jsonIn, type Json } from '../door.ts'
import { openHouse, question, type House } from './house.ts'

const root = join(import.meta.dirname, '../..')
const inspector = join(root, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js')

interface Ended {
  code: number
  stdout: string
  stderr: string
}

describe('The MCP inspector', () => {
  let house: House
  let folder: string
  const stack = new AsyncDisposableStack()
  before(async () => {
    house = stack.use(await openHouse())
    folder = await mkdtemp(join(tmpdir(), 'andon-inspector-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    stack.use(await serveControl(house.factory, folder))
  })
  after(() => stack.disposeAsync())

  async function inspect(...args: string[]): Promise<Ended> {
    const { promise, resolve } = Promise.withResolvers<Ended>()
    const env = { PATH: process.env['PATH'], HOME: folder }
    execFile(process.execPath, [inspector, '--cli', ...args], { cwd: folder, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr })
    })
    return promise
  }

  async function inspected(...args: string[]): Promise<Json> {
    const { code, stdout, stderr } = await inspect(...args)
    assert.equal(code, 0, stderr + stdout)
    return jsonIn(stdout)
  }

  const ways: Record<string, () => string[]> = {
    'over HTTP': () => [`${house.url}/mcp`, '--header', `Authorization: Bearer ${house.key}`],
    'over stdio': () => [process.execPath, join(root, 'src/cli/main.ts'), 'mcp', '--data', folder],
  }
  for (const [way, target] of Object.entries(ways)) {
    it(`finds nothing wrong with the tools, ${way}`, async () => {
      const { code, stdout, stderr } = await inspect(...target(), '--method', 'tools/list', '--strict')
      assert.equal(code, 0, stderr)
      for (const name of ['ask', 'search', 'read', 'list_documents', 'calculator'])
        assert.match(stdout, new RegExp(`"name": "${name}"`))
    })

    it(`asks and searches, ${way}`, async () => {
      const call = (name: string, ...more: string[]) =>
        inspected(...target(), '--method', 'tools/call', '--tool-name', name, '--tool-arg', ...more)
      const answer = await call('ask', `question=${question}`)
      assert.match(JSON.stringify(answer['content']), /finance director/)
      const found = await call('search', `query=${question}`, 'k=1')
      assert.match(JSON.stringify(found['structuredContent']), /"passages":\[\{/)
      const listed = await inspected(...target(), '--method', 'resources/list')
      assert.match(JSON.stringify(listed), /andon:\/\/documents\//)
    })
  }

  it('is refused without a key where one is needed, and finds nothing of another tenant', async () => {
    await using gateway = await openGateway(house.factory, { port: 0, lingerMs: 0, auth: { required: true } })
    const refused = await inspect(`${gateway.url}/mcp`, '--method', 'tools/list')
    assert.notEqual(refused.code, 0)
    assert.match(refused.stderr + refused.stdout, /auth_required/)
    const { secret } = await house.factory.createKey({ name: 'b', scopes: ['ask'] }, { tenant: 'b' })
    const header = ['--header', `Authorization: Bearer ${secret}`]
    assert.deepEqual(await inspected(`${gateway.url}/mcp`, ...header, '--method', 'resources/list'), { resources: [] })
  })
})
