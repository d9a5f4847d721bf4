// One call in the hands of the executor, from being asked for to its one result.

import type { Plain } from '../core/plain.ts'
import type { Profile } from './executor-profile.ts'
import type { Tool, ToolErrorKind, ToolPlace } from './tool.ts'

/** How a run of a call ended. */
export interface Outcome {
  kind: 'ok' | ToolErrorKind
  value?: Plain
  message?: string
  /** Whether it may run again as it is. Default: as the kind and the tool say. */
  retryable?: boolean
  /** When that is worth it, in milliseconds. */
  retryAfterMs?: number
  /** Milliseconds of its own, and of these until its first `await`. */
  runMs: number
  heldMs: number
  /** It took its worker with it, and may be held against its tool. */
  costWorker?: boolean
  /** Its worker was killed because of it, or ended under it. */
  killed?: boolean
  /** It may be one of this many that took a worker with them. */
  suspects?: number
}

/** What a job does when a run of it is over; the executor's part of it. */
export interface JobEvents {
  onOutcome: (job: Job, outcome: Outcome) => void
  onProgress?: ((callId: string, done: number | string) => void) | undefined
}

/** What a job is made of. */
export interface JobParts {
  id: string
  tool: Tool
  /** JSON text: of the arguments, or of a string that is their JSON text. */
  text: string
  tenant: string
  profile: Profile
  place: ToolPlace
  why: string | undefined
  slot: number | undefined
  /** Of its batch: when nobody waits any more, on the clock of `performance.now`. */
  deadlineAt: number | undefined
}

/** How long a call may take when its tool does not say, in milliseconds. */
export const defaultTimeoutMs = 30_000
const defaultGraceMs = 250

export class Job {
  readonly id: string
  readonly tool: Tool
  readonly text: string
  readonly tenant: string
  readonly profile: Profile
  readonly place: ToolPlace
  readonly why: string | undefined
  /** Of a tool that keeps something: the one worker that it runs on. */
  readonly slot: number | undefined
  readonly deadlineAt: number | undefined
  /** Behind a connection: it waits more than it computes. */
  readonly remote: boolean
  readonly events: JobEvents
  readonly addedAt = performance.now()
  /** Of the run at hand; from 1. */
  attempt = 1
  /** It was one of several suspects when its worker was lost, and runs once more. */
  secondChance = false
  /** Runs with nobody beside it, because it may have ended a worker, or its processor time is counted. */
  alone: boolean
  /** It gets the result of another call, of a pure tool with the same arguments. */
  shares = false
  /** It was given to its place, and has not come back. */
  running = false
  /** Its result was given: what still comes is of no interest. */
  answered = false
  /** Frees its place in the gate of its tool. */
  leave: (() => void) | undefined
  /** Milliseconds that it was reckoned to hold the thread of its worker for. */
  costMs = 0
  /** Where its run stands; set by the worker. */
  number = 0
  sentAt = 0
  startedAt = 0
  heardAt = 0
  /** Processor time of its worker before it began, in milliseconds. */
  processorMs = 0
  /** Told to stop: why, and until when it may go on. */
  over: 'timeout' | 'cancelled' | undefined
  killAt = Infinity
  /** The worker has heard that it should stop: so its thread is free. */
  stopHeard = false

  constructor(parts: JobParts, events: JobEvents) {
    this.id = parts.id
    this.tool = parts.tool
    this.text = parts.text
    this.tenant = parts.tenant
    this.profile = parts.profile
    this.place = parts.place
    this.why = parts.why
    this.slot = parts.slot
    this.deadlineAt = parts.deadlineAt
    this.alone = parts.tool.limits.cpuMs !== undefined
    this.remote = parts.tool.source.kind === 'openapi' || parts.tool.source.kind === 'mcp'
    this.events = events
  }

  get timeoutMs(): number {
    return this.tool.limits.timeoutMs ?? defaultTimeoutMs
  }

  get graceMs(): number {
    return this.tool.limits.graceMs ?? defaultGraceMs
  }

  /** Whether it may run again when it is not known whether it ran. */
  get repeatable(): boolean {
    return isRepeatable(this.tool)
  }

  /** Forgets the run that was: it waits again. */
  reset(): void {
    this.number = 0
    this.sentAt = 0
    this.startedAt = 0
    this.over = undefined
    this.killAt = Infinity
    this.stopHeard = false
  }

  end(outcome: Outcome): void {
    this.heardAt = performance.now()
    this.leave?.()
    this.leave = undefined
    this.events.onOutcome(this, outcome)
  }
}

/** Whether twice is as good as once. */
export function isRepeatable({ traits }: Tool): boolean {
  return traits.idempotent ?? (traits.readOnly === true || traits.pure === true)
}

/** Whether a call that ended so may be asked for again as it is. */
export function isRetryable(kind: ToolErrorKind, repeatable: boolean): boolean {
  if (kind === 'overloaded' || kind === 'quarantined') return true
  return repeatable && (kind === 'failed' || kind === 'timeout' || kind === 'crashed' || kind === 'outcome-unknown')
}
