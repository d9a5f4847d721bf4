// The reference servers of the protocol, as they come from their packages, and the tools of each.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { ToolRegistry } from '../registry.ts'
import type { ToolResult } from '../tool.ts'

const require = createRequire(import.meta.url)
const program = (name: string): string =>
  join(dirname(require.resolve(`@modelcontextprotocol/server-${name}/package.json`)), 'dist', 'index.js')

async function one(registry: ToolRegistry, name: string, given = {}): Promise<ToolResult> {
  const [result] = await registry.executeToolCalls([{ id: 'one', name, arguments: given }])
  assert.ok(result)
  return result
}

describe('the reference servers', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'andon-mcp-')))
  after(() => rmSync(folder, { recursive: true }))

  test('everything', async () => {
    await using registry = new ToolRegistry()
    const tools = await registry.registerMcp({
      name: 'everything',
      command: process.execPath,
      args: [program('everything'), 'stdio'],
    })
    assert.ok(tools.length >= 10)
    assert.deepEqual(registry.mcpServers()[0]?.leftOut, [])
    assert.equal((await one(registry, 'everything-echo', { message: 'hello' })).value, 'Echo: hello')
    const weather = await one(registry, 'everything-get-structured-content', { location: 'Chicago' })
    assert.deepEqual(Object.keys(weather.value as object).toSorted(), ['conditions', 'humidity', 'temperature'])
    const picture = await one(registry, 'everything-get-tiny-image')
    const shown = JSON.stringify(registry.messagesFor([picture], 'anthropic'))
    assert.match(shown, /"type":"image","source":\{"type":"base64","media_type":"image\/png"/)
    const steps: (number | string)[] = []
    const [long] = await registry.executeToolCalls(
      [{ id: 'one', name: 'everything-trigger-long-running-operation', arguments: { duration: 1, steps: 4 } }],
      { onProgress: (_, done) => void steps.push(done) },
    )
    assert.equal(long?.ok, true)
    // The last may come together with the result, and is then of no interest any more.
    assert.deepEqual(steps.slice(0, 3), [0.25, 0.5, 0.75])
  })

  test('filesystem', async () => {
    writeFileSync(join(folder, 'bread.txt'), 'Flour, water, salt')
    await using registry = new ToolRegistry()
    await registry.registerMcp(
      { name: 'files', command: process.execPath, args: [program('filesystem'), folder] },
      { trustAnnotations: true },
    )
    assert.equal(registry.get('files-read_text_file')?.traits.readOnly, true)
    assert.equal(registry.get('files-write_file')?.traits.destructive, true)
    const read = await one(registry, 'files-read_text_file', { path: join(folder, 'bread.txt') })
    assert.deepEqual(read.value, { content: 'Flour, water, salt' })
    const refused = await one(registry, 'files-read_text_file', { path: '/etc/hostname' })
    assert.equal(refused.error?.kind, 'failed')
    assert.match(refused.error.message, /denied/i)
  })

  test('memory', async () => {
    await using registry = new ToolRegistry()
    const env = { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') }
    await registry.registerMcp({ name: 'memory', command: process.execPath, args: [program('memory')], env })
    const entities = [{ name: 'Ada', entityType: 'person', observations: ['bakes'] }]
    assert.equal((await one(registry, 'memory-create_entities', { entities })).error, undefined)
    const found = await one(registry, 'memory-search_nodes', { query: 'bakes' })
    assert.deepEqual(found.value, { entities, relations: [] })
  })

  test('everything, over streamable HTTP', async () => {
    const port = await new Promise<number>((resolve, reject) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() =>
          typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
        )
      })
    })
    const server = spawn(process.execPath, [program('everything'), 'streamableHttp'], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    try {
      let said = ''
      for await (const chunk of server.stderr.setEncoding('utf8')) {
        said += String(chunk)
        if (said.includes(String(port))) break
      }
      await using registry = new ToolRegistry()
      await registry.registerMcp({ name: 'everything', url: `http://127.0.0.1:${port}/mcp` })
      assert.equal((await one(registry, 'everything-get-sum', { a: 2, b: 3 })).value, 'The sum of 2 and 3 is 5.')
      assert.equal(
        (await one(registry, 'everything-trigger-long-running-operation', { duration: 0.2, steps: 2 })).ok,
        true,
      )
    } finally {
      server.kill('SIGKILL')
    }
  })
})
