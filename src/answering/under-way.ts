// The answers under way, and those that have just ended: each with its call, its log and its timeline. What is begun
// here is written down in the store, so that its id says something whatever happens to the process.

import { setTimeout as delay } from 'node:timers/promises'
import { announceTrouble, answerChannel, type AnswerEndedEvent } from '../core/channels.ts'
import type { AnswerRecord } from '../core/answer-record.ts'
import { endCall, type OwnedCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { AnswerEvent, Question } from '../core/question.ts'
import { Timelines, type Timeline } from '../observe/timeline.ts'
import type { AnswerStore } from '../stores/store.ts'
import { AnswerLog, type AnswerOutcome } from './answer-log.ts'
import { joined } from './transcript.ts'

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

/** What is said of an answer that its process did not finish. */
export function interruption(): AndonError {
  const sentence = 'Andon was restarted while this was written. Ask again.'
  return new AndonError('unavailable', sentence, { detail: { interrupted: true } })
}

/** One answer while it is made, and for a while afterwards. */
export class AnswerUnderWay {
  readonly id: string
  readonly tenant: string
  readonly log = new AnswerLog()
  /** Resolves when the store knows that it begins. */
  readonly begun: Promise<void>
  endedAt: number | undefined
  /** Whether its end was written down, or could not be: until then only this knows of it. */
  written = false
  /** Its conversation was erased: nothing of it is written down any more. */
  erased = false
  /** Why it did not come to its end, as its readers are told. */
  failure: AndonError | undefined
  readonly #startedAt = Date.now()
  readonly #question: Question
  readonly #call: OwnedCall
  readonly #timeline: Timeline
  readonly #ended: (answer: AnswerUnderWay) => void

  constructor(
    question: Question,
    call: OwnedCall,
    parts: { timeline: Timeline; begin: AnswerStore['begin']; ended: (answer: AnswerUnderWay) => void },
  ) {
    this.id = call.id
    this.tenant = call.tenant
    this.#question = question
    this.#call = call
    this.#timeline = parts.timeline
    this.#ended = parts.ended
    this.begun = parts.begin(call.tenant, this.record)
    this.begun.catch(() => {})
  }

  /** What happened so far, or all of it. */
  get record(): AnswerRecord {
    const { text, sessionId, retryOf, filter } = this.#question
    const { outcome, firstTextMs, totalMs } = this.log
    return {
      id: this.id,
      question: text,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(retryOf === undefined ? {} : { retryOf }),
      ...(filter === undefined ? {} : { filter }),
      state: outcome?.state ?? 'running',
      startedAt: this.#startedAt,
      ...(this.endedAt === undefined ? {} : { endedAt: this.endedAt }),
      ...(firstTextMs === undefined ? {} : { firstTextMs }),
      ...(totalMs === undefined ? {} : { totalMs }),
      ...(outcome?.error ? { error: outcome.error } : {}),
      ...joined(this.log.events),
      spans: [...this.#timeline.spans],
    }
  }

  /** Writes down an event. Throws the reason when it was ended in the meantime. */
  add(event: AnswerEvent): void {
    if (this.failure) throw this.failure
    this.log.add(event)
  }

  /** It came to its end. Nothing happens when it had ended before. */
  done(): void {
    this.#end({ state: 'done' })
  }

  /** It failed, or was cancelled: the reason says which. Nothing happens when it had ended before. */
  fail(reason: unknown): void {
    if (this.log.outcome) return
    const failure = tellable(AndonError.from(reason), this.id)
    const { code, sentence, retryAfterMs } = failure
    this.failure = failure
    this.#end({
      state: isInterruption(failure) ? 'interrupted' : code === 'cancelled' ? 'stopped' : 'failed',
      error: { code, message: sentence, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    })
  }

  /** Whether it is of this conversation. */
  isOf(tenant: string, sessionId: string): boolean {
    return this.tenant === tenant && this.#question.sessionId === sessionId
  }

  /** Ends it from outside; false when it had ended. What was said stays. */
  stop(reason: AndonError): boolean {
    if (this.log.outcome) return false
    this.fail(reason)
    endCall(this.#call, reason)
    return true
  }

  #end(outcome: AnswerOutcome): void {
    if (this.log.outcome) return
    this.endedAt = Date.now()
    this.log.end(outcome)
    this.#timeline.close()
    answerChannel.announce(() => this.#told(outcome))
    this.#ended(this)
  }

  #told({ state }: AnswerOutcome): AnswerEndedEvent {
    const { id, tenant, log } = this
    const end = log.events.findLast((event) => event.type === 'answer-end')
    return {
      id,
      tenant,
      state,
      ...(log.firstTextMs === undefined ? {} : { firstTextMs: log.firstTextMs }),
      ...(log.totalMs === undefined ? {} : { totalMs: log.totalMs }),
      spans: [...this.#timeline.spans],
      ...(end ? { end } : {}),
    }
  }
}

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

/** The words of a fault of ours are for the log alone. */
function tellable(error: AndonError, id: string): AndonError {
  if (error.code !== 'internal') return error
  announceTrouble('answering', error)
  const sentence = `Something went wrong inside Andon while the answer ${id} was made. Its log tells more.`
  return new AndonError('internal', sentence, { cause: error })
}

function isInterruption({ detail }: AndonError): boolean {
  return typeof detail === 'object' && detail !== null && 'interrupted' in detail
}
