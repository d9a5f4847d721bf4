// Who may call what: a policy says allow, deny or ask; who asks waits for a person, and only that call waits.

import { AndonError } from '../core/errors.ts'
import { glob } from './glob.ts'
import type { Tool, ToolCall, ToolTraits } from './tool.ts'

export type Permission = 'allow' | 'deny' | 'ask'

/** Asked before every call. One that throws denies. */
export type Policy = (tool: Tool, call: ToolCall) => Permission

/** Someone is asked whether a call may run. */
export interface ApprovalRequest {
  call: ToolCall
  tool: Tool
  /** Checked, with defaults. */
  input: unknown
  /** Unix milliseconds; an answer after it counts as no. */
  expiresAt: number
  /** Aborts when the answer does not matter any more. */
  signal: AbortSignal
}

/** A word about one call: yes or no, and why, which the model is told. */
export type Approval = boolean | { approved: boolean; reason?: string }

/** How calls are permitted. */
export interface PolicyOptions {
  policy?: Policy
  /** Asks a person. Without it, `ask` is `deny`. */
  approve?: (request: ApprovalRequest) => Approval | Promise<Approval>
  /** How long an approval is waited for, in milliseconds. Default 300,000. */
  approvalMs?: number
}

export type Decision = { allowed: true } | { allowed: false; kind: 'denied' | 'cancelled' | 'timeout'; message: string }

const allowed: Decision = { allowed: true }

/** Decides about one call: at once, or after someone was asked. Never throws, and lets nothing through by accident. */
export function decide(
  tool: Tool,
  call: ToolCall,
  input: unknown,
  options: PolicyOptions,
  signal?: AbortSignal,
): Decision | Promise<Decision> {
  if (!options.policy) return allowed
  let permission: Permission
  try {
    permission = options.policy(tool, call)
  } catch (reason) {
    return denied(`the policy failed on it (${AndonError.from(reason).sentence})`)
  }
  if (permission === 'allow') return allowed
  if (permission !== 'ask') return denied('the policy denies it. Do without it')
  if (!options.approve) return denied('it needs an approval, and nobody can be asked. Do without it')
  return ask(tool, call, input, options, signal)
}

function denied(why: string): Decision {
  return { allowed: false, kind: 'denied', message: `This call was not permitted: ${why}` }
}

async function ask(
  tool: Tool,
  call: ToolCall,
  input: unknown,
  { approve, approvalMs = 300_000 }: PolicyOptions,
  signal: AbortSignal | undefined,
): Promise<Decision> {
  const over = new AbortController()
  const { promise, resolve } = Promise.withResolvers<Decision>()
  const expire = setTimeout(
    () => resolve(denied(`nobody approved it within ${Math.round(approvalMs / 1000)} s`)),
    approvalMs,
  )
  const left = (): void => {
    const kind = AndonError.from(signal?.reason, 'cancelled').code === 'deadline' ? 'timeout' : 'cancelled'
    resolve({ allowed: false, kind, message: 'The batch ended while this call waited for an approval' })
  }
  signal?.addEventListener('abort', left, { once: true })
  if (signal?.aborted) left()
  else void answer()
  try {
    return await promise
  } finally {
    clearTimeout(expire)
    signal?.removeEventListener('abort', left)
    over.abort()
  }

  async function answer(): Promise<void> {
    try {
      const expiresAt = Date.now() + approvalMs
      const said = await approve?.({ call, tool, input, expiresAt, signal: over.signal })
      const { approved, reason } = typeof said === 'object' ? said : { approved: said === true, reason: undefined }
      resolve(approved ? allowed : denied(`it was refused${reason === undefined ? '' : ` (${reason})`}`))
    } catch (reason) {
      resolve(denied(`asking for an approval failed (${AndonError.from(reason).sentence})`))
    }
  }
}

/** One rule: what it is about, and what then. All that is given must hold. */
export interface Rule {
  /** Names; a `*` stands for anything: `files-*`. */
  names?: readonly string[]
  namespaces?: readonly string[]
  /** Any of them. */
  tags?: readonly string[]
  /** Any of them. */
  traits?: readonly (keyof ToolTraits)[]
  permission: Permission
}

/** A policy of rules: the first that is about a tool counts. `otherwise` defaults to `allow`. */
export function rules(list: readonly Rule[], otherwise: Permission = 'allow'): Policy {
  const matchers = list.map((rule) => ({ about: matcherOf(rule), permission: rule.permission }))
  return (tool) => matchers.find(({ about }) => about(tool))?.permission ?? otherwise
}

/** Whether a rule is about a tool. */
export function matcherOf({
  names,
  namespaces,
  tags,
  traits,
}: Omit<Rule, 'permission'>): (tool: Pick<Tool, 'name' | 'namespace' | 'tags' | 'traits'>) => boolean {
  const patterns = names?.map(glob)
  return (tool) =>
    (!patterns || patterns.some((fits) => fits(tool.name))) &&
    (!namespaces || (tool.namespace !== undefined && namespaces.includes(tool.namespace))) &&
    (!tags || tags.some((tag) => tool.tags.includes(tag))) &&
    (!traits || traits.some((trait) => tool.traits[trait] === true))
}
