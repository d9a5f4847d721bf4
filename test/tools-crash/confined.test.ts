// What tools in processes may reach: an allow-list of the environment always, and files and processes as they are told.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Executor } from '../../src/tools/executor.ts'
import type { ToolResult } from '../../src/tools/tool.ts'
import { additions, toolOf, warmExecutor } from './tools.ts'

describe('a confined executor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'andon-confined-'))
  let executor: Executor
  before(async () => {
    process.env['SOME_MODEL_API_KEY'] = 'hidden'
    executor = await warmExecutor({ mode: 'process', confine: { write: [folder] } })
  })
  after(async () => {
    delete process.env['SOME_MODEL_API_KEY']
    await executor[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const ask = async (name: string, path = ''): Promise<ToolResult | undefined> => {
    const [result] = await executor.execute([{ id: name, tool: toolOf('reaching', name), input: { path } }])
    return result
  }

  test('computes as ever', async () => {
    assert.ok((await executor.execute(additions(200))).every(({ ok }) => ok))
  })

  test('writes where it may, and nowhere else', async () => {
    assert.equal((await ask('writes', join(folder, 'one')))?.value, 'written')
    const refused = await ask('writes', join(tmpdir(), 'andon-not-allowed'))
    assert.match(refused?.error?.message ?? '', /restricted/)
  })

  test('reads, and starts no process', async () => {
    assert.equal((await ask('reads', '/proc/self/stat'))?.ok, true)
    assert.match((await ask('starts'))?.error?.message ?? '', /restricted/)
  })

  test('sees no keys', async () => {
    const seen = (await ask('environment'))?.value as string[]
    assert.ok(seen.includes('PATH'))
    assert.ok(!seen.includes('SOME_MODEL_API_KEY'))
  })
})
