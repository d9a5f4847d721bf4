// POST /v1/embeddings: the vectors of the configured embedder, for programs that know OpenAI's.

import { endianness } from 'node:os'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import { estimateTokens } from '../text/tokens.ts'
import { accepted } from './chat-schema.ts'
import type { App, Door } from './door.ts'
import { sendError } from './errors.ts'
import { modelName } from './models.ts'
import { openAIErrors } from './openai-error-schema.ts'

/** As many as OpenAI takes at once. */
const mostTexts = 2048
/** More than any embedder reads of one text. */
const longestText = 100_000

const text = z.string().min(1).max(longestText)

/** Body of POST /v1/embeddings. */
export const embeddingsSchema = z.strictObject({
  model: z.string().min(1).max(1000).default(modelName).describe('`andon`, or the name of the configured embedder'),
  input: z
    .union([text, z.array(text).min(1)], 'must be a text or a list of texts, not of tokens')
    .refine(
      (given) => typeof given === 'string' || given.length <= mostTexts,
      `has more than ${mostTexts} texts: send them in several requests`,
    )
    .describe('A text, or a list of texts'),
  encoding_format: z.enum(['float', 'base64']).nullish().describe('Default `float`'),
  dimensions: z.int().min(1).nullish().describe("Only the model's own number"),
  input_type: z
    .enum(['document', 'query'])
    .nullish()
    .describe('Which side of a search the texts are on, for models that tell them apart. Default `document`'),
  ...accepted(['user']),
})

const embeddingsReply = z.object({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.number(),
      embedding: z.union([z.array(z.number()), z.string().describe('Little-endian float32 in base64')]),
    }),
  ),
  usage: z.object({ prompt_tokens: z.number(), total_tokens: z.number() }).describe('Estimated'),
})

/** Adds POST /v1/embeddings. */
export function addEmbeddings(app: App, door: Door): void {
  const schema = {
    tags: ['OpenAI'],
    summary: 'Vectors of texts, by the configured embedder',
    body: embeddingsSchema,
    response: { 200: embeddingsReply, ...openAIErrors },
  }
  app.post(
    '/v1/embeddings',
    { schema, config: { scope: 'ask', lane: 'question', openai: true } },
    async (request, reply) => {
      const { model, encoding_format: format, dimensions, input_type: side } = request.body
      const input = [request.body.input].flat()
      const kind = side === 'query' ? 'question' : 'passage'
      let made: Awaited<ReturnType<Door['factory']['embed']>>
      try {
        made = await door.factory.embed(input, { kind }, door.callerOf(request))
      } catch (reason) {
        const error = AndonError.from(reason)
        if (error.code !== 'unsupported') throw error
        // Not 415: nothing is wrong with what was sent.
        const sentence =
          'No embedder is configured, so there are no vectors. Set the option embedder: its kind, url and model.'
        return sendError(request, reply, new AndonError('unsupported', sentence, { cause: error }), 400)
      }
      mustBeModel(model, made.model)
      if (typeof dimensions === 'number') mustHave(dimensions, made)
      const tokens = input.reduce((sum, each) => sum + estimateTokens(each), 0)
      return {
        object: 'list' as const,
        model: made.model,
        data: made.vectors.map((vector, index) => ({
          object: 'embedding' as const,
          index,
          embedding: format === 'base64' ? base64Of(vector) : [...vector],
        })),
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      }
    },
  )
}

/** An embedder's id may say its dimension behind an `@`. */
function mustBeModel(asked: string, model: string): void {
  if (asked === modelName || asked === model || asked === model.replace(/@\d+$/, '')) return
  throw new AndonError(
    'not-found',
    `There is no embedding model ${JSON.stringify(asked)}. Use "${modelName}", or the name of the one that is configured: "${model}".`,
    { detail: { model: asked } },
  )
}

function mustHave(dimensions: number, { model, vectors: [first] }: { model: string; vectors: Float32Array[] }): void {
  if (first === undefined || first.length === dimensions) return
  throw new AndonError(
    'invalid',
    `dimensions is ${dimensions}: the vectors of ${model} have ${first.length}, and are not cut. Leave it out.`,
  )
}

function base64Of(vector: Float32Array): string {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
  return (endianness() === 'LE' ? bytes : Buffer.from(bytes).swap32()).toString('base64')
}
