// A tool of Andon itself over MCP: its schemas, what it needs, and what it does.

import type { CallToolResult, Tool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Scope } from '../../core/key.ts'
import { checked } from '../schemas.ts'
import type { Errand } from './visit.ts'

/** What a tool says: to a model as text, to a program as a value of its output schema. */
export interface Said<Value> {
  text: string
  value: Value
}

export interface OwnTool {
  /** As it is listed. */
  readonly listing: Tool
  readonly scope: Scope
  /** Throws `invalid` for arguments that are not what the schema says, and whatever the work throws. */
  call(given: unknown, errand: Errand): Promise<CallToolResult>
}

interface Definition<Input extends z.ZodObject, Output extends z.ZodObject> {
  name: string
  title: string
  description: string
  scope: Scope
  /** Default: it only reads. */
  annotations?: Tool['annotations']
  input: Input
  output: Output
  run: (input: z.output<Input>, errand: Errand) => Promise<Said<z.output<Output>>>
}

/** Makes a tool. The listing is made once. */
export function ownTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: Definition<Input, Output>,
): OwnTool {
  const { name, title, description, scope, input, output, run } = definition
  const annotations = definition.annotations ?? { readOnlyHint: true, openWorldHint: false }
  const listing: Tool = {
    name,
    title,
    description,
    inputSchema: schemaOf(input, 'input'),
    outputSchema: schemaOf(output, 'output'),
    annotations,
  }
  return {
    listing,
    scope,
    async call(given, errand) {
      const { text, value } = await run(checked(input, given ?? {}, 'The arguments'), errand)
      return { content: [{ type: 'text', text }], structuredContent: value }
    },
  }
}

function schemaOf(schema: z.ZodObject, io: 'input' | 'output'): Tool['inputSchema'] {
  // Its type allows JSON Schema's `false` where MCP's does not; an object's schema has none there.
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Tool['inputSchema']
}
