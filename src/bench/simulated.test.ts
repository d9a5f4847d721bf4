import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSimulatedEngine } from '../simulate/index.ts'
import { planOf } from './options.ts'
import { reportCharts } from './report-charts.ts'
import { markdownReport } from './report.ts'
import { runBench } from './run-bench.ts'

test('simulated engines are measured like others, by vLLM’s names, and every page says that they are simulated', async () => {
  await using plain = await openSimulatedEngine({ profile: 'quick', mode: 'sequential' })
  await using batching = await openSimulatedEngine({ profile: 'quick', mode: 'continuous' })
  const plan = await planOf(
    {
      target: [`plain=${plain.url}`, `batching=${batching.url}`],
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
    },
    (path) => path,
  )
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
