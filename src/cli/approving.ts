// A call of a tool that waits for a person, while a command is the one who asked: at a terminal the person is there.

import { createInterface } from 'node:readline/promises'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import type { ToolApproval } from '../core/tooling.ts'
import type { Shell } from './shell.ts'

/**
 * Asks at the terminal, and says the word. Without one, whoever else may say it is told where; where there is nobody else,
 * the answer is no. Never throws: a word that comes too late is none.
 */
export async function approve(
  { output, caller }: Shell,
  factory: Factory & { remote: boolean },
  approval: ToolApproval,
): Promise<void> {
  const { id, tool, arguments: given, expiresAt } = approval
  const call = `${tool} ${JSON.stringify(given)}`
  try {
    if (output.interactive && process.stdin.isTTY) {
      const late = AbortSignal.timeout(Math.max(1, expiresAt - Date.now()))
      const said = await question(approvalQuestion(approval), AbortSignal.any([late, caller.signal]))
      await factory.approve(id, /^y(es)?$/i.test(said.trim()) ? 'once' : 'decline', caller)
    } else if (factory.remote) {
      output.note(`(${call} waits for a person: say yes or no on the page, or with POST /v1/approvals/${id}.)`)
    } else {
      output.note(
        `(${call} needs a person, and none can be asked here: "andon tools set ${tool} --calls allow" lets it run.)`,
      )
      await factory.approve(id, 'decline', caller)
    }
  } catch (reason) {
    // Its time is over, or somebody else was faster.
    const { code, sentence } = AndonError.from(reason)
    if (code !== 'not-found' && code !== 'cancelled' && code !== 'deadline') output.note(`(${sentence})`)
  }
}

/** The call, what it may do, and how long a word is waited for. */
export function approvalQuestion({ tool, arguments: given, host, traits, trust, expiresAt }: ToolApproval): string {
  const at = host === undefined ? '' : ` at ${host}`
  const may = [
    ...(traits.destructive ? ['It may change what cannot be undone.'] : []),
    ...(traits.network ? ['It reaches the network.'] : []),
    ...(trust === 'trusted' && !traits.readOnly ? ['It runs as the user of Andon.'] : []),
  ]
  const until = new Date(expiresAt).toTimeString().slice(0, 8)
  const lines = [
    `\nMay ${tool} ${JSON.stringify(given)} run${at}?`,
    ...may,
    `Without a word until ${until} it does not run.`,
  ]
  return `${lines.join(' ')} [y/N] `
}

async function question(text: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  try {
    return await lines.question(text, { signal })
  } finally {
    lines.close()
  }
}
