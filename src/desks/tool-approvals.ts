// Calls that wait for a person: each is told to its tenant, and takes one word.

import { AndonError } from '../core/errors.ts'
import type { ApprovalWord, ToolApproval } from '../core/tooling.ts'
import type { ToolCard } from '../stations/tools/contract.ts'

/** A call that waits. */
export interface WaitingCall {
  tenant: string
  approval: ToolApproval
  /** The run that goes on when the word is said. */
  runId: string
  /** What the word means is done before the call goes on. Resolves to whether it was still waited for. */
  decide(word: ApprovalWord): Promise<boolean>
}

/** Calls of one tenant that wait at once. */
const mostWaiting = 100
/** Hosts that are remembered, of all conversations. */
const mostHosts = 10_000

export class ToolApprovals {
  readonly #waiting = new Map<string, WaitingCall>()
  readonly #hosts = new Set<string>()

  /** False when so many calls of the tenant wait that nobody can look at them. */
  add(waiting: WaitingCall): boolean {
    const others = [...this.#waiting.values()].filter(({ tenant }) => tenant === waiting.tenant)
    if (others.length >= mostWaiting) return false
    this.#waiting.set(waiting.approval.id, waiting)
    return true
  }

  /** It does not wait any more. */
  remove(id: string): void {
    this.#waiting.delete(id)
  }

  /** Oldest first. */
  list(tenant: string): ToolApproval[] {
    const now = Date.now()
    return [...this.#waiting.values()]
      .filter((waiting) => waiting.tenant === tenant && waiting.approval.expiresAt > now)
      .map(({ approval }) => approval)
  }

  /** The runs of a tenant that wait for a word. */
  runsOf(tenant: string): Set<string> {
    const now = Date.now()
    const of = [...this.#waiting.values()].filter(
      ({ tenant: whose, approval }) => whose === tenant && approval.expiresAt > now,
    )
    return new Set(of.map(({ runId }) => runId))
  }

  /** Throws `not-found` when it does not wait any more, or not for this tenant. */
  async word(tenant: string, id: string, word: ApprovalWord): Promise<void> {
    const waiting = this.#waiting.get(id)
    const decided = waiting?.tenant === tenant ? waiting : undefined
    // The first word counts.
    if (decided) this.#waiting.delete(id)
    if (!decided || !(await decided.decide(word)))
      throw new AndonError('not-found', `No call waits for a word as ${id}: it was decided, or its time is over`)
  }

  /** Calls of this tool to this host go on without being asked about, in one conversation. */
  allowHost(of: HostOf): void {
    this.#hosts.add(keyOf(of))
    if (this.#hosts.size > mostHosts) for (const oldest of this.#hosts) return void this.#hosts.delete(oldest)
  }

  allowsHost(of: HostOf): boolean {
    return this.#hosts.has(keyOf(of))
  }
}

interface HostOf {
  tenant: string
  within: string
  card: Pick<ToolCard, 'name' | 'fingerprint'>
  host: string
}

function keyOf({ tenant, within, card: { name, fingerprint }, host }: HostOf): string {
  return JSON.stringify([tenant, within, name, fingerprint, host])
}
