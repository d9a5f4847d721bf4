// The names that Andon answers to as a model: `andon` for all documents, `andon/<collection>` for some; and
// GET /v1/models, which lists them and those of the endpoints behind them.

import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { Caller, Documents } from '../core/factory.ts'
import type { App, Door } from './door.ts'
import { openAIErrors } from './openai-error-schema.ts'

/** The model name that means all documents. A collection is `andon/<collection>`. */
export const modelName = 'andon'

const model = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.number(),
  owned_by: z.literal('andon'),
})

const modelList = z.object({ object: z.literal('list'), data: z.array(model) })

/** Adds GET /v1/models and GET /v1/models/<name>. */
export function addModels(app: App, door: Door): void {
  const tags = ['OpenAI']
  const config = { scope: 'ask', openai: true } as const
  const all = {
    tags,
    summary: 'The models: all documents, and each collection',
    response: { 200: modelList, ...openAIErrors },
  }
  app.get('/v1/models', { schema: all, config }, async (request) => {
    const collections = await door.factory.collections(door.callerOf(request))
    const names = [modelName, ...collections.map((each) => `${modelName}/${each.collection}`)]
    return {
      object: 'list' as const,
      data: [...names, ...(door.router?.models() ?? []).map(({ id }) => id)].map(modelOf),
    }
  })

  const params = z.object({ '*': z.string().describe('The name: a collection follows a slash.') })
  const one = { tags, summary: 'One model', params, response: { 200: model, ...openAIErrors } }
  app.get('/v1/models/*', { schema: one, config }, async (request) => {
    const name = request.params['*']
    if (door.router?.models().some(({ id }) => id === name) === true) return modelOf(name)
    await modelMustExist(door.factory, name, door.callerOf(request))
    return modelOf(name)
  })
}

/** A model as OpenAI's API tells of it. */
export function modelOf(id: string): z.output<typeof model> {
  return { id, object: 'model', created: 0, owned_by: 'andon' }
}

/** The collection that a model name means, or undefined for all. Throws `not-found` for any other name. */
export function collectionOf(name: string): string | undefined {
  if (name === modelName) return undefined
  if (name.startsWith(`${modelName}/`) && name.length > modelName.length + 1) return name.slice(modelName.length + 1)
  throw noSuchModel(name)
}

/** Throws `not-found` unless the name is Andon's, and its collection is there. */
export async function modelMustExist(
  documents: Pick<Documents, 'collections'>,
  name: string,
  caller: Caller,
): Promise<void> {
  const collection = collectionOf(name)
  if (collection === undefined) return
  const known = await documents.collections(caller)
  if (!known.some((each) => each.collection === collection)) throw noSuchModel(name)
}

function noSuchModel(name: string): AndonError {
  return new AndonError(
    'not-found',
    `There is no model ${JSON.stringify(name)}. Use "${modelName}" for all documents or "${modelName}/<collection>"; GET /v1/models lists them.`,
    { detail: { model: name } },
  )
}
