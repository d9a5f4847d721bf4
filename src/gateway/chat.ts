// POST /v1/chat/completions and GET /v1/models: Andon looks like a model to programs that know OpenAI's.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Caller } from '../core/factory.ts'
import { AndonError } from '../core/errors.ts'
import type { AnswerEvent } from '../core/question.ts'
import { ChatAnswer, chatChunk, type ChatHead } from './chat-answer.ts'
import { chatQuestion, collectionOf, modelName, noSuchModel } from './chat-question.ts'
import type { App, Door } from './door.ts'
import { openAIErrorOf, toShow } from './errors.ts'
import { eventLine, sendEventStream } from './event-stream.ts'
import { chatSchema } from './schemas.ts'

/** Adds POST /v1/chat/completions, GET /v1/models and GET /v1/models/<name>. */
export function addChat(app: App, door: Door): void {
  const tags = ['OpenAI']
  const ask = { scope: 'ask', lane: 'question', openai: true } as const
  const look = { scope: 'ask', openai: true } as const
  const completions = { tags, summary: 'Answers as a chat model would', body: chatSchema }
  app.post('/v1/chat/completions', { schema: completions, config: ask }, async (request, reply) => {
    const { body } = request
    const question = chatQuestion(body)
    const caller = door.callerOf(request)
    await mustExist(door, body.model, caller)
    const head = { id: `chatcmpl-${request.id}`, created: Math.floor(Date.now() / 1000), model: body.model }
    const events = door.factory.ask(question, caller)[Symbol.asyncIterator]()
    const first = await events.next()
    if (body.stream === true) {
      const withUsage = body.stream_options?.include_usage === true
      return sendEventStream(reply, chunks(request, head, first, events, withUsage), door.heartbeatMs)
    }
    const answer = new ChatAnswer()
    for (let step = first; step.done !== true; step = await events.next()) answer.see(step.value)
    if (answer.end === undefined) throw new AndonError('internal', 'The answer ended without its last event.')
    return answer.completion(head)
  })

  app.get('/v1/models', { schema: { tags, summary: 'The models: all documents, and each collection' }, config: look }, async (request) => {
    const collections = await door.factory.collections(door.callerOf(request))
    return {
      object: 'list',
      data: [modelName, ...collections.map((each) => `${modelName}/${each.collection}`)].map(model),
    }
  })

  const one = { tags, summary: 'One model', params: z.object({ '*': z.string() }) }
  app.get('/v1/models/*', { schema: one, config: look }, async (request) => {
    const name = request.params['*']
    await mustExist(door, name, door.callerOf(request))
    return model(name)
  })
}

function model(id: string): object {
  return { id, object: 'model', created: 0, owned_by: 'andon' }
}

async function mustExist(door: Door, name: string, caller: Caller): Promise<void> {
  const collection = collectionOf(name)
  if (collection === undefined) return
  const known = await door.factory.collections(caller)
  if (!known.some((each) => each.collection === collection)) throw noSuchModel(name)
}

async function* chunks(
  request: FastifyRequest,
  head: ChatHead,
  first: IteratorResult<AnswerEvent>,
  events: AsyncIterator<AnswerEvent>,
  withUsage: boolean,
): AsyncGenerator<string> {
  const answer = new ChatAnswer()
  let ended = false
  try {
    yield line(chatChunk(head, { role: 'assistant', content: '' }))
    for (let step = first; step.done !== true; step = await events.next()) {
      answer.see(step.value)
      if (step.value.type === 'text-delta') yield line(chatChunk(head, { content: step.value.text }))
    }
    ended = true
    const andon = answer.extension()
    const annotations = answer.annotations()
    const last = { finish_reason: 'stop' as const, ...(andon === undefined ? {} : { andon }) }
    yield line(chatChunk(head, annotations.length === 0 ? {} : { annotations }, last))
    if (withUsage) yield line({ ...chatChunk(head, {}), choices: [], usage: answer.usage() })
    yield eventLine('[DONE]')
  } catch (reason) {
    ended = true
    yield line(openAIErrorOf(toShow(reason, request.id)))
  } finally {
    if (!ended) await events.return?.()
  }
}

function line(value: object): string {
  return eventLine(JSON.stringify(value))
}
