// The question made whole: what "and the next one?" asks for, given what was said before. A model does it where there is
// one; rules do it where there is none, and where the model fails.

import type { Turn } from '../core/question.ts'
import type { Call } from '../core/station.ts'
import type { ChatModel } from '../models/model.ts'
import type { Conversation } from '../sessions/conversation.ts'
import { resolveFollowUp, type Navigation } from '../sessions/follow-up.ts'
import { rewrite } from '../stations/generate/rewrite.ts'

/** What is meant by a question. */
export interface Meant {
  asked: string
  /** Ways to read it as a whole question, the likeliest first; the one that the documents answer best is kept. */
  readings: [string, ...string[]]
  /** Other wordings of the first reading, for the search alone. */
  wordings: string[]
  /** "The next one": which neighbour of what was cited last. */
  step?: Step
}

/** A step from one place in a document to its neighbour. */
export interface Step {
  navigation: Navigation
  from: NonNullable<Turn['citedFirst']>
  /** The question that was answered there. */
  question: string
}

/** More readings than this cost more time than they gain. */
const mostReadings = 3

export async function understand(
  asked: string,
  { turns, recap }: Pick<Conversation, 'turns' | 'recap'>,
  call: Call,
  model: ChatModel | undefined,
): Promise<Meant> {
  if (turns.length === 0) return { asked, readings: [asked], wordings: [] }
  const before = recap === undefined ? {} : { before: recap }
  const rewritten = model && (await rewrite({ question: asked, history: [...turns], ...before, model, call }))
  if (rewritten) return { asked, readings: [rewritten.question], wordings: rewritten.alternatives }
  const { resolved, navigation, alternatives } = resolveFollowUp(asked, turns)
  const from = turns.findLast(({ role }) => role === 'assistant')?.citedFirst
  const last = turns.findLast(({ role }) => role === 'user')
  return {
    asked,
    readings: [resolved, ...alternatives.slice(0, mostReadings - 1)],
    wordings: [],
    ...(navigation && from && last ? { step: { navigation, from, question: last.resolved ?? last.text } } : {}),
  }
}
