// Tools as they are listed: in groups that say where they reach, and the lamp of each.

import type { ToolView } from '../../../../src/core/tooling.ts'
import type { LampState } from '../../parts/lamp.tsx'
import { aboutTool } from '../../parts/tool-words.ts'
import { t, toldBy } from './words.ts'

export interface Group {
  name: string
  tools: ToolView[]
}

const order = ['numbers', 'documents', 'code', 'outside', 'own'] as const

/** The groups that have tools, those of the house first; services and servers by their names. */
export function groupsOf(tools: readonly ToolView[]): Group[] {
  const house = order.map((kind) => ({
    name: t(`group.${kind}`),
    tools: tools.filter((tool) => kindOf(tool) === kind),
  }))
  const remote = [...Map.groupBy(tools.filter(isRemote), remoteName)].map(([name, tools]) => ({ name, tools }))
  return [...house, ...remote.sort((a, b) => a.name.localeCompare(b.name))].filter(({ tools }) => tools.length > 0)
}

/** The lamp of a tool that does nothing now. */
export const lamps: Record<ToolView['state'], LampState> = {
  ready: 'idle',
  off: 'silent',
  resting: 'stopped',
  unreachable: 'silent',
  impossible: 'silent',
}

/** The line beneath a tool's name: what keeps it, else whether it asks, else what it is for. */
export function lineOf(tool: ToolView): { text: string; lang?: string | undefined } {
  const { state, reason, permission, enabled } = tool
  if (!enabled || state !== 'ready') return reason === undefined ? { text: t(`state.${state}`) } : toldBy(reason)
  if (permission === 'deny') return { text: t('never.runs') }
  if (permission === 'ask') return { text: t('asks.first') }
  const { text, lang } = aboutTool(tool)
  // The first sentence says it.
  return { text: /^.*?[.。](?=\s|$|[^\s\d])/s.exec(text)?.[0].replace(/[.。]$/, '') ?? text, lang }
}

function kindOf(tool: ToolView): (typeof order)[number] | undefined {
  const { origin, tags, traits, trust, name } = tool
  if (origin === 'module') return 'own'
  if (isRemote(tool)) return undefined
  if (traits.network || tags.includes('network')) return 'outside'
  if (trust === 'untrusted' || tags.includes('code')) return 'code'
  return tags.includes('documents') || name.endsWith('_document') || name.endsWith('_documents')
    ? 'documents'
    : 'numbers'
}

function isRemote({ origin }: ToolView): boolean {
  return origin === 'openapi' || origin === 'mcp'
}

function remoteName({ origin, namespace, name }: ToolView): string {
  return t(origin === 'mcp' ? 'group.server' : 'group.service', { name: namespace ?? name })
}
