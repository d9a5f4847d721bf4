// The official MCP client, connected to a door, and what its replies hold.

import assert from 'node:assert/strict'
import { Client, StreamableHTTPClientTransport, type CallToolResult } from '@modelcontextprotocol/client'

/** The revisions that a client may speak: with a session, and without one. */
export const eras = { '2025-11-25': 'legacy', '2026-07-28': { pin: '2026-07-28' } } as const

export type Era = keyof typeof eras

export interface McpClient extends AsyncDisposable {
  readonly client: Client
  readonly transport: StreamableHTTPClientTransport
}

/** Connects to `/mcp` of a door. */
export async function connectMcp(url: string, key: string | undefined, era: Era = '2025-11-25'): Promise<McpClient> {
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } },
  })
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: eras[era] } })
  await client.connect(transport)
  return { client, transport, [Symbol.asyncDispose]: () => client.close() }
}

/** The first text of a result. */
export function textOf({ content }: CallToolResult): string {
  const [first] = content
  assert.ok(first?.type === 'text')
  return first.text
}

/** A field of the structured content, which is there. */
export function fieldOf(result: CallToolResult, name: string): unknown {
  assert.ok(result.isError !== true, textOf(result))
  const value: unknown = result.structuredContent
  assert.ok(typeof value === 'object' && value !== null && name in value, JSON.stringify(result))
  return Reflect.get(value, name)
}
