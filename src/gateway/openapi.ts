// GET /openapi.json: the API as OpenAPI 3.1, told by the routes themselves. What their schemas cannot say is said here:
// names of operations, who may use them, and how errors look.

import swagger from '@fastify/swagger'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { FastifyContextConfig, RouteOptions } from 'fastify'
import { version } from '../version.ts'
import type { App } from './door.ts'
import { operationIdOf } from './openapi-names.ts'
import { withoutUnused, type ApiDocument, type Operation } from './openapi-document.ts'
import { named } from './replies.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body in OpenAPI's own words, for one that no zod schema describes. */
    requestBody?: object
  }
}

const tags = [
  { name: 'Answers', description: 'Questions, the events of their answers, and what happened on the way.' },
  { name: 'Search', description: 'Passages without an answer.' },
  { name: 'Conversations', description: 'What was said before, for questions that follow on.' },
  { name: 'Documents', description: 'What answers are made from.' },
  { name: 'Jobs', description: 'The work that loads documents.' },
  { name: 'Tools', description: 'What models may call: tried, switched, and permitted by a person.' },
  { name: 'OpenAI', description: "OpenAI's protocol, for programs that know it: the base address ends with /v1." },
  { name: 'Rerank', description: 'Texts put in order, in the protocol that Cohere, Jina and vLLM share.' },
  { name: 'AI SDK', description: "The protocol of the AI SDK's useChat." },
  { name: 'MCP', description: 'The Model Context Protocol: documents and tools for agents.' },
  { name: 'Keys', description: 'Who is let in.' },
  { name: 'Operations', description: 'Whether Andon is well, and what it does.' },
]

const info = {
  title: 'Andon',
  version,
  description:
    'An answer factory: documents go in, checked answers come out. Errors are problem documents (RFC 9457), except under paths that speak the protocol of OpenAI.',
  license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
}

const securitySchemes = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A key of Andon, or a token of the identity provider. From the same machine none is needed unless auth.required says so.',
  },
} as const

const problems = {
  Problem: {
    description: 'What is wrong, and what to do',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  },
  OpenAIError: {
    description: "What is wrong, in OpenAI's shape",
    content: { 'application/json': { schema: { $ref: '#/components/schemas/OpenAIError' } } },
  },
}

/** Adds GET /openapi.json. To be awaited before the routes are added: it describes those that come behind it. */
export async function addOpenapi(app: App): Promise<void> {
  const configs = new Map<string, FastifyContextConfig>()
  const fromZod = createJsonSchemaTransform({ schemaRegistry: named })
  const components = createJsonSchemaTransformObject({ schemaRegistry: named })
  await app.register(swagger, {
    openapi: { openapi: '3.1.1', info, servers: [{ url: '/' }], tags, components: { securitySchemes } },
    transform(route) {
      note(configs, route.route)
      return fromZod(route)
    },
    transformObject: (whole) => finished(components(whole) as unknown as ApiDocument, configs) as never,
  })
  const schema = { tags: ['Operations'], summary: 'Describes the API', hide: true }
  app.get('/openapi.json', { schema, config: { scope: 'open' } }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('application/json').send(JSON.stringify(app.swagger())),
  )
}

function note(configs: Map<string, FastifyContextConfig>, { method, url, config }: RouteOptions): void {
  const path = url.replace(/:(\w+)/g, '{$1}').replace('*', '{*}')
  for (const each of Array.isArray(method) ? method : [method])
    configs.set(`${each} ${path}`.toUpperCase(), config ?? {})
}

/** The document with what the routes' schemas do not say. */
function finished(document: ApiDocument, configs: ReadonlyMap<string, FastifyContextConfig>): ApiDocument {
  const paths: ApiDocument['paths'] = {}
  for (const [path, operations] of Object.entries(document.paths)) {
    const described: Record<string, Operation> = {}
    for (const [method, operation] of Object.entries(operations)) {
      const config = configs.get(`${method} ${path}`.toUpperCase()) ?? {}
      described[method] = withNames(completed(operation, config, operationIdOf(method, path)))
    }
    paths[path.replace('{*}', '{id}')] = described
  }
  return withoutUnused({ ...document, paths, components: { ...document.components, responses: problems } })
}

function completed(operation: Operation, config: FastifyContextConfig, operationId: string): Operation {
  const responses: Operation['responses'] = {}
  for (const [status, response] of Object.entries(operation.responses)) {
    if ('$ref' in response) {
      responses[status] = response
      continue
    }
    const { content, ...rest } = response
    const description = response.description === 'Default Response' ? 'What was asked for' : response.description
    const empty = status === '204' || status === '304' || status === '101'
    responses[status] = { ...rest, description, ...(content && !empty ? { content } : {}) }
  }
  const error = { $ref: `#/components/responses/${config.openai ? 'OpenAIError' : 'Problem'}` }
  // A route of its own account says more about its errors.
  for (const range of ['4XX', '5XX']) responses[range] ??= error
  return {
    operationId,
    ...operation,
    ...(config.requestBody ? { requestBody: config.requestBody } : {}),
    responses,
    security: config.scope === 'open' ? [] : [{ key: [] }],
  }
}

/** The rest of a path is a parameter without a name in the routes; OpenAPI wants one. */
function withNames(operation: Operation): Operation {
  if (!operation.parameters) return operation
  return {
    ...operation,
    parameters: operation.parameters.map((each) => (each.name === '*' ? { ...each, name: 'id' } : each)),
  }
}
