// The registered tools of the factory over MCP: listed with their own schemas, run for the caller's tenant.

import type { CallToolResult, ContentBlock, Tool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Caller } from '../../core/factory.ts'
import type { Plain } from '../../core/plain.ts'
import type { ToolOutcome, ToolView, Tooling } from '../../core/tooling.ts'
import { AndonError } from '../../core/errors.ts'
import { isPlainObject } from '../../requests.ts'
import type { Errand, McpHouse, McpVisit } from './visit.ts'

/** How a tool is called over MCP whose name Andon uses itself. */
const apart = 'tool_'

/** The tools that are switched on, as MCP lists them; those of `taken` under another name. */
export async function registeredTools(
  { factory }: McpHouse,
  visit: McpVisit,
  taken: ReadonlySet<string>,
): Promise<Tool[]> {
  const views = await factory.tools({}, visit.caller)
  return views.filter(isOffered).map((view) => listingOf(view, taken))
}

/** Runs one. Undefined when there is no such tool, or it is switched off. */
export async function callRegistered(
  name: string,
  given: unknown,
  errand: Errand,
  taken: ReadonlySet<string>,
): Promise<CallToolResult | undefined> {
  const { factory, caller, budgetMs } = errand
  const inner = name.startsWith(apart) && taken.has(name.slice(apart.length)) ? name.slice(apart.length) : name
  const view = await viewOf(factory, inner, caller)
  if (view === undefined || !isOffered(view)) return undefined
  if (given !== undefined && !isPlainObject(given))
    throw new AndonError('invalid', 'The arguments must be a JSON object.')
  const outcome = await factory.callTool(
    {
      name: inner,
      arguments: (given ?? {}) as Record<string, Plain>,
      ...(budgetMs === undefined ? {} : { deadlineMs: budgetMs }),
    },
    caller,
  )
  return resultOf(outcome, listingOf(view, taken).outputSchema !== undefined)
}

/** What says whether the list has changed. */
export async function fingerprintOf(factory: Tooling, tenant: string | undefined): Promise<string> {
  const views = await factory.tools({}, tenant === undefined ? {} : { tenant })
  return JSON.stringify(
    views.filter(isOffered).map(({ name, description, input, output }) => [name, description, input, output]),
  )
}

async function viewOf(factory: Tooling, name: string, caller: Caller): Promise<ToolView | undefined> {
  try {
    return await factory.tool(name, caller)
  } catch (reason) {
    const { code } = AndonError.from(reason)
    if (code === 'not-found' || code === 'invalid') return undefined
    throw reason
  }
}

function isOffered({ enabled, permission, state }: ToolView): boolean {
  // What is unreachable stands for tools that nobody knows yet.
  return enabled && permission !== 'deny' && state !== 'off' && state !== 'impossible' && state !== 'unreachable'
}

function listingOf(view: ToolView, taken: ReadonlySet<string>): Tool {
  const { name, title, description, input, output, traits } = view
  return {
    name: taken.has(name) ? `${apart}${name}` : name,
    ...(title === undefined ? {} : { title }),
    description,
    inputSchema: objectSchema(input) ?? { type: 'object' },
    ...(output === undefined ? {} : outputOf(output)),
    annotations: {
      readOnlyHint: traits.readOnly,
      destructiveHint: traits.destructive,
      idempotentHint: traits.idempotent,
      openWorldHint: traits.network,
    },
  }
}

/** MCP knows results that are objects: what a tool gives beside those is text. */
function outputOf(output: ToolView['input']): { outputSchema?: NonNullable<Tool['outputSchema']> } {
  const schema = objectSchema(output)
  return schema === undefined ? {} : { outputSchema: schema }
}

function objectSchema(schema: ToolView['input']): Tool['inputSchema'] | undefined {
  return schema['type'] === 'object' ? { ...schema, type: 'object' } : undefined
}

function resultOf({ ok, value, error, truncated }: ToolOutcome, structured: boolean): CallToolResult {
  if (!ok) {
    const { message = 'The tool failed.', retryable = false } = error ?? {}
    const advice = retryable ? ' It may be tried again.' : ''
    return { isError: true, content: [{ type: 'text', text: `${message}${advice}` }] }
  }
  const blocks = blocksOf(value)
  const content: ContentBlock[] = blocks ?? [{ type: 'text', text: textOf(value) }]
  if (truncated !== undefined)
    content.push({ type: 'text', text: `(It was cut: the whole has ${truncated.bytes} bytes.)` })
  if (!structured) return { content }
  // What was cut is no longer what the schema promises.
  if (truncated !== undefined || !isPlainObject(value)) return { isError: true, content }
  return { content, structuredContent: value }
}

const block = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), data: z.base64(), mimeType: z.string() }),
  z.object({ type: z.literal('audio'), data: z.base64(), mimeType: z.string() }),
])
const blocks = z.array(block).min(1)

/** What already is content of MCP, pictures say, goes on as it is. */
function blocksOf(value: Plain | undefined): ContentBlock[] | undefined {
  return Array.isArray(value) ? blocks.safeParse(value).data : undefined
}

function textOf(value: Plain | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}
