// Who must be asked before a tool runs: what somebody decided, then the rules of the options, then what the tool may do.

import type { ToolPermission } from '../core/tooling.ts'
import type { Options } from '../options.ts'
import type { ToolCard } from '../stations/tools/contract.ts'
import type { ToolSetting } from '../stores/store.ts'
import { matcherOf } from '../tools/policy.ts'

/** Says what is permitted when nobody decided it about the tool itself. */
export type UsualPermission = (card: ToolCard) => ToolPermission

/**
 * The permissions of the options: the first rule that fits, and without one `ask` for what may not be undone, for what
 * reaches out of this machine, and for tools of MCP servers that are not known to read only; else `allow`.
 */
export function usualPermissions(rules: Options['tools']['permissions']): UsualPermission {
  const matchers = rules.map(({ permission, origins, ...rule }) => {
    const about = matcherOf(rule)
    return { permission, fits: (card: ToolCard) => (!origins || origins.includes(card.origin)) && about(card) }
  })
  return (card) => matchers.find(({ fits }) => fits(card))?.permission ?? byTraits(card)
}

function byTraits({ traits, origin }: ToolCard): ToolPermission {
  return traits.destructive || traits.network || (origin === 'mcp' && !traits.readOnly) ? 'ask' : 'allow'
}

/** A permission as it is kept: `allow` is said to the tool as it is now. */
export function decisionOf(
  { fingerprint }: ToolCard,
  permission: ToolPermission,
): Pick<ToolSetting, 'permission' | 'fingerprint'> {
  return { permission, ...(permission === 'allow' && fingerprint !== undefined ? { fingerprint } : {}) }
}

/** What holds for one tenant. A tool that is no longer what somebody allowed is as if nobody had decided. */
export function permissionOf(card: ToolCard, setting: ToolSetting | undefined, usual: UsualPermission): ToolPermission {
  const stale = setting?.permission === 'allow' && setting.fingerprint !== card.fingerprint
  return (stale ? undefined : setting?.permission) ?? usual(card)
}

/** The host that a call would read: of tools that reach out and take an address. */
export function hostOf(card: ToolCard, input: { readonly [key: string]: unknown }): string | undefined {
  const { url } = input
  if (!card.traits.network || typeof url !== 'string' || !URL.canParse(url)) return undefined
  return new URL(url).host || undefined
}
