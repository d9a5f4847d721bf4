// A place where a model answers, as its owner describes it: address, protocol, how much it takes and what it costs.

import { z } from 'zod'

/**
 * How an endpoint is spoken to. `openai`, `anthropic` and `gemini` are the providers' own; the others are servers of
 * OpenAI's API with habits of their own, and `generic` is any such server that is none of them.
 */
export const protocols = [
  'openai',
  'anthropic',
  'gemini',
  'vllm',
  'sglang',
  'llama.cpp',
  'ollama',
  'transformers',
  'generic',
] as const
export type Protocol = (typeof protocols)[number]

/** What an endpoint can do. */
export const abilities = ['chat', 'completions', 'embeddings', 'rerank'] as const
export type Ability = (typeof abilities)[number]

/** No timer takes more: longer ones would be over at once. */
const milliseconds = z.int().min(1).max(2_147_483_647)
const count = z.int().min(1)

export const endpointSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, 'it must be 1 to 64 letters, digits, dots, colons, dashes or underscores')
    .describe('Its name, unlike any other: in metrics, records and messages.'),
  url: z
    .url({ protocol: /^https?$/, error: 'it must be an http:// or https:// address' })
    .describe('Base address, with or without the /v1.'),
  protocol: z.enum(protocols).default('generic').describe('How it is spoken to.'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe("The server's own name of its model. Default: the name the caller asked for is passed on."),
  serves: z
    .array(z.string().min(1))
    .optional()
    .describe('Names under which callers may ask for it. Default: its model; without one, any name.'),
  can: z.array(z.enum(abilities)).default(['chat', 'completions']).describe('What it can do.'),
  apiKey: z.string().min(1).optional().describe('Sent to it and nowhere else; never printed.'),
  maxConcurrent: count.default(16).describe('Most requests at once, over all workers and processes that share it.'),
  priority: z.int().min(0).default(0).describe('Tier: a higher number is used only when no lower one can take it.'),
  weight: z.number().positive().default(1).describe('Share beside endpoints of the same cost: 2 takes twice as much.'),
  region: z.string().min(1).optional().describe('Where it stands; one elsewhere costs the penalty between the two.'),
  contextTokens: count
    .optional()
    .describe('Tokens of prompt and answer together. Default: what the server says, of vllm, sglang and llama.cpp.'),
  tokenizer: z
    .string()
    .min(1)
    .optional()
    .describe(
      'What counts tokens where the server does not say: server asks its /tokenize, o200k, or the path of a tokenizer.json. Default: server for vllm, sglang and llama.cpp, o200k for openai, else an estimate that learns.',
    ),
  cost: z
    .strictObject({
      promptPerMillion: z.number().min(0).default(0),
      completionPerMillion: z.number().min(0).default(0),
      cachedPerMillion: z.number().min(0).exactOptional(),
    })
    .optional()
    .describe(
      'Price of a million tokens, in any currency, the same for all endpoints. cachedPerMillion is of those tokens of the prompt that the server says it had in its cache; without it they cost as the others.',
    ),
  limits: z
    .strictObject({
      requestsPerMinute: count.optional(),
      tokensPerMinute: count.optional(),
    })
    .optional()
    .describe('What its owner lets through in a minute.'),
  adaptive: z
    .boolean()
    .default(true)
    .describe('Whether fewer than maxConcurrent are sent while it answers 429 or 503, or its first tokens are late.'),
  firstTokenMs: milliseconds
    .optional()
    .describe('Silence before the first token after which another is tried. Default: learnt, from 300 ms to 60 s.'),
  idleMs: milliseconds.default(20_000).describe('Silence after the first token after which an answer is given up.'),
  connectMs: milliseconds.default(5_000).describe('Time for a connection.'),
  probe: z
    .strictObject({
      path: z.string().startsWith('/').optional().describe('Default: what the protocol has, such as /health.'),
      everyMs: milliseconds.default(5_000),
    })
    .optional()
    .describe(
      'Asks for its health regularly, also while nobody uses it. Default: only while it is thought to be down.',
    ),
  metrics: z
    .boolean()
    .default(false)
    .describe("Whether the server's own gauges (queue, KV cache) are read as a hint, once a second."),
})

/** An endpoint as its owner writes it down. */
export type ModelEndpoint = z.input<typeof endpointSchema>
/** An endpoint with every default in place. */
export type EndpointSettings = z.output<typeof endpointSchema>

/** Names under which an endpoint may be asked for; undefined for any. */
export function namesOf({ serves, model }: EndpointSettings): readonly string[] | undefined {
  return serves ?? (model === undefined ? undefined : [model])
}

/** What messages call the settings of an endpoint. */
export interface SettingNames {
  readonly address: string
  readonly key: string
  readonly model: string
}

/** The names of an endpoint that is written down in a list of them. */
export function settingNamesOf({ name }: { readonly name: string }): SettingNames {
  const of = `of the endpoint "${name}"`
  return { address: `url ${of}`, key: `apiKey ${of}`, model: `model ${of}` }
}
