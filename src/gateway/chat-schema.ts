// What POST /v1/chat/completions takes and gives.

import { z } from 'zod'
import { extensionSchema, markedCitationSchema } from './citation-schema.ts'
import { modelName } from './models.ts'
import { plainObject } from './replies-tools.ts'
import { sessionId } from './schemas.ts'
import { toolName } from './tool-schemas.ts'

const textPart = z.looseObject(
  { type: z.literal('text'), text: z.string() },
  'is not text: Andon reads text parts only',
)

/** A call of a function, as messages carry it. */
export const chatCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

const messageCall = z.looseObject({
  id: z.string().min(1).max(200),
  function: z.looseObject({ name: z.string().min(1).max(200), arguments: z.string().max(1_000_000) }).optional(),
})

const chatTool = z.looseObject({
  type: z.string(),
  function: z
    .looseObject({
      name: toolName,
      description: z.string().max(10_000).nullish(),
      parameters: plainObject.nullish(),
    })
    .optional(),
})

/** Whether a function must be called. Other choices are taken and not followed. */
const chatChoice = z.union(
  [
    z.enum(['auto', 'none', 'required']),
    z.looseObject({ type: z.string(), function: z.looseObject({ name: toolName }).optional() }),
  ],
  'must be "auto", "none", "required", or the name of one function',
)

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z
    .union(
      [z.string(), z.array(textPart), z.null()],
      'must be text, or a list of parts of type text: Andon reads nothing else',
    )
    .optional(),
  tool_calls: z.array(messageCall).max(128).nullish().describe('Of an assistant: the functions that it called'),
  tool_call_id: z.string().max(200).nullish().describe('Of a tool: the call that this came of'),
})

/** Fields of OpenAI's request that steer a model directly. They are accepted, because clients send them, and not followed. */
const notFollowed = [
  'audio',
  'frequency_penalty',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'modalities',
  'moderation',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning_effort',
  'response_format',
  'safety_identifier',
  'seed',
  'service_tier',
  'stop',
  'store',
  'temperature',
  'top_logprobs',
  'top_p',
  'user',
  'verbosity',
  'web_search_options',
] as const

/** What OpenAI calls metadata: ours to read is the name of a conversation. */
export const metadataSchema = z
  .looseObject({ session_id: sessionId.optional().describe('Continues a conversation that Andon keeps') })
  .nullish()

/** The model's name, in every protocol of OpenAI's. */
export const modelNameSchema = z
  .string()
  .min(1)
  .max(1000)
  .default(modelName)
  .describe('`andon` for all documents, `andon/<collection>` for those of one collection')

/** Fields that are taken and not followed. */
export function accepted(names: readonly string[]): Record<string, z.ZodOptional<z.ZodUnknown>> {
  return Object.fromEntries(names.map((name) => [name, z.unknown().optional().describe('Accepted, not followed')]))
}

/** Body of POST /v1/chat/completions. */
export const chatSchema = z.strictObject({
  model: modelNameSchema,
  messages: z.array(message).min(1).max(1000).describe('The last one asks; system messages are not followed'),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  n: z.literal(1, 'is not 1: Andon gives one answer').nullish(),
  metadata: metadataSchema,
  tools: z
    .array(chatTool)
    .max(128)
    .nullish()
    .describe("Functions of the caller; tools of other types are not followed. Andon's own stay with Andon"),
  tool_choice: chatChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  ...accepted(notFollowed),
})

export type ChatBody = z.output<typeof chatSchema>

const annotation = z
  .object({
    type: z.literal('url_citation'),
    url_citation: z.object({ start_index: z.number(), end_index: z.number(), title: z.string(), url: z.string() }),
    andon: markedCitationSchema,
  })
  .describe("A `[1]` in the text, and the document's place that supports it")

const usage = z.object({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() })

const head = { id: z.string(), created: z.number(), model: z.string() }

/** A whole completion. */
export const chatCompletionSchema = z.object({
  ...head,
  object: z.literal('chat.completion'),
  choices: z.array(
    z.object({
      index: z.literal(0),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.null(),
        annotations: z.array(annotation),
        tool_calls: z.array(chatCall).optional(),
      }),
      logprobs: z.null(),
      finish_reason: z.enum(['stop', 'tool_calls']),
    }),
  ),
  usage,
  andon: extensionSchema,
})

/** One chunk of a streamed completion. */
export const chatChunkSchema = z.object({
  ...head,
  object: z.literal('chat.completion.chunk'),
  choices: z.array(
    z.object({
      index: z.literal(0),
      delta: z.object({
        role: z.literal('assistant').optional(),
        content: z.string().optional(),
        annotations: z.array(annotation).optional(),
        tool_calls: z.array(chatCall.extend({ index: z.number() })).optional(),
      }),
      logprobs: z.null(),
      finish_reason: z.enum(['stop', 'tool_calls']).nullable(),
    }),
  ),
  usage: usage.nullish(),
  andon: extensionSchema.optional(),
})

export type ChatAnnotation = z.output<typeof annotation>
export type ChatCall = z.output<typeof chatCall>
export type ChatUsage = z.output<typeof usage>
export type ChatCompletion = z.output<typeof chatCompletionSchema>
export type ChatChunk = z.output<typeof chatChunkSchema>
