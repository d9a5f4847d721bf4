// The four tools behind MCP over HTTP, made with the official SDK: `events`, `json` (streamable HTTP) or `sse`.

import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { z } from 'zod'
import { functions, names } from './work.ts'

const wire = process.argv[2]

function makeServer(): McpServer {
  const server = new McpServer({ name: 'calculator', version: '1.0.0' })
  for (const name of names) {
    const input = { a: z.number(), b: z.number() }
    server.registerTool(name, { description: name, inputSchema: input }, (two) => ({
      content: [{ type: 'text', text: String(functions[name](two)) }],
    }))
  }
  return server
}

const streams = new Map<string, StreamableHTTPServerTransport>()
const sse = new Map<string, SSEServerTransport>()

async function streamable(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let transport = streams.get(String(request.headers['mcp-session-id']))
  if (!transport) {
    const made = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      enableJsonResponse: wire === 'json',
      onsessioninitialized: (session) => void streams.set(session, made),
    })
    await makeServer().connect(made)
    transport = made
  }
  await transport.handleRequest(request, response)
}

async function older(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') {
    const transport = new SSEServerTransport('/messages', response)
    sse.set(transport.sessionId, transport)
    await makeServer().connect(transport)
    return
  }
  const session = new URL(request.url ?? '/', 'http://localhost').searchParams.get('sessionId') ?? ''
  await sse.get(session)?.handlePostMessage(request, response)
}

const http = createServer((request, response) => {
  const serve = wire === 'sse' ? older : streamable
  serve(request, response).catch((reason: unknown) => response.writeHead(500).end(String(reason)))
})
http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`))
process.stdin.on('end', () => process.exit()).resume()
