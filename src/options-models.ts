// The options of models: where they answer, in which order they are asked, how much may be spent, and the one that
// runs without a server.

import { z } from 'zod'
import { llamaOptions } from './models/llama/options.ts'
import { endpointSchema, protocols, type EndpointSettings } from './router/endpoint.ts'

const milliseconds = z.int().min(1).max(2_147_483_647)
const count = z.int().min(1)
const amount = z.number().positive()
const word = z.string().min(1).max(4_096)

const budget = z.strictObject({
  of: z.enum(['key', 'tenant']),
  name: word.exactOptional(),
  tokensPerDay: count.exactOptional(),
  tokensPerMonth: count.exactOptional(),
  costPerDay: amount.exactOptional(),
  costPerMonth: amount.exactOptional(),
})

const routing = z.strictObject({
  strategy: z
    .enum(['least-cost', 'two-choices', 'round-robin'])
    .optional()
    .describe(
      'How an endpoint is chosen: by its load and pace and by what it remembers, of all or of two by chance, or in turns for comparison. Default: least-cost; two-choices where counts are shared by processes and endpoints are more than eight.',
    ),
  queue: count.max(1_000_000).default(1_000).describe('Requests that may wait for a place before more are refused.'),
  ageMs: milliseconds.default(5_000).describe('Who waits longer gets some places before better classes.'),
  attempts: count.max(10).default(4).describe('Endpoints that one request may try before its first word.'),
  retryShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Further attempts as a share of requests: in an outage more would only add load.'),
  hedgeMs: z
    .union([milliseconds, z.literal('p95')], { error: 'it must be a whole number of milliseconds above 0, or p95' })
    .optional()
    .describe(
      'Silence after which a second endpoint is asked beside the first, for at most 5 % of requests: milliseconds, or p95 for what one first token in twenty takes longer than, as learnt. Default: never.',
    ),
  region: word.optional().describe('Where this Andon stands.'),
  penalties: z
    .record(word, z.record(word, z.number().min(0)))
    .default({})
    .describe('Milliseconds between regions: { "eu": { "us": 90 } }, both ways. Default: 150 between any two.'),
  share: word
    .optional()
    .describe(
      'Name under which processes of this user and host count maxConcurrent together. Default: each by itself.',
    ),
})

export const modelOptions = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'it must be an http:// or https:// address' })
    .optional()
    .describe('Address of an OpenAI-compatible server, with its /v1. Without one, answers are extractive.'),
  apiKey: z.string().min(1).optional().describe('Sent to that server as a bearer token; never printed.'),
  model: z.string().min(1).optional().describe("The model to ask for. Default: the first of the server's own list."),
  protocol: z.enum(protocols).default('generic').describe('How the server at baseUrl is spoken to.'),
  firstTokenMs: milliseconds
    .default(10_000)
    .describe('How long the model may be silent before the answer becomes extractive: a person waits no longer.'),
  budgetMs: milliseconds
    .default(60_000)
    .describe('How long the model may take for one whole answer before it is cut off and completed extractively.'),
  endpoints: z
    .array(endpointSchema)
    .max(1_000)
    .default([])
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'each endpoint needs a name of its own')
    .describe('Servers of models, beside the one at baseUrl: { name, url, protocol, model, maxConcurrent, … }.'),
  discover: z
    .array(
      z
        .strictObject({
          endpoint: endpointSchema,
          records: z.enum(['address', 'service']).optional(),
          family: z.literal([4, 6], { error: 'it must be 4 or 6' }).optional(),
          everyMs: milliseconds.optional(),
        })
        .refine(({ records, family }) => records !== 'service' || family === undefined, {
          path: ['family'],
          error: 'it must be left out where records is service, because such records say names and no addresses',
        }),
    )
    .max(100)
    .default([])
    .describe(
      'Endpoints behind one name of the DNS, each address an endpoint: { endpoint, records, family, everyMs }. family is 4 or 6, the kind of addresses. Default: IPv4, and IPv6 while there was never any IPv4.',
    ),
  fallback: z
    .array(word)
    .max(20)
    .default([])
    .describe('Models that are asked in turn when the one that was asked for cannot answer.'),
  budgets: z
    .array(budget)
    .max(10_000)
    .default([])
    .describe(
      'What may be spent in a day or month (UTC): { of: key or tenant, name, tokensPerDay, tokensPerMonth, costPerDay, costPerMonth }; without a name it holds for each. A key is meant by its name or its id, as andon keys list or the keys of andon gateway have them.',
    ),
  routing: routing.prefault({}).describe('How a request finds its endpoint.'),
  llama: llamaOptions.optional().describe('A GGUF file of your own, run by llama.cpp in a child process.'),
})

type ModelOptions = z.output<typeof modelOptions>

/** A copy for printing: keys say only that they are set, and addresses carry no password. */
export function redactModels(models: ModelOptions): ModelOptions {
  const { baseUrl, endpoints, discover } = models
  const shown = (endpoint: EndpointSettings): EndpointSettings => ({
    ...hidden(endpoint),
    url: withoutPassword(endpoint.url),
  })
  return {
    ...hidden(models),
    ...(baseUrl === undefined ? {} : { baseUrl: withoutPassword(baseUrl) }),
    endpoints: endpoints.map(shown),
    discover: discover.map((each) => ({ ...each, endpoint: shown(each.endpoint) })),
  }
}

function hidden<Part extends { apiKey?: string | undefined }>(part: Part): Part {
  return part.apiKey === undefined ? part : { ...part, apiKey: '(set)' }
}

function withoutPassword(address: string): string {
  const url = new URL(address)
  if (url.username === '' && url.password === '') return address
  url.username = '(set)'
  url.password = ''
  return url.href
}
