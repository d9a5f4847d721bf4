// What the station of tools is asked, and what it answers: plain data, so that it can live in a process of its own.

import type { Plain } from '../../core/plain.ts'
import type { ToolPermission, ToolSources, ToolSourceView, ToolView } from '../../core/tooling.ts'
import type { ToolMode, ToolResult } from '../../tools/tool.ts'

/** How the station is made. */
export interface ToolsOptions {
  readonly [key: string]: Plain
  /** Where calls run when a tool does not say. */
  readonly mode: ToolMode
  /** Of its executor; absent: as that likes. */
  readonly workers?: number
  /** Names of environment variables that workers may see. */
  readonly env: readonly string[]
  /** Hosts that `http_get` may read. */
  readonly httpHosts: readonly string[]
  readonly approvalMs: number
}

/** A tool, as whoever holds the registry knows it. */
export type ToolCard = Omit<ToolView, 'permission' | 'enabled' | 'stats'> & {
  /** What it is, so that one that becomes another is noticed; absent of what is built in. */
  fingerprint?: string
}

/** A call to be run. Its id is unique in the station. */
export interface RunCall {
  id: string
  name: string
  /** JSON text or the object itself. */
  arguments: string | { readonly [key: string]: Plain }
  /** What has been decided about it; `ask` makes it wait for a `word`. */
  permission: ToolPermission
}

/** A source of tools, and how it stands. */
export type SourceState = Omit<ToolSourceView, 'fixed'>

export type ToolsInput =
  /** One `tools`. */
  | { do: 'list' }
  /** For each call exactly one `result`; before it perhaps `ask` and `progress`. */
  | { do: 'run'; calls: readonly RunCall[]; deadlineMs?: number }
  /** A person's word on a call that was asked about: one `word`. */
  | { do: 'word'; id: string; approved: boolean; reason?: string }
  /** From now on these sources and no others: one `sources`, when those that are new were tried. */
  | { do: 'sources'; sources: ToolSources }

export type ToolsOutput =
  | { type: 'tools'; tools: ToolCard[]; sources: SourceState[] }
  | { type: 'ask'; id: string; input: { readonly [key: string]: Plain }; expiresAt: number }
  | { type: 'progress'; id: string; done: number | string }
  | { type: 'result'; result: ToolResult }
  /** `known`: it was waited for. */
  | { type: 'word'; known: boolean }
  | { type: 'sources'; sources: SourceState[] }
