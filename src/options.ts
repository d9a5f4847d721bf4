// Every option with its default, its unit and its reason, as one schema that is also the type.
// Where the values come from (environment, file, defaults) is the matter of configuration.ts.

import { z } from 'zod'
import { cacheOptions, redactCache } from './options-cache.ts'
import { modelOptions, redactModels } from './options-models.ts'
import { redactSources, toolOptions } from './options-tools.ts'

const MEBIBYTE = 1024 * 1024

const address = z.url({ protocol: /^https?$/, error: 'it must be an http:// or https:// address' })
const milliseconds = z.int().min(1)

const embedder = z.strictObject({
  kind: z
    .enum(['openai', 'tei', 'local', 'llama', 'router'])
    .describe(
      'The protocol: OpenAI /v1/embeddings, Text Embeddings Inference, an ONNX or a GGUF model in a child process, or the endpoints of models.endpoints.',
    ),
  url: address
    .optional()
    .describe('Address of the server; of openai with its /v1. Not needed by local, llama and router.'),
  apiKey: z.string().min(1).optional().describe('Sent to that server as a bearer token; never printed.'),
  model: z.string().min(1).optional().describe('Name of the model, for local its folder, for llama its GGUF file.'),
  dimensions: z
    .int()
    .min(1)
    .max(16_384)
    .optional()
    .describe('Numbers per vector. Default: told from the first vector that comes back.'),
})

const reranker = z
  .strictObject({
    kind: z
      .enum(['cohere', 'tei', 'llama', 'router'])
      .describe(
        'The wire format of /rerank: Cohere, Jina and vLLM share one, TEI has its own; a GGUF model in a child process; or the endpoints of models.endpoints.',
      ),
    url: address.optional().describe('Address of the server. Not needed by llama and router.'),
    apiKey: z.string().min(1).optional().describe('Sent to that server as a bearer token; never printed.'),
    model: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the model, where the server wants one; for llama its GGUF file.'),
  })
  .refine(({ kind, url }) => url !== undefined || kind === 'llama' || kind === 'router', {
    path: ['url'],
    error: 'it must be the address of the server',
  })

const answers = z.strictObject({
  passages: z
    .int()
    .min(1)
    .max(50)
    .default(6)
    .describe('Passages given to the answerer: more cost tokens and add doubt.'),
  budgetMs: milliseconds.default(90_000).describe('Time for a whole answer, from the question to its last event.'),
  suggestMs: z
    .int()
    .min(0)
    .default(60)
    .describe(
      'Longest time before the last event that is spent on what could be asked next; none is with less than five times that left. 0 suggests nothing.',
    ),
})

const loading = z.strictObject({
  parsers: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe(
      'Child processes that read documents. Each may take memoryMb; one keeps a small machine free for questions.',
    ),
  memoryMb: z
    .int()
    .min(384, 'it must be at least 384: PDF readers die below that')
    .default(512)
    .describe('Memory limit of a parser in MiB. A document that outgrows it is tried again, then quarantined.'),
  timeoutMs: milliseconds.default(120_000).describe('Time a parser may spend on one window of a document.'),
  maxBytes: z
    .int()
    .min(1)
    .default(256 * MEBIBYTE)
    .describe('Largest document that is accepted, in bytes.'),
  attempts: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('How often a document is tried before it is given up or quarantined.'),
  concurrency: z
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Documents that load at once: one is read while another is stored.'),
})

const sessions = z.strictObject({
  historyTurns: z
    .int()
    .min(0)
    .max(100)
    .default(8)
    .describe('Earlier turns that a follow-up question is understood from.'),
  maxTurns: z
    .int()
    .min(2)
    .max(2_000)
    .default(1000)
    .describe('Turns a session may hold; a longer one is refused, so that none grows for ever.'),
  summaries: z
    .boolean()
    .default(true)
    .describe(
      'Whether what was said before the earlier turns is told in short: by the model behind the answers, else by rules.',
    ),
  summaryTokens: z.int().min(50).max(4_000).default(400).describe('Tokens that this may take.'),
  redisUrl: z
    .url({ protocol: /^rediss?$/, error: 'it must be a redis:// or rediss:// address' })
    .optional()
    .describe(
      'A Redis that keeps conversations, so that any process continues any of them. Its maxmemory-policy must be noeviction. Default: the data directory.',
    ),
  ttlDays: z
    .int()
    .min(1)
    .max(3650)
    .default(90)
    .describe('Days that a conversation in Redis is kept without being read or continued.'),
})

const removal = z.strictObject({
  days: z
    .int()
    .min(0)
    .max(3650)
    .default(7)
    .describe('Days that a removed document can still be restored before it is purged.'),
})

const auth = z.strictObject({
  required: z
    .boolean()
    .default(false)
    .describe('Whether requests from this machine need a key too. From elsewhere they always do.'),
  jwksUrl: address.optional().describe('Where the public keys of an identity provider are; its tokens then let in.'),
  issuer: z.string().min(1).optional().describe('The iss that a token must have. Needed with jwksUrl.'),
  audience: z.string().min(1).optional().describe('The aud that a token must have. Needed with jwksUrl.'),
  tenantClaim: z
    .string()
    .min(1)
    .default('tenant')
    .describe('The claim of a token that names its tenant. A token without it is refused.'),
  scopeClaim: z
    .string()
    .min(1)
    .default('scope')
    .describe('The claim of a token that holds ask, load or admin: a list, or words with spaces between.'),
})

const count = z.int().min(1)

const limits = z.strictObject({
  questionsAtOnce: count.max(10_000).default(64).describe('Questions that are answered at once, of all tenants.'),
  questionsWaiting: z
    .int()
    .min(0)
    .max(100_000)
    .default(64)
    .describe('Questions that wait for a place; the next one is refused with 429 and when to come back.'),
  loadsAtOnce: count.max(1000).default(8).describe('Uploads that are received at once, of all tenants.'),
  loadsWaiting: z.int().min(0).max(100_000).default(32).describe('Uploads that wait for a place.'),
  waitMs: milliseconds.default(10_000).describe('Longest time that a request waits for a place before it is refused.'),
  tenantAtOnce: count
    .optional()
    .describe('Questions, and as many uploads, that one tenant has under way at once. Default: all places.'),
  keyAtOnce: count.optional().describe('The same for one key.'),
  tenantPerMinute: count.optional().describe('Requests of one tenant per minute. Default: as many as it likes.'),
  keyPerMinute: count.optional().describe('Requests of one key per minute. Default: as many as it likes.'),
  bodyBytes: z.int().min(1024).default(MEBIBYTE).describe('Largest body of a request that is not an upload, in bytes.'),
})

const quotas = z.strictObject({
  documents: count.optional().describe('Documents that each tenant may keep. Default: no limit.'),
  bytes: count.optional().describe('Bytes of documents that each tenant may keep. Default: no limit.'),
  questionsPerDay: count.optional().describe('Questions that each tenant may ask per day (UTC). Default: no limit.'),
})

const links = z.strictObject({
  hosts: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Hosts that documents may be fetched from, separated by commas; *.example.org means all below. Without it, none.',
    ),
  timeoutMs: milliseconds.default(30_000).describe('Time for fetching one document from a link.'),
  maxBytes: count.optional().describe('Largest document that is fetched, in bytes. Default: loading.maxBytes.'),
})

const records = z.strictObject({
  days: z
    .int()
    .min(0)
    .max(3650)
    .default(30)
    .describe('Days that the record of an answer is kept: what happened, its citations and checks.'),
})

/** The schema of all options. Unknown keys are refused on every level. */
export const optionsSchema = z.strictObject({
  dataDir: z
    .string()
    .min(1)
    .default('.andon')
    .describe('Folder for everything that is kept, from the working directory.'),
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address to listen on. The default is reached from this machine only; others need keys.'),
  port: z.int().min(0).max(65_535).default(8642).describe('Port to listen on; 0 takes a free one.'),
  tenant: z.string().min(1).max(200).default('default').describe('Whose documents, when a request does not say.'),
  handbook: z
    .boolean()
    .default(true)
    .describe(
      'Whether the handbook that ships with Andon is part of the library; switched off, its pages are removed.',
    ),
  origins: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Web pages that may use the API from a browser (CORS), like https://app.example.org, with commas between.',
    ),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least important line that is logged.'),
  readers: z
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Threads that search the store. Each serves one search at a time; more than the cores help nobody.'),
  models: modelOptions.prefault({}).describe('The model that writes answers.'),
  embedder: embedder.optional().describe('Makes vectors, for search by meaning. Without one, search is by words.'),
  reranker: reranker.optional().describe('Orders what was found. Without one, a built-in ranking by words does.'),
  answers: answers.prefault({}).describe('How answers are made.'),
  loading: loading.prefault({}).describe('How documents are read.'),
  sessions: sessions.prefault({}).describe('Conversations.'),
  cache: cacheOptions.prefault({}).describe('What is made once and used again.'),
  removal: removal.prefault({}).describe('What happens to removed documents.'),
  records: records.prefault({}).describe('What is kept about answers.'),
  auth: auth.prefault({}).describe('Who is let in over HTTP.'),
  limits: limits.prefault({}).describe('How much at once, and how much in a minute.'),
  quotas: quotas.prefault({}).describe('How much each tenant may have.'),
  links: links.prefault({}).describe('Documents from links.'),
  tools: toolOptions.prefault({}).describe('What models may do beside writing.'),
})

/** All options, complete. */
export type Options = z.output<typeof optionsSchema>
/** Options as a person writes them: everything may be left out. */
export type OptionsInput = z.input<typeof optionsSchema>

/** Typed help for an andon.config.ts: returns what it is given. */
export function defineConfig(options: OptionsInput): OptionsInput {
  return options
}

/** A copy for printing: keys that hold secrets say only whether they are set. */
export function redact(options: Options): Options {
  const hide = <Part extends { apiKey?: string | undefined }>(part: Part): Part =>
    part.apiKey === undefined ? part : { ...part, apiKey: '(set)' }
  return {
    ...options,
    models: redactModels(options.models),
    ...(options.embedder === undefined ? {} : { embedder: hide(options.embedder) }),
    ...(options.reranker === undefined ? {} : { reranker: hide(options.reranker) }),
    sessions: { ...options.sessions, redisUrl: options.sessions.redisUrl?.replace(/\/\/[^/]*@/, '//(set)@') },
    cache: redactCache(options.cache),
    tools: { ...options.tools, ...redactSources(options.tools) },
  }
}
