// Requests of /v1/chat/completions and /v1/completions, read: OpenAI's fields and vLLM's own beside them. Fields that
// change nothing here (temperature, seed, logit_bias and the like) are taken and left alone.

import { z } from 'zod'
import { checked } from '../checked.ts'
import type { Asked } from '../content/reply.ts'
import { detokenise } from '../tokens.ts'
import { formFields, formOf } from './answer-form.ts'
import { renderChat } from './chat-template.ts'

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined)
const tokens = z.int().min(1)

const shared = {
  model: optional(z.string()),
  stream: optional(z.boolean()),
  stream_options: optional(
    z.looseObject({ include_usage: optional(z.boolean()), continuous_usage_stats: optional(z.boolean()) }),
  ),
  max_tokens: optional(tokens),
  min_tokens: optional(z.int().min(0)),
  ignore_eos: optional(z.boolean()),
  stop: optional(z.union([z.string(), z.array(z.string())])),
  n: optional(z.literal(1, { error: 'the simulated engine makes one answer for each request' })),
  priority: optional(z.int()),
  cache_salt: optional(z.string().min(1).max(128)),
  ...formFields,
}

const text = z.union([
  z.string(),
  z
    .array(z.looseObject({ type: z.string(), text: z.string().optional() }))
    .transform((parts) => parts.map(({ text }) => text ?? '').join('')),
])

const callSchema = z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.string() }) })

const chatSchema = z.looseObject({
  ...shared,
  messages: z
    .array(z.looseObject({ role: z.string(), content: optional(text), tool_calls: optional(z.array(callSchema)) }))
    .min(1),
  max_completion_tokens: optional(tokens),
  tools: optional(
    z.array(
      z.looseObject({
        function: z.looseObject({
          name: z.string(),
          description: optional(z.string()),
          parameters: optional(z.record(z.string(), z.json())),
        }),
      }),
    ),
  ),
  tool_choice: optional(
    z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ function: z.looseObject({ name: z.string() }) })]),
  ),
  reasoning_effort: optional(z.string()),
  include_reasoning: optional(z.boolean()),
  chat_template_kwargs: optional(z.looseObject({ enable_thinking: optional(z.boolean()) })),
})

const completionSchema = z.looseObject({
  ...shared,
  prompt: z.union([
    z.string(),
    z.tuple([z.string()]).transform(([prompt]) => prompt),
    z.array(z.int().min(2)).min(1).transform(detokenise),
  ]),
})

/** A request for an answer, read: what is asked, and how it is to be delivered. */
export interface GenerationRequest {
  readonly kind: 'chat' | 'completion'
  readonly model: string | undefined
  readonly asked: Asked
  readonly stream: boolean
  readonly usage: 'none' | 'last' | 'every'
  readonly priority: number
  readonly salt: string
}

/** Reads a body. Throws `invalid` and says which field is wrong. */
export function readGeneration(kind: GenerationRequest['kind'], body: unknown): GenerationRequest {
  return kind === 'chat' ? readChat(checked(chatSchema, body)) : readCompletion(checked(completionSchema, body))
}

function readChat(body: z.output<typeof chatSchema>): GenerationRequest {
  const messages = body.messages.map(({ role, content = '', tool_calls: calls = [] }) => ({
    role,
    content: [content, ...calls.map((call) => `${call.function.name}(${call.function.arguments})`)]
      .filter((line) => line !== '')
      .join('\n'),
  }))
  const { tools = [], tool_choice: choice } = body
  const effort = body.reasoning_effort
  return {
    ...delivery(body),
    kind: 'chat',
    asked: {
      ...limits(body),
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      prompt: renderChat(messages, tools),
      messages,
      tools: tools.map(({ function: { name, description, parameters } }) => ({
        name,
        description,
        // Arguments are an object, whatever else the schema says or leaves out.
        parameters: { type: 'object', ...parameters },
      })),
      toolChoice:
        choice === undefined
          ? tools.length === 0
            ? 'none'
            : 'auto'
          : typeof choice === 'string'
            ? choice
            : { name: choice.function.name },
      form: formOf(body),
      reasoning:
        body.include_reasoning !== false &&
        ((effort !== undefined && effort !== 'none') || body.chat_template_kwargs?.enable_thinking === true),
    },
  }
}

function readCompletion(body: z.output<typeof completionSchema>): GenerationRequest {
  const { prompt } = body
  return {
    ...delivery(body),
    kind: 'completion',
    asked: {
      ...limits(body),
      // OpenAI's and vLLM's default for completions.
      maxTokens: body.max_tokens ?? 16,
      prompt,
      messages: [{ role: 'user', content: prompt }],
      tools: [],
      toolChoice: 'none',
      form: formOf(body),
      reasoning: false,
    },
  }
}

type Shared = Pick<z.output<typeof completionSchema>, keyof typeof shared>

function delivery(body: Shared): Pick<GenerationRequest, 'model' | 'stream' | 'usage' | 'priority' | 'salt'> {
  const { include_usage: included, continuous_usage_stats: continuous } = body.stream_options ?? {}
  return {
    model: body.model,
    stream: body.stream === true,
    usage: included !== true ? 'none' : continuous === true ? 'every' : 'last',
    priority: body.priority ?? 0,
    salt: body.cache_salt ?? '',
  }
}

function limits({ min_tokens, ignore_eos, stop = [] }: Shared): Pick<Asked, 'minTokens' | 'ignoreEos' | 'stop'> {
  return {
    minTokens: min_tokens ?? 0,
    ignoreEos: ignore_eos === true,
    stop: typeof stop === 'string' ? [stop] : stop,
  }
}
