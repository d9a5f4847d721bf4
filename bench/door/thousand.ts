// Many streams at once: what each costs, how soon it speaks, and how soon it is noticed that its reader left; beside a
// bare server that hands the same bytes on.

import { setTimeout as delay } from 'node:timers/promises'
import { atMost, median, percentile, round, say, type Gate } from '../harness.ts'
import type { ClientProcess } from './client.ts'
import type { ModelProcess } from './model.ts'
import type { PlainProcess } from './plain.ts'
import { Child } from './process.ts'
import type { Reading } from './reading.ts'
import type { ServerProcess } from './server.ts'

export interface ThousandOptions {
  streams: number
  rounds: number
  /** How many are opened in a second. */
  perSecond: number
  /** Milliseconds between two words of the model on each stream. */
  everyMs: number
  /** Streams that are left one after the other, before all the others are left at once. */
  leaving: number
}

const settleMs = 3_000

/** Something that serves streams. */
interface Served {
  url: string
  firstText: string
  reading: (collect: boolean) => Promise<Reading>
  /** When it noticed that readers left, in shared milliseconds; who cannot tell is judged by the model alone. */
  noticed?: () => Promise<number[]>
}

interface Measured {
  firstByteP50Ms: number
  firstByteP99Ms: number
  firstTextP50Ms: number
  firstTextP99Ms: number
  charactersPerSecond: number
  loopP99Ms: number
  cpuShare: number
  liveKbPerStream: number
  residentKbPerStream: number
  leftOneP50Ms: number
  leftOneP99Ms: number
  allNoticedMs: number
  allModelsStoppedMs: number
}

/** Runs it; rows for the record, and gates. */
export async function thousand(options: ThousandOptions): Promise<{ rows: unknown[]; gates: Gate[] }> {
  const ours: Measured[] = []
  const plain: Measured[] = []
  for (let number = 1; number <= options.rounds; number++) {
    plain.push(await besideNothing(options))
    say(`bare, round ${number}: ${JSON.stringify(plain.at(-1))}`)
    ours.push(await atTheDoor(options))
    say(`door, round ${number}: ${JSON.stringify(ours.at(-1))}`)
  }
  const what = `${options.streams} streams, a word every ${options.everyMs} ms`
  const ourMedian = (of: keyof Measured): number => median(ours.map((each) => each[of]))
  const plainMedian = (of: keyof Measured): number => median(plain.map((each) => each[of]))
  return {
    rows: [
      ...ours.map((each, at) => ({ what, round: at + 1, ...each })),
      ...plain.map((each, at) => ({ what: `${what}, bare server`, round: at + 1, ...each })),
    ],
    gates: [
      atMost(`${what}: first byte p50 ms`, ourMedian('firstByteP50Ms'), 50),
      atMost(`${what}: first byte p99 ms`, ourMedian('firstByteP99Ms'), 250),
      atMost(`${what}: live memory per stream kB`, ourMedian('liveKbPerStream'), 400),
      atMost(`${what}: pace, bare / door`, plainMedian('charactersPerSecond') / ourMedian('charactersPerSecond'), 1.1),
      atMost(`${what}: all streams left, noticed within ms`, ourMedian('allNoticedMs'), 300),
      atMost(`${what}: all streams left, model requests stopped within ms`, ourMedian('allModelsStoppedMs'), 300),
      atMost(`${what}: one stream left, its model request stopped p99 ms`, ourMedian('leftOneP99Ms'), 50),
    ],
  }
}

async function atTheDoor(options: ThousandOptions): Promise<Measured> {
  await using model = await Child.start<ModelProcess>('model.ts')
  await using server = await Child.start<ServerProcess>('server.ts', ['--expose-gc'])
  await using client = await Child.start<ClientProcess>('client.ts')
  const limits = { questionsAtOnce: options.streams + 100, questionsWaiting: 100 }
  const url = await server.ask('open', { model: await model.ask('url'), limits })
  try {
    await model.ask('pace', { pieces: 5, everyMs: 5 })
    await client.ask('askClosed', { url, askers: 4, questions: 100 })
    return await measure(options, model, client, {
      url,
      firstText: 'event: text-delta\n',
      reading: (collect) => server.ask('reading', collect),
      noticed: async () => (await server.ask('ended')).leftAt,
    })
  } finally {
    await server.ask('close')
  }
}

async function besideNothing(options: ThousandOptions): Promise<Measured> {
  await using model = await Child.start<ModelProcess>('model.ts')
  await using server = await Child.start<PlainProcess>('plain.ts', ['--expose-gc'])
  await using client = await Child.start<ClientProcess>('client.ts')
  const url = await server.ask('open', await model.ask('url'))
  return await measure(options, model, client, {
    url,
    firstText: '"delta":{"content"',
    reading: (collect) => server.ask('reading', collect),
  })
}

async function measure(
  { streams, perSecond, everyMs, leaving }: ThousandOptions,
  model: Child<ModelProcess>,
  client: Child<ClientProcess>,
  served: Served,
): Promise<Measured> {
  await model.ask('pace', { everyMs })
  const before = await served.reading(true)
  const opened = await client.ask('openStreams', {
    url: served.url,
    count: streams,
    perSecond,
    firstText: served.firstText,
  })
  if (opened.failed > 0) throw new Error(`${opened.failed} streams did not begin: ${opened.failure}`)

  await delay(settleMs)
  await client.ask('flow')
  const began = await served.reading(false)
  await delay(settleMs)
  const flow = await client.ask('flow')
  const flowing = await served.reading(false)
  if (flow.open < streams) throw new Error(`${streams - flow.open} streams ended by themselves.`)
  const full = await served.reading(true)
  await delay(1_000)

  const left = await client.ask('leave', { count: leaving, everyMs: 20 })
  await until(async () => (await model.ask('reading')).open === streams - leaving)
  const closed = (await model.ask('reading')).leftAt
  const oneMs = Object.entries(left).map(([traceId, at]) => (closed[traceId] ?? Number.NaN) - at)
  await served.noticed?.()
  await delay(1_000)

  const all = await client.ask('leaveAll')
  await until(async () => (await model.ask('reading')).open === 0)
  const stopped = Object.entries((await model.ask('reading')).leftAt).filter(([traceId]) => !(traceId in left))
  const noticed = await served.noticed?.()
  if (stopped.length !== all.count || (noticed && noticed.length !== all.count))
    throw new Error(`${all.count} left, ${stopped.length} model requests ended, ${noticed?.length} were noticed.`)
  const allModelsStoppedMs = Math.max(...stopped.map(([, at]) => at)) - all.first

  const { firstByteMs, firstTextMs } = opened
  return {
    firstByteP50Ms: round(median(firstByteMs)),
    firstByteP99Ms: round(percentile(firstByteMs, 0.99)),
    firstTextP50Ms: round(median(firstTextMs)),
    firstTextP99Ms: round(percentile(firstTextMs, 0.99)),
    charactersPerSecond: round(flow.characters / flow.seconds),
    loopP99Ms: round(flowing.loopP99Ms),
    cpuShare: round((flowing.cpuSeconds - began.cpuSeconds) / flow.seconds),
    liveKbPerStream: round(((full.heapMb - before.heapMb) * 1024) / streams),
    residentKbPerStream: round(((full.rssMb - before.rssMb) * 1024) / streams),
    leftOneP50Ms: round(median(oneMs)),
    leftOneP99Ms: round(percentile(oneMs, 0.99)),
    allNoticedMs: round(noticed ? Math.max(...noticed) - all.first : allModelsStoppedMs),
    allModelsStoppedMs: round(allModelsStoppedMs),
  }
}

/** Looks every few milliseconds; gives up after twenty seconds. */
async function until(done: () => Promise<boolean>): Promise<void> {
  const latest = performance.now() + 20_000
  while (!(await done())) {
    if (performance.now() > latest) throw new Error('Streams were left, and their model requests go on.')
    await delay(20)
  }
}
