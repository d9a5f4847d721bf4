// What a tool is, as a short text: whoever says yes to a tool says it to this, and is asked again when it is another.

import { createHash } from 'node:crypto'
import type { ServiceConfig } from '../../tools/openapi/operation.ts'
import { reachOf } from '../../tools/mcp/server.ts'
import type { Tool, ToolSource } from '../../tools/tool.ts'

const known = new WeakMap<Tool, string>()

/** Of its description, schemas, traits, trust and source; secrets that reach the source may change. */
export function fingerprintOf(tool: Tool): string {
  const kept = known.get(tool)
  if (kept !== undefined) return kept
  const { title, description, input, output, traits, trust, source } = tool
  const said = JSON.stringify([title, description, input, output, traits, trust, placeOf(source)], sorted)
  const fingerprint = createHash('sha256').update(said).digest('base64url')
  known.set(tool, fingerprint)
  return fingerprint
}

/** Where it comes from, without what is new in each registration. */
function placeOf(source: ToolSource): unknown {
  if (source.kind === 'closure') return source.kind
  if (source.kind === 'code') return source
  const { kind, operation, connection } = source
  if (kind === 'openapi') return [kind, operation, (connection.config as unknown as ServiceConfig).baseUrl]
  const { program, address } = reachOf(connection.config)
  return [kind, operation, program?.command, program?.args, program?.cwd, address?.url]
}

function sorted(_: string, part: unknown): unknown {
  return typeof part === 'object' && part !== null && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
    : part
}
