// Whether what came of an answer is content: a word, a thought, a call. Until then nothing has been shown to the caller,
// and another endpoint may still answer instead.

import { readChunk, type Chunk } from '../../models/chat-wire.ts'
import type { FinishReason } from '../../models/model.ts'
import { isRecord, parsed, quoted } from '../../models/failure.ts'
import { failedAttempt } from '../failures.ts'
import { dataOf } from './frame-scanner.ts'

/** What all attempts of one request remember together. */
export interface Remembered {
  /** An endpoint answered with nothing: asked again once, a second such answer is believed. */
  answeredNothing: boolean
  /** The last refusal of the request itself, in the server's own words. */
  refusal?: Refusal
}

/** An answer that says what is wrong with the request. */
export interface Refusal {
  status: number
  contentType: string
  body: Buffer
}

export class FirstContent {
  readonly #who: string
  readonly #secrets: readonly string[]
  readonly #remembered: Remembered
  #finish: FinishReason | 'error' | undefined
  /** Whether any has come. */
  came = false

  constructor({ who, secrets }: { who: string; secrets: readonly string[] }, remembered: Remembered) {
    this.#who = who
    this.#secrets = secrets
    this.#remembered = remembered
  }

  /** Looks at the next frame of a stream. Throws `malformed` for one that is no JSON. */
  see(frame: Buffer): void {
    if (this.came) return
    const data = dataOf(frame)
    if (data === '' || data === '[DONE]') return
    const value = parsed(data)
    if (value === undefined)
      throw failedAttempt(
        'malformed',
        `${this.#who} sent an event that is no JSON: ${quoted(data.slice(0, 120), this.#secrets)}`,
      )
    this.#read(value, readChunk(value))
  }

  /** Looks at a whole answer: parsed, and read. */
  whole(value: unknown, chunk: Chunk): void {
    this.#read(value, chunk)
    this.end()
  }

  /** The stream is over. Throws `malformed` when nothing was said, and it did not say why. */
  end(): void {
    if (this.came) return
    if (this.#finish === undefined) throw failedAttempt('malformed', `${this.#who} ended its answer without a word.`)
    const mayBeEmpty = this.#finish !== 'stop' && this.#finish !== 'other'
    if (!mayBeEmpty && !this.#remembered.answeredNothing) {
      this.#remembered.answeredNothing = true
      throw failedAttempt('malformed', `${this.#who} stopped before it had said anything.`)
    }
    this.came = true
  }

  #read(value: unknown, chunk: Chunk): void {
    if (chunk.finish !== undefined) this.#finish = chunk.finish
    // What is no completion at all, like a list of vectors, is content as it is.
    const isOther = isRecord(value) && !Array.isArray(value['choices'])
    if (isOther || chunk.text !== '' || chunk.reasoning !== '' || chunk.calls !== undefined) this.came = true
  }
}
