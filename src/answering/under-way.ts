// The answers under way, and those that have just ended. What is begun here is written down in the store, so that its id
// says something whatever happens to the process.

import { setTimeout as delay } from 'node:timers/promises'
import { announceTrouble } from '../core/channels.ts'
import type { OwnedCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Question } from '../core/question.ts'
import { Timelines } from '../observe/timeline.ts'
import type { AnswerStore } from '../stores/store.ts'
import { AnswerUnderWay, interruption } from './answer-under-way.ts'

/** How many ended answers stay in memory, and how long: readers that lost the line come back within seconds. */
export interface Keeping {
  /** Default 500. */
  answers: number
  /** Default 32 MiB. */
  bytes: number
  /** Milliseconds. Default 5 minutes. */
  ms: number
}

const keepByDefault: Keeping = { answers: 500, bytes: 32 * 1024 * 1024, ms: 300_000 }

/** How long the record of a stopped answer may wait until it is written, in milliseconds: nobody is waiting for it. */
const patienceMs = 500

/** How often what has been kept long enough is let go, in milliseconds. */
const sweepMs = 30_000

export class AnswersUnderWay implements AsyncDisposable {
  readonly #store: AnswerStore
  readonly #keep: Keeping
  readonly #timelines = new Timelines()
  readonly #running = new Map<string, AnswerUnderWay>()
  /** Ended, the oldest first. */
  readonly #ended = new Map<string, AnswerUnderWay>()
  #endedBytes = 0
  /** What has to be finished before the store closes. */
  readonly #work = new Set<Promise<void>>()
  readonly #closing = new AbortController()
  readonly #sweep = setInterval(() => this.#letGo(), sweepMs).unref()

  constructor(store: AnswerStore, keep: Partial<Keeping> = {}) {
    this.#store = store
    this.#keep = { ...keepByDefault, ...keep }
  }

  /** Enters an answer; it has to be ended by whoever makes it. The call's id is the answer's. */
  begin(question: Question, call: OwnedCall): AnswerUnderWay {
    const answer = new AnswerUnderWay(question, call, {
      timeline: this.#timelines.follow(call.id),
      begin: (tenant, record) => this.#store.begin(tenant, record),
      ended: (ended) => this.#close(ended),
    })
    this.#running.set(answer.id, answer)
    return answer
  }

  /** The tenant's answer of this id: under way, or ended a short while ago. */
  find(tenant: string, id: string): AnswerUnderWay | undefined {
    const answer = this.#running.get(id) ?? this.#ended.get(id)
    return answer?.tenant === tenant ? answer : undefined
  }

  /** Ends all of a conversation, and lets go of what ended: what is not written down by now never is. */
  erase(tenant: string, sessionId: string): void {
    for (const answer of [...this.#running.values(), ...this.#ended.values()]) {
      if (!answer.isOf(tenant, sessionId)) continue
      answer.erased = true
      answer.stop(new AndonError('cancelled', 'The conversation was erased.'))
      if (this.#ended.delete(answer.id)) this.#endedBytes -= answer.log.bytes
    }
  }

  /** Work that goes on without a reader; the house does not close before it has ended. */
  track(work: Promise<void>): void {
    const tracked = work
      .catch((reason: unknown) => announceTrouble('answering', reason))
      .finally(() => this.#work.delete(tracked))
    this.#work.add(tracked)
  }

  /** Ends what is still under way, and waits until everything is written down. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep)
    this.#closing.abort()
    for (const answer of this.#running.values()) answer.stop(interruption())
    while (this.#work.size > 0) await Promise.all(this.#work)
    this.#timelines[Symbol.dispose]()
  }

  #close(answer: AnswerUnderWay): void {
    this.#running.delete(answer.id)
    this.#ended.set(answer.id, answer)
    this.#endedBytes += answer.log.bytes
    this.track(this.#write(answer))
  }

  async #write(answer: AnswerUnderWay): Promise<void> {
    const told = (reason: unknown): void => announceTrouble('recording', reason)
    // When a thousand readers leave at once, all of them are noticed before the first is written down.
    if (answer.log.outcome?.state === 'stopped') await this.#pause()
    // Whether or not its beginning could be written, its end is worth it.
    await answer.begun.catch(told)
    if (!answer.erased) await this.#store.end(answer.tenant, answer.record).catch(told)
    answer.written = true
    this.#letGo()
  }

  /** Shorter when the house closes. */
  async #pause(): Promise<void> {
    await delay(patienceMs, undefined, { signal: this.#closing.signal }).catch(() => {})
  }

  #letGo(): void {
    const { answers, bytes, ms } = this.#keep
    const before = Date.now() - ms
    for (const [id, { endedAt = 0, log, written }] of this.#ended) {
      if (this.#ended.size <= answers && this.#endedBytes <= bytes && endedAt >= before) return
      if (!written) continue
      this.#ended.delete(id)
      this.#endedBytes -= log.bytes
    }
  }
}
