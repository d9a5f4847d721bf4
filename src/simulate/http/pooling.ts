// Vectors and scores: /v1/embeddings, /rerank and /score. Each text is a prompt that the engine computes and nothing is
// said to; what comes back is made of the words the texts share.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { AndonError } from '../../core/errors.ts'
import { blockHashes, chainStart } from '../block-hashes.ts'
import { checked } from '../checked.ts'
import { hashEmbedding, relevance } from '../content/overlap.ts'
import { detokenise, tokenise } from '../tokens.ts'
import type { EngineHost } from './host.ts'
import { OpenRequest } from './open-request.ts'
import { readJson, sendJson } from './wire.ts'

const defaultDimensions = 256
const texts = z.union([
  z.string().transform((text) => [text]),
  z.array(z.string()).min(1),
  z
    .array(z.int())
    .min(1)
    .transform((tokens) => [detokenise(tokens)]),
  z.array(z.array(z.int()).transform(detokenise)).min(1),
])
const model = z.string().nullish()

const embeddingSchema = z.looseObject({
  model,
  input: texts,
  dimensions: z.int().min(8).max(4096).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
})
const documents = z
  .array(z.union([z.string(), z.looseObject({ text: z.string() }).transform(({ text }) => text)]))
  .min(1)
const rerankSchema = z.looseObject({ model, query: z.string(), documents, top_n: z.int().min(0).nullish() })
const scoreSchema = z.looseObject({ model, text_1: texts, text_2: texts })

/** A reply, and the texts that the engine has to compute for it. */
interface Pooled {
  texts: readonly string[]
  model: string | null | undefined
  reply: (head: { id: string; model: string }, tokens: number) => object
}

type Reading = (body: unknown) => Pooled

export const embeddings: Reading = (body) => {
  const { model, input, dimensions, encoding_format: format } = checked(embeddingSchema, body)
  return {
    texts: input,
    model,
    reply: ({ id, model }, tokens) => ({
      id: `embd-${id}`,
      object: 'list',
      model,
      data: input.map((text, index) => {
        const vector = hashEmbedding(text, dimensions ?? defaultDimensions)
        const embedding = format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector]
        return { object: 'embedding', index, embedding }
      }),
      usage: { prompt_tokens: tokens, total_tokens: tokens, completion_tokens: 0 },
    }),
  }
}

export const rerank: Reading = (body) => {
  const { model, query, documents, top_n: most } = checked(rerankSchema, body)
  return {
    texts: documents.map((text) => `${query}\n${text}`),
    model,
    reply: ({ id, model }, tokens) => ({
      id: `rerank-${id}`,
      model,
      usage: { total_tokens: tokens },
      results: documents
        .map((text, index) => ({ index, document: { text }, relevance_score: relevance(query, text) }))
        .sort((one, other) => other.relevance_score - one.relevance_score)
        .slice(0, most || undefined),
    }),
  }
}

export const score: Reading = (body) => {
  const { model, text_1: first, text_2: second } = checked(scoreSchema, body)
  if (first.length !== 1 && first.length !== second.length)
    throw new AndonError(
      'invalid',
      `text_1 has ${first.length} texts and text_2 ${second.length}: give one, or as many.`,
    )
  const pairs = second.map((text, index) => [first[first.length === 1 ? 0 : index] ?? '', text] as const)
  return {
    texts: pairs.map((pair) => pair.join('\n')),
    model,
    reply: ({ id, model }, tokens) => ({
      id: `score-${id}`,
      object: 'list',
      model,
      data: pairs.map(([one, other], index) => ({ index, object: 'score', score: relevance(one, other) })),
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }),
  }
}

/** Answers a request for vectors or scores, once the engine has computed all of its texts. */
export async function pool(
  host: EngineHost,
  reading: Reading,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const open = new OpenRequest(host, request, response)
  try {
    const body = await readJson(request)
    const faults = await open.begin()
    if (!faults || response.destroyed) return
    const { texts, model: named, reply } = reading(body)
    const model = host.modelNamed(named ?? undefined)
    const prompts = texts.map((text) => tokenise(text === '' ? ' ' : text))
    const tokens = prompts.reduce((sum, { length }) => sum + length, 0)
    let left = prompts.length
    const start = chainStart(model, '')
    for (const prompt of prompts)
      open.submit({
        promptTokens: prompt.length,
        outputTokens: 0,
        hashes: blockHashes(prompt, host.settings.blockSize, start),
        onStep: () => {
          if (--left > 0) return
          open.end('completed', 'stop')
          sendJson(response, reply({ id: host.nextId(), model }, tokens))
        },
      })
  } catch (reason) {
    open.fail(reason)
  }
}
