// What a server says that vectors or scores took: the tokens of their texts, under the names that are in use.

import { isRecord } from './failure.ts'

/** Told after each request that was answered: the tokens of its texts; undefined when the server did not count them. */
export type TextsUsed = (promptTokens: number | undefined) => void

/** The tokens of an answer of /embeddings or /rerank: of OpenAI's kin, Cohere's or Gemini's. */
export function textsTokens(answer: unknown): number | undefined {
  if (!isRecord(answer)) return undefined
  const { usage, meta, usageMetadata } = answer
  const counts = [
    isRecord(usage) ? (usage['prompt_tokens'] ?? usage['total_tokens']) : undefined,
    isRecord(meta) && isRecord(meta['tokens']) ? meta['tokens']['input_tokens'] : undefined,
    isRecord(usageMetadata) ? usageMetadata['promptTokenCount'] : undefined,
  ]
  // Some say 0 where they do not count; no text has no tokens.
  return counts.find((count): count is number => typeof count === 'number' && count > 0)
}
