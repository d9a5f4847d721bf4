import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openGateway } from '../gateway/server.ts'
import { openLibrary, travel } from '../../test/journeys/library.ts'
import { planOf } from './options.ts'
import { runBench } from './run-bench.ts'

test('questions go through the whole factory, and their time is told by stage and by station', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const prompts = join(folder, 'questions.txt')
  await writeFile(
    prompts,
    'Who approves travel over 2,500 euros?\n{"question": "What is the hotel limit of a senior?"}\n',
  )
  await using factory = await openLibrary([travel])
  const gateway = await openGateway(factory, { port: 0, lingerMs: 0 })
  try {
    const plan = await planOf(
      {
        target: [`andon=${gateway.url}`],
        rag: true,
        prompts,
        arrivals: 'poisson',
        input: '1',
        output: '1',
        sharedPrefix: '0',
        prefixGroups: '1',
        rounds: '1',
        requests: '4',
        warmup: '0',
        timeout: '60',
        drain: '10',
        maxInFlight: '8',
        workers: '1',
        seed: '1',
        stream: true,
      },
      (path) => path,
    )
    const result = await runBench(plan, { signal: new AbortController().signal })
    const target = result.cells[0]?.targets[0]
    assert.deepEqual([target?.summary.ok, target?.summary.failed], [4, 0])
    assert.equal(target?.summary.ttft?.count, 4)
    const stations = target?.stations?.map(({ station }) => station) ?? []
    assert.ok(stations.includes('search') && stations.includes('extract'), stations.join())
    assert.ok((target?.stages ?? []).length > 0)
    assert.equal(result.targets[0]?.speaks, 'andon')
  } finally {
    await gateway.close()
  }
})
