// The connector of MCP servers: one connection per server in each worker, shared by all calls.

import type { Plain } from '../../core/plain.ts'
import type { RemoteSource, ToolContext } from '../tool.ts'
import { McpConnection } from './connection.ts'
import { reachOf } from './server.ts'
import type { McpOperation } from './server.ts'

/** By the id of its registration. */
const connections = new Map<string, { name: string; connection: McpConnection }>()

/** Calls a tool of a server, or lists its tools. */
export function call(source: RemoteSource, input: unknown, context: ToolContext): Promise<Plain> {
  return connectionOf(source).call(source.operation as McpOperation, input, context)
}

/** Connects to the server of a tool ahead of its first call. */
export function open(source: RemoteSource): Promise<void> {
  return connectionOf(source).open()
}

/** Closes the connections to servers of this name, or all. Programs among them have ended when this resolves. */
export async function close(name?: string): Promise<void> {
  const closing = [...connections].filter(([, each]) => name === undefined || each.name === name)
  for (const [id] of closing) connections.delete(id)
  await Promise.all(closing.map(([, { connection }]) => connection.close()))
}

function connectionOf({ connection: { name, config } }: RemoteSource): McpConnection {
  const reach = reachOf(config)
  let known = connections.get(reach.id)
  if (!known) {
    known = { name, connection: new McpConnection(name, reach) }
    connections.set(reach.id, known)
  }
  return known.connection
}
