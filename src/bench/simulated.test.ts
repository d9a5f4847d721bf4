import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestGateway } from '../../test/router/gateway.ts'
import { ConcurrentRouter } from '../router/router.ts'
import { openSimulatedEngine } from '../simulate/index.ts'
import { planOf, type BenchFlags } from './options.ts'
import { reportCharts } from './report-charts.ts'
import { markdownReport } from './report.ts'
import { runBench } from './run-bench.ts'

const usual: Omit<BenchFlags, 'target'> = {
  concurrency: '4',
  requests: '12',
  rounds: '3',
  input: '200',
  output: '12',
  sharedPrefix: '0.8',
  prefixGroups: '1',
  arrivals: 'poisson',
  warmup: '1',
  timeout: '30',
  drain: '10',
  maxInFlight: '64',
  workers: '1',
  seed: '1',
  stream: true,
}

test('simulated engines are measured like others, by vLLM’s names, and every page says that they are simulated', async () => {
  await using plain = await openSimulatedEngine({ profile: 'quick', mode: 'sequential' })
  await using batching = await openSimulatedEngine({ profile: 'quick', mode: 'continuous' })
  const target = [`plain=${plain.url}`, `batching=${batching.url}`]
  const plan = await planOf({ ...usual, target }, (path) => path)
  const result = await runBench(plan, { signal: new AbortController().signal })
  const [one, other] = result.cells[0]?.targets ?? []
  assert.deepEqual([one?.summary.ok, other?.summary.ok], [36, 36])
  assert.equal(one?.summary.tokens, 'usage')
  // As the engines counted: one runs a request at a time, the other several; one computes every prompt anew.
  assert.deepEqual([plain.stats.maxRunning, batching.stats.maxRunning > 1], [1, true])
  assert.ok((other?.rounds[0]?.server?.prefixHitRate ?? 0) > 0.5, JSON.stringify(other?.rounds[0]?.server))
  assert.ok((one?.rounds[0]?.server?.ttftMeanMs ?? 0) > 0)
  assert.equal(result.simulated, true)
  const charts = reportCharts(result)
  assert.match(markdownReport(result, charts), /At least one target is simulated/)
  assert.ok(charts.every(({ svg }) => svg.includes('(simulated)')))
})

test('a gateway before simulated engines does not hide what they are, streamed or in one piece', async () => {
  await using engine = await openSimulatedEngine({ profile: 'quick' })
  const endpoints = [{ name: 'one', url: engine.url, protocol: 'vllm' as const, model: 'simulated' }]
  await using router = new ConcurrentRouter({ endpoints })
  await using door = await openTestGateway(router)
  for (const stream of [true, false]) {
    const target = [`gw=${door.gateway.url}`]
    const plan = await planOf({ ...usual, target, stream, requests: '2', rounds: '1' }, (path) => path)
    const result = await runBench(plan, { signal: new AbortController().signal })
    assert.deepEqual([result.cells[0]?.targets[0]?.summary.ok, result.simulated], [2, true])
    assert.match(markdownReport(result, []), /At least one target is simulated[^]*, simulated$/m)
  }
})

test('a run finds nothing of an earlier one in the prefix cache, unless it is given its id', async () => {
  await using engine = await openSimulatedEngine({ profile: 'quick' })
  const cached = async (runId?: string): Promise<{ share: number; run: string }> => {
    const flags = { ...usual, sharedPrefix: '0', warmup: '0', rounds: '1', target: [`a=${engine.url}`] }
    const plan = await planOf({ ...flags, ...(runId === undefined ? {} : { runId }) }, (path) => path)
    const { cells, runId: run } = await runBench(plan, { signal: new AbortController().signal })
    const { cachedTokens = Number.NaN, promptTokens = Number.NaN } = cells[0]?.targets[0]?.summary ?? {}
    return { share: cachedTokens / promptTokens, run }
  }
  const first = await cached()
  assert.equal(first.share, 0)
  assert.equal((await cached()).share, 0)
  assert.ok((await cached(first.run)).share > 0.5)
})
