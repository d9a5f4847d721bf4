// What POST /v1/responses takes, and what a response is.

import { z } from 'zod'
import { accepted, metadataSchema, modelNameSchema } from './chat-schema.ts'
import { extensionSchema, markedCitationSchema } from './citation-schema.ts'
import { plainObject } from './replies-tools.ts'
import { toolName } from './tool-schemas.ts'

const part = z.looseObject(
  { type: z.enum(['input_text', 'output_text', 'text', 'refusal']), text: z.string().optional() },
  'is not text: Andon reads input_text and output_text only',
)

const callId = z.string().min(1).max(200)

const message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(part)], 'must be text, or a list of parts with text: Andon reads nothing else'),
})

/** A function that the model called, as it came in the output. */
const functionCall = z.looseObject({
  type: z.literal('function_call'),
  call_id: callId,
  name: z.string().min(1).max(200),
  arguments: z.string().max(1_000_000),
})

const functionOutput = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: callId,
  output: z.union([z.string(), z.array(part)], 'must be text, or a list of parts with text'),
})

const item = z.union(
  [message, functionCall, functionOutput],
  'is no message with role and content, no function_call and no function_call_output: Andon takes nothing else',
)

const tool = z.looseObject({
  type: z.string(),
  name: toolName.optional(),
  description: z.string().max(10_000).nullish(),
  parameters: plainObject.nullish(),
})

const choice = z.union(
  [z.enum(['auto', 'none', 'required']), z.looseObject({ type: z.string(), name: toolName.optional() })],
  'must be "auto", "none", "required", or the name of one function',
)

/** Fields that steer a model directly. They are accepted, because clients send them, and not followed. */
const notFollowed = [
  'access_programs',
  'context_management',
  'image',
  'include',
  'max_output_tokens',
  'max_tool_calls',
  'moderation',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'stream_options',
  'temperature',
  'text',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
] as const

/** Body of POST /v1/responses. */
export const responsesSchema = z.strictObject({
  model: modelNameSchema,
  input: z
    .union([z.string(), z.array(item).min(1)], 'must be text, or a list of messages and of calls with their outputs')
    .describe('The question, or messages whose last one asks; or outputs of the functions that were called'),
  instructions: z.unknown().optional().describe('Accepted, not followed'),
  stream: z.boolean().nullish(),
  store: z
    .boolean()
    .nullish()
    .describe('Whether Andon keeps the conversation, for `previous_response_id`. Default true'),
  background: z
    .boolean()
    .nullish()
    .describe('Whether the answer is made while nobody waits: see GET /v1/responses/<id>'),
  previous_response_id: z.string().min(1).max(200).nullish().describe('Goes on from that response'),
  conversation: z
    .null('is not taken: go on with previous_response_id, or name a conversation in metadata.session_id')
    .optional(),
  prompt: z.null('is not taken: Andon keeps no prompts. Send the question as input').optional(),
  metadata: metadataSchema,
  tools: z
    .array(tool)
    .max(128)
    .nullish()
    .describe("Functions of the caller; tools of other types are not followed. Andon's own stay with Andon"),
  tool_choice: choice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  ...accepted(notFollowed),
})

export type ResponsesBody = z.output<typeof responsesSchema>

const fileCitation = z
  .object({
    type: z.literal('file_citation'),
    file_id: z.string().describe('The id of the document'),
    filename: z.string(),
    index: z.number().describe('Where the mark stands in the text'),
    andon: markedCitationSchema.extend({ url: z.string() }),
  })
  .describe("A `[1]` in the text, and the document's place that supports it")

const outputText = z.object({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(fileCitation),
  logprobs: z.array(z.never()),
})

const outputMessage = z.object({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  status: z.enum(['in_progress', 'completed', 'incomplete']),
  content: z.array(outputText),
})

const outputReasoning = z
  .object({
    id: z.string(),
    type: z.literal('reasoning'),
    status: z.enum(['in_progress', 'completed', 'incomplete']),
    summary: z.array(z.never()),
    content: z.array(z.object({ type: z.literal('reasoning_text'), text: z.string() })),
  })
  .describe('The thoughts of a model that was asked by its own name')

const outputCall = z.object({
  id: z.string(),
  type: z.literal('function_call'),
  status: z.enum(['in_progress', 'completed']),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
})

const usage = z.object({
  input_tokens: z.number(),
  input_tokens_details: z.object({ cached_tokens: z.number(), cache_write_tokens: z.literal(0) }),
  output_tokens: z.number(),
  output_tokens_details: z.object({ reasoning_tokens: z.number() }),
  total_tokens: z.number(),
})

const status = z.enum(['in_progress', 'completed', 'incomplete', 'failed', 'cancelled'])

/** A response, whole or under way. One of a plain model says more than one of Andon: what cut it, and what it was asked with. */
export const responseSchema = z.object({
  id: z.string().describe('`resp_` and the id of the answer'),
  object: z.literal('response'),
  created_at: z.number(),
  completed_at: z.number().nullable(),
  status,
  background: z.boolean(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.enum(['max_output_tokens', 'content_filter']) }).nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.number().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  model: z.string(),
  output: z.array(z.union([outputMessage, outputReasoning, outputCall])),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.string().nullable(),
  reasoning: z.looseObject({ effort: z.string().nullish(), summary: z.string().nullish() }),
  store: z.boolean(),
  temperature: z.number().nullable(),
  text: z.looseObject({ format: z.looseObject({ type: z.string() }).optional() }),
  tool_choice: choice,
  tools: z.array(tool),
  top_p: z.number().nullable(),
  truncation: z.literal('disabled'),
  usage: usage.nullable(),
  andon: extensionSchema.optional(),
})

/** One event of a streamed response. */
export const responseEventSchema = z
  .looseObject({ type: z.string(), sequence_number: z.number() })
  .describe(
    'From `response.created` to `response.completed`, `response.incomplete` or `response.failed`, as OpenAI types them',
  )

export type ResponseObject = z.output<typeof responseSchema>
export type FileCitation = z.output<typeof fileCitation>
