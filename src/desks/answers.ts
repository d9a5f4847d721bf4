// The desk for questions: what is asked becomes an order, what is said goes back, and can be read again.

import { answer, type AnswerParts } from '../answer.ts'
import { replayed } from '../answering/transcript.ts'
import { findPassages } from '../answering/find.ts'
import { interruption, type AnswerUnderWay } from '../answering/answer-under-way.ts'
import type { AnswersUnderWay } from '../answering/under-way.ts'
import type { AnswerRecord } from '../core/answer-record.ts'
import type { OwnedCall } from '../core/call.ts'
import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Answering, Caller } from '../core/factory.ts'
import type { AnswerEvent, Question } from '../core/question.ts'
import { mustBe } from '../requests.ts'
import { one, type Station } from '../core/station.ts'
import type { Recaps } from '../sessions/recaps.ts'
import { rememberStopped } from '../sessions/stopped-turn.ts'
import { shares } from '../stations/rerank/remote.ts'
import type { RankTextsInput } from '../stations/rerank/texts.ts'
import type { AnswerStore, Ledger } from '../stores/store.ts'
import type { Desk } from './desk.ts'
import { spendQuestion } from './quota.ts'

export interface AnswersParts extends AnswerParts {
  underWay: AnswersUnderWay
  answers: Pick<AnswerStore, 'get'>
  recaps: Pick<Recaps, 'said'>
  ledger: Ledger
  rankTexts: Station<RankTextsInput, number[]>
}

/** See {@link Answering}. */
export function answersDesk(desk: Desk, parts: AnswersParts): Answering {
  const { underWay } = parts
  const { answers } = desk.options

  async function* made(question: Question, call: OwnedCall, order: AnswerUnderWay): AsyncGenerator<AnswerEvent> {
    try {
      for await (const event of answer(question, call, parts)) {
        order.add(event)
        yield event
      }
      order.done()
    } catch (reason) {
      order.fail(desk.closing.aborted ? interruption() : reason)
      throw reason
    } finally {
      // Nothing, when it has ended: then its reader did not leave.
      order.fail(new AndonError('cancelled', 'The reader left before the end.'))
      if (order.log.outcome?.state === 'stopped') await remembered(order, question)
      if (question.sessionId !== undefined && !order.erased) parts.recaps.said(order.tenant, question.sessionId)
    }
  }

  async function remembered(order: AnswerUnderWay, question: Question): Promise<void> {
    if (question.sessionId === undefined || order.erased) return
    try {
      await rememberStopped(parts.sessions, order.tenant, question, order, desk.options.sessions)
    } catch (reason) {
      announceTrouble('remembering', reason)
    }
  }

  /** Makes an answer that no reader holds. */
  async function makeAlone(question: Question, call: OwnedCall, order: AnswerUnderWay): Promise<void> {
    using _owned = call
    try {
      for await (const _ of made(question, call, order));
    } catch {
      // Its log says so.
    }
  }

  async function beginAlone(question: Question, caller: Caller | undefined): Promise<AnswerUnderWay> {
    const { signal: _, ...alone } = caller ?? {}
    const call = desk.callFor(alone, question.budgetMs ?? answers.budgetMs)
    const order = underWay.begin(question, call)
    try {
      await order.begun
    } catch (reason) {
      order.fail(reason)
      call[Symbol.dispose]()
      throw reason
    }
    underWay.track(makeAlone(question, call, order))
    return order
  }

  async function kept(id: string, tenant: string): Promise<AnswerRecord> {
    const record = await parts.answers.get(tenant, id)
    if (!record) throw new AndonError('not-found', `There is no answer ${id}, or it is no longer kept: ask again.`)
    // Nobody but this process could be making it.
    const interrupted = record.state === 'running' || record.state === 'interrupted'
    return interrupted ? { ...record, state: 'interrupted', error: record.error ?? interruption().toWire() } : record
  }

  return {
    async *ask(asked, caller) {
      const question: Question = typeof asked === 'string' ? { text: asked } : asked
      mustBe.question(question)
      await spendQuestion(desk, parts.ledger, desk.tenantOf(caller))
      if (question.resumable) {
        const order = await beginAlone(question, caller)
        for await (const { event } of order.log.read(0, caller?.signal)) {
          if (event.type === 'answer-failed') throw order.failure ?? interruption()
          yield event
        }
        return
      }
      using call = desk.callFor(caller, question.budgetMs ?? answers.budgetMs)
      yield* made(question, call, underWay.begin(question, call))
    },
    async *follow(id, from, caller) {
      mustBe.id(id, 'answer id')
      mustBe.from(from)
      const tenant = desk.tenantOf(caller)
      const after = from?.after ?? 0
      const order = underWay.find(tenant, id)
      yield* order ? order.log.read(after, caller?.signal) : replayed(await kept(id, tenant), after)
    },
    async stop(id, caller) {
      mustBe.id(id, 'answer id')
      const tenant = desk.tenantOf(caller)
      const order = underWay.find(tenant, id)
      if (order) return order.stop(new AndonError('cancelled', 'The answer was stopped.'))
      await kept(id, tenant)
      return false
    },
    async record(id, caller) {
      mustBe.id(id, 'answer id')
      const tenant = desk.tenantOf(caller)
      return underWay.find(tenant, id)?.record ?? (await kept(id, tenant))
    },
    async search(query, caller) {
      mustBe.search(query)
      using call = desk.callFor(caller, answers.budgetMs)
      return await findPassages(query, call, parts)
    },
    async embed(texts, options, caller) {
      mustBe.texts(texts)
      const { embedder } = parts
      if (!embedder)
        throw new AndonError(
          'unsupported',
          'There is no embedder, so texts have no vectors: set embedder.kind, embedder.url and embedder.model.',
        )
      using call = desk.callFor(caller, answers.budgetMs)
      const vectors = texts.length === 0 ? [] : await embedder.embed(texts, options?.kind ?? 'passage', call)
      return { model: embedder.id, vectors }
    },
    async rerank(query, texts, caller) {
      mustBe.rerank(query, texts)
      const { reranker } = parts
      const model = reranker?.name ?? 'andon-words'
      if (texts.length === 0) return { model, scores: [] }
      using call = desk.callFor(caller, answers.budgetMs)
      const scores = reranker
        ? shares(await reranker.rerank(query, texts, call))
        : await one(parts.rankTexts, { query, texts }, call)
      return { model, scores }
    },
  }
}
