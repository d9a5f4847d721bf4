// A model of this process that says its pieces as a test hands them to it.

import type { ChatModel } from '../../src/models/model.ts'

/** A model that says its pieces as they are handed to it. */
export class Dictated implements ChatModel {
  readonly name = 'dictated'
  /** Resolves when it has been asked. */
  readonly asked = Promise.withResolvers<void>()
  readonly left = Promise.withResolvers<void>()
  #pieces: string[] = []
  #more = Promise.withResolvers<void>()
  #ended = false

  say(...pieces: string[]): void {
    this.#pieces.push(...pieces)
    this.#more.resolve()
  }

  end(): void {
    this.#ended = true
    this.#more.resolve()
  }

  async *chat(...[, call]: Parameters<ChatModel['chat']>): ReturnType<ChatModel['chat']> & AsyncGenerator {
    this.asked.resolve()
    call.signal.addEventListener('abort', () => this.#more.resolve())
    try {
      for (;;) {
        call.signal.throwIfAborted()
        const text = this.#pieces.shift()
        if (text !== undefined) yield { type: 'text-delta', text }
        else if (this.#ended) break
        else {
          await this.#more.promise
          this.#more = Promise.withResolvers()
        }
      }
      yield { type: 'finish', reason: 'stop' }
    } finally {
      this.left.resolve()
    }
  }
}
