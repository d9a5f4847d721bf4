// Calls of tools per second: batches of a hundred random additions, subtractions, multiplications and divisions, in
// threads and in processes, from nothing, with workers that are up, and warm. With `--json` one line of JSON.

import { parseArgs } from 'node:util'
import { createExecutor } from '../../src/tools/executor.ts'
import type { ExecutorCall } from '../../src/tools/executor.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { atLeast, median, percentile, publish, round, seeded } from '../harness.ts'
import type { Gate } from '../harness.ts'

const batchSize = 100

/** Executors of which the first batch is measured. */
const firsts = 5

const names = ['add', 'subtract', 'multiply', 'divide']

/**
 * What examples/hub_related/concurrent_average_results.txt of Oaklight/ToolRegistry (commit ae8f7c2, April 2025, Python,
 * machine unknown) says for a hundred such calls, in calls per second; its pools start inside the measured time.
 */
const published: Record<string, number> = {
  'thread func': 4772,
  'thread class': 12125,
  'process func': 2357,
  'process class': 3010,
}

/** Every warm cell has to reach this. */
const warmBound = 100_000

type Kind = 'func' | 'class'

function toolsOf(kind: Kind): Tool[] {
  const module = new URL('./calculator.ts', import.meta.url).href
  return names.map((name) => ({
    name: `${kind}-${name}`,
    description: name,
    input: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] },
    source: { kind: 'code', module, ...(kind === 'func' ? { export: name } : { export: 'Calculator', method: name }) },
    traits: {},
    limits: {},
    tags: [],
    enabled: true,
    deferred: false,
  }))
}

function batchOf(tools: readonly Tool[], random: () => number): ExecutorCall[] {
  const upTo = (most: number): number => Math.floor(random() * most)
  return Array.from({ length: batchSize }, (_, index) => {
    const tool = tools[upTo(tools.length)]
    if (!tool) throw new Error('There are no tools')
    return { id: `call-${index}`, tool, input: JSON.stringify({ a: 1 + upTo(100), b: 1 + upTo(100) }) }
  })
}

interface Row {
  cell: string
  /** Calls per second of the first batch, workers started within the measured time. */
  fromNothing: number
  /** The first batch of an executor whose workers are up. */
  first: number
  /** The same, when the tools were loaded too, as they are once they were named to `warm`. */
  prepared: number
  warm: number
  best: number
  /** Milliseconds of a warm batch of a hundred that one in a hundred exceeds. */
  p99Ms: number
  errors: number
  published: number
}

async function measure(place: 'thread' | 'process', kind: Kind, batches: number, workers: number): Promise<Row> {
  const tools = toolsOf(kind)
  const random = seeded(7)
  let errors = 0
  const run = async (executor: ReturnType<typeof createExecutor>): Promise<number> => {
    const calls = batchOf(tools, random)
    const start = performance.now()
    const results = await executor.execute(calls)
    const ms = performance.now() - start
    errors += results.filter(({ ok }) => !ok).length
    return ms
  }
  /** The first batch of new executors, the median of a few. */
  const first = async (prepare: (executor: ReturnType<typeof createExecutor>) => Promise<void>): Promise<number> => {
    const sample: number[] = []
    for (let again = 0; again < firsts; again++) {
      const start = performance.now()
      await using executor = createExecutor({ mode: place, workers })
      const beganMs = performance.now() - start
      await prepare(executor)
      const ms = await run(executor)
      sample.push(beganMs + ms)
    }
    return median(sample)
  }
  const fromNothingMs = await first(async () => {})
  const firstMs = await first((executor) => executor.warm())
  const preparedMs = await first((executor) => executor.warm(tools))
  await using executor = createExecutor({ mode: place, workers })
  await executor.warm(tools)
  const all: number[] = []
  for (let batch = 0; batch < batches; batch++) all.push(await run(executor))
  // What the compiler needs to know the way is not what it costs from then on.
  const warm = all.slice(Math.floor(batches / 4))
  const perSecond = (ms: number): number => Math.round((batchSize / ms) * 1_000)
  const cell = `${place} ${kind}`
  return {
    cell,
    fromNothing: perSecond(fromNothingMs),
    first: perSecond(firstMs),
    prepared: perSecond(preparedMs),
    warm: perSecond(median(warm)),
    best: perSecond(Math.min(...warm)),
    p99Ms: round(percentile(warm, 0.99)),
    errors,
    published: published[cell] ?? Number.NaN,
  }
}

const { values } = parseArgs({
  options: {
    batches: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '2' },
    json: { type: 'boolean' },
  },
})
const rows: Row[] = []
const gates: Gate[] = []
for (const place of ['thread', 'process'] as const) {
  for (const kind of ['func', 'class'] as const) {
    const row = await measure(place, kind, Number(values.batches), Number(values.workers))
    rows.push(row)
    gates.push(atLeast(`${row.cell}, warm calls per second`, row.warm, warmBound))
    gates.push(
      atLeast(`${row.cell}, calls per second of the first batch of prepared workers`, row.prepared, row.published),
    )
    gates.push(atLeast(`${row.cell}, calls answered well, of all`, row.errors === 0 ? 1 : 0, 1))
  }
}
publish({
  name: 'tools',
  method:
    `Batches of ${batchSize} random add, subtract, multiply and divide with arguments as JSON text, ${values.workers} workers, ` +
    `${values.batches} batches of which the first quarter is left out of \`warm\` (median), \`best\` and \`p99Ms\`; ` +
    '`fromNothing` starts the workers within the measured time, `first` is the first batch of workers that are up, `prepared` of such as have loaded the tools. ' +
    '`published`: Oaklight/ToolRegistry, Python, April 2025, machine unknown, pools started within the measured time.',
  rows,
  gates,
})
