// What is written down about one order while it walks through the house: how long each stage took, which tools ran, what
// was left out for lack of time, and what made the answer less than it could be.

import type { AnswerEnd, AnswerEvent, Degradation } from '../core/question.ts'
import { phrasesFor, type Phrases } from './phrases.ts'

export class Order {
  /** What a person is told, in the language of the question. */
  readonly phrases: Phrases
  readonly timings: Record<string, number> = {}
  readonly degraded: Degradation[] = []
  readonly skipped: string[] = []
  readonly toolRuns: Exclude<AnswerEnd['toolRuns'], undefined> = []

  readonly #began = performance.now()

  constructor(question: string) {
    this.phrases = phrasesFor(question)
  }

  /** Milliseconds since the order came in. */
  elapsedMs(): number {
    return Math.round((performance.now() - this.#began) * 100) / 100
  }

  /** Does a piece of work as a stage of its own: announced, timed, announced again. */
  async *stage<Result>(stage: string, work: () => Promise<Result>): AsyncGenerator<AnswerEvent, Result> {
    yield { type: 'stage-start', stage }
    const started = performance.now()
    let ms: number
    let result: Result
    try {
      result = await work()
    } finally {
      ms = this.#ended(stage, started)
    }
    yield { type: 'stage-end', stage, ms }
    return result
  }

  /** The same for work that has events of its own. */
  async *stream<Result>(stage: string, work: AsyncGenerator<AnswerEvent, Result>): AsyncGenerator<AnswerEvent, Result> {
    yield { type: 'stage-start', stage }
    const started = performance.now()
    let ms: number
    let result: Result
    try {
      result = yield* work
    } finally {
      // No event from here: a reader that left would keep the generator waiting in its `finally`.
      ms = this.#ended(stage, started)
    }
    yield { type: 'stage-end', stage, ms }
    return result
  }

  /** Tells the caller once that the answer will be less than it could be. */
  *degrade(degradation: Degradation): Generator<Extract<AnswerEvent, { type: 'answer-degraded' }>> {
    if (this.degraded.some(({ reason }) => reason === degradation.reason)) return
    this.degraded.push(degradation)
    yield { type: 'answer-degraded', degradation }
  }

  #ended(stage: string, started: number): number {
    const ms = Math.round((performance.now() - started) * 100) / 100
    this.timings[stage] = (this.timings[stage] ?? 0) + ms
    return ms
  }
}
