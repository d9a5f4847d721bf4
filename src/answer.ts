// START HERE: how a question becomes an answer.
//
//   understand   the question, made whole by what was said before         sessions/
//   find         passages by words and vectors, ordered; and how sure     stations/search, stations/rerank,
//                they make an answer                                      stations/generate/extract
//   say          a model's words, and what the tools it calls return,     stations/generate, stations/verify
//                checked sentence by sentence; or the documents' own      stations/tools
//                sentences, when no model answers
//   remember     the turn, for the next question; and suggest some       sessions/, answering/suggest.ts
//
// Each step is a station, a store or a model that is handed in; where it runs is not known here. A part that fails or
// is late makes the answer less, and the caller is told; it never ends the answer.

import { find, plainly, type FindingParts, type Findings } from './answering/find.ts'
import { overReason } from './core/call.ts'
import type { AnswerEvent, Citation, Question, Turn } from './core/question.ts'
import type { Call } from './core/station.ts'
import type { ChatModel } from './models/model.ts'
import type { Options } from './options.ts'
import { Order } from './answering/order.ts'
import { sayExtract, sayGenerated, type Said, type SayingParts } from './answering/say.ts'
import { askedTurns, readConversation, rememberTurn } from './sessions/conversation.ts'
import { suggest } from './answering/suggest.ts'
import { understand } from './answering/understand.ts'
import type { SessionStore } from './stores/store.ts'

/** What an answer is made with. */
export interface AnswerParts extends FindingParts, SayingParts {
  options: Pick<Options, 'answers' | 'models' | 'sessions' | 'tools'>
  library: FindingParts['library']
  sessions: SessionStore
  /** Without one, answers are the documents' own sentences. */
  model?: ChatModel
}

/** Answers one question, checked by `requests.ts`. The last event is `answer-end`; leaving early cancels everything under way. */
export async function* answer(question: Question, call: Call, parts: AnswerParts): AsyncGenerator<AnswerEvent> {
  const { options, sessions, model } = parts
  const generating = model !== undefined && question.mode !== 'extractive'
  const order = new Order(question.text)
  yield { type: 'answer-start', id: call.id, question: question.text }

  const conversation = await readConversation(sessions, call.tenant, question, options.sessions)
  const meant = yield* order.stage('understand', () =>
    understand(question.text, conversation, call, generating ? model : undefined),
  )
  // Meanwhile: what it said before is found by its name.
  const named = generating ? model.learnName?.(call) : undefined
  const findings: Findings = yield* order.stream('find', find(meant, question, call, order, parts))
  yield {
    type: 'passages-found',
    passages: findings.passages.map(plainly),
    search: findings.mode,
    repaired: findings.query.repaired,
  }

  let said: Said | undefined
  await named
  if (generating)
    said = yield* order.stream(
      'generate',
      sayGenerated({ question, findings, conversation, model }, call, order, parts),
    )
  else if (question.mode !== 'extractive')
    yield* order.degrade({ reason: 'model-missing', message: order.phrases.modelMissing })
  if (!said?.complete) said = yield* order.stream('extract', sayExtract(meant, findings, said))

  const { text, citations, toolCalls } = said
  if (conversation.id !== undefined) {
    // Its reader was slow, and it was stopped or its conversation erased meanwhile.
    const over = overReason(call)
    if (over?.code === 'cancelled') throw over
    const same = { at: Date.now(), answerId: call.id }
    await rememberTurn(sessions, call.tenant, conversation, [
      ...askedTurns(question, conversation, { role: 'user', text: question.text, resolved: findings.text, ...same }),
      { role: 'assistant', text, ...same, ...citedIn(citations), ...(toolCalls ? { toolCalls } : {}) },
    ])
  }
  if (said.usage) yield { type: 'usage', usage: said.usage }
  const suggesting = { asked: question.text, turns: conversation.turns, filter: question.filter ?? {}, findings, said }
  // One that waits for its caller has not ended.
  const questions = toolCalls ? [] : await suggest(suggesting, call, order, parts)
  if (questions.length > 0) yield { type: 'suggestions', questions }
  yield {
    type: 'answer-end',
    id: call.id,
    text,
    mode: said.mode,
    ...(said.model === undefined ? {} : { model: said.model }),
    ...(said.cached ? { cached: said.cached } : {}),
    confidence: said.confidence,
    score: findings.extraction.score,
    citations,
    unsupported: said.unsupported,
    citationsRemoved: said.citationsRemoved,
    ...(said.figures.length > 0 ? { figures: said.figures } : {}),
    ...(order.toolRuns.length > 0 ? { toolRuns: order.toolRuns } : {}),
    ...(toolCalls ? { toolCalls } : {}),
    degraded: order.degraded,
    skipped: order.skipped,
    ...(said.usage ? { usage: said.usage } : {}),
    timings: order.timings,
    totalMs: order.elapsedMs(),
    ...(conversation.id === undefined ? {} : { sessionId: conversation.id }),
  }
}

/** What a later "and the next one?" leans on. */
function citedIn(citations: readonly Citation[]): Pick<Turn, 'cited' | 'citedFirst'> {
  const [first] = citations
  if (!first) return {}
  const { documentId, passageId, start, end } = first
  return { cited: citations.map((citation) => citation.passageId), citedFirst: { documentId, passageId, start, end } }
}
