// A tool as it is shown to whoever does not hold the registry: what it takes and may do, and not what it is made of.

import type { ToolOrigin } from '../../core/tooling.ts'
import type { Tool, ToolMode } from '../../tools/tool.ts'
import type { SourceState, ToolCard } from './contract.ts'
import { fingerprintOf } from './fingerprint.ts'

/** What a tool may take when it does not say: as the executor has it. */
export const usualLimits = { timeoutMs: 30_000, outputBytes: 1_048_576 } as const

/** A tool that is there. */
export function cardOf(tool: Tool, origin: ToolOrigin, mode: ToolMode): ToolCard {
  const { readOnly = false, idempotent = readOnly, pure = false, destructive = false, network = false } = tool.traits
  const { timeoutMs = usualLimits.timeoutMs, outputBytes = usualLimits.outputBytes, memoryMb } = tool.limits
  return {
    name: tool.name,
    ...(tool.namespace === undefined ? {} : { namespace: tool.namespace }),
    ...(tool.title === undefined ? {} : { title: tool.title }),
    description: tool.description,
    origin,
    input: tool.input,
    ...(tool.output === undefined ? {} : { output: tool.output }),
    tags: [...tool.tags],
    traits: { readOnly, idempotent, pure, destructive, network },
    mode: tool.source.kind === 'closure' ? 'inline' : (tool.mode ?? mode),
    trust: tool.trust ?? 'trusted',
    limits: { timeoutMs, outputBytes, ...(memoryMb === undefined ? {} : { memoryMb }) },
    state: 'ready',
    ...(origin === 'built-in' ? {} : { fingerprint: fingerprintOf(tool) }),
  }
}

/** Stands for the tools of a source that gives none: nobody knows yet what they are. */
export function missingCard({ name, kind, problem }: SourceState, mode: ToolMode): ToolCard {
  const what = { module: 'the module', openapi: 'the service', mcp: 'the MCP server' }[kind]
  return {
    name,
    namespace: name,
    description: `The tools of ${what} ${name}.`,
    origin: kind,
    input: { type: 'object' },
    tags: [],
    traits: { readOnly: false, idempotent: false, pure: false, destructive: false, network: kind !== 'module' },
    mode,
    trust: 'trusted',
    limits: usualLimits,
    state: 'unreachable',
    ...(problem === undefined ? {} : { reason: problem }),
  }
}
