// The executor: runs calls of tools where they were asked to run, and answers for every one of them.

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { announceTrouble, spanChannel } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import { Batch } from './executor-batch.ts'
import { ResultCache } from './executor-cache.ts'
import type { Confinement } from './executor-confinement.ts'
import { Gate, KeyLocks } from './executor-gate.ts'
import { InlinePlace } from './executor-inline.ts'
import { isRepeatable, isRetryable, Job } from './executor-job.ts'
import type { JobEvents, Outcome } from './executor-job.ts'
import { choosePlace } from './executor-place.ts'
import { ToolPool } from './executor-pool.ts'
import type { ToolPoolState } from './executor-pool.ts'
import { Profile } from './executor-profile.ts'
import type { QuarantineOptions } from './executor-profile.ts'
import type { Connectors } from './host-load.ts'
import type { ExecuteOptions, Tool, ToolErrorKind, ToolMode, ToolPlace, ToolResult } from './tool.ts'

/** A call whose tool was found; its arguments are an object, or JSON text of one. */
export interface ExecutorCall {
  id: string
  tool: Tool
  input: string | { readonly [key: string]: Plain }
}

export interface ExecutorOptions {
  /** Where calls run when nothing else is said. Default `process`. */
  mode?: ToolMode
  /** Threads, and processes. Default: one per core, at least 2 and at most 8. */
  workers?: number
  /** MiB of heap of a worker; buffers may take half of that and 128 MiB more. Default 256. */
  memoryMb?: number
  /** Calls that may wait for a worker of a place. Default 10,000. */
  queue?: number
  /** When a tool that takes workers down is left alone. */
  quarantine?: QuarantineOptions
  /** Results of pure tools that are kept. Default 1,000; 0 keeps none. */
  cached?: number
  /** A worker is replaced after this many calls (default 1,000,000) or milliseconds (default an hour). */
  recycle?: { calls?: number; afterMs?: number }
  /** Where tools behind connections are called from. */
  connectors?: Connectors
  /** What tools in processes may do. Default: all that the user of this process may. Nothing of it holds in threads. */
  confine?: Confinement
}

/** What the executor is doing. */
export interface ExecutorState {
  mode: ToolMode
  pools: Partial<Record<'thread' | 'process', ToolPoolState>>
}

/** Runs calls. Disposing ends its workers and what they run. */
export interface Executor extends AsyncDisposable {
  /**
   * One result per call, in order. Never rejects: what goes wrong with a call is in its result. No call waits for
   * another of its batch, and none is run twice unless its tool allows it.
   */
  execute(calls: readonly ExecutorCall[], options?: ExecuteOptions): Promise<ToolResult[]>
  /** Where calls run from now on, when neither tool nor batch says. */
  setMode(mode: ToolMode): void
  /** Resolves when the workers of a place (default: of the mode) are up and have loaded these tools. */
  warm(tools?: readonly Tool[], place?: ToolPlace): Promise<void>
  readonly state: ExecutorState
}

/** Makes an executor. The workers of its mode start at once, those of another place with the first call there. */
export function createExecutor(options: ExecutorOptions = {}): Executor {
  return new ToolExecutor(options)
}

interface Known {
  profile: Profile
  tool: Tool
  gate: Gate | undefined
}

/** Milliseconds before a second attempt; doubles. */
const retryMs = 50

class ToolExecutor implements Executor {
  readonly #options: ExecutorOptions
  readonly #workers: number
  readonly #known = new Map<string, Known>()
  readonly #locks = new KeyLocks()
  readonly #cache: ResultCache
  readonly #inline: InlinePlace
  readonly #pools = new Map<'thread' | 'process', ToolPool>()
  readonly #folder = mkdtempSync(join(tmpdir(), 'andon-tools-'))
  #mode: ToolMode
  #closed = false

  constructor(options: ExecutorOptions) {
    const workers = options.workers ?? Math.min(8, Math.max(2, availableParallelism()))
    if (!Number.isInteger(workers) || workers < 1) {
      throw new AndonError('invalid', `An executor cannot have ${workers} workers: give a whole number from 1`)
    }
    this.#options = options
    this.#workers = workers
    this.#cache = new ResultCache(options.cached ?? 1_000)
    this.#inline = new InlinePlace(options.connectors ?? {})
    this.#mode = options.mode ?? 'process'
    this.setMode(this.#mode)
  }

  get state(): ExecutorState {
    return {
      mode: this.#mode,
      pools: Object.fromEntries(Array.from(this.#pools, ([place, { state }]) => [place, state])),
    }
  }

  setMode(mode: ToolMode): void {
    if (!['inline', 'thread', 'process', 'auto'].includes(mode)) {
      throw new AndonError('invalid', `There is no mode ${mode}: there are inline, thread, process and auto`)
    }
    this.#mode = mode
    if (mode === 'auto') for (const place of ['thread', 'process'] as const) this.#pool(place)
    else if (mode !== 'inline') this.#pool(mode)
  }

  async warm(tools: readonly Tool[] = [], place?: ToolPlace): Promise<void> {
    const wanted = place ?? this.#mode
    const places = wanted === 'auto' ? (['thread', 'process'] as const) : wanted === 'inline' ? [] : [wanted]
    const movable = tools.filter(({ source }) => source.kind !== 'closure')
    await Promise.all(places.map((each) => this.#pool(each).warm(movable)))
  }

  execute(calls: readonly ExecutorCall[], options: ExecuteOptions = {}): Promise<ToolResult[]> {
    const batch = new Batch(calls.length, options, {
      begin: (index) => {
        const call = calls[index]
        if (call) this.#begin(call, index, batch, events)
      },
      stop: (job, why) => {
        const message = why === 'timeout' ? 'The time of its batch is over' : 'It was cancelled'
        this.#answer(job, batch, { kind: why, message, runMs: 0, heldMs: 0 })
        this.#placeOf(job).cancel(job, why)
      },
    })
    const events: JobEvents = {
      onOutcome: (job, outcome) => this.#over(job, outcome, batch),
      onProgress: (id, done) => {
        try {
          options.onProgress?.(id, done)
        } catch (reason) {
          announceTrouble('tools', reason)
        }
      },
    }
    batch.start()
    return batch.results
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const { gate } of this.#known.values()) gate?.[Symbol.dispose]()
    await Promise.all(Array.from(this.#pools.values(), (pool) => pool[Symbol.asyncDispose]()))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #begin(call: ExecutorCall, index: number, batch: Batch, events: JobEvents): void {
    const { tool, id, input } = call
    const known = this.#know(tool)
    const { profile } = known
    const refuse = (kind: ToolErrorKind, message: string): void => batch.settle(index, refused(call, kind, message))
    if (batch.over) return refuse(batch.over, 'Its batch was over before it began')
    if (this.#closed) return refuse('cancelled', 'The executor is closed')
    if (!tool.enabled) return refuse('disabled', `The tool ${tool.name} is switched off`)
    const choice = choosePlace(tool, tool.mode ?? batch.options.parallelMode ?? this.#mode, profile)
    if ('wrong' in choice) return refuse('wrong-place', choice.wrong)
    const { place, why } = choice
    const tenant = batch.options.tenant ?? 'default'
    let slot: number | undefined
    if (tool.source.kind === 'code' && tool.source.state === 'affine') slot = this.#slotOf(tool, tenant)
    const text = JSON.stringify(input)
    const job = new Job({ id, tool, text, tenant, profile, place, why, slot }, events)
    batch.add(job, index)
    this.#share(job, known)
  }

  /** Pure tools: what is known is not worked out again. */
  #share(job: Job, known: Known): void {
    if (!job.tool.traits.pure) return this.#admit(job, known)
    const key = cacheKey(job)
    const kept = this.#cache.find(key)
    if (kept) return job.end({ ...kept, runMs: 0, heldMs: 0 })
    if (!this.#cache.follow(key, job)) this.#admit(job, known)
  }

  #admit(job: Job, { gate, profile }: Known): void {
    const rests = profile.rests(performance.now())
    if (rests !== undefined) return job.end({ kind: 'quarantined', message: rests, runMs: 0, heldMs: 0 })
    if (!gate) return this.#run(job)
    const key = exclusiveKey(job)
    gate.enter(key, () => {
      job.leave = () => gate.leave(key)
      if (job.answered) job.end({ kind: 'cancelled', runMs: 0, heldMs: 0 })
      else this.#run(job)
    })
  }

  #run(job: Job): void {
    this.#placeOf(job).add(job)
  }

  /** A run is over: learns, perhaps tries again, answers. */
  #over(job: Job, outcome: Outcome, batch: Batch): void {
    const known = this.#know(job.tool)
    const fromCache = job.sentAt === 0 && outcome.kind === 'ok'
    if (!fromCache) {
      known.profile.note(outcome, job.text.length, job.heardAt)
      if (this.#again(job, outcome, known)) return
    }
    this.#answer(job, batch, outcome)
    if (!job.tool.traits.pure || fromCache) return
    for (const follower of this.#cache.settle(cacheKey(job), outcome)) {
      // A leader that was cancelled says nothing about the others.
      if (outcome.kind === 'cancelled') this.#share(follower, known)
      else follower.end({ ...outcome, runMs: 0, heldMs: 0 })
    }
  }

  #again(job: Job, outcome: Outcome, known: Known): boolean {
    const { kind } = outcome
    const most = job.tool.limits.retries ?? 0
    if (
      kind === 'ok' ||
      kind === 'quarantined' ||
      job.answered ||
      this.#closed ||
      job.attempt > most ||
      !isRetryable(kind, job.repeatable)
    )
      return false
    const waitMs = retryMs * 2 ** (job.attempt - 1) * (0.5 + Math.random() / 2)
    job.attempt++
    job.reset()
    setTimeout(() => {
      if (job.answered) job.end({ kind: 'cancelled', runMs: 0, heldMs: 0 })
      else this.#admit(job, known)
    }, waitMs)
    return true
  }

  #answer(job: Job, batch: Batch, outcome: Outcome): void {
    if (job.answered) return
    job.answered = true
    const index = batch.indexOf(job)
    if (index !== undefined) batch.settle(index, resultOf(job, outcome), job)
  }

  #know(tool: Tool): Known {
    let known = this.#known.get(tool.name)
    if (known?.tool === tool) return known
    // A tool that was changed keeps what was learned, and has new limits.
    known = {
      tool,
      profile: known?.profile ?? new Profile(this.#options.quarantine),
      gate: Gate.needed(tool.limits) ? new Gate(tool.limits, this.#locks) : undefined,
    }
    this.#known.set(tool.name, known)
    return known
  }

  #placeOf({ place }: Job): InlinePlace | ToolPool {
    return place === 'inline' ? this.#inline : this.#pool(place)
  }

  #pool(place: 'thread' | 'process'): ToolPool {
    let pool = this.#pools.get(place)
    if (!pool) {
      const { memoryMb = 256, queue = 10_000, recycle, connectors = {} } = this.#options
      pool = new ToolPool({
        place,
        size: this.#workers,
        memoryMb,
        queue,
        connectors,
        folder: this.#folder,
        confine: this.#options.confine,
        recycle: { calls: recycle?.calls ?? 1_000_000, afterMs: recycle?.afterMs ?? 3_600_000 },
      })
      this.#pools.set(place, pool)
    }
    return pool
  }

  /** The instances of one class of one tenant stay together. */
  #slotOf({ source }: Tool, tenant: string): number {
    let hash = 0
    const key = source.kind === 'code' ? `${source.module}#${source.export}#${tenant}` : tenant
    for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) >>> 0
    return hash % this.#workers
  }
}

function cacheKey(job: Job): string {
  return `${job.tenant}\n${job.tool.name}\n${job.text}`
}

function exclusiveKey({ tool, text }: Job): string | undefined {
  const { exclusive } = tool.limits
  if (exclusive === undefined) return undefined
  if ('key' in exclusive) return exclusive.key
  try {
    const given: unknown = JSON.parse(text)
    const input = (typeof given === 'string' ? JSON.parse(given) : given) as Record<string, unknown>
    return `${tool.name}\n${exclusive.argument}\n${JSON.stringify(input[exclusive.argument])}`
  } catch {
    return tool.name
  }
}

function refused({ id, tool }: ExecutorCall, kind: ToolErrorKind, message: string): ToolResult {
  return {
    id,
    name: tool.name,
    ok: false,
    error: { kind, message, retryable: isRetryable(kind, isRepeatable(tool)) },
    attempt: 1,
    timings: { queueMs: 0, transportMs: 0, runMs: 0 },
  }
}

function resultOf(job: Job, outcome: Outcome): ToolResult {
  const { id, tool, place, why, attempt, addedAt, sentAt, heardAt, startedAt } = job
  const { kind, runMs } = outcome
  const sent = sentAt > 0
  const heard = heardAt || performance.now()
  const timings = {
    queueMs: (sent ? sentAt : heard) - addedAt,
    transportMs: sent ? Math.max(0, heard - sentAt - runMs) : 0,
    runMs,
  }
  const result: ToolResult =
    kind === 'ok'
      ? { id, name: tool.name, ok: true, value: outcome.value ?? null, attempt, timings }
      : {
          id,
          name: tool.name,
          ok: false,
          error: { kind, message: outcome.message ?? kind, retryable: isRetryable(kind, job.repeatable) },
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
