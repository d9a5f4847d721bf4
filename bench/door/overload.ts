// More questions than can be answered: what is answered in time, what refusing costs, and whether memory grows.

import { atLeast, atMost, median, percentile, round, say, type Gate } from '../harness.ts'
import type { Counts } from './asking.ts'
import type { ClientProcess } from './client.ts'
import type { ModelProcess } from './model.ts'
import { Child } from './process.ts'
import type { ServerProcess } from './server.ts'

export interface OverloadOptions {
  rounds: number
  /** Of each level in each round. */
  seconds: number
  /** Of the long stretch at five times the capacity. */
  longSeconds: number
}

/** Arrivals over capacity. */
const levels = [0.5, 1, 2, 3, 5]
const places = 12
const pace = { pieces: 20, everyMs: 40 }

interface Measured {
  round: number
  level: number
  perSecond: number
  goodPerSecond: number
  counts: Omit<Counts, 'goodMs' | 'goodAt' | 'refusedMs'>
  goodP50Ms: number
  goodP99Ms: number
  refusedServerP99Ms: number
  refusedClientP99Ms: number
  loopP99Ms: number
  rssMb: number
  heapMb: number
  cpuShare: number
}

/** Runs it; rows for the record, and gates. */
export async function overload(options: OverloadOptions): Promise<{ rows: unknown[]; gates: Gate[] }> {
  await using model = await Child.start<ModelProcess>('model.ts')
  await using server = await Child.start<ServerProcess>('server.ts', ['--expose-gc'])
  await using client = await Child.start<ClientProcess>('client.ts')
  await model.ask('pace', pace)
  const limits = { questionsAtOnce: places, questionsWaiting: places, waitMs: 10_000 }
  const url = await server.ask('open', { model: await model.ask('url'), limits })
  try {
    // Warm, and past what is kept of ended answers: 500 of them.
    await client.ask('askClosed', { url, askers: places, questions: options.rounds > 1 ? 600 : 100 })
    const closed = await client.ask('askClosed', { url, askers: places, questions: places * 15 })
    const serviceMs = median(closed.goodMs)
    const capacity = (places * 1_000) / serviceMs
    // Who waits last waits for one whole answer and then gets their own; twice that is too late.
    const deadlineMs = Math.ceil(serviceMs * 4)
    const settleMs = Math.ceil(serviceMs * 2)
    say(`capacity ${round(capacity)}/s, service ${round(serviceMs)} ms, alone ${pace.pieces * pace.everyMs} ms`)
    if (closed.failed > 0) throw new Error(closed.failure)

    async function at(level: number, seconds: number, number: number): Promise<Measured> {
      await server.ask('ended')
      const before = await server.ask('reading', true)
      const perSecond = capacity * level
      const seed = number * 10 + level
      const counts = await client.ask('askOpen', { url, perSecond, seconds, settleMs, deadlineMs, seed })
      const after = await server.ask('reading', true)
      const { refusedMs } = await server.ask('ended')
      const { goodMs, goodAt: _, refusedMs: seenMs, ...rest } = counts
      const measured = {
        round: number,
        level,
        perSecond: round(perSecond),
        goodPerSecond: round(counts.goodInTime / counts.seconds),
        counts: rest,
        goodP50Ms: round(percentile(goodMs, 0.5)),
        goodP99Ms: round(percentile(goodMs, 0.99)),
        refusedServerP99Ms: round(percentile(refusedMs, 0.99)),
        refusedClientP99Ms: round(percentile(seenMs, 0.99)),
        loopP99Ms: round(after.loopP99Ms),
        rssMb: round(after.rssMb),
        heapMb: round(after.heapMb),
        cpuShare: round((after.cpuSeconds - before.cpuSeconds) / seconds),
      }
      say(
        `round ${number}, ${level}×: ${measured.goodPerSecond}/s good of ${measured.perSecond}/s, refusals p99 ${measured.refusedServerP99Ms} ms, loop p99 ${measured.loopP99Ms} ms, rss ${measured.rssMb} MB, ${measured.cpuShare} cores`,
      )
      return measured
    }

    const all: Measured[] = []
    for (let number = 1; number <= options.rounds; number++)
      for (const level of levels) all.push(await at(level, options.seconds, number))

    // The same at five times the capacity, for longer, with a reading every part of it.
    const parts = 6
    const long: Measured[] = []
    for (let part = 1; part <= parts; part++) long.push(await at(5, options.longSeconds / parts, 100 + part))

    const goods = levels.map((level) =>
      median(all.filter((each) => each.level === level).map((each) => each.goodPerSecond)),
    )
    const [, atCapacity = Number.NaN, ...beyond] = goods
    const crowded = [...all, ...long].filter(({ level }) => level > 1)
    const memory = long.map(({ heapMb }) => heapMb)
    const rss = long.map(({ rssMb }) => rssMb)
    const rssAtCapacity = all.findLast(({ level }) => level === 1)?.rssMb ?? Number.NaN
    const every = [...all, ...long].map(({ counts }) => counts)
    const sum = (of: (counts: Measured['counts']) => number): number =>
      every.reduce((total, each) => total + of(each), 0)
    const minutes = options.longSeconds / 60
    return {
      rows: [
        { what: 'capacity', places, perSecond: round(capacity), serviceMs: round(serviceMs), deadlineMs },
        ...all.map((each) => ({ what: 'overload', ...each })),
        ...long.map((each) => ({ what: 'long overload', ...each })),
      ],
      gates: [
        atLeast('goodput beyond capacity / at capacity, worst level', Math.min(...beyond) / atCapacity, 0.9),
        atMost('refusal p99 in the server ms', median(crowded.map((each) => each.refusedServerP99Ms)), 10),
        atMost(
          'refusals without Retry-After',
          sum((counts) => counts.withoutRetryAfter),
          0,
        ),
        atMost(
          'questions that failed',
          sum((counts) => counts.failed),
          0,
        ),
        atMost('resident memory after long overload / at capacity', (rss.at(-1) ?? Number.NaN) / rssAtCapacity, 1.1),
        atMost('live memory growth at 5× MB per minute', slope(memory) * (parts / minutes), 5),
      ],
    }
  } finally {
    await server.ask('close')
  }
}

/** Least squares, per step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let above = 0
  let below = 0
  for (const [at, value] of values.entries()) {
    above += (at - middle) * (value - mean)
    below += (at - middle) ** 2
  }
  return above / below
}
