// POST /v1/chat/completions and GET /v1/models: Andon looks like a model to programs that know OpenAI's.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from '../core/factory.ts'
import { AndonError } from '../core/errors.ts'
import type { AnswerEvent } from '../core/question.ts'
import type { Route } from './ask.ts'
import { callerOf } from './caller.ts'
import { ChatAnswer, chatChunk, type ChatHead } from './chat-answer.ts'
import { chatQuestion, collectionOf, modelName, noSuchModel } from './chat-question.ts'
import { openAIErrorOf, toShow } from './errors.ts'
import { eventLine, sendEventStream } from './event-stream.ts'
import { chatSchema, checked } from './schemas.ts'

/** Adds POST /v1/chat/completions, GET /v1/models and GET /v1/models/<name>. */
export function addChat(app: FastifyInstance, route: Route): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const body = checked(chatSchema, request.body)
    const question = chatQuestion(body)
    const caller = callerOf(request, route)
    await mustExist(route, body.model, caller)
    const head = { id: `chatcmpl-${request.id}`, created: Math.floor(Date.now() / 1000), model: body.model }
    const events = route.factory.ask(question, caller)[Symbol.asyncIterator]()
    const first = await events.next()
    if (body.stream === true) {
      const withUsage = body.stream_options?.include_usage === true
      return sendEventStream(reply, chunks(request, head, first, events, withUsage), route.heartbeatMs)
    }
    const answer = new ChatAnswer()
    for (let step = first; step.done !== true; step = await events.next()) answer.see(step.value)
    if (answer.end === undefined) throw new AndonError('internal', 'The answer ended without its last event.')
    return answer.completion(head)
  })

  app.get('/v1/models', async (request) => {
    const collections = await route.factory.collections(callerOf(request, route))
    return {
      object: 'list',
      data: [modelName, ...collections.map((each) => `${modelName}/${each.collection}`)].map(model),
    }
  })

  app.get<{ Params: { '*': string } }>('/v1/models/*', async (request) => {
    const name = request.params['*']
    await mustExist(route, name, callerOf(request, route))
    return model(name)
  })
}

function model(id: string): object {
  return { id, object: 'model', created: 0, owned_by: 'andon' }
}

async function mustExist(route: Route, name: string, caller: Caller): Promise<void> {
  const collection = collectionOf(name)
  if (collection === undefined) return
  const known = await route.factory.collections(caller)
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
