// Asks a person about one call: the question stands until somebody says a word, or until it is too late for one.

import { openCall, remaining } from '../core/call.ts'
import { announceTrouble } from '../core/channels.ts'
import { one, type Call } from '../core/station.ts'
import type { ToolApproval } from '../core/tooling.ts'
import type { ToolCard, ToolsInput, ToolsOutput } from '../stations/tools/contract.ts'
import { decisionOf, hostOf } from './tool-permissions.ts'
import type { RunFor, RunnerParts, Tools } from './tool-runner.ts'

/** What is asked, and by whom. */
export interface Asking extends Pick<RunnerParts, 'approvals' | 'settings'> {
  /** Of the call, as whoever asked for it knows it. */
  id: string
  card: ToolCard
  about: RunFor
  station: Tools
  /** What the call is a part of. */
  call: Call
}

/** A question to a person. Disposing takes it back. */
export interface Asked extends Disposable {
  approval: ToolApproval
}

/** Of the time that is left, what an answer needs when nobody says a word: a third of it, and so many milliseconds at most. */
const reserveMs = 20_000

/** Undefined when so many calls wait already that nobody can look at them: then it is refused. */
export function askPerson(
  { id: runId, input, expiresAt }: Extract<ToolsOutput, { type: 'ask' }>,
  { id: callId, card, about, station, call, approvals, settings }: Asking,
): Asked | undefined {
  const { answerId, sessionId } = about
  const { tenant } = call
  const { timeoutMs, outputBytes } = card.limits
  const host = hostOf(card, input)
  const within = sessionId ?? answerId
  const left = remaining(call)
  const patienceMs = answerId === undefined ? left : left - Math.min(reserveMs, left / 3)
  const until = Math.min(expiresAt, Math.round(Date.now() + patienceMs))
  const approval: ToolApproval = {
    id: `approval_${crypto.randomUUID().replaceAll('-', '').slice(0, 20)}`,
    ...(answerId === undefined ? {} : { answerId }),
    callId,
    tool: card.name,
    description: card.description,
    arguments: input,
    traits: card.traits,
    trust: card.trust,
    limits: { timeoutMs, outputBytes },
    ...(host === undefined ? {} : { host }),
    expiresAt: until,
  }
  const say = async (approved: boolean, reason?: string): Promise<boolean> => {
    using own = openCall({ tenant })
    const word: ToolsInput = { do: 'word', id: runId, approved, ...(reason === undefined ? {} : { reason }) }
    const reply = await one(station, word, own)
    return reply.type === 'word' && reply.known
  }
  const refuse = (reason: string): void =>
    void say(false, reason).catch((failed: unknown) => announceTrouble('tools', failed))
  const waits = approvals.add({
    tenant,
    approval,
    runId,
    decide: async (word) => {
      if (word === 'always') await settings.set(tenant, { tool: card.name, ...decisionOf(card, 'allow') })
      if (word === 'host' && host !== undefined && within !== undefined)
        approvals.allowHost({ tenant, within, card, host })
      return await say(word !== 'decline')
    },
  })
  if (!waits) {
    refuse('too many calls wait for a person')
    return undefined
  }
  const late =
    until < expiresAt
      ? setTimeout(() => {
          approvals.remove(approval.id)
          refuse('nobody said a word in time')
        }, until - Date.now())
      : undefined
  return {
    approval,
    [Symbol.dispose]() {
      clearTimeout(late)
      approvals.remove(approval.id)
    },
  }
}
