// What is told of a call: its result to whoever asked, its runs and its span to whoever listens.

import { spanChannel, toolChannel } from '../core/channels.ts'
import { isRepeatable, isRetryable } from './executor-job.ts'
import type { Job, Outcome } from './executor-job.ts'
import type { Tool, ToolErrorKind, ToolResult } from './tool.ts'

/** The result of a call that never began. */
export function refusal(id: string, tool: Tool, kind: ToolErrorKind, message: string): ToolResult {
  return {
    id,
    name: tool.name,
    ok: false,
    error: { kind, message, retryable: isRetryable(kind, isRepeatable(tool)) },
    attempt: 1,
    timings: { queueMs: 0, transportMs: 0, runMs: 0 },
  }
}

/** Where a run of a call went: before it was sent, on the way there and back, and its own time. */
function timesOf({ addedAt, sentAt, heardAt }: Job, runMs: number): ToolResult['timings'] {
  const sent = sentAt > 0
  const heard = heardAt || performance.now()
  return {
    queueMs: (sent ? sentAt : heard) - addedAt,
    transportMs: sent ? Math.max(0, heard - sentAt - runMs) : 0,
    runMs,
  }
}

/** Tells whoever listens that a run begins, or with an outcome that it is over. */
export function announceRun(job: Job, outcome?: Outcome): void {
  if (!toolChannel.heard) return
  const { id: callId, tenant, tool, place, attempt } = job
  const run = { callId, tenant, tool: tool.name, place, attempt }
  if (!outcome) return toolChannel.announce(() => ({ event: 'began', ...run }))
  const { kind, message, killed = false } = outcome
  const { queueMs, runMs } = timesOf(job, outcome.runMs)
  const said = kind === 'ok' || message === undefined ? {} : { message }
  toolChannel.announce(() => ({ event: 'ended', ...run, kind, queueMs, runMs, workerKilled: killed, ...said }))
}

/** The result of a call whose last run ended so; whoever listens hears its span. */
export function resultOf(job: Job, outcome: Outcome): ToolResult {
  const { id, tool, place, why, attempt, addedAt, startedAt } = job
  const { kind, runMs, retryAfterMs } = outcome
  const timings = timesOf(job, runMs)
  const result: ToolResult =
    kind === 'ok'
      ? { id, name: tool.name, ok: true, value: outcome.value ?? null, attempt, timings }
      : {
          id,
          name: tool.name,
          ok: false,
          error: {
            kind,
            message: outcome.message ?? kind,
            retryable: outcome.retryable ?? isRetryable(kind, job.repeatable),
            ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
          },
          attempt,
          timings,
        }
  if (kind === 'ok' || startedAt > 0 || outcome.runMs > 0) result.place = place
  if (why !== undefined) result.why = why
  if (spanChannel.heard) {
    spanChannel.announce(() => ({
      callId: id,
      tenant: job.tenant,
      station: `tool ${tool.name}`,
      place,
      startedAt: addedAt,
      waitMs: timings.queueMs + timings.transportMs,
      workMs: runMs,
      outcome: kind === 'ok' ? 'ok' : kind === 'cancelled' ? 'cancelled' : 'failed',
      attempt,
    }))
  }
  return result
}
