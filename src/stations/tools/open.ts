// Opens the station of tools with what is built in, and with the sources that it is told of: all of it made from data.

import type { Station } from '../../core/station.ts'
import type { ToolOrigin } from '../../core/tooling.ts'
import { registerBuiltIn } from '../../tools/built-in/register.ts'
import { wallProblem } from '../../tools/executor-wall.ts'
import type { ToolRegistry } from '../../tools/registry.ts'
import type { Tool } from '../../tools/tool.ts'
import type { ToolCard, ToolsInput, ToolsOptions, ToolsOutput } from './contract.ts'
import { sourcesOf } from './source.ts'
import { ToolsStation } from './station.ts'

/** See {@link ToolsOptions}. */
export function open(options: ToolsOptions): Station<ToolsInput, ToolsOutput> & AsyncDisposable {
  const { mode, approvalMs, workers, env } = options
  const builtIn = new Set<string>()
  return new ToolsStation(
    { mode, approvalMs, executor: { env, ...(workers === undefined ? {} : { workers }) } },
    {
      fill: async (registry) => {
        await registerBuiltIn(registry, { httpHosts: options.httpHosts })
        for (const { name } of registry.list()) builtIn.add(name)
      },
      originOf: ({ name, source }): ToolOrigin =>
        builtIn.has(name) ? 'built-in' : source.kind === 'openapi' || source.kind === 'mcp' ? source.kind : 'module',
      sourcesOf,
      hindrance,
    },
  )
}

/** A server that ended too often is left alone for a while, and what is not believed needs a wall. */
async function hindrance(
  { source, trust }: Tool,
  registry: ToolRegistry,
): Promise<Pick<ToolCard, 'state' | 'reason'> | undefined> {
  const problem = trust === 'untrusted' ? await wallProblem() : undefined
  if (problem !== undefined) return { state: 'impossible', reason: problem }
  if (source.kind !== 'mcp') return undefined
  const server = registry.mcpServers().find(({ name }) => name === source.connection.name)
  if (server?.state !== 'resting') return undefined
  return { state: 'resting', ...(server.message === undefined ? {} : { reason: server.message }) }
}
