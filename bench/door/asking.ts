// Asking: so many at once, or so many a second whatever becomes of them; counted is what came back whole and in time.

import { Agent, request } from 'undici'
import { seeded } from '../harness.ts'
import { questionOf, traceparentOf } from './questions.ts'

/** What became of the questions. */
export interface Counts {
  sent: number
  seconds: number
  /** Whole answers in the model's words, within the deadline. */
  good: number
  /** Of those, how many came within `seconds`. */
  goodInTime: number
  goodAt: number[]
  /** Whole, but too late; or without the model's words. */
  late: number
  poor: number
  refused: number
  /** Refusals that do not say when to come back. */
  withoutRetryAfter: number
  failed: number
  /** From the moment at which it should have been sent, in milliseconds. */
  goodMs: number[]
  refusedMs: number[]
  /** The first thing that went wrong, for people. */
  failure: string | undefined
}

const agent = new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
let number = 1

/** As many at once as there are askers, each after its last one was answered. */
export async function askClosed(input: { url: string; askers: number; questions: number }): Promise<Counts> {
  const counts = none()
  const began = performance.now()
  let left = input.questions
  const asker = async (): Promise<void> => {
    while (left-- > 0) await ask(input.url, performance.now(), Infinity, counts)
  }
  await Promise.all(Array.from({ length: input.askers }, asker))
  counts.seconds = (performance.now() - began) / 1_000
  return counts
}

/** So many a second, evenly with some jitter, whether or not the earlier ones were answered. */
export async function askOpen(input: {
  url: string
  perSecond: number
  seconds: number
  /** What is answered in the first part is not counted: nothing was under way yet. */
  settleMs: number
  deadlineMs: number
  seed: number
}): Promise<Counts> {
  const { url, perSecond, seconds, settleMs, deadlineMs, seed } = input
  const counts = none()
  const random = seeded(seed)
  const asked: Promise<void>[] = []
  const total = Math.round(perSecond * seconds)
  const began = performance.now()
  for (let at = 0; at < total; at++) {
    const due = began + ((at + random() - 0.5) * 1_000) / perSecond
    const wait = due - performance.now()
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
    asked.push(ask(url, Math.max(began, due), deadlineMs, counts))
  }
  const wait = began + seconds * 1_000 - performance.now()
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  const until = performance.now()
  await Promise.all(asked)
  counts.seconds = (until - began - settleMs) / 1_000
  counts.goodInTime = counts.goodAt.filter((at) => at >= began + settleMs && at < until).length
  counts.goodAt = []
  return counts
}

async function ask(url: string, due: number, deadlineMs: number, counts: Counts): Promise<void> {
  counts.sent++
  const own = number++
  try {
    const { statusCode, headers, body } = await request(`${url}/v1/ask`, {
      method: 'POST',
      dispatcher: agent,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        traceparent: traceparentOf(own),
      },
      body: JSON.stringify({ question: questionOf(own), filter: { collections: ['handbook'] } }),
    })
    const text = await body.text()
    const ms = performance.now() - due
    if (statusCode === 429) {
      counts.refused++
      counts.refusedMs.push(ms)
      if (headers['retry-after'] === undefined) counts.withoutRetryAfter++
      return
    }
    const end = /event: answer-end\ndata: (.*)\n\n$/.exec(text)?.[1]
    if (statusCode !== 200 || end === undefined) throw new Error(`${statusCode}: ${text.slice(-300)}`)
    const { mode, degraded } = JSON.parse(end) as { mode: string; degraded: unknown[] }
    if (mode !== 'generated' || degraded.length > 0) counts.poor++
    else if (ms > deadlineMs) counts.late++
    else {
      counts.good++
      counts.goodAt.push(performance.now())
      counts.goodMs.push(ms)
    }
  } catch (reason) {
    counts.failed++
    counts.failure ??= String(reason)
  }
}

function none(): Counts {
  return {
    sent: 0,
    seconds: 0,
    good: 0,
    goodInTime: 0,
    goodAt: [],
    late: 0,
    poor: 0,
    refused: 0,
    withoutRetryAfter: 0,
    failed: 0,
    goodMs: [],
    refusedMs: [],
    failure: undefined,
  }
}
