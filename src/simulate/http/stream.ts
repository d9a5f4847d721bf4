// A streamed answer on its way out: one write for each step, with the faults that befall a stream.

import type { ServerResponse } from 'node:http'
import type { Spoken } from '../content/spoken.ts'
import type { Faults } from '../faults.ts'
import type { Sequence } from '../sequence.ts'
import { Frames } from './frames.ts'
import type { AnswerHead, AnswerUsage } from './frames.ts'
import type { GenerationRequest } from './chat-request.ts'
import { errorBody, label } from './wire.ts'

/** How a stream stands after a step. */
export type StreamState = 'open' | 'whole' | 'spoilt' | 'silent'

export class AnswerStream {
  readonly #response: ServerResponse
  readonly #head: AnswerHead
  readonly #frames: Frames
  readonly #spoken: Spoken
  readonly #faults: Faults
  readonly #usage: GenerationRequest['usage']
  /** What a split write kept back. */
  #kept = Buffer.alloc(0)

  constructor(
    response: ServerResponse,
    head: AnswerHead,
    spoken: Spoken,
    { usage, faults }: { usage: GenerationRequest['usage']; faults: Faults },
  ) {
    this.#response = response
    this.#head = head
    this.#frames = new Frames(head)
    this.#spoken = spoken
    this.#usage = faults.noUsage === true ? 'none' : usage
    this.#faults = faults
    response.writeHead(200, {
      ...label,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    })
    response.flushHeaders()
  }

  /** Sends the token that a step made, and the end with the last one. */
  step(sequence: Sequence, ended: boolean): StreamState {
    const at = sequence.produced - 1
    const { errorFrameAfter, cutAfter, stallAfter, malformedAfter } = this.#faults
    if (cutAfter !== undefined && at >= cutAfter) {
      // What was written in this turn leaves first.
      setImmediate(() => this.#response.destroy())
      return 'spoilt'
    }
    if (errorFrameAfter !== undefined && at >= errorFrameAfter) {
      this.#flush(`data: ${JSON.stringify(errorBody('Simulated fault: error frame.', 'SimulatedFault', 500))}\n\n`)
      return 'spoilt'
    }
    if (stallAfter !== undefined && at >= stallAfter) return 'silent'
    const counted = { prompt: sequence.promptTokens, completion: sequence.produced, cached: sequence.cached }
    const text = this.#words(at, counted) + (at === malformedAfter ? 'data: {"id": "simulated fa\n\n' : '')
    if (!ended) {
      this.#write(text)
      return 'open'
    }
    const usage = this.#usage === 'none' ? '' : this.#frames.usage(counted)
    const done = this.#faults.noDone === true ? '' : 'data: [DONE]\n\n'
    this.#flush(text + this.#frames.last(this.#spoken.finish) + usage + done)
    return 'whole'
  }

  #words(at: number, usage: AnswerUsage): string {
    const piece = this.#spoken.pieces[at]
    const first = at === 0 ? this.#frames.first() : ''
    if (!piece) return first
    return first + this.#frames.piece(piece, this.#head.id, this.#usage === 'every' ? usage : undefined)
  }

  #write(text: string): void {
    if (this.#faults.splitUtf8 !== true) {
      this.#response.write(text)
      return
    }
    const bytes = Buffer.concat([this.#kept, Buffer.from(text)])
    const cut = splitPoint(bytes, this.#kept.length)
    this.#response.write(bytes.subarray(0, cut))
    this.#kept = Buffer.from(bytes.subarray(cut))
  }

  #flush(text: string): void {
    this.#response.end(Buffer.concat([this.#kept, Buffer.from(text)]))
  }
}

/** Inside the first character of several bytes after `from`, or else near the end. */
function splitPoint(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) if ((bytes[at] ?? 0) >= 0xc0) return at + 1
  return Math.max(from, bytes.length - 7)
}
