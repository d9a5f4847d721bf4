// Calls per second through one thread and one process, one-item calls with a hundred at once, beside the floor: the
// same number of messages of the same shape thrown back and forth with nothing in between. With `--json` one line of JSON.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { openCall } from '../src/core/call.ts'
import { recipeBeside } from '../src/core/recipe.ts'
import type { Recipe, Station } from '../src/core/station.ts'
import { median, publish } from './harness.ts'
import { createPlaces } from '../src/places/places.ts'

const inFlight = 100

/** The station that is called: hands back what it is given. */
export function makeEcho(): Station<unknown, unknown> {
  return {
    name: 'echo',
    async *run(input) {
      yield input
    },
  }
}

interface End {
  on(event: 'message', listener: (message: unknown[]) => void): unknown
}

function throwBack(end: End, post: (messages: unknown[]) => void): void {
  end.on('message', (messages) => post(messages))
}

/** Runs `total` calls, `inFlight` at a time. */
async function callsPerSecond(station: Station<unknown, unknown>, total: number, width: number): Promise<number> {
  let left = total
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      using call = openCall({ tenant: 'bench', id: 'bench', budgetMs: 60_000 })
      for await (const item of station.run({ number: left, text: 'a small input' }, call)) void item
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: width }, caller))
  return Math.round((total / (performance.now() - start)) * 1_000)
}

/** The floor: messages of `width` small objects there and back. */
async function floorPerSecond(end: End, post: (messages: unknown[]) => void, total: number): Promise<number> {
  const message = Array.from({ length: inFlight }, (_, id) => ({
    kind: 'call',
    id,
    input: { number: id, text: 'a small input' },
  }))
  let left = Math.ceil(total / inFlight)
  const done = Promise.withResolvers<void>()
  end.on('message', () => {
    if (--left > 0) post(message)
    else done.resolve()
  })
  const start = performance.now()
  post(message)
  await done.promise
  return Math.round((total / (performance.now() - start)) * 1_000)
}

async function floors(total: number): Promise<{ thread: number; process: number }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: 'floor' })
  const thread = await floorPerSecond(worker, (messages) => worker.postMessage(messages), total)
  await worker.terminate()
  const child = fork(new URL(import.meta.url), ['floor'], { serialization: 'advanced' })
  const processes = await floorPerSecond(child, (messages) => void child.send(messages), total)
  child.disconnect()
  await once(child, 'exit')
  return { thread, process: processes }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { calls: { type: 'string', default: '200000' }, json: { type: 'boolean' } },
  })
  const total = Number(values.calls)
  await using places = createPlaces({
    thread: { place: 'thread', size: 1, concurrency: 128 },
    process: { place: 'process', size: 1, concurrency: 128 },
  })
  const echo: Recipe<unknown, unknown> = recipeBeside(import.meta, './places', 'makeEcho')
  const floor = await floors(total)
  const rows: Record<string, string | number>[] = []
  for (const where of ['inline', 'thread', 'process'] as const) {
    const station = await places.open(echo, where)
    await callsPerSecond(station, total / 4, inFlight)
    const runs: number[] = []
    for (let run = 0; run < 3; run++) runs.push(await callsPerSecond(station, total, inFlight))
    rows.push({
      where,
      perSecond: median(runs),
      best: Math.max(...runs),
      alonePerSecond: await callsPerSecond(station, total / 20, 1),
      ...(where === 'inline' ? {} : { floorPerSecond: floor[where] }),
    })
  }
  const method =
    `${total} one-item calls, ${inFlight} at once, median and best of three runs; alone: one call after the other; ` +
    `floor: messages of ${inFlight} small objects thrown back and forth with nothing in between.`
  publish({ name: 'places', method, rows, gates: [] })
}

if (parentPort && workerData === 'floor') {
  const port = parentPort
  throwBack(port, (messages) => port.postMessage(messages))
} else if (process.argv[2] === 'floor') {
  throwBack(process, (messages) => void process.send?.(messages))
} else if (import.meta.main) {
  // Not awaited here: the inline place imports this module once more, and would wait for itself.
  void main()
}
