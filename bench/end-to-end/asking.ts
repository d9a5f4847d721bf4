// Asks questions in a closed loop and reads the stream of each: when the first words came, and when the last.

import { setTimeout as delay } from 'node:timers/promises'
import { Pool } from 'undici'

export interface Target {
  name: string
  url: string
  path: string
  body: (question: string) => string
  /** What stands in an event that carries text, and what stands in the last. */
  text: string
  end: string
  /** How long each question is held back before it is sent; its time runs all the while. */
  pauseMs?: number
}

export interface Asked {
  perSecond: number
  /** Of each answer, in milliseconds from its question: when its first text came, and its last. */
  firstMs: number[]
  wholeMs: number[]
}

/** Asks all questions, so many at once. Throws when an answer is cut or has no text. */
export async function ask(target: Target, askers: number, questions: readonly string[]): Promise<Asked> {
  const pool = new Pool(target.url, { connections: null, pipelining: 1 })
  const first: number[] = []
  const whole: number[] = []
  const from = performance.now()
  const left = questions[Symbol.iterator]()
  const asker = async (): Promise<void> => {
    for (const question of left) {
      const asked = performance.now()
      if (target.pauseMs !== undefined) await delay(target.pauseMs)
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
  return { perSecond: whole.length / took, firstMs: first, wholeMs: whole }
}
