// What is known of each kind of server before it is asked: its paths, the fields it takes, and how its streams end.
// Read from the sources and documents of vLLM, SGLang, llama.cpp, Ollama, transformers and the providers, in November
// 2026. A server that is older or newer than its profile is learnt from its refusals (see dialect.ts).

import type { Known } from './dialect.ts'
import type { ChatRequest } from './model.ts'

/** How a server is spoken to. */
export type Protocol =
  | 'openai'
  | 'anthropic'
  | 'gemini'
  | 'vllm'
  | 'sglang'
  | 'llama.cpp'
  | 'ollama'
  | 'transformers'
  | 'generic'

/** Those that speak OpenAI's /chat/completions. */
export type OpenAiKin = Exclude<Protocol, 'anthropic' | 'gemini'>

/** Paths from the root of the server; one that it does not have is absent. */
export interface ServerPaths {
  /** Answers GET with 2xx, quickly, when the server can work. Clouds have none but their list of models. */
  readonly health: string
  readonly tokenize?: string
  /** Turns messages into the text of the prompt. */
  readonly template?: string
  /** Prometheus gauges. */
  readonly metrics?: string
  readonly rerank?: string
  readonly embeddings?: string
}

/** Where each kind of server has what. */
export const serverPaths: Readonly<Record<Protocol, ServerPaths>> = {
  openai: { health: '/v1/models', embeddings: '/v1/embeddings' },
  anthropic: { health: '/v1/models' },
  gemini: { health: '/v1beta/models' },
  vllm: {
    health: '/health',
    tokenize: '/tokenize',
    metrics: '/metrics',
    rerank: '/v1/rerank',
    embeddings: '/v1/embeddings',
  },
  // Its /health_generate would have the model write a token; /health only looks whether it could.
  sglang: {
    health: '/health',
    tokenize: '/tokenize',
    metrics: '/metrics',
    rerank: '/v1/rerank',
    embeddings: '/v1/embeddings',
  },
  'llama.cpp': {
    health: '/health',
    tokenize: '/tokenize',
    template: '/apply-template',
    metrics: '/metrics',
    rerank: '/v1/rerank',
    embeddings: '/v1/embeddings',
  },
  ollama: { health: '/api/version', embeddings: '/v1/embeddings' },
  transformers: { health: '/health' },
  generic: { health: '/v1/models', rerank: '/v1/rerank', embeddings: '/v1/embeddings' },
}

/** What a server of OpenAI's API takes, beside what all of them do. */
export interface Profile extends Known {
  /** Whether a stream always ends with `[DONE]`: where it does, one without it was cut. */
  readonly done: boolean
  /** Which of two priorities its queue takes first; absent where it has none. */
  readonly priority?: 'lower' | 'higher'
  /** Whether `cache_salt` parts its prompt cache. */
  readonly cacheSalt?: true
  /** The fields that say how much to think. */
  readonly thinking: (level: Thinking) => Record<string, unknown>
}

type Thinking = NonNullable<ChatRequest['reasoning']>

/** OpenAI's own field, which most know. */
const byEffort = (level: Thinking): Record<string, unknown> => ({
  reasoning_effort: level === 'off' ? 'none' : level,
})

/** Open models are switched off by their chat template, each family by a word of its own. */
const byTemplate = (level: Thinking): Record<string, unknown> =>
  level === 'off' ? { chat_template_kwargs: { enable_thinking: false, thinking: false } } : { reasoning_effort: level }

export const profiles: Readonly<Record<OpenAiKin, Profile>> = {
  openai: { done: true, renamed: { max_tokens: 'max_completion_tokens' }, thinking: byEffort },
  // Refuses a priority unless it runs with --scheduling-policy priority.
  vllm: { done: true, priority: 'lower', cacheSalt: true, thinking: byTemplate },
  // Unless it runs with --schedule-low-priority-values-first.
  sglang: { done: true, priority: 'higher', cacheSalt: true, thinking: byTemplate },
  'llama.cpp': {
    done: true,
    thinking: (level) =>
      level === 'off'
        ? byTemplate(level)
        : { chat_template_kwargs: { enable_thinking: true, reasoning_effort: level } },
  },
  ollama: { done: true, without: ['parallel_tool_calls', 'tool_choice'], thinking: byEffort },
  // Answers 422 to every field that it does not use.
  transformers: {
    done: false,
    without: ['stream_options', 'parallel_tool_calls', 'tool_choice', 'response_format', 'reasoning_effort'],
    thinking: () => ({}),
  },
  generic: { done: false, thinking: byEffort },
}
