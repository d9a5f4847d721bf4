// What the page of a run says in words: what was measured, how often, and which checks failed.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStreamingServer } from './streaming-server.fixture.ts'
import { askedFor, roundsHad } from './asked.ts'
import { failedChecks } from './failed-checks.ts'
import { planOf, type BenchFlags } from './options.ts'
import { markdownReport } from './report.ts'
import { reportCharts } from './report-charts.ts'
import type { BenchResult, CellReport } from './result.ts'
import { runBench } from './run-bench.ts'

const usual: Omit<BenchFlags, 'target'> = {
  input: '12',
  output: '4',
  sharedPrefix: '0.5',
  prefixGroups: '2',
  arrivals: 'poisson',
  requests: '4',
  rounds: '1',
  warmup: '0',
  timeout: '10',
  drain: '5',
  maxInFlight: '64',
  workers: '1',
  seed: '1',
  stream: true,
}

async function run(flags: Partial<BenchFlags> & { target: string[] }): Promise<BenchResult> {
  const plan = await planOf({ ...usual, ...flags }, (path) => path)
  return runBench(plan, { signal: new AbortController().signal })
}

/** A result with its cells doubled or changed. */
function withCells(result: BenchResult, change: (cell: CellReport) => CellReport): BenchResult {
  return { ...result, cells: result.cells.map(change) }
}

test('a page says what was measured, and how many rounds there were', async () => {
  await using server = await openStreamingServer()
  const result = await run({ target: [`a=${server.url}`], concurrency: '1,2' })
  const page = markdownReport(result, [])
  assert.match(
    page,
    /^Measured: prompts of 12 tokens, output of at most 4 tokens, 0\.5 of each prompt shared in 2 groups, 4 requests a round, in a closed loop of 1,2 at once\.$/m,
  )
  assert.match(page, /^1 round through all targets in turn/m)
  assert.match(markdownReport({ ...result, rounds: 3 }, []), /^3 rounds through/m)
})

test('a run that was stopped says how many rounds each load had', async () => {
  await using server = await openStreamingServer()
  const result = { ...(await run({ target: [`a=${server.url}`, `b=${server.url}`] })), complete: false, rounds: 3 }
  assert.equal(roundsHad(result), '1 of 3 rounds')
  assert.match(markdownReport(result, []), /^1 of 3 rounds through all targets in turn/m)
  const uneven = withCells(result, (cell) => ({
    ...cell,
    targets: cell.targets.map((each) =>
      each.target === 'a' ? { ...each, rounds: [...each.rounds, ...each.rounds] } : each,
    ),
  }))
  assert.equal(roundsHad(uneven), 'c=1: a 2, b 1 of 3 rounds')
  assert.equal(roundsHad({ ...result, cells: [] }), '0 of 3 rounds')
})

test('other work and other loads are named, too', async () => {
  await using server = await openStreamingServer()
  const result = await run({ target: [server.url] })
  const asked = (options: Record<string, unknown>): string => askedFor({ ...result, options })
  assert.equal(
    asked({ rate: '2,4', arrivals: 'poisson', duration: '60', input: 'uniform:1:9', output: '1', stream: false }),
    'Measured: prompts of uniform:1:9 tokens, output of at most 1 token, at most 60 s a round, answers in one piece, in an open loop of 2,4 a second, arrivals poisson.',
  )
  assert.equal(
    asked({ trace: 'day.jsonl', sharedPrefix: '0.5', output: '9' }),
    'Measured: prompts and output as long as in day.jsonl, 100 requests a round, in an open loop as the trace says.',
  )
  assert.equal(
    asked({ rag: true, prompts: 'questions.txt', input: '512', output: '128', stream: true }),
    'Measured: questions of questions.txt to Andon, whose answers are as long as it makes them, 100 requests a round, in a closed loop of 1 at once.',
  )
  assert.match(
    asked({ prompts: 'mine.txt', sweep: 'concurrency:1:8' }),
    /prompts of mine\.txt.*sweep of concurrency:1:8\.$/,
  )
})

test('a page of a run that failed says which check, and with which errors', async () => {
  await using server = await openStreamingServer((number) => (number < 3 ? 'error' : undefined))
  const result = await run({ target: [`a=${server.url}`] })
  const page = markdownReport(result, [])
  assert.match(page, /^\*\*The run is invalid: a check failed, see below\./m)
  assert.match(page, /^## Failed checks\n\n(- .*\n)*- errors is 0\.75 and should be/m)
  assert.match(page, /^- c=1, a, 3 requests: Status 500: broken$/m)
  assert.doesNotMatch(markdownReport(await run({ target: [`a=${server.url}`] }), []), /^## Errors/m)
})

test('a check that failed is said once, with its worst value, its unit and where it failed', async () => {
  await using server = await openStreamingServer()
  const { cells } = await run({ target: [`a=${server.url}`, `b=${server.url}`] })
  const lag = { name: 'loop lag' as const, ok: false, bound: '<= 20 ms', advice: 'give more cores' }
  const failing = cells.map((cell) => ({
    ...cell,
    targets: cell.targets.map((each) => ({
      ...each,
      rounds: each.rounds.flatMap((round) =>
        [113.732, 25.1].map((value, at) => ({ ...round, round: at + 1, checks: [{ ...lag, value }] })),
      ),
    })),
  }))
  assert.deepEqual(failedChecks(failing), [
    'loop lag is up to 114 ms and should be <= 20 ms; give more cores. In 4 rounds: c=1, a (rounds 1, 2); c=1, b (rounds 1, 2).',
  ])
})

test('events that came together do not stretch the picture of the times between events', async () => {
  await using server = await openStreamingServer()
  const result = await run({ target: [`a=${server.url}`] })
  const picture = (itl: number[]): string => {
    const cells = withCells(result, (cell) => ({
      ...cell,
      targets: cell.targets.map((each) => ({ ...each, curves: { ...each.curves, itl } })),
    }))
    return reportCharts(cells).find(({ svg }) => svg.includes('Time between events'))?.svg ?? ''
  }
  assert.match(picture([0.002, 8, 9, 500]), /stands at 0\.1/)
  assert.doesNotMatch(picture([0.002, 8, 9, 500]), />0\.001</)
  assert.doesNotMatch(picture([7, 8, 9, 500]), /stands at/)
})

test('a chart says what its axes and its lines are', async () => {
  await using server = await openStreamingServer()
  const result = await run({ target: [`a=${server.url}`], concurrency: '1,2,3', rounds: '2' })
  const picture = (of: BenchResult, file: string): string =>
    reportCharts(of).find((chart) => chart.file === file)?.svg ?? ''
  assert.match(picture(result, 'ttft.svg'), />requests at once \(upright lines: from the least round to the largest\)</)
  assert.match(picture(result, 'knee.svg'), />time to first token, median, ms</)
  const whole = await run({ target: [`a=${server.url}`], concurrency: '1,2,3', stream: false })
  assert.match(picture(whole, 'knee.svg'), />end to end, median, ms</)
  assert.doesNotMatch(picture(whole, 'e2e.svg'), /lines: from/)
  const wait = { count: 9, mean: 1, deviation: 1, min: 0, p50: 1, p90: 1, p95: 1, p99: 1, max: 1 }
  const work = { ...wait, min: 2, p50: 5.49, p99: 117 }
  const answers = withCells(result, (cell) => ({
    ...cell,
    targets: cell.targets.map((each) => ({ ...each, stations: [{ station: 'search', count: 9, wait, work }] })),
  }))
  const stations = picture(answers, 'stations-a.svg')
  assert.match(stations, />ms, median \(lines: work from the least to the 99th percentile\)</)
  assert.match(stations, />5\.49 \(2 to 117\)</)
})
