// A request as /chat/completions takes it, and which of its fields a server may refuse.

import { wireMessages, wireTools } from './chat-messages.ts'
import { unknownField } from './dialect.ts'
import type { Dialect, OptionalField } from './dialect.ts'
import type { ChatRequest } from './model.ts'
import type { Profile } from './profiles.ts'

/** How servers say that they, or the model, take no tools at all. */
const toolsRefused =
  /(?:not|n't|un|no\b[^.]*)\s?-?support[^.]*\btools?\b(?![[.])|\btools?\b(?![[.])[^.]*(?:not|un)[- ]?(?:supported|permitted|allowed|available|enabled)|tool choice requires|tools param requires|(?:unknown|unrecogni[sz]ed|unexpected|extra)[^.]*\btools\b(?![[.])/i

/** Fields of /chat/completions that not every server takes. */
export const optionalFields: readonly OptionalField[] = [
  { name: 'stream_options', called: /stream_options|include_usage/ },
  { name: 'max_tokens', otherwise: 'max_completion_tokens' },
  // Some newer models take one of the two.
  { name: 'top_p' },
  { name: 'temperature' },
  {
    name: 'response_format',
    // A schema that is wrong is the caller's matter.
    called: /^(?!.*invalid schema)[^]*(?:response_format|json_object|json_schema)/i,
    weaker: (value) => (isSchemaFormat(value) ? { type: 'json_object' } : undefined),
  },
  { name: 'parallel_tool_calls' },
  { name: 'tool_choice', called: /\btool[_ ]choice\b(?! requires)/ },
  // Ollama: "does not support tools"; vLLM: "tool choice requires --enable-auto-tool-choice"; llama.cpp (500): "tools
  // param requires --jinja"; OpenRouter (404): "No endpoints found that support tool use".
  { name: 'tools', called: toolsRefused, statuses: [404, 500, 501] },
  { name: 'seed', called: unknownField('seed') },
  { name: 'stop', called: unknownField('stop') },
  // vLLM: "Got priority 1 but Priority scheduling is not enabled."
  { name: 'priority', called: unknownField('priority') },
  { name: 'cache_salt', called: unknownField('cache_salt') },
  { name: 'chat_template_kwargs', called: unknownField('chat_template_kwargs') },
  {
    name: 'reasoning_effort',
    called: unknownField('reasoning_effort'),
    weaker: (value) => (value === 'none' ? 'minimal' : value === 'minimal' ? 'low' : undefined),
  },
]

/** Everything that the request says; a field that is `undefined` is not sent. */
export function chatBody(model: string, request: ChatRequest, profile: Profile): Record<string, unknown> {
  const { priority, reasoning } = request
  return {
    model,
    messages: request.messages,
    ...wireTools(request),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    stop: request.stop?.length ? request.stop : undefined,
    response_format: responseFormat(request),
    priority:
      priority === undefined || !profile.priority ? undefined : profile.priority === 'lower' ? priority : -priority,
    cache_salt: profile.cacheSalt ? request.cacheSalt : undefined,
    ...(reasoning === undefined ? {} : profile.thinking(reasoning)),
  }
}

/** The body as a server takes it. Who takes no tools is told of calls in words. */
export function spokenBody(
  dialect: Dialect,
  body: Readonly<Record<string, unknown>>,
  { messages, toolChoice }: ChatRequest,
): Record<string, unknown> {
  const spoken = dialect.spoken(body)
  // Where it cannot be said that none may be called, none is offered.
  if (toolChoice === 'none' && !('tool_choice' in spoken)) delete spoken['tools']
  if (!('tools' in spoken)) {
    delete spoken['tool_choice']
    delete spoken['parallel_tool_calls']
  }
  return { ...spoken, messages: wireMessages(messages, !dialect.refuses('tools')) }
}

function responseFormat({ schema, json }: ChatRequest): unknown {
  if (schema !== undefined) return { type: 'json_schema', json_schema: schema }
  return json === true ? { type: 'json_object' } : undefined
}

function isSchemaFormat(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'json_schema'
}
