// What a model has said of an answer so far, gathered while its events pass.

import type { AskedCall, Usage } from '../../core/question.ts'
import type { ChatEvent, FinishReason } from '../../models/model.ts'
import { isContent } from '../content.ts'
import { tallyOf, type Tally } from './reply.ts'

export class Said {
  text = ''
  reasoning = ''
  readonly calls: AskedCall[] = []
  /** As the server counted, when it did. */
  usage: Usage | undefined
  finish: FinishReason = 'other'
  /** Of the prompt, roughly. */
  readonly #promptTokens: number
  #pieces = 0

  constructor(promptTokens: number) {
    this.#promptTokens = promptTokens
  }

  note(event: ChatEvent): void {
    if (isContent(event)) this.#pieces++
    if (event.type === 'text-delta') this.text += event.text
    else if (event.type === 'reasoning-delta') this.reasoning += event.text
    else if (event.type === 'tool-call') this.calls.push(event.call)
    else if (event.type === 'usage') this.usage = event.usage
    else if (event.type === 'finish') this.finish = event.reason
  }

  /** What it came to: without the server's count, about one token for each piece. */
  get tally(): Tally {
    const counted = tallyOf(this.usage)
    return counted ?? { promptTokens: this.#promptTokens, outputTokens: this.#pieces, estimated: true }
  }
}
