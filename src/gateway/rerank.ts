// POST /v1/rerank and /v2/rerank: texts ordered for a query, in the shape of Cohere's and Jina's rerankers.

import { z } from 'zod'
import { estimateTokens } from '../text/tokens.ts'
import { accepted } from './chat-schema.ts'
import type { App, Door } from './door.ts'
import { modelName } from './models.ts'
import { openAIErrors } from './openai-error-schema.ts'
import { questionText } from './schemas.ts'

/** As many as Cohere takes at once. */
const mostTexts = 1000
const longestText = 100_000

const text = z.string().min(1).max(longestText)

/** Body of POST /v1/rerank. */
export const rerankSchema = z.strictObject({
  model: z.string().min(1).max(1000).default(modelName).describe('Any: there is one reranker'),
  query: questionText,
  documents: z
    .array(z.union([text, z.looseObject({ text })], 'must be a text, or an object with the field text'))
    .min(1)
    .max(mostTexts)
    .describe('Texts, or objects with the field `text`'),
  top_n: z.int().min(1).nullish().describe('How many results. Default: all'),
  return_documents: z.boolean().nullish().describe('Whether results carry their text. Default false'),
  ...accepted(['max_chunks_per_doc', 'max_tokens_per_doc', 'rank_fields', 'priority', 'truncation', 'user']),
})

const rerankReply = z.object({
  id: z.string(),
  model: z.string().describe('The reranker; by words when none is configured'),
  results: z
    .array(
      z.object({
        index: z.number().describe('The place in `documents`'),
        relevance_score: z.number(),
        document: z.object({ text: z.string() }).optional(),
      }),
    )
    .describe('Best first'),
  usage: z.object({ total_tokens: z.number() }).describe('Estimated'),
})

/** Adds POST /v1/rerank and POST /v2/rerank. */
export function addRerank(app: App, door: Door): void {
  const schema = {
    tags: ['Rerank'],
    summary: 'Orders texts by how well they fit a query',
    body: rerankSchema,
    response: { 200: rerankReply, ...openAIErrors },
  }
  for (const path of ['/v1/rerank', '/v2/rerank'])
    app.post(path, { schema, config: { scope: 'ask', lane: 'question', openai: true } }, async (request) => {
      const { query, top_n: most, return_documents: withText } = request.body
      const documents = request.body.documents.map((each) => (typeof each === 'string' ? each : each.text))
      const { model, scores } = await door.factory.rerank(query, documents, door.callerOf(request))
      const results = documents
        .map((text, index) => ({
          index,
          relevance_score: scores[index] ?? 0,
          ...(withText === true ? { document: { text } } : {}),
        }))
        .sort((a, b) => b.relevance_score - a.relevance_score)
        .slice(0, most ?? documents.length)
      const tokens = documents.reduce(
        (sum, each) => sum + estimateTokens(each),
        estimateTokens(query) * documents.length,
      )
      return { id: request.id, model, results, usage: { total_tokens: tokens } }
    })
}
