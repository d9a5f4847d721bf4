// A closed loop: so many askers, each with one question at a time. A blocking server is given the fairest dispatcher
// there is: a question goes to a process that has none, and waits here while all have one. When the time is over, who
// still waits for a process leaves; how long it waited is the least that its answer would have taken.

import { Pool } from 'undici'
import { percentile } from '../harness.ts'

export interface Load {
  ports: readonly number[]
  /** Questions that one process is given at once. */
  perProcess: number
  askers: number
  seconds: number
  body: (number: number) => string
}

export interface Measured {
  answers: number
  /** Questions that waited for a process until the end. */
  unanswered: number
  perSecond: number
  /** Times of all questions, with what the unanswered ones waited. */
  p50Ms: number
  p99Ms: number
}

export async function load({ ports, perProcess, askers, seconds, body }: Load): Promise<Measured> {
  const pools = ports.map((port) => new Pool(`http://127.0.0.1:${port}`, { connections: null, pipelining: 1 }))
  const free = pools.flatMap((pool) => Array.from({ length: Math.min(perProcess, askers) }, () => pool))
  const waiting: ((pool: Pool | undefined) => void)[] = []
  const times: number[] = []
  const from = performance.now()
  const until = from + seconds * 1_000
  let number = 0
  let unanswered = 0

  const place = (): Pool | Promise<Pool | undefined> => free.pop() ?? new Promise((resolve) => waiting.push(resolve))
  const giveBack = (pool: Pool): void => {
    const next = waiting.shift()
    if (next) next(pool)
    else free.push(pool)
  }
  const asker = async (): Promise<void> => {
    while (performance.now() < until) {
      const asked = performance.now()
      const pool = await place()
      if (!pool) {
        unanswered++
        times.push(performance.now() - asked)
        return
      }
      try {
        const { statusCode, body: answer } = await pool.request({
          method: 'POST',
          path: '/',
          headers: { 'content-type': 'application/json' },
          body: body(number++),
        })
        const text = await answer.text()
        if (statusCode !== 200 || !text.includes('"choices"')) throw new Error(`A wrong answer: ${text.slice(0, 200)}`)
      } finally {
        giveBack(pool)
      }
      times.push(performance.now() - asked)
    }
  }
  const end = setTimeout(() => {
    for (const leave of waiting.splice(0)) leave(undefined)
  }, seconds * 1_000)
  await Promise.all(Array.from({ length: askers }, asker))
  clearTimeout(end)
  const took = (performance.now() - from) / 1_000
  await Promise.all(pools.map((pool) => pool.close()))
  return {
    answers: times.length - unanswered,
    unanswered,
    perSecond: (times.length - unanswered) / took,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  }
}
