// One answer while it is made, and for a while afterwards: its call, its log, its timeline, and the record they make.

import { announceTrouble, answerChannel, type AnswerEndedEvent } from '../core/channels.ts'
import type { AnswerRecord } from '../core/answer-record.ts'
import { endCall, type OwnedCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { AnswerEvent, Question } from '../core/question.ts'
import type { Timeline } from '../observe/timeline.ts'
import type { AnswerStore } from '../stores/store.ts'
import { AnswerLog, type AnswerOutcome } from './answer-log.ts'
import { joined } from './transcript.ts'

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
