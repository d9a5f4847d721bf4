// The events of an answer as they are kept: text that came in pieces is one event, beside it how long each piece was, so
// that a reader of tomorrow can go on from any number of today.

import type { AnswerRecord, NumberedEvent } from '../core/answer-record.ts'
import type { AnswerEvent } from '../core/question.ts'

/** Events with their text joined, and how it was cut. */
export type Transcript = Required<Pick<AnswerRecord, 'events' | 'pieces'>>

/** Joins text that came in pieces. */
export function joined(events: readonly AnswerEvent[]): Transcript {
  const transcript: Transcript = { events: [], pieces: [] }
  let text: { type: 'text-delta'; text: string } | undefined
  for (const event of events) {
    if (event.type !== 'text-delta') {
      text = undefined
      transcript.events.push(event)
      continue
    }
    transcript.pieces.push(event.text.length)
    if (text) text.text += event.text
    else transcript.events.push((text = { ...event }))
  }
  return transcript
}

/** The events of a record as they were numbered, behind the number `after`; a failure is the last one. */
export function* replayed(record: AnswerRecord, after: number): Generator<NumberedEvent, void, undefined> {
  let number = 0
  for (const event of cut(record)) if (++number > after) yield { number, event }
  if (record.error && number + 1 > after)
    yield { number: number + 1, event: { type: 'answer-failed', error: record.error } }
}

function* cut({ events, pieces = [] }: AnswerRecord): Generator<AnswerEvent, void, undefined> {
  let piece = 0
  for (const event of events) {
    if (event.type !== 'text-delta') {
      yield event
      continue
    }
    const { text } = event
    for (let at = 0; at < text.length;) {
      const length = pieces[piece++] ?? text.length - at
      yield { type: 'text-delta', text: text.slice(at, at + length) }
      at += length
    }
  }
}
