// The clients, in a process of their own: they send what a plan says when it says so, whether or not earlier requests were
// answered, and take every time from when a request was to be sent. A gateway that falls behind is not spared the wait.

import { Pool, type Dispatcher } from 'undici'
import { serveParent, sharedNow } from '../door/process.ts'
import type { Door, End, Sample, Shot } from './shapes.ts'

/** About two hundred bytes, as a short question is. */
const question = 'What does the manual say about the red button on the left? '.repeat(3)

const pools = new Map<string, Pool>()
const underWay = new Map<string, number>()

/** As many connections as there are requests, each kept for the next one. */
function poolOf(origin: string): Pool {
  let pool = pools.get(origin)
  if (!pool) {
    pool = new Pool(origin, {
      connections: null,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 60_000,
    })
    pools.set(origin, pool)
  }
  return pool
}

function leastBusy({ urls }: Door): string {
  let best = urls[0] ?? ''
  for (const url of urls) if ((underWay.get(url) ?? 0) < (underWay.get(best) ?? 0)) best = url
  return best
}

function bodyOf({ id, stream, tokens }: Shot): string {
  return JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content: question }],
    stream,
    max_tokens: tokens,
    user: id,
  })
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'string' ? Number(value) : undefined)

interface Fired {
  /** When it was to be sent, on the shared clock. */
  dueAt: number
  timeoutMs: number
}

/** Sends one request and follows it to its end. */
function fire(shot: Shot, door: Door, { dueAt, timeoutMs }: Fired): Promise<Sample> {
  const url = leastBusy(door)
  underWay.set(url, (underWay.get(url) ?? 0) + 1)
  const sentAt = sharedNow()
  const sample: Sample = {
    id: shot.id,
    stream: shot.stream,
    priority: shot.priority,
    at: shot.at,
    slipMs: sentAt - dueAt,
    end: 'broken',
    status: 0,
    firstMs: undefined,
    ms: 0,
    sentAt,
    leftAt: undefined,
    endpoint: undefined,
    attempts: undefined,
    waitedMs: undefined,
    retryAfterS: undefined,
  }
  const { promise, resolve } = Promise.withResolvers<Sample>()
  let controller: Dispatcher.DispatchController | undefined
  let given: End | undefined
  let tail = ''
  let whole = false
  let failed = false

  const give = (end: End): void => {
    given ??= end
    if (end === 'left') sample.leftAt ??= sharedNow()
    controller?.abort(new Error(end))
  }
  const timers = [setTimeout(() => give('timeout'), timeoutMs)]
  if (shot.leaveAfterMs !== undefined) timers.push(setTimeout(() => give('left'), shot.leaveAfterMs))
  const settle = (end: End): void => {
    for (const timer of timers) clearTimeout(timer)
    underWay.set(url, (underWay.get(url) ?? 1) - 1)
    sample.end = end
    sample.ms = sharedNow() - dueAt
    resolve(sample)
  }

  poolOf(url).dispatch(
    {
      method: 'POST',
      path: '/v1/chat/completions',
      headers: {
        'content-type': 'application/json',
        ...door.headers,
        ...(shot.priority === undefined ? {} : { 'x-andon-priority': String(shot.priority) }),
        ...(shot.deadlineMs === undefined ? {} : { 'x-request-deadline-ms': String(shot.deadlineMs) }),
      },
      body: bodyOf(shot),
    },
    {
      onRequestStart(started) {
        controller = started
        if (given !== undefined) started.abort(new Error(given))
      },
      onResponseStart(_, status, headers) {
        sample.status = status
        sample.endpoint = typeof headers['x-andon-endpoint'] === 'string' ? headers['x-andon-endpoint'] : undefined
        sample.attempts = numberOf(headers['x-andon-attempts'])
        sample.waitedMs = numberOf(headers['x-andon-waited-ms'])
        sample.retryAfterS = numberOf(headers['retry-after'])
        if (!shot.stream && status === 200) sample.firstMs = sharedNow() - dueAt
      },
      onResponseData(_, chunk) {
        if (!shot.stream || sample.status !== 200) return
        // What is looked for may lie across two chunks.
        const text = tail + chunk.toString('latin1')
        if (sample.firstMs === undefined && /"content":\s*"[^"]/.test(text)) sample.firstMs = sharedNow() - dueAt
        if (text.includes('data: [DONE]')) whole = true
        if (text.includes('"error"')) failed = true
        tail = text.slice(-40)
      },
      onResponseEnd() {
        if (sample.status !== 200) settle('refused')
        else if (!shot.stream) settle('done')
        else settle(failed ? 'error' : whole ? 'done' : 'silent')
      },
      onResponseError() {
        // A stream that said that it failed may break its line then.
        settle(given ?? (failed ? 'error' : 'broken'))
      },
    },
  )
  return promise
}

/** Answers when it is that late on the shared clock. */
async function until(at: number): Promise<void> {
  const left = at - sharedNow()
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left))
}

export const handlers = {
  /** Sends a plan, each request when it is due, and answers when all have ended. */
  async open({ shots, door, timeoutMs }: { shots: Shot[]; door: Door; timeoutMs: number }): Promise<Sample[]> {
    const from = sharedNow() + 5
    const under: Promise<Sample>[] = []
    for (const shot of shots) {
      const dueAt = from + shot.at
      await until(dueAt)
      under.push(fire(shot, door, { dueAt, timeoutMs }))
    }
    return Promise.all(under)
  },

  /** So many clients, each of which asks again as soon as it was answered. Milliseconds of each request come back. */
  async closed({ shot, door, clients, requests }: { shot: Shot; door: Door; clients: number; requests: number }) {
    const ms: number[] = []
    const ends: Partial<Record<End, number>> = {}
    let left = requests
    const from = sharedNow()
    const client = async (): Promise<void> => {
      while (left > 0) {
        left--
        const dueAt = sharedNow()
        const sample = await fire(shot, door, { dueAt, timeoutMs: 30_000 })
        ms.push(sample.ms)
        ends[sample.end] = (ends[sample.end] ?? 0) + 1
        // One that is refused at once would otherwise spin.
        if (sample.end !== 'done') await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
    return { ms, ends, seconds: (sharedNow() - from) / 1_000 }
  },

  /** Connections are closed: the next target begins with none. */
  async forget(): Promise<void> {
    const all = [...pools.values()]
    pools.clear()
    await Promise.all(all.map((pool) => pool.destroy()))
  },

  async get({ url, headers }: { url: string; headers: Record<string, string> }) {
    const { origin, pathname } = new URL(url)
    const { statusCode, body } = await poolOf(origin).request({ method: 'GET', path: pathname, headers })
    return { status: statusCode, text: await body.text() }
  },
}

export type LoadHandlers = typeof handlers

serveParent(handlers)
