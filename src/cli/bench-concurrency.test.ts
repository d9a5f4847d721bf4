import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { endOf, startCommand } from '../../test/command-line.ts'

test('this machine is measured as JSON, or as a table in the language of the terminal', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-bench-'))
  const measure = ['bench', 'concurrency', '--rounds', '1', '--only']
  const run = (...args: string[]) =>
    endOf(startCommand(args, { directory: folder.path, environment: { LANG: 'zh_CN.UTF-8' } }))
  const [json, chinese, wrong] = await Promise.all([
    run(...measure, 'pool', '--json'),
    run(...measure, 'switch'),
    run('bench', 'concurrency', '--rounds', 'many'),
  ])
  const result: unknown = JSON.parse(json.stdout)
  assert.partialDeepStrictEqual(result, { schema: 'andon.bench.concurrency/1', rounds: 1 })
  assert.match(json.stdout, /"id": "pool\.process\.many"/)
  assert.match(chinese.stdout, /^异步生成器的 next\(\) +\d/m)
  assert.deepEqual([json.code, chinese.code, wrong.code], [0, 0, 2])
  assert.match(wrong.stderr, /--rounds is "many": give a number from 1 to 1000/)
})
