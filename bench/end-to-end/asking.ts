// Asks questions in a closed loop and reads the stream of each: when the first words came, and when the last.

import { Pool } from 'undici'
import { percentile } from '../harness.ts'

export interface Target {
  name: string
  url: string
  path: string
  body: (question: string) => string
  /** What stands in an event that carries text, and what stands in the last. */
  text: string
  end: string
}

export interface Asked {
  answers: number
  perSecond: number
  firstTextP50Ms: number
  firstTextP99Ms: number
  wholeP50Ms: number
  wholeP99Ms: number
}

export interface Asking {
  askers: number
  seconds: number
  questions: readonly string[]
}

/** Throws when an answer is cut or has no text. */
export async function ask(target: Target, { askers, seconds, questions }: Asking): Promise<Asked> {
  const pool = new Pool(target.url, { connections: null, pipelining: 1 })
  const first: number[] = []
  const whole: number[] = []
  const from = performance.now()
  const until = from + seconds * 1_000
  let next = 0
  const asker = async (): Promise<void> => {
    while (performance.now() < until) {
      const question = questions[next++ % questions.length] ?? ''
      const asked = performance.now()
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: target.path,
        headers: { 'content-type': 'application/json' },
        body: target.body(question),
      })
      let begun = 0
      let text = ''
      for await (const chunk of body as AsyncIterable<Buffer>) {
        text += chunk.toString()
        if (begun === 0 && text.includes(target.text)) begun = performance.now() - asked
      }
      if (statusCode !== 200 || begun === 0 || !text.includes(target.end))
        throw new Error(`${target.name} answered ${statusCode}: ${text.slice(0, 300)}`)
      first.push(begun)
      whole.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: askers }, asker))
  const took = (performance.now() - from) / 1_000
  await pool.close()
  return {
    answers: whole.length,
    perSecond: whole.length / took,
    firstTextP50Ms: percentile(first, 0.5),
    firstTextP99Ms: percentile(first, 0.99),
    wholeP50Ms: percentile(whole, 0.5),
    wholeP99Ms: percentile(whole, 0.99),
  }
}
