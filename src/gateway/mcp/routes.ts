// /mcp: the Model Context Protocol over streamable HTTP. The library that speaks it is loaded with the first message.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App, Door } from '../door.ts'
import type { McpExchange } from './exchange.ts'

const config = { scope: 'any' } as const

const message = { type: 'object', description: 'A message of JSON-RPC 2.0, or a list of them.' } as const
const requestBody = { required: true, content: { 'application/json': { schema: message } } }

/** Adds POST, GET and DELETE /mcp. What a call needs is asked of each call: tools and scopes are those of the caller. */
export function addMcp(app: App, door: Door): void {
  let opening: Promise<McpExchange> | undefined
  const open = async (): Promise<McpExchange> => {
    const { McpExchange } = await import('./exchange.ts')
    return new McpExchange(door)
  }
  app.addHook('onClose', async () => {
    const exchange = await opening?.catch(() => undefined)
    await exchange?.[Symbol.asyncDispose]()
  })
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    (await (opening ??= open())).answer(request, reply)
  app.post(
    '/mcp',
    {
      schema: {
        tags: ['MCP'],
        summary: 'A message of the Model Context Protocol',
        operationId: 'sendMcpMessage',
        description:
          'Streamable HTTP. `initialize` begins a session, whose id is in the header `Mcp-Session-Id` and goes with its other messages; messages without one are answered each for itself. The tools are ask, search, read, list_documents, add_document and the registered ones. Replies are JSON, or a stream of events where a call tells how far it is.',
      },
      config: { ...config, requestBody },
    },
    answer,
  )
  app.get(
    '/mcp',
    {
      schema: {
        tags: ['MCP'],
        summary: 'News of an MCP session, as a stream of events',
        operationId: 'listenMcpSession',
        description: 'Needs `Mcp-Session-Id`. With `Last-Event-ID` a stream that broke off is read on.',
      },
      config,
      exposeHeadRoute: false,
    },
    answer,
  )
  app.delete(
    '/mcp',
    {
      schema: { tags: ['MCP'], summary: 'Ends an MCP session', operationId: 'endMcpSession' },
      config,
    },
    answer,
  )
}
