// Tools over HTTP: looked at, called by hand, switched, and permitted. What a tool is connected with is told to nobody,
// and sources of tools are added at the machine only, because they run code.

import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ToolPermission, ToolView } from '../core/tooling.ts'
import { defined } from './documents.ts'
import type { App, Door } from './door.ts'
import { toolOutcome, toolRun, toolView } from './replies.ts'
import { plainObject } from './replies-tools.ts'

const tags = ['Tools']
const config = { scope: 'ask' } as const
const name = z.string().min(1).max(200)
const params = z.strictObject({ name })

const listQuery = z.strictObject({
  search: z.string().max(1_000).optional().describe('Words of name and description.'),
})

const newCall = z.strictObject({
  arguments: plainObject.optional().describe('Default: none.'),
  deadlineMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .optional()
    .describe('For everything, also for waiting until somebody permits it. Default: what the tool may take.'),
})

const change = z.strictObject({
  enabled: z.boolean().optional().describe('Whether it may be called at all.'),
  permission: z.enum(['allow', 'ask', 'deny']).optional().describe('Whether calls wait for a person.'),
})

const runsQuery = z.strictObject({
  tool: name.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  before: z.string().min(1).max(200).optional().describe('Id of the last run of the page before.'),
})

const callStory = `What goes wrong with the call is in the reply. One that needs a person waits until
POST /v1/approvals/{id} says a word, or nobody did in time.`

/** What a server or program said as it failed may be nobody's business but the administrator's. */
function shownTo({ principal }: Pick<FastifyRequest, 'principal'>, tool: ToolView): ToolView {
  if (tool.state !== 'unreachable' || principal.scopes.includes('admin')) return tool
  return { ...tool, reason: 'It cannot be reached now, and is tried again: who has the scope admin sees why.' }
}

/** Adds the routes of tools. */
export function addTools(app: App, door: Door): void {
  const { factory } = door
  const list = z.strictObject({ tools: z.array(toolView) })
  app.get(
    '/v1/tools',
    { schema: { tags, summary: 'Lists the tools', querystring: listQuery, response: { 200: list } }, config },
    async (request) => {
      const query = defined<{ search?: string }>({ search: request.query.search })
      const tools = await factory.tools(query, door.callerOf(request))
      return { tools: tools.map((tool) => shownTo(request, tool)) }
    },
  )
  const ran = {
    tags,
    summary: 'Lists what tools did, newest first',
    operationId: 'listToolRuns',
    querystring: runsQuery,
    response: { 200: z.strictObject({ runs: z.array(toolRun) }) },
  }
  app.get('/v1/tools/runs', { schema: ran, config }, async (request) => {
    const { tool, limit, before } = request.query
    const query = defined<{ tool?: string; limit?: number; before?: string }>({ tool, limit, before })
    return { runs: await factory.toolRuns(query, door.callerOf(request)) }
  })
  app.get(
    '/v1/tools/:name',
    { schema: { tags, summary: 'Describes a tool', params, response: { 200: toolView } }, config },
    async (request) => shownTo(request, await factory.tool(request.params.name, door.callerOf(request))),
  )
  const called = {
    tags,
    summary: 'Runs a tool by hand',
    description: callStory,
    params,
    body: newCall,
    response: { 200: toolOutcome },
  }
  app.post('/v1/tools/:name/call', { schema: called, config: { scope: 'ask', once: true } }, async (request) => {
    const { name } = request.params
    const { arguments: given, deadlineMs } = request.body
    const call = {
      name,
      ...(given === undefined ? {} : { arguments: given }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    }
    return factory.callTool(call, door.callerOf(request))
  })
  const changed = {
    tags,
    summary: 'Switches a tool, or says whether it asks first',
    params,
    body: change,
    response: { 200: toolView },
  }
  app.patch('/v1/tools/:name', { schema: changed, config: { scope: 'admin', once: true } }, async (request) => {
    const { enabled, permission } = request.body
    const said = defined<{ enabled?: boolean; permission?: ToolPermission }>({ enabled, permission })
    return factory.setTool(request.params.name, said, door.callerOf(request))
  })
}
