// The four tools behind MCP over stdio, made with the official server package.

import { McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'
import { functions, names } from './work.ts'

const server = new McpServer({ name: 'calculator', version: '1.0.0' })
for (const name of names) {
  const inputSchema = z.object({ a: z.number(), b: z.number() })
  server.registerTool(name, { description: name, inputSchema }, (two) => ({
    content: [{ type: 'text', text: String(functions[name](two)) }],
  }))
}
await server.connect(new StdioServerTransport())
