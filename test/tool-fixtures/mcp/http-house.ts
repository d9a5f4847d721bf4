// The house server behind an address of this machine: streamable HTTP with replies as JSON or as events, and the older
// SSE. A test can make it forget its sessions.

import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { makeServer } from './house-server.ts'
import type { Seen } from './house-server.ts'

export type Wire = 'json' | 'events' | 'sse'

export interface HttpHouse extends AsyncDisposable {
  url: string
  port: number
  seen: Seen
  /** Of every request, in their order. */
  headers: IncomingMessage['headers'][]
  /** It knows its sessions no more. */
  forget(): void
  /** Cuts all connections, and listens on. */
  cut(): void
}

/** Listens on a port that is free, or on this one. `token` is wanted of every request. */
export async function startHttpHouse(
  wire: Wire,
  { token, port = 0 }: { token?: string; port?: number } = {},
): Promise<HttpHouse> {
  const seen: Seen = { cancelled: 0, additions: 0 }
  const headers: IncomingMessage['headers'][] = []
  const servers: McpServer[] = []
  const sessions = new Map<string, StreamableHTTPServerTransport | SSEServerTransport>()
  const http = createServer((request, response) => {
    headers.push(request.headers)
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end('Who are you?')
      return
    }
    const answer = wire === 'sse' ? serveSse : serveStreamable
    answer(request, response).catch((reason: unknown) => {
      response.writeHead(500).end(String(reason))
    })
  })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  const bound = (http.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${bound}/mcp`,
    port: bound,
    seen,
    headers,
    forget: () => sessions.clear(),
    cut: () => http.closeAllConnections(),
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.close()))
      http.closeAllConnections()
      await new Promise<void>((resolve) => http.close(() => resolve()))
    },
  }

  async function serve(transport: Transport): Promise<void> {
    const server = makeServer(seen)
    servers.push(server)
    await server.connect(transport)
  }

  async function serveStreamable(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers['mcp-session-id']
    let transport = typeof id === 'string' ? sessions.get(id) : undefined
    if (typeof id === 'string' && !transport) {
      response.writeHead(404).end('No such session')
      return
    }
    if (!transport) {
      const made = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => crypto.randomUUID(),
        enableJsonResponse: wire === 'json',
        onsessioninitialized: (session) => void sessions.set(session, made),
      })
      await serve(made)
      transport = made
    }
    if (transport instanceof StreamableHTTPServerTransport) await transport.handleRequest(request, response)
  }

  async function serveSse(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'GET') {
      const transport = new SSEServerTransport('/messages', response)
      sessions.set(transport.sessionId, transport)
      await serve(transport)
      return
    }
    const transport = sessions.get(url.searchParams.get('sessionId') ?? '')
    if (transport instanceof SSEServerTransport) await transport.handlePostMessage(request, response)
    else response.writeHead(404).end('No such session')
  }
}
