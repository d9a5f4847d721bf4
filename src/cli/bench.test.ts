import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { endOf, startCommand, type Ended } from '../../test/command-line.ts'
import { openStreamingServer } from '../bench/streaming-server.fixture.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'andon-bench-'))
})
after(() => rm(directory, { recursive: true, force: true }))

async function bench(...args: string[]): Promise<Ended> {
  return endOf(startCommand(['bench', ...args], { directory }))
}

/** A result with one number in it. */
async function written(name: string, p99: number, valid = true): Promise<string> {
  const summary = { requests: 9, ok: 9, ttft: { p99 } }
  const cells = [{ name: 'c=1', targets: [{ target: 'a', valid, summary }] }]
  await writeFile(join(directory, name), JSON.stringify({ schema: 'andon.bench/1', complete: true, valid, cells }))
  return name
}

test('a run writes its folder, prints one JSON value, and names where the report is', async () => {
  await using server = await openStreamingServer()
  const { stdout, stderr } = await bench(
    '--target',
    `a=${server.url}`,
    '--requests',
    '5',
    '--rounds',
    '1',
    '--out',
    'one',
    '--json',
  )
  const printed: unknown = JSON.parse(stdout)
  assert.deepEqual(printed, JSON.parse(await readFile(join(directory, 'one/result.json'), 'utf8')))
  assert.match(stderr, /^Measuring c=1, 1 round …\n[^]*one\/report\.html/)
  const again = await bench('--target', `a=${server.url}`, '--out', 'one')
  assert.equal(again.code, 3)
  assert.match(again.stderr, /holds a run already/)
})

test('a key goes to the server and into no file', async () => {
  await using server = await openStreamingServer()
  const environment = { BENCH_KEY: 'sk-very-secret' }
  const args = [
    'bench',
    '--target',
    `a=${server.url}`,
    '--key-env',
    'BENCH_KEY',
    '--requests',
    '2',
    '--rounds',
    '1',
    '--out',
    'keyed',
  ]
  const { stdout, stderr } = await endOf(startCommand(args, { directory, environment }))
  const files = ['result.json', 'requests.jsonl', 'report.md', 'report.html', 'summary.csv']
  const texts = await Promise.all(files.map((file) => readFile(join(directory, 'keyed', file), 'utf8')))
  for (const text of [stdout, stderr, ...texts]) assert.ok(!text.includes('sk-very-secret'))
  assert.ok(server.keys.every((key) => key === 'Bearer sk-very-secret') && server.keys.length > 0)
})

test('Ctrl-C ends a run with what there is', async () => {
  await using server = await openStreamingServer((number) => (number < 2 ? undefined : 'hang'))
  const child = startCommand(['bench', '--target', `a=${server.url}`, '--warmup', '0', '--out', 'cut', '--json'], {
    directory,
  })
  const ended = endOf(child)
  await server.reached(3)
  // It comes twice where a launcher passes on what the command got itself.
  child.kill('SIGINT')
  setImmediate(() => child.kill('SIGINT'))
  const { code, stderr } = await ended
  assert.equal(code, 130)
  assert.match(stderr, /did not come to its end/)
  const result = JSON.parse(await readFile(join(directory, 'cut/result.json'), 'utf8')) as Record<string, unknown>
  assert.equal(result['complete'], false)
})

test('a comparison fails with 1 when a condition holds, and is 2 when it is none', async () => {
  const [fast, slow, doubtful] = [
    await written('fast.json', 100),
    await written('slow.json', 120),
    await written('doubtful.json', 100, false),
  ]
  const compare = (...args: string[]): Promise<Ended> => bench('compare', ...args)
  const condition = ['--fail-if', 'ttft.p99 > +10%']
  const [worse, better, doubted, allowed, wrong, missing] = await Promise.all([
    compare(fast, slow, ...condition, '--json'),
    compare(slow, fast, ...condition),
    compare(fast, doubtful),
    compare(fast, doubtful, '--allow-invalid'),
    compare(fast, slow, '--fail-if', 'ttft.p99 up'),
    compare(fast, 'nowhere', ...condition),
  ])
  assert.deepEqual(
    [worse, better, doubted, allowed, wrong, missing].map(({ code }) => code),
    [1, 0, 1, 0, 2, 2],
  )
  assert.match(worse.stderr, /FAILED: ttft\.p99 > \+10% \(a under c=1: 100 ms, then 120 ms\)/)
  assert.equal((JSON.parse(worse.stdout) as { failures: unknown[] }).failures.length, 1)
  assert.match(better.stderr, /Passed: ttft\.p99 > \+10% does not hold anywhere/)
  assert.match(missing.stderr, /nowhere\/result\.json cannot be read: there is no such file/)
  assert.match(better.stdout, /ttft\.p99 +120 ms +100 ms +-16\.7 %/)
})
