// Tools that are not believed, behind the wall that bubblewrap makes: what they reach, what becomes of them, and that
// without the wall they do not run at all.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { after, before, describe, test } from 'node:test'
import { processTree } from '../../src/places/process-tree.ts'
import type { Executor } from '../../src/tools/executor.ts'
import { wallProblem } from '../../src/tools/executor-wall.ts'
import type { Tool, ToolMode, ToolResult } from '../../src/tools/tool.ts'
import { additions, toolOf, warmExecutor, zombies } from './tools.ts'

const problem = await wallProblem()

describe('untrusted tools', { skip: problem ?? false }, () => {
  let executor: Executor
  before(async () => {
    process.env['SOME_MODEL_API_KEY'] = 'hidden'
    executor = await warmExecutor({ mode: 'process', env: ['SOME_MODEL_API_KEY'], quarantine: { crashes: 1_000 } })
  })
  after(async () => {
    delete process.env['SOME_MODEL_API_KEY']
    await executor[Symbol.asyncDispose]()
    assert.deepEqual(zombies(), [])
    assert.deepEqual(processTree(process.pid), [process.pid])
  })

  const untrusted = (name: string, changes: Partial<Tool> = {}): Tool =>
    toolOf(changes.limits === undefined ? 'reaching' : 'crashes', name, { ...changes, trust: 'untrusted' })
  const ask = async (tool: Tool, input = {}): Promise<ToolResult> => {
    const [result] = await executor.execute([{ id: 'one', tool, input }])
    assert.ok(result)
    return result
  }

  test('compute, in a process', async () => {
    const add = toolOf('calculator', 'add', { name: 'addUntrusted', trust: 'untrusted' })
    const results = await executor.execute(additions(6, add))
    assert.deepEqual(
      results.map(({ value, place }) => [value, place]),
      [1, 2, 3, 4, 5, 6].map((sum) => [sum, 'process']),
    )
  })

  test('have no network, not even this machine', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      assert.equal((await ask(toolOf('reaching', 'connects'), { port })).value, 'connected')
      const { value } = await ask(untrusted('connects'), { port })
      assert.ok(value === 'ECONNREFUSED' || value === 'ENETUNREACH')
    } finally {
      server.close()
    }
  })

  test('write nothing, by no way', async () => {
    const fixtures = new URL('./fixtures', import.meta.url).pathname
    for (const folder of ['/tmp', '/dev/shm', '/', fixtures]) {
      const path = join(folder, `andon-never-${process.pid}`)
      assert.equal((await ask(untrusted('writes'), { path })).ok, false)
      assert.equal((await ask(untrusted('writesByDatabase'), { path })).ok, false)
      assert.equal(existsSync(path), false)
    }
  })

  test('read their own folder, and nothing of this machine', async () => {
    const own = new URL('./fixtures/reaching.ts', import.meta.url).pathname
    assert.equal((await ask(untrusted('reads'), { path: own })).ok, true)
    for (const path of ['/etc/passwd', import.meta.filename, process.env['HOME'] ?? '/root'])
      assert.equal((await ask(untrusted('reads'), { path })).ok, false)
  })

  test('see no environment, no other process, and nothing of the call before', async () => {
    assert.deepEqual((await ask(untrusted('environment'))).value, ['PWD'])
    for (let round = 0; round < 3; round++) {
      const { value } = await ask(untrusted('looksAround'))
      assert.deepEqual(value, { calls: 1, processes: 2 })
    }
    assert.equal((await ask(untrusted('ends'), { pid: process.pid })).ok, false)
    assert.equal((await ask(untrusted('starts'))).ok, false)
  })

  test('end when their time is over, or their memory, and nothing of them stays', async () => {
    const limits = { timeoutMs: 3_000, graceMs: 50 }
    const loops = await ask(untrusted('loops', { limits: { timeoutMs: 300, graceMs: 50 } }))
    assert.equal(loops.error?.kind, 'timeout')
    const heap = await ask(untrusted('fillsHeap', { limits: { timeoutMs: 60_000, memoryMb: 64 } }))
    assert.equal(heap.error?.kind, 'out-of-memory')
    const buffers = await ask(untrusted('fillsBuffers', { limits: { timeoutMs: 60_000, memoryMb: 64 } }))
    assert.equal(buffers.error?.kind, 'out-of-memory')
    assert.equal((await ask(untrusted('exits', { limits }))).error?.kind, 'crashed')
    assert.equal((await ask(untrusted('segfaults', { limits }))).error?.kind, 'crashed')
  })

  test('say no more than they may', async () => {
    assert.equal((await ask(untrusted('floods'))).error?.kind, 'output-too-large')
  })

  test('run in no thread, not inline, and not as closures', async () => {
    for (const mode of ['thread', 'inline'] satisfies ToolMode[]) {
      const { error } = await ask({ ...untrusted('environment'), mode })
      assert.equal(error?.kind, 'wrong-place')
      assert.match(error.message, /untrusted/)
    }
    const closure = untrusted('closure', { source: { kind: 'closure', run: () => 'ran' }, mode: 'inline' })
    assert.equal((await ask(closure)).error?.kind, 'wrong-place')
    assert.equal((await ask({ ...untrusted('environment'), mode: 'auto' })).place, 'process')
  })
})

test('without bubblewrap an untrusted tool does not run, and says what is missing', async () => {
  const tools = new URL('./tools.ts', import.meta.url).href
  const program = `
    const { toolOf, warmExecutor } = await import(${JSON.stringify(tools)})
    await using executor = await warmExecutor({ mode: 'process' })
    const tool = toolOf('reaching', 'environment', { trust: 'untrusted' })
    const [{ error }] = await executor.execute([{ id: 'one', tool, input: {} }])
    console.log(JSON.stringify(error))`
  const env = { PATH: '/nowhere' }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env })
  const { kind, message } = JSON.parse(stdout) as { kind: string; message: string }
  assert.equal(kind, 'wrong-place')
  assert.match(message, /bubblewrap.*install/)
})
