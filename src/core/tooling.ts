// Tools as a factory shows them: what there is, what ran, and what waits for somebody's word.

import type { Caller } from './caller.ts'
import type { Plain } from './plain.ts'

/** What a person decided about a tool, beyond what the options say. */
export type ToolPermission = 'allow' | 'ask' | 'deny'

/** Where the code of a tool comes from. */
export type ToolOrigin = 'built-in' | 'module' | 'openapi' | 'mcp'

/** A tool as its users see it. What it is connected with, and by which secrets, is not told. */
export interface ToolView {
  name: string
  namespace?: string
  title?: string
  description: string
  origin: ToolOrigin
  /** JSON Schemas. */
  input: { readonly [key: string]: Plain }
  output?: { readonly [key: string]: Plain }
  tags: string[]
  traits: { readOnly: boolean; idempotent: boolean; pure: boolean; destructive: boolean; network: boolean }
  /** Where it runs; `auto` decides call by call. */
  mode: 'inline' | 'thread' | 'process' | 'auto'
  /** `untrusted` tools have no network and no files of this machine. */
  trust: 'trusted' | 'untrusted'
  limits: { timeoutMs: number; memoryMb?: number; outputBytes: number }
  /** Whether calls wait for a person. */
  permission: ToolPermission
  enabled: boolean
  /**
   * `ready`; `off` by somebody's word; `resting` after it ended too many workers, or failed too often; `unreachable`
   * when its server does not answer; `impossible` when this machine lacks what it needs.
   */
  state: 'ready' | 'off' | 'resting' | 'unreachable' | 'impossible'
  /** Of every state but `ready`: one sentence, with the remedy. */
  reason?: string
  /** Since the factory started. `p50Ms` of the last 500 runs that ended well. */
  stats: { runs: number; failed: number; killed: number; p50Ms?: number }
}

/** One run of a tool, as it is listed. */
export interface ToolRun {
  id: string
  tool: string
  /** Unix ms. */
  at: number
  /** `waiting`: for a person's word. */
  outcome: 'waiting' | 'running' | 'done' | 'failed' | 'killed' | 'declined' | 'cancelled'
  ms: number
  place?: 'inline' | 'thread' | 'process'
  attempt: number
  /** Of one that did not end well: one sentence. */
  message?: string
  /** The answer that it ran for. */
  answerId?: string
}

/** What became of one call that somebody made by hand. */
export interface ToolOutcome {
  runId: string
  name: string
  ok: boolean
  value?: Plain
  error?: { kind: string; message: string; retryable: boolean }
  place?: 'inline' | 'thread' | 'process'
  why?: string
  attempt: number
  timings: { queueMs: number; transportMs: number; runMs: number }
  truncated?: { bytes: number }
}

/** A call that waits for a person. */
export interface ToolApproval {
  id: string
  /** The answer that waits for it; absent of a call made by hand or over MCP. */
  answerId?: string
  callId: string
  tool: string
  /** What it is for, as the tool describes itself. */
  description: string
  /** The exact call. */
  arguments: { readonly [key: string]: Plain }
  traits: ToolView['traits']
  trust: ToolView['trust']
  /** What holds it in: the time it may take, the bytes it may give. */
  limits: { timeoutMs: number; outputBytes: number }
  /** Of a tool that reads an address: its host, which may be allowed for the rest of the conversation. */
  host?: string
  /** Unix ms. Nobody's word until then is a no. */
  expiresAt: number
}

/** `once`: this call. `host`: this and later calls to the same host in this conversation. `always`: the tool, from now on. */
export type ApprovalWord = 'once' | 'host' | 'always' | 'decline'

/** A value that may be a secret: itself, or the environment variable that has it. */
export type SecretValue = string | { env: string }

/** Functions of a module of one's own. */
export interface ModuleTools {
  /** Its tools are called `name-function`. */
  name: string
  /** Path of the module, or its file URL. */
  module: string
  /** Exports. Default: all that are described, or all functions. */
  only?: string[]
  /** Default `trusted`. */
  trust?: ToolView['trust']
}

/** The operations of a service. */
export interface OpenApiTools {
  /** Its tools are called `name-operation`. */
  name: string
  /** Path or address of its OpenAPI document. */
  spec: string
  /** Default: the first server that the document names; with secrets only on the origin that the document is from. */
  baseUrl?: string
  auth?:
    | { bearer: SecretValue }
    | { basic: { username: SecretValue; password: SecretValue } }
    | { header: string; value: SecretValue }
    | { query: string; value: SecretValue }
  /** Sent with every request. */
  headers?: Record<string, SecretValue>
  /** Operations by their id, tag, or `METHOD /path`. Default: all. */
  only?: string[]
}

/** The tools of an MCP server: exactly one of `command` and `url`. */
export interface McpTools {
  /** Its tools are called `name-tool`. */
  name: string
  /** The program that is the server, spoken to over its standard input and output. */
  command?: string
  args?: string[]
  env?: Record<string, SecretValue>
  cwd?: string
  url?: string
  /** Default: streamable HTTP, then what came before it. */
  transport?: 'http' | 'sse'
  headers?: Record<string, SecretValue>
  /** Tools. Default: all. */
  only?: string[]
  /** Whether what the server says of its tools (only reading, destructive) is believed. Default false. */
  trustAnnotations?: boolean
}

/** Where tools come from beside those that are built in. */
export interface ToolSources {
  modules: ModuleTools[]
  openapi: OpenApiTools[]
  mcp: McpTools[]
}

/** A source of tools to be added. */
export type NewToolSource =
  | ({ kind: 'module' } & ModuleTools)
  | ({ kind: 'openapi' } & OpenApiTools)
  | ({ kind: 'mcp' } & McpTools)

/** A source of tools as it is listed, without its secrets. */
export interface ToolSourceView {
  name: string
  kind: NewToolSource['kind']
  /** What it is: the module, the document, the command or the address. */
  from: string
  /** Whether the options name it, and not `andon tools add`. */
  fixed: boolean
  tools: number
  /** Why it gives none: one sentence, with the remedy. It is tried again. */
  problem?: string
}

/** Tools: looked at, tried, switched, and permitted. */
export interface Tooling {
  /** Ordered by name. */
  tools(query?: { search?: string }, caller?: Caller): Promise<ToolView[]>
  tool(name: string, caller?: Caller): Promise<ToolView>
  /**
   * Runs one call by hand. What goes wrong with it is in the outcome; throws `not-found` when there is no such tool. With
   * `approved` the caller is the person who would be asked; what is denied stays so.
   */
  callTool(
    call: { name: string; arguments?: { readonly [key: string]: Plain }; deadlineMs?: number; approved?: boolean },
    caller?: Caller,
  ): Promise<ToolOutcome>
  /** Switches a tool on or off, or says whether it asks first: for all of the tenant, until it is said again. */
  setTool(name: string, change: { enabled?: boolean; permission?: ToolPermission }, caller?: Caller): Promise<ToolView>
  /** Newest first. Default 100. */
  toolRuns(query?: { tool?: string; limit?: number; before?: string }, caller?: Caller): Promise<ToolRun[]>
  /** Calls of the tenant that wait for a person, oldest first. */
  approvals(caller?: Caller): Promise<ToolApproval[]>
  /** A person's word on a call. Throws `not-found` when it does not wait any more. */
  approve(id: string, word: ApprovalWord, caller?: Caller): Promise<void>
  /** The sources of tools, by name: of all tenants. */
  toolSources(caller?: Caller): Promise<ToolSourceView[]>
  /**
   * Adds a source, in place of one of its name that was added before; what it runs, it runs as this user. Resolves when
   * it was tried. Throws `conflict` when the options name it, and `invalid` for one that cannot be.
   */
  addToolSource(source: NewToolSource, caller?: Caller): Promise<ToolSourceView>
  /** Takes a source away that was added; false when there was none. */
  removeToolSource(name: string, caller?: Caller): Promise<boolean>
}
