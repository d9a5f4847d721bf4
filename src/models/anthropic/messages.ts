// A request as Anthropic's /v1/messages takes it: the system's words apart, calls and their results as blocks, and
// thoughts given back with the calls that they led to.
// https://platform.claude.com/docs/en/api/messages

import type { AskedCall, ClientTool } from '../../core/question.ts'
import { isRecord, parsed } from '../failure.ts'
import type { Keepsakes } from '../keepsakes.ts'
import type { ChatMessage, ChatRequest } from '../model.ts'

export type Block = Record<string, unknown>

/** What every model of theirs may write at once; the protocol wants a limit. */
const defaultMaxTokens = 4_096

/** Tokens for thinking; 1,024 is the least that is taken. */
const budgets = { low: 1_024, medium: 4_096, high: 16_384 } as const

/** The whole body. `adaptive`: the model sets the length of its thoughts itself, and is told of an effort instead. */
export function messagesBody(
  model: string,
  request: ChatRequest,
  thoughts: Keepsakes<Block[]>,
  adaptive: boolean,
): Record<string, unknown> {
  const { messages, maxTokens = defaultMaxTokens, temperature, topP, schema, stop, reasoning } = request
  const level = reasoning === undefined || reasoning === 'off' ? undefined : reasoning
  const thinks = level !== undefined && mayThink(request, thoughts)
  const system = messages.filter(({ role, content }) => role === 'system' && content !== '')
  const output = {
    ...(schema === undefined ? {} : { format: { type: 'json_schema', schema: closed(schema.schema) } }),
    ...(thinks && adaptive ? { effort: level } : {}),
  }
  return {
    model,
    // Thoughts count as well.
    max_tokens: maxTokens + (thinks ? budgets[level] : 0),
    system: system.length === 0 ? undefined : system.map(({ content }) => content).join('\n\n'),
    messages: wireTurns(messages, reasoning === 'off' ? undefined : thoughts),
    tools: request.tools?.length ? request.tools.map(wireTool) : undefined,
    tool_choice: request.tools?.length ? wireChoice(request) : undefined,
    // With thoughts, only the defaults are taken.
    temperature: temperature === undefined || thinks ? undefined : Math.min(1, temperature),
    top_p: thinks ? undefined : topP,
    stop_sequences: stop?.length ? stop : undefined,
    thinking: thinks
      ? { type: 'enabled', budget_tokens: budgets[level] }
      : reasoning === undefined
        ? undefined
        : { type: 'disabled' },
    output_config: Object.keys(output).length === 0 ? undefined : output,
    stream: true,
  }
}

/** Not together with a call that must be made, nor after calls whose thoughts are not known any more. */
function mayThink({ messages, toolChoice }: ChatRequest, thoughts: Keepsakes<Block[]>): boolean {
  if (toolChoice === 'required' || typeof toolChoice === 'object') return false
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1)
  return turn.every(
    (message) =>
      message.role !== 'assistant' || !message.toolCalls?.length || thoughts.of(message.toolCalls[0]?.id) !== undefined,
  )
}

/** Turns by user and assistant in alternation; results of calls are the user's. */
function wireTurns(messages: readonly ChatMessage[], thoughts: Keepsakes<Block[]> | undefined): object[] {
  const turns: { role: 'user' | 'assistant'; content: Block[] }[] = []
  for (const message of messages) {
    if (message.role === 'system') continue
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const blocks = blocksOf(message, thoughts)
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...blocks)
    else if (blocks.length > 0) turns.push({ role, content: blocks })
  }
  return turns
}

function blocksOf(message: ChatMessage, thoughts: Keepsakes<Block[]> | undefined): Block[] {
  if (message.role === 'tool')
    return [{ type: 'tool_result', tool_use_id: wireId(message.callId), content: message.content }]
  // An empty text is refused.
  const text = message.content === '' ? [] : [{ type: 'text', text: message.content }]
  if (message.role !== 'assistant' || !message.toolCalls?.length) return text
  return [...(thoughts?.of(message.toolCalls[0]?.id) ?? []), ...text, ...message.toolCalls.map(wireCall)]
}

function wireCall({ id, name, arguments: text }: AskedCall): Block {
  const input = parsed(text)
  return { type: 'tool_use', id: wireId(id), name, input: isRecord(input) ? input : {} }
}

/** Ids of other providers may hold what is refused here. */
function wireId(id: string): string {
  return id.replace(/[^\w-]/g, '_')
}

function wireTool({ name, description, parameters }: ClientTool): object {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: parameters ?? { type: 'object', properties: {} },
  }
}

function wireChoice({ toolChoice = 'auto', parallelCalls }: ChatRequest): object | undefined {
  const single = parallelCalls === false ? { disable_parallel_tool_use: true } : {}
  if (toolChoice === 'none') return { type: 'none' }
  if (toolChoice === 'required') return { type: 'any', ...single }
  if (typeof toolChoice === 'object') return { type: 'tool', name: toolChoice.name, ...single }
  return parallelCalls === false ? { type: 'auto', ...single } : undefined
}

/** The same schema with objects that take nothing more than they name, which is asked for here. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (!isRecord(schema)) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]))
  return schema['type'] === 'object' && isRecord(schema['properties'])
    ? { additionalProperties: false, ...inner }
    : inner
}
