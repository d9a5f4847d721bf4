// What the remote cells are measured beside: undici's pool, and the official MCP client, both as they are and in this
// thread.

import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Pool } from 'undici'
import { stdioProgram } from './servers.ts'
import { wrong } from './work.ts'
import type { RunBatch } from './work.ts'

export type Wire = 'sse' | 'json' | 'events' | 'stdio'

interface Raw extends AsyncDisposable {
  run: RunBatch
}

/** A pool of as many connections as a connector has. */
export function openPool(url: string): Raw {
  const pool = new Pool(url, { connections: 16, pipelining: 1 })
  return {
    async run(calls) {
      const values = await Promise.all(
        calls.map(async ({ name, arguments: text }) => {
          const { a, b } = JSON.parse(text) as { a: number; b: number }
          const { body } = await pool.request({ method: 'GET', path: `/${name}?a=${a}&b=${b}` })
          return body.json()
        }),
      )
      return wrong(calls, values)
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}

/** The official client over one connection. */
export async function openMcpClient(wire: Wire, url: string | undefined): Promise<Raw> {
  const client = new Client({ name: 'bench', version: '1.0.0' })
  const transport =
    url === undefined
      ? new StdioClientTransport({ command: process.execPath, args: [stdioProgram] })
      : wire === 'sse'
        ? new SSEClientTransport(new URL(url))
        : new StreamableHTTPClientTransport(new URL(url))
  await client.connect(transport)
  return {
    async run(calls) {
      const values = await Promise.all(
        calls.map(async ({ name, arguments: text }) => {
          const given = JSON.parse(text) as Record<string, number>
          const { content } = await client.callTool({ name, arguments: given })
          const [block] = content
          return block?.type === 'text' ? block.text : undefined
        }),
      )
      return wrong(calls, values)
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}
