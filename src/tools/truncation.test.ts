import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Artifacts } from './artifacts.ts'
import type { Plain } from '../core/plain.ts'
import type { ToolResult } from './tool.ts'
import { truncate } from './truncation.ts'

function result(value: Plain): ToolResult {
  return { id: '1', name: 'x', ok: true, value, attempt: 1, timings: { queueMs: 0, transportMs: 0, runMs: 0 } }
}

test('what is short enough stays as it is', async () => {
  await using artifacts = new Artifacts()
  const short = result({ a: [1, 2] })
  assert.equal(await truncate(short, { bytes: 13 }, artifacts), short)
  const failed: ToolResult = { ...result('x'.repeat(100)), ok: false }
  assert.equal(await truncate(failed, { bytes: 10 }, artifacts), failed)
})

test('what is longer is cut between characters, and kept whole for this user alone', async () => {
  let path: string
  {
    await using artifacts = new Artifacts()
    const text = `${'a'.repeat(9)}😀${'b'.repeat(100)}😀${'c'.repeat(9)}`
    const both = await truncate(result(text), { bytes: 22 }, artifacts)
    path = both.truncated?.artifact ?? ''
    const line = `\n[104 of 126 bytes left out here; the whole is in ${path}]\n`
    assert.equal(both.value, `${'a'.repeat(9)}${line}😀${'c'.repeat(9)}`)
    const beginning = await truncate(result(text), { bytes: 13, keep: 'beginning' }, artifacts)
    assert.match(JSON.stringify(beginning.value), /^"a{9}😀\\n\[113 of 126 bytes left out here; .*\]\\n"$/u)
    assert.equal(await readFile(path, 'utf8'), text)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  }
  await assert.rejects(stat(dirname(path)), { code: 'ENOENT' })
})

test('the oldest artifacts leave when there are too many bytes', async () => {
  await using artifacts = new Artifacts({ maxBytes: 25 })
  const first = await artifacts.keep('x'.repeat(10))
  const second = await artifacts.keep('y'.repeat(10))
  const third = await artifacts.keep('z'.repeat(10))
  assert.ok(first !== undefined && second !== undefined && third !== undefined)
  await assert.rejects(readFile(first), { code: 'ENOENT' })
  assert.equal(await readFile(second, 'utf8'), 'y'.repeat(10))
  assert.equal(await artifacts.keep('w'.repeat(26)), undefined)
  assert.equal(await readFile(third, 'utf8'), 'z'.repeat(10))
})

test('a given folder is made and stays; one that cannot be made costs the artifact alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-test-'))
  try {
    const kept = join(folder, 'in', 'here')
    const artifacts = new Artifacts({ folder: kept })
    const path = await artifacts.keep('text')
    await artifacts[Symbol.asyncDispose]()
    assert.deepEqual(await readdir(kept), [path?.slice(kept.length + 1)])
    await using impossible = new Artifacts({ folder: join(path ?? '', 'below-a-file') })
    const cut = await truncate(result('x'.repeat(100)), { bytes: 10 }, impossible)
    assert.deepEqual(cut.truncated, { bytes: 100 })
    assert.match(JSON.stringify(cut.value), /the whole could not be kept/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
