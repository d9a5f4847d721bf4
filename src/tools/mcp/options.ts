// Options of an MCP server's tools.

import type { ToolDescription } from '../definition.ts'

/** Options of `registerMcp`. */
export interface McpOptions {
  /** Default: the name of the server, made fit. `''`: none. */
  namespace?: string
  /** Names of tools as the server says them, where `*` stands for anything. Default: all. */
  only?: readonly string[]
  /** Those that are left out, also when `only` names them. */
  exclude?: readonly string[]
  /** Said about all of its tools. Default of `limits.outputBytes`: 8 MiB. */
  defaults?: Pick<ToolDescription, 'tags' | 'limits' | 'mode' | 'enabled' | 'deferred'>
  /** What is said about one tool, by the server's name for it, instead of what the server says. */
  tools?: Readonly<Record<string, Omit<ToolDescription, 'namespace' | 'input' | 'output'>>>
  /**
   * Whether what the server says of its tools is believed: that one only reads, may be repeated, destroys nothing, stays
   * on this machine. Default false: each counts as `destructive` and `network`.
   */
  trustAnnotations?: boolean
  /** Milliseconds until it must have said which tools it has. Default 60,000. */
  timeoutMs?: number
}

/** A registered server, as it is at the moment. */
export interface McpServerState {
  name: string
  namespace?: string
  /** `lost`: the next call connects again. `resting`: it ended too often. */
  state: 'connected' | 'lost' | 'resting'
  /** Of every state but `connected`: one sentence. */
  message?: string
  /** What it calls itself. */
  server: { name?: string; version?: string }
  /** How it wants to be used, in its own words: data, never instructions. */
  instructions?: string
  /** Names of its tools in the registry. */
  tools: string[]
  /** Why some of its tools are not there, one sentence each. */
  leftOut: string[]
}
