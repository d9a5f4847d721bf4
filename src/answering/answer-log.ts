// The numbered events of one answer, in memory: written by whoever makes it, read by any number of readers at once, each
// from where it likes and at its own pace.

import type { AnswerFailed, AnswerState, NumberedEvent } from '../core/answer-record.ts'
import type { AnswerEvent } from '../core/question.ts'

/** How an answer ended. */
export interface AnswerOutcome {
  state: Exclude<AnswerState, 'running'>
  /** Why it did not come to its end. */
  error?: AnswerFailed['error']
}

export class AnswerLog {
  readonly #startedAt = performance.now()
  readonly #events: (AnswerEvent | AnswerFailed)[] = []
  #outcome: AnswerOutcome | undefined
  /** Readers that have read everything there is. */
  readonly #waiting = new Set<() => void>()
  /** Roughly what it takes in memory. */
  bytes = 0
  /** Milliseconds from the start to the first text, and to the end. */
  firstTextMs: number | undefined
  totalMs: number | undefined

  /** How it ended, once it has. */
  get outcome(): AnswerOutcome | undefined {
    return this.#outcome
  }

  /** What happened so far, without the failure that may be the last event. */
  get events(): AnswerEvent[] {
    return this.#events.filter((event) => event.type !== 'answer-failed')
  }

  /** Writes down an event. What comes after the end is passed over. */
  add(event: AnswerEvent): void {
    if (this.#outcome) return
    if (event.type === 'text-delta') this.firstTextMs ??= this.#elapsed()
    this.#append(event)
    this.#wake()
  }

  /** Ends it; only the first time counts. A failure is written down as the last event. */
  end(outcome: AnswerOutcome): void {
    if (this.#outcome) return
    this.#outcome = outcome
    this.totalMs = this.#elapsed()
    if (outcome.error) this.#append({ type: 'answer-failed', error: outcome.error })
    this.#wake()
  }

  /** The events behind the number `after`, then those to come, to the end. Throws the signal's reason. */
  async *read(after: number, signal?: AbortSignal): AsyncGenerator<NumberedEvent, void, undefined> {
    let wake: (() => void) | undefined
    const abort = (): void => wake?.()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      for (let at = after; ;) {
        signal?.throwIfAborted()
        const event = this.#events[at]
        if (event) yield { number: ++at, event }
        else if (this.#outcome) return
        else {
          await new Promise<void>((resolve) => this.#waiting.add((wake = resolve)))
          if (wake) this.#waiting.delete(wake)
        }
      }
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  #append(event: AnswerEvent | AnswerFailed): void {
    this.#events.push(event)
    this.bytes += sizeOf(event)
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  #elapsed(): number {
    return Math.round((performance.now() - this.#startedAt) * 100) / 100
  }
}

/** Without walking through everything: text is what is large. */
function sizeOf(event: AnswerEvent | AnswerFailed): number {
  switch (event.type) {
    case 'text-delta':
      return 100 + event.text.length
    case 'passages-found':
      return event.passages.reduce((sum, { passage }) => sum + 1_000 + 2 * passage.text.length, 200)
    case 'answer-end':
      return event.citations.reduce((sum, { quote }) => sum + 500 + 2 * quote.length, 1_000 + 2 * event.text.length)
    default:
      return 500
  }
}
