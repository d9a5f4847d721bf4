// What a test can tell the model server to do: the answers it gives, how it tells them, and what goes wrong.

export interface ChatBody {
  model: string
  messages: { role: string; content: string; tool_call_id?: string; tool_calls?: ScriptedCall[] }[]
  tools?: { type: string; function: { name: string; description?: string; parameters?: object } }[]
  tool_choice?: unknown
  parallel_tool_calls?: boolean
  stream?: boolean
  max_tokens?: number
  max_completion_tokens?: number
  temperature?: number
  stream_options?: { include_usage?: boolean }
  response_format?: { type: string }
}

/** A call of a tool, on OpenAI's wire. */
export interface ScriptedCall {
  id: string
  type: string
  function: { name: string; arguments: string }
}

/** What goes wrong. `afterTokens` counts the tokens that are sent well before it does. */
export type Fault =
  | { kind: 'status'; status: number; body?: string; headers?: Record<string, string> }
  | { kind: 'hang-before-headers' }
  | { kind: 'hang-after-headers' }
  | { kind: 'stall'; afterTokens: number }
  | { kind: 'cut'; afterTokens: number }
  /** Ends the stream cleanly, without a reason and without [DONE]. */
  | { kind: 'end-early'; afterTokens: number }
  /** `frame` is sent as it is; the answer ends there. */
  | { kind: 'frame'; afterTokens: number; frame: string }
  /** Closes the socket without a word. */
  | { kind: 'hang-up' }

/** How the answer to one chat request is told. */
export interface ChatScript {
  /** The answer; an array is sent token by token as given, a string is cut before each space. */
  text: string | string[]
  reasoning?: string
  /** Calls of tools, behind the text; streamed in pieces. */
  calls?: { id?: string; name: string; arguments?: object | string }[]
  /** Deltas that are sent as they are, behind the text. */
  deltas?: object[]
  finish?: string
  fault?: Fault
  /** Milliseconds before the first token, and between tokens. Default 0: as fast as it goes. */
  firstTokenMs?: number
  tokenMs?: number
  /** Default true. */
  done?: boolean
  /** Default true: also without being asked to. */
  usage?: boolean
  /** Sends every byte in a chunk of its own, so that characters and line ends are cut. */
  bytewise?: boolean
  /** Line end. Default `\n`. */
  newline?: string
  /** Answers a request for a stream with one JSON body. */
  whole?: boolean
  /** Sent as a comment before each token. */
  comment?: string
}

export interface ModelServerOptions {
  /** The answer for a request. Default: says "Hello from the model." */
  chat?: (body: ChatBody, count: number) => ChatScript | string
  /** Goes wrong on any path; called with the path and how many requests came to it before. */
  fault?: (path: string, count: number, body: unknown) => Fault | undefined
  /** Milliseconds before any answer. Default 0. */
  delayMs?: number
  /** Dimension of the vectors. Default 32. */
  dimension?: number
  /** `refuse-base64` answers 400 to it; `float` ignores it. Default `base64`. */
  embeddings?: 'base64' | 'float' | 'refuse-base64'
  /** More inputs than this are refused with 413. Default: no limit. */
  mostInputs?: number
  /** Changes the vectors before they are sent. */
  vector?: (text: string, vector: Float32Array) => Float32Array
  /** The score of a text. Default: how many words of the query it holds. */
  score?: (query: string, text: string) => number
  models?: string[]
  /** Requests without this key are refused with 401. */
  apiKey?: string
  /** Field names of a chat or embedding request that are refused with 400. */
  refusedFields?: string[]
}
