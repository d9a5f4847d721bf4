import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parse } from 'csv-parse/sync'
import { AndonError } from '../core/errors.ts'
import { planOf, type BenchFlags } from './options.ts'
import { loadName } from './phase.ts'
import { OutputFolder } from './output-folder.ts'
import { readServerMetrics } from './prometheus.ts'
import { readResult, type BenchResult } from './result.ts'
import { runBench, type PlacedRecord } from './run-bench.ts'
import { openStreamingServer } from './streaming-server.fixture.ts'

const usual: BenchFlags = {
  target: [],
  arrivals: 'poisson',
  input: '12',
  output: '4',
  sharedPrefix: '0',
  prefixGroups: '1',
  rounds: '3',
  requests: '6',
  warmup: '1',
  timeout: '20',
  drain: '10',
  maxInFlight: '64',
  workers: '1',
  seed: '1',
  stream: true,
}

async function run(
  flags: Partial<BenchFlags>,
  options: { signal?: AbortSignal; path?: (given: string) => string } = {},
): Promise<{ result: BenchResult; records: PlacedRecord[] }> {
  const plan = await planOf({ ...usual, ...flags }, options.path ?? ((given) => given))
  const records: PlacedRecord[] = []
  const { signal = new AbortController().signal } = options
  const result = await runBench(plan, { signal, record: (record) => void records.push(record) })
  return { result, records }
}

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('targets take turns, round after round, and are asked the same', async () => {
  await using a = await openStreamingServer()
  await using b = await openStreamingServer()
  const order: string[] = []
  const plan = await planOf({ ...usual, target: [`a=${a.url}`, `b=${b.url}`], concurrency: '1,3' }, (path) => path)
  const result = await runBench(plan, {
    signal: new AbortController().signal,
    phase: ({ target, cell, round }) => void order.push(`${cell} ${round} ${target}`),
  })
  assert.deepEqual(order, [
    'c=1 1 a',
    'c=1 1 b',
    'c=1 2 a',
    'c=1 2 b',
    'c=1 3 a',
    'c=1 3 b',
    'c=3 1 a',
    'c=3 1 b',
    'c=3 2 a',
    'c=3 2 b',
    'c=3 3 a',
    'c=3 3 b',
  ])
  // 2 loads × 3 rounds × (6 + 1 to warm up).
  assert.deepEqual([a.asked.length, b.asked.length], [42, 42])
  const bodies = (asked: typeof a.asked): string[] =>
    asked.map(({ messages }) => messages[0]?.content.replace(/^\S+ /, '') ?? '').sort()
  assert.deepEqual(bodies(a.asked), bodies(b.asked))
  assert.equal(new Set(bodies(a.asked)).size, 42)
  assert.equal(a.asked[0]?.model, 'tiny')
  for (const cell of result.cells)
    for (const { summary } of cell.targets)
      assert.deepEqual([summary.ok, summary.outputTokens, summary.promptTokens, summary.tokens], [18, 72, 216, 'usage'])
  assert.equal(result.complete, true)
  const [cell] = result.cells
  assert.ok(cell?.comparisons.some(({ metric, base, other }) => metric === 'ttft.p50' && base === 'a' && other === 'b'))
})

test('another run asks the same but for the first word, and with the run id of an earlier one the very same', async () => {
  await using server = await openStreamingServer()
  const asked = async (more: Partial<BenchFlags>): Promise<{ texts: string[]; runId: string }> => {
    const from = server.asked.length
    const { result } = await run({ target: [server.url], rounds: '1', ...more })
    return { texts: server.asked.slice(from).map(({ messages }) => messages[0]?.content ?? ''), runId: result.runId }
  }
  const [first, second] = [await asked({}), await asked({})]
  const rest = (texts: string[]): string[] => texts.map((text) => text.replace(/^\S+ /, ''))
  assert.deepEqual(rest(second.texts), rest(first.texts))
  assert.deepEqual(
    second.texts.filter((text) => first.texts.includes(text)),
    [],
  )
  assert.deepEqual(await asked({ runId: first.runId }), first)
})

test('two targets that keep up with a rate are not compared by it', async () => {
  await using a = await openStreamingServer()
  await using b = await openStreamingServer()
  const metrics = async (load: object): Promise<string[]> => {
    const { result } = await run({
      target: [`a=${a.url}`, `b=${b.url}`],
      rounds: '2',
      requests: '6',
      slo: ['e2e:9000'],
      ...load,
    })
    return result.cells[0]?.comparisons.map(({ metric }) => metric) ?? []
  }
  const [closed, open] = [await metrics({ concurrency: '2' }), await metrics({ rate: '100' })]
  assert.deepEqual(
    closed.filter((metric) => !open.includes(metric)),
    ['rps', 'outputTokensPerSecond', 'goodput'],
  )
  assert.deepEqual(
    open.filter((metric) => !closed.includes(metric)),
    ['goodShare'],
  )
})

test('connections are reused, and the server’s own metrics are captured under any of their names', async () => {
  await using server = await openStreamingServer()
  const { result } = await run({ target: [server.url], concurrency: '2', rounds: '1', requests: '20' })
  const round = result.cells[0]?.targets[0]?.rounds[0]
  assert.equal(round?.client.connections, 2)
  assert.equal(round?.checks.find(({ name }) => name === 'connection reuse')?.ok, true)
  // 20 requests and one before them, of 12 words each.
  assert.deepEqual(
    [round?.server?.promptTokens, round?.server?.prefixHitRate, round?.server?.ttftMeanMs],
    [21 * 12, 0.5, 250],
  )
  assert.deepEqual(readServerMetrics(await (await fetch(`${server.url}/metrics`)).text()).running, 3)
  assert.equal(result.targets[0]?.version, '{"version":"1.2.3"}')
})

test('what fails is counted, with its reason, and makes the run invalid', async () => {
  await using server = await openStreamingServer(
    (number) => (['error', 'error-frame', 'cut', undefined] as const)[number % 4],
  )
  const { result, records } = await run({ target: [server.url], rounds: '1', requests: '8', warmup: '0' })
  const { summary, valid } = result.cells[0]?.targets[0] ?? {}
  assert.deepEqual([summary?.ok, summary?.failed, valid, result.valid], [2, 6, false, false])
  const errors = new Set(records.flatMap(({ error }) => error ?? []))
  assert.deepEqual([...errors].sort(), [
    'Status 500: broken',
    'The connection failed: UND_ERR_SOCKET.',
    'out of memory',
  ])
})

test('a target that only fails is not asked for ever', async () => {
  await using server = await openStreamingServer(() => 'error')
  const { records, result } = await run({ target: [server.url], rounds: '1', requests: '100000', warmup: '0' })
  assert.equal(records.length, 200)
  assert.equal(result.valid, false)
})

test('a client that leaves is heard by the server', async () => {
  await using server = await openStreamingServer(() => 'hang')
  const { result } = await run({ target: [server.url], concurrency: '4', rounds: '1', warmup: '0', cancel: '1:50' })
  assert.equal(result.cells[0]?.targets[0]?.summary.cancelled, 6)
  // On a busy machine one may have left before the server knew of it. The last sockets close as this is asked.
  assert.ok(server.asked.length > 0)
  while (server.left < server.asked.length) await new Promise((resolve) => setImmediate(resolve))
})

test('an interrupted run gives what there is, marked', async () => {
  await using server = await openStreamingServer((number) => (number < 3 ? undefined : 'hang'))
  const controller = new AbortController()
  const running = run({ target: [server.url], warmup: '0' }, { signal: controller.signal })
  await server.reached(4)
  controller.abort()
  const { result } = await running
  const summary = result.cells[0]?.targets[0]?.summary
  assert.deepEqual([result.complete, summary?.ok, summary?.incomplete], [false, 3, 1])
})

test('an open loop sends everything that is due, in threads too', async () => {
  await using server = await openStreamingServer()
  const { records } = await run({
    target: [server.url],
    rate: '400',
    arrivals: 'gamma:0.5',
    rounds: '1',
    requests: '60',
    workers: '2',
  })
  assert.deepEqual(
    records.map(({ index }) => index).sort((one, other) => one - other),
    Array.from({ length: 60 }, (_, at) => at),
  )
  assert.ok(records.every(({ outcome }) => outcome === 'ok'))
  assert.ok(records.every(({ sentMs, scheduledMs }) => sentMs >= scheduledMs))
})

test('a round of a duration ends by its time, closed and open', async () => {
  await using server = await openStreamingServer()
  const timed = { target: [server.url], duration: '0.2', rounds: '1', requests: '1000000' }
  const closed = await run({ ...timed, concurrency: '2' })
  const open = await run({ ...timed, rate: '100', arrivals: 'constant' })
  assert.equal(open.records.length, 19)
  assert.ok(closed.records.length > 0 && closed.records.length < 1_000_000)
})

test('a sweep is loads that double', async () => {
  await using server = await openStreamingServer()
  const loads = async (sweep: string): Promise<string[]> =>
    (await planOf({ ...usual, target: [server.url], sweep }, (path) => path)).loads.map(loadName)
  assert.deepEqual(await loads('rate:0.5:4'), ['rate=0.5', 'rate=1', 'rate=2', 'rate=4'])
  assert.deepEqual(await loads('concurrency:1:64:4'), ['c=1', 'c=4', 'c=16', 'c=64'])
})

test('a trace gives both when and how long', async (t) => {
  const file = join(await temporary(t), 'trace.jsonl')
  await writeFile(
    file,
    [
      { timestamp: 1000, input_length: 5, output_length: 2 },
      { timestamp: 1030, input_length: 9, output_length: 3 },
      { timestamp: 1010, input_length: 7, output_length: 1 },
    ]
      .map((line) => JSON.stringify(line))
      .join('\n'),
  )
  await using server = await openStreamingServer()
  const { records, result } = await run({ target: [server.url], trace: file, rounds: '1', warmup: '0' })
  assert.deepEqual(
    records.map(({ scheduledMs, promptTokens, outputTokens }) => [scheduledMs, promptTokens, outputTokens]),
    [
      [0, 5, 2],
      [10, 7, 1],
      [30, 9, 3],
    ],
  )
  assert.deepEqual(result.cells[0]?.load, { kind: 'trace', requests: 3, seconds: 0.03 })
})

test('answers in one piece have no time to first token', async () => {
  await using server = await openStreamingServer()
  const { result } = await run({ target: [server.url], stream: false, rounds: '1' })
  const summary = result.cells[0]?.targets[0]?.summary
  assert.deepEqual([summary?.ok, summary?.ttft, summary?.outputTokens], [6, undefined, 24])
})

test('the folder of a run holds files that programs and people can read', async (t) => {
  const folder = join(await temporary(t), 'out')
  await using server = await openStreamingServer()
  const { result, records } = await run({
    target: [`a=${server.url}`, `b=${server.url}`],
    slo: ['ttft:1000'],
  })
  {
    await using output = await OutputFolder.open(folder)
    for (const record of records) output.add(record)
    await output.write(result)
  }
  const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  assert.deepEqual(JSON.parse(await text('result.json')), JSON.parse(JSON.stringify(result)))
  assert.equal((await readResult(folder)).cells.length, 1)
  const lines = (await text('requests.jsonl')).trimEnd().split('\n')
  assert.equal(lines.length, 36)
  assert.deepEqual(JSON.parse(lines[0] ?? ''), records[0])
  const rows: Record<string, string>[] = parse(await text('summary.csv'), { columns: true })
  assert.deepEqual(
    rows.map(({ load, target, ok }) => [load, target, ok]),
    [
      ['c=1', 'a', '18'],
      ['c=1', 'b', '18'],
    ],
  )
  const markdown = await text('report.md')
  const charts = await readdir(join(folder, 'charts'))
  assert.ok(charts.includes('ttft-distribution.svg') && charts.includes('goodput.svg'))
  for (const [, file = ''] of markdown.matchAll(/\]\((charts\/[^)]+)\)/g)) assert.match(await text(file), /^<svg /)
  const html = await text('report.html')
  assert.doesNotMatch(html, /(src|href)="(?!http:\/\/127\.0\.0\.1)/)
  const data = /<script type="application\/json" id="result">(.*)<\/script>/.exec(html)?.[1] ?? ''
  assert.deepEqual(JSON.parse(data), JSON.parse(JSON.stringify(result)))
  await assert.rejects(OutputFolder.open(folder), (error: AndonError) => error.code === 'conflict')
})

test('wrong options are refused with a sentence that names them', async () => {
  await using server = await openStreamingServer()
  const target = [server.url]
  for (const [flags, sentence] of [
    [{ target: ['ftp://here'] }, /--target/],
    [{ target: ['http://user:secret@127.0.0.1'] }, /key in an environment variable/],
    [{ target: ['http://192.0.2.1:80'] }, /--allow-remote/],
    [{ target: [server.url, server.url] }, /name of its own/],
    [{ target, rate: '5', concurrency: '1' }, /one of --concurrency/],
    [{ target, concurrency: '0' }, /--concurrency is "0"/],
    [{ target, sweep: 'rate:5:1' }, /--sweep/],
    [{ target, arrivals: 'gamma:0' }, /--arrivals/],
    [{ target, slo: ['p99:5'] }, /--slo/],
    [{ target, cancel: '2:5' }, /--cancel/],
    [{ target, keyEnv: ['ANDON_NO_SUCH_KEY'] }, /ANDON_NO_SUCH_KEY/],
    [{ target, rag: true }, /--prompts/],
    [{ target, prompts: 'nowhere.txt' }, /nowhere\.txt cannot be read: there is no such file\. Give a file/],
    [{ target, trace: tmpdir() }, /cannot be read: it is a folder/],
    [{ target, rounds: '1.5' }, /--rounds/],
    [{ target, runId: 'a b' }, /--run-id is "a b"/],
  ] as [Partial<BenchFlags>, RegExp][])
    await assert.rejects(
      planOf({ ...usual, ...flags }, (path) => path),
      sentence,
      JSON.stringify(flags),
    )
  await using broken = await openStreamingServer()
  await assert.rejects(
    planOf({ ...usual, target: [`${broken.url}/nowhere`] }, (path) => path),
    /does not say what models it has: start it, or give --model NAME/,
  )
})
