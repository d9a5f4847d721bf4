// The options of tools: which ones answers may use, where they run, who is asked, and where further ones come from.

import { z } from 'zod'
import type { NewToolSource, SecretValue, ToolSources } from './core/tooling.ts'

const milliseconds = z.int().min(1)
const word = z.string().min(1).max(4_096)
const words = z.array(word).max(1_000)

const secret = z.union([word, z.strictObject({ env: word })], {
  error: 'it must be a text, or { env: "NAME" } for a variable that has it',
})
const secrets = z.record(word, secret)

const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'it must be 1 to 32 letters, digits, _ and -, with a letter first')

const address = z.url({ protocol: /^https?$/, error: 'it must be an http:// or https:// address' })

const moduleTools = z.strictObject({
  name,
  module: word,
  only: words.exactOptional(),
  trust: z.enum(['trusted', 'untrusted']).exactOptional(),
})

const openApiTools = z.strictObject({
  name,
  spec: word,
  baseUrl: address.exactOptional(),
  auth: z
    .union(
      [
        z.strictObject({ bearer: secret }),
        z.strictObject({ basic: z.strictObject({ username: secret, password: secret }) }),
        z.strictObject({ header: word, value: secret }),
        z.strictObject({ query: word, value: secret }),
      ],
      { error: 'it must be one of { bearer }, { basic: { username, password } }, { header, value }, { query, value }' },
    )
    .exactOptional(),
  headers: secrets.exactOptional(),
  only: words.exactOptional(),
})

const mcpTools = z.strictObject({
  name,
  command: word.exactOptional(),
  args: z.array(z.string().max(4_096)).max(1_000).exactOptional(),
  env: secrets.exactOptional(),
  cwd: word.exactOptional(),
  url: address.exactOptional(),
  transport: z.enum(['http', 'sse']).exactOptional(),
  headers: secrets.exactOptional(),
  only: words.exactOptional(),
  trustAnnotations: z.boolean().exactOptional(),
})

const oneOfBoth = { error: 'it must have either command or url', path: ['command'] }
const hasOne = ({ command, url }: { command?: string; url?: string }): boolean =>
  (command === undefined) !== (url === undefined)

/** What stands in the options and in `tools.json`: see {@link ToolSources}. */
export const toolSources = z.strictObject({
  modules: z.array(moduleTools).max(1_000).default([]).describe('Modules of one’s own: { name, module, only, trust }.'),
  openapi: z
    .array(openApiTools)
    .max(1_000)
    .default([])
    .describe('Services: { name, spec, baseUrl, auth, headers, only }.'),
  mcp: z
    .array(mcpTools.refine(hasOne, oneOfBoth))
    .max(1_000)
    .default([])
    .describe('MCP servers: { name, command, args, env, cwd }, or { name, url, transport, headers }; only.'),
})

/** One that is added later. */
export const newToolSource = z.discriminatedUnion('kind', [
  moduleTools.extend({ kind: z.literal('module') }),
  openApiTools.extend({ kind: z.literal('openapi') }),
  mcpTools.extend({ kind: z.literal('mcp') }).refine(hasOne, oneOfBoth),
])

const rule = z.strictObject({
  names: words.exactOptional(),
  tags: words.exactOptional(),
  traits: z.array(z.enum(['readOnly', 'idempotent', 'pure', 'destructive', 'network'])).exactOptional(),
  origins: z.array(z.enum(['built-in', 'module', 'openapi', 'mcp'])).exactOptional(),
  permission: z.enum(['allow', 'ask', 'deny']),
})

/** See {@link OptionsInput}. */
export const toolOptions = z.strictObject({
  offer: z
    .string()
    .min(1)
    .default('all')
    .describe('The tools that answers may use when a question does not say: all, none, or names with commas between.'),
  mode: z
    .enum(['process', 'thread', 'inline', 'auto'])
    .default('process')
    .describe('Where calls run. In a process, a tool that hangs, crashes or eats memory costs its own call only.'),
  place: z
    .enum(['inline', 'process'])
    .default('inline')
    .describe('Where the registry itself lives; in a process of its own it costs the server nothing but messages.'),
  workers: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Processes, or threads, that calls run in. They begin with the first call. Default: one per core, 2 to 8.',
    ),
  steps: z
    .int()
    .min(1)
    .max(100)
    .default(6)
    .describe('How often a model may go on with what tools said, in one answer; then it must answer.'),
  resultTokens: z
    .int()
    .min(100)
    .max(1_000_000)
    .default(8_000)
    .describe('Tokens of results that are given back to the model, in one answer.'),
  httpHosts: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Hosts that http_get may read, with commas between; *.example.org means all below. Without it, it is off.',
    ),
  env: z
    .string()
    .min(1)
    .optional()
    .describe('Names of environment variables that tools of modules may see, with commas between.'),
  approvalMs: milliseconds
    .default(120_000)
    .describe('How long a call waits for the word of a person; then the answer goes on without it.'),
  permissions: z
    .array(rule)
    .max(1_000)
    .default([])
    .describe('Who is asked: { names, tags, traits, origins, permission: allow, ask or deny }; the first that fits.'),
  ...toolSources.shape,
})

/** What {@link Question.tools} means when a question does not say. */
export function toolsByDefault(offer: string): boolean | string[] {
  const said = offer.trim()
  if (said === 'all' || said === 'none') return said === 'all'
  return listOf(said)
}

/** Words with commas between. */
export function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((each) => each.trim() || [])
}

const hidden = '(set)'

const withoutSecret = (value: SecretValue): SecretValue => (typeof value === 'string' ? hidden : value)
const withoutSecrets = (values: Record<string, SecretValue>): Record<string, SecretValue> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, withoutSecret(value)]))

/** A copy for printing: secrets say only that they are set. Arguments of commands may hold some, and are not told. */
export function redactSources({ modules, openapi, mcp }: ToolSources): ToolSources {
  return {
    modules,
    openapi: openapi.map((each) => ({
      ...each,
      spec: withoutPassword(each.spec),
      ...(each.baseUrl === undefined ? {} : { baseUrl: withoutPassword(each.baseUrl) }),
      ...(each.auth === undefined ? {} : { auth: { bearer: hidden } }),
      ...(each.headers === undefined ? {} : { headers: withoutSecrets(each.headers) }),
    })),
    mcp: mcp.map((each) => ({
      ...each,
      ...(each.args === undefined ? {} : { args: [hidden] }),
      ...(each.env === undefined ? {} : { env: withoutSecrets(each.env) }),
      ...(each.url === undefined ? {} : { url: withoutPassword(each.url) }),
      ...(each.headers === undefined ? {} : { headers: withoutSecrets(each.headers) }),
    })),
  }
}

/** An address without the password in it, and without what stands behind its question mark. */
export function withoutPassword(address: string): string {
  if (!URL.canParse(address) || !/^https?:/i.test(address)) return address
  const url = new URL(address)
  if (url.username === '' && url.password === '' && url.search === '') return address
  if (url.username !== '' || url.password !== '') {
    url.username = hidden
    url.password = ''
  }
  url.search = ''
  return url.href
}

/** A source that was added, with those of its kind. */
export function withSource(sources: ToolSources, added: NewToolSource): ToolSources {
  const { modules, openapi, mcp } = withoutSource(sources, added.name)
  switch (added.kind) {
    case 'module': {
      const { kind: _, ...source } = added
      return { modules: [...modules, source], openapi, mcp }
    }
    case 'openapi': {
      const { kind: _, ...source } = added
      return { modules, openapi: [...openapi, source], mcp }
    }
    case 'mcp': {
      const { kind: _, ...source } = added
      return { modules, openapi, mcp: [...mcp, source] }
    }
  }
}

/** All but the one of this name. */
export function withoutSource({ modules, openapi, mcp }: ToolSources, name: string): ToolSources {
  return {
    modules: modules.filter((each) => each.name !== name),
    openapi: openapi.filter((each) => each.name !== name),
    mcp: mcp.filter((each) => each.name !== name),
  }
}
