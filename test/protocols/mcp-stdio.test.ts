// The official MCP client and `andon mcp`, on standard input and output: with a running server, and without one.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { connect, serveControl } from '../../src/cli/control.ts'
import { endOf, startCommand } from '../command-line.ts'
import { openHouse, question, standing, type House } from './house.ts'
import { eras, fieldOf, textOf, type Era } from './mcp.ts'

const entry = join(import.meta.dirname, '../../src/cli/main.ts')

interface Started extends AsyncDisposable {
  client: Client
  transport: StdioClientTransport
  /** What it wrote to standard error so far. */
  said: () => string
}

async function start(dataDir: string, args: string[] = [], era: Era = '2025-11-25'): Promise<Started> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [entry, 'mcp', '--data', dataDir, ...args],
    cwd: dataDir,
    env: { PATH: process.env['PATH'] ?? '', ANDON_HANDBOOK: 'false', ANDON_READERS: '1' },
    stderr: 'pipe',
  })
  let stderr = ''
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: eras[era] } })
  await client.connect(transport)
  return { client, transport, said: () => stderr, [Symbol.asyncDispose]: () => client.close() }
}

describe('andon mcp, with a running server', () => {
  let house: House
  let folder: string
  const stack = new AsyncDisposableStack()
  before(async () => {
    house = stack.use(await openHouse())
    folder = await mkdtemp(join(tmpdir(), 'andon-mcp-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    stack.use(await serveControl(house.factory, folder))
  })
  after(() => stack.disposeAsync())

  for (const era of Object.keys(eras) as Era[])
    it(`asks its factory, in revision ${era}, and tells how far it is`, async () => {
      await using mcp = await start(folder, [], era)
      const heard: string[] = []
      const result = await mcp.client.callTool(
        { name: 'ask', arguments: { question } },
        { onprogress: ({ message = '' }) => void heard.push(message) },
      )
      assert.match(textOf(result), /finance director/)
      assert.equal(fieldOf(result, 'confidence'), 'answered')
      assert.ok(heard.length > 2)
      const names = (await mcp.client.listTools()).tools.map(({ name }) => name)
      for (const name of ['ask', 'add_document', 'calculator']) assert.ok(names.includes(name), name)
    })

  it('asks for the tenant that it is started for', async () => {
    await using mcp = await start(folder, ['--tenant', 'other'])
    const result = await mcp.client.callTool({ name: 'ask', arguments: { question } })
    assert.deepEqual(fieldOf(result, 'citations'), [])
    assert.deepEqual((await mcp.client.listResources()).resources, [])
  })

  it('cancels: the request to the model is stopped', async () => {
    await using mcp = await start(folder)
    const leaving = new AbortController()
    const [asked, cancelled] = [house.models.requests.length, house.models.cancelled]
    const call = mcp.client.callTool({ name: 'ask', arguments: { question: standing } }, { signal: leaving.signal })
    void house.models.until(({ requests }) => requests.length > asked).then(() => leaving.abort())
    await assert.rejects(call)
    await house.models.until((models) => models.cancelled > cancelled)
    assert.match(textOf(await mcp.client.callTool({ name: 'search', arguments: { query: question } })), /director/)
  })

  it('ends when its input ends, having said nothing but MCP, and stops what is under way', async () => {
    const child = startCommand(['mcp', '--data', folder], {
      directory: folder,
      input: [
        `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`,
        'this is no JSON',
        '',
      ].join('\n'),
    })
    const { code, stdout } = await endOf(child)
    assert.equal(code, 0)
    for (const line of stdout.split('\n').filter((each) => each !== '')) {
      const message: unknown = JSON.parse(line)
      assert.ok(typeof message === 'object' && message !== null && 'jsonrpc' in message, line)
    }
  })
})

describe('andon mcp, without a server', () => {
  it('opens the data directory, where other commands and another andon mcp find it', async () => {
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'andon-mcp-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const first = stack.use(await start(folder))
    const added = await first.client.callTool({
      name: 'add_document',
      arguments: { name: 'cellar.md', text: 'The cellar has nine degrees.' },
    })
    const far = await connect(folder)
    assert.ok(far, first.said())
    for await (const job of far.watch([String(fieldOf(added, 'jobId'))])) assert.equal(job.error, undefined)
    await far[Symbol.asyncDispose]()
    const second = stack.use(await start(folder))
    const ask = { name: 'search', arguments: { query: 'How many degrees has the cellar?' } }
    assert.match(textOf(await second.client.callTool(ask)), /nine degrees/)
    // When the first goes, the second takes its place.
    await first.client.close()
    assert.match(textOf(await second.client.callTool(ask)), /nine degrees/)
  })

  it('says on standard error what is wrong with its options', async () => {
    const { code, stdout, stderr } = await endOf(
      startCommand(['mcp', '--config', 'nothing.json'], { directory: tmpdir() }),
    )
    assert.notEqual(code, 0)
    assert.equal(stdout, '')
    assert.match(stderr, /nothing\.json/)
  })
})
