// An answer on its way to its caller: the events as they come, and how it came to be when it has ended. A failure from
// here on is thrown at the reader; the answer never just stops.

import { onOver } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { letGo } from '../core/let-go.ts'
import type { AskedCall, Usage } from '../core/question.ts'
import type { Call } from '../core/station.ts'
import type { ChatEvent, FinishReason } from '../models/model.ts'
import { estimateTokens } from '../text/tokens.ts'
import type { Attempt, Trail } from './order.ts'

/** Why an answer is not the one that was asked for first. */
export interface Fallback {
  /** The model that did not answer. */
  readonly model: string
  readonly error: AndonError
}

/** A whole answer and how it came to be. Times in milliseconds. */
export interface RoutedAnswer {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: AskedCall[]
  /** Counted by the server, or estimated. */
  readonly usage: Usage
  readonly finish: FinishReason
  /** The name of the endpoint; absent when the last resort answered. */
  readonly endpoint?: string
  /** Who answered, by the name that was asked for. */
  readonly model: string
  readonly attempts: readonly Attempt[]
  /** In the queue, over all attempts. */
  readonly waitedMs: number
  /** From the request to the first content. */
  readonly firstTokenMs: number
  readonly totalMs: number
  /** The models that were asked before, and why they did not answer. Empty when the first one did. */
  readonly degraded: readonly Fallback[]
}

/** How an answer ended. */
export type How = 'whole' | 'left' | AndonError

/** Where an answer comes from. */
export interface Source {
  readonly head: readonly ChatEvent[]
  readonly rest: AsyncIterator<ChatEvent>
  readonly endpoint?: string
  readonly model: string
  /** Content came: about so many tokens. */
  progress(tokens: number): void
  /** The reader is behind: until `resume`, silence is not the endpoint's. */
  pause(): void
  resume(): void
  /** It ended: whole, cut by a failure, or left by its reader. Called once; what it held is given back. */
  end(answer: RoutedAnswer, how: How): void
  /** Counts a whole answer when the server did not; undefined, now or then, when nothing counts better than the guess. Never rejects. */
  count(said: string): Promise<Usage | undefined> | undefined
  /** What it came to, now that it is counted. Called once, after `end`. */
  ended(answer: RoutedAnswer, how: How): void
}

/** What is known when the first content is there. */
export interface Begun {
  /** The whole order's: when it is over, so is the answer, also for a reader who does not come. */
  readonly call: Call
  readonly startedAt: number
  /** When the first content came; now when it is not said. */
  readonly firstAt?: number
  readonly promptTokens: number
  readonly trail: Trail
  readonly degraded: readonly Fallback[]
}

/** A reader who has not come back for so long, in milliseconds, is behind. */
const behindMs = 100

/**
 * The events of an answer, to be read once, from the first content on. Leaving the loop early, or disposing it unread,
 * closes the connection to the endpoint; nobody reads it longer than its call goes on.
 */
export class RoutedChat implements AsyncIterable<ChatEvent>, AsyncDisposable {
  /** The whole answer, once the events have been read to their end. Rejects when it failed; nobody has to look. */
  readonly answer: Promise<RoutedAnswer>
  readonly endpoint: string | undefined
  readonly model: string
  readonly #source: Source
  readonly #begun: Begun
  readonly #ended = Promise.withResolvers<RoutedAnswer>()
  readonly #firstTokenMs: number
  readonly #toolCalls: AskedCall[] = []
  readonly #pause = (): void => {
    this.#paused = true
    this.#source.pause()
  }
  #behind: NodeJS.Timeout | undefined
  #paused = false
  #text = ''
  #reasoning = ''
  #usage: Usage | undefined
  #finish: FinishReason = 'other'
  #reading = false
  #over = false
  /** Why its call was over before it had ended. */
  #late: AndonError | undefined
  #stopListening = (): void => {}

  constructor(source: Source, begun: Begun) {
    this.#source = source
    this.#begun = begun
    this.endpoint = source.endpoint
    this.model = source.model
    this.#firstTokenMs = (begun.firstAt ?? performance.now()) - begun.startedAt
    this.answer = this.#ended.promise
    this.answer.catch(() => {})
    this.#stopListening = onOver(begun.call, (reason) => this.#giveUp(reason))
  }

  /** How many attempts it took, and how they went. */
  get attempts(): readonly Attempt[] {
    return this.#begun.trail.attempts
  }

  /** The models that were asked before, and why they did not answer. */
  get degraded(): readonly Fallback[] {
    return this.#begun.degraded
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChatEvent, void, undefined> {
    if (this.#late && !this.#reading) throw this.#late
    if (this.#reading || this.#over)
      throw new AndonError('conflict', 'An answer can be read once: keep its events, or read answer when it has ended')
    this.#reading = true
    try {
      for (const event of this.#source.head) {
        this.#note(event)
        yield event
        this.#back()
        if (this.#late) throw this.#late
      }
      for (;;) {
        const next = await this.#source.rest.next()
        if (this.#late) throw this.#late
        if (next.done === true) break
        this.#note(next.value)
        yield next.value
        this.#back()
      }
      this.#end('whole')
    } catch (reason) {
      const error = this.#late ?? AndonError.from(reason)
      this.#end(error)
      throw error
    } finally {
      await this.#leave()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave()
  }

  async #leave(): Promise<void> {
    if (this.#over) return
    this.#end('left')
    await this.#source.rest.return?.()
  }

  /** Its call is over: what it holds is given back now, wherever its reader is. */
  #giveUp(reason: AndonError): void {
    if (this.#over) return
    this.#late = reason
    this.#end(reason)
    // A client that is asked to stop while it waits does so when it hears of the end of the call.
    void letGo(this.#source.rest)
  }

  /** The reader is back from the last event. */
  #back(): void {
    clearTimeout(this.#behind)
    if (!this.#paused) return
    this.#paused = false
    this.#source.resume()
  }

  #note(event: ChatEvent): void {
    this.#behind = setTimeout(this.#pause, behindMs)
    switch (event.type) {
      case 'text-delta':
        this.#text += event.text
        return this.#source.progress(estimateTokens(event.text))
      case 'reasoning-delta':
        this.#reasoning += event.text
        return this.#source.progress(estimateTokens(event.text))
      case 'tool-call':
        this.#toolCalls.push(event.call)
        return this.#source.progress(estimateTokens(event.call.arguments))
      case 'usage':
        this.#usage = event.usage
        return
      case 'finish':
        this.#finish = event.reason
    }
  }

  #end(how: How): void {
    if (this.#over) return
    this.#over = true
    this.#stopListening()
    clearTimeout(this.#behind)
    const answer = this.#soFar()
    this.#source.end(answer, how)
    const counting = how === 'whole' && !this.#usage ? this.#source.count(this.#said) : undefined
    if (counting === undefined) this.#settle(answer, how)
    else void counting.then((usage) => this.#settle(usage ? { ...answer, usage } : answer, how))
  }

  #settle(answer: RoutedAnswer, how: How): void {
    this.#source.ended(answer, how)
    if (how === 'whole') this.#ended.resolve(answer)
    else this.#ended.reject(how === 'left' ? new AndonError('cancelled', 'The answer was left before its end') : how)
  }

  get #said(): string {
    return this.#text + this.#reasoning + this.#toolCalls.map((call) => call.arguments).join('')
  }

  #soFar(): RoutedAnswer {
    const { startedAt, promptTokens, trail, degraded } = this.#begun
    const usage = this.#usage ?? { promptTokens, completionTokens: estimateTokens(this.#said), estimated: true }
    return {
      text: this.#text,
      reasoning: this.#reasoning,
      toolCalls: this.#toolCalls,
      usage,
      finish: this.#finish,
      ...(this.endpoint === undefined ? {} : { endpoint: this.endpoint }),
      model: this.model,
      attempts: trail.attempts,
      waitedMs: trail.waitedMs,
      firstTokenMs: this.#firstTokenMs,
      totalMs: performance.now() - startedAt,
      degraded,
    }
  }
}
