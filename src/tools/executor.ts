// The executor: runs calls of tools where they were asked to run, and answers for every one of them.

import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import { pauseBeforeNext } from './executor-again.ts'
import { Batch } from './executor-batch.ts'
import { cacheKey, ResultCache } from './executor-cache.ts'
import { exclusiveKey } from './executor-gate.ts'
import { Job } from './executor-job.ts'
import type { JobEvents, Outcome } from './executor-job.ts'
import { Knowledge } from './executor-known.ts'
import type { Known } from './executor-known.ts'
import type { ExecutorOptions } from './executor-options.ts'
import { choosePlace } from './executor-place.ts'
import type { ToolPoolState } from './executor-pool.ts'
import { Pools } from './executor-pools.ts'
import { announceRun, refusal, resultOf } from './executor-result.ts'
import { wallProblem } from './executor-wall.ts'
import type { ExecuteOptions, Tool, ToolErrorKind, ToolMode, ToolPlace, ToolResult } from './tool.ts'

/** A call whose tool was found; its arguments are an object, or JSON text of one. */
export interface ExecutorCall {
  id: string
  tool: Tool
  input: string | { readonly [key: string]: Plain }
}

/** What the executor is doing. */
export interface ExecutorState {
  mode: ToolMode
  /** By `thread` and `process`; of workers for other kinds of tools by these with `-openapi`, `-mcp`, `-untrusted`, … */
  pools: { readonly [name: string]: ToolPoolState }
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
  /** Closes the connection of this name, wherever it is open. Calls that come later open it again. */
  disconnect(connection: string): Promise<void>
  readonly state: ExecutorState
}

/** Makes an executor. The workers of its mode start at once, those of another place with the first call there. */
export function createExecutor(options: ExecutorOptions = {}): Executor {
  return new ToolExecutor(options)
}

class ToolExecutor implements Executor {
  readonly #pools: Pools
  readonly #knowledge: Knowledge
  readonly #cache: ResultCache
  /** Calls that are tried again in a moment. */
  readonly #pausing = new Map<Job, NodeJS.Timeout>()
  #mode: ToolMode
  #closed = false

  constructor(options: ExecutorOptions) {
    this.#pools = new Pools(options)
    this.#knowledge = new Knowledge(options)
    this.#cache = new ResultCache(options.cached ?? 1_000)
    this.#mode = options.mode ?? 'process'
    this.setMode(this.#mode)
  }

  get state(): ExecutorState {
    return { mode: this.#mode, pools: this.#pools.state }
  }

  setMode(mode: ToolMode): void {
    if (!['inline', 'thread', 'process', 'auto'].includes(mode)) {
      throw new AndonError('invalid', `There is no mode ${mode}: there are inline, thread, process and auto`)
    }
    this.#mode = mode
    this.#pools.start(mode)
  }

  warm(tools: readonly Tool[] = [], place?: ToolPlace): Promise<void> {
    return this.#pools.warm(tools, place ?? this.#mode)
  }

  disconnect(connection: string): Promise<void> {
    return this.#pools.disconnect(connection)
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
        this.#pools.of(job).cancel(job, why)
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
    this.#knowledge[Symbol.dispose]()
    for (const [job, timer] of this.#pausing) {
      clearTimeout(timer)
      job.end({ kind: 'cancelled', message: 'The executor is closed', runMs: 0, heldMs: 0 })
    }
    this.#pausing.clear()
    await this.#pools[Symbol.asyncDispose]()
  }

  #begin(call: ExecutorCall, index: number, batch: Batch, events: JobEvents): void {
    const { tool, id, input } = call
    const known = this.#knowledge.of(tool)
    const { profile } = known
    const refuse = (kind: ToolErrorKind, message: string): void => batch.settle(index, refusal(id, tool, kind, message))
    if (batch.over) return refuse(batch.over, 'Its batch was over before it began')
    if (this.#closed) return refuse('cancelled', 'The executor is closed')
    if (!tool.enabled) return refuse('disabled', `The tool ${tool.name} is switched off`)
    const choice = choosePlace(tool, tool.mode ?? batch.options.parallelMode ?? this.#mode, profile)
    if ('wrong' in choice) return refuse('wrong-place', choice.wrong)
    const { place, why } = choice
    const tenant = batch.options.tenant ?? 'default'
    const slot = this.#pools.slotOf(tool, tenant)
    const { deadlineAt } = batch
    const text = JSON.stringify(input)
    const job = new Job({ id, tool, text, tenant, profile, place, why, slot, deadlineAt }, events)
    batch.add(job, index)
    this.#share(job, known)
  }

  /** Pure tools: what is known is not worked out again. */
  #share(job: Job, known: Known): void {
    if (!job.tool.traits.pure) return this.#admit(job, known)
    const key = cacheKey(job)
    const kept = this.#cache.find(key)
    if (kept) return endAs(job, kept)
    if (!this.#cache.follow(key, job)) this.#admit(job, known)
  }

  #admit(job: Job, known: Known): void {
    const rests = this.#knowledge.rests(known)
    if (rests !== undefined) return job.end({ kind: 'quarantined', message: rests, runMs: 0, heldMs: 0 })
    const { gate } = known
    if (!gate) return this.#run(job)
    const key = exclusiveKey(job.tool, job.text)
    gate.enter(key, {
      wanted: () => !job.answered && !this.#closed,
      go: () => {
        job.leave = () => gate.leave(key)
        this.#run(job)
      },
      refuse: (kind, message) => job.end({ kind, message, runMs: 0, heldMs: 0 }),
    })
  }

  #run(job: Job): void {
    if (job.tool.trust !== 'untrusted') return this.#start(job)
    void wallProblem().then((problem) => {
      if (problem !== undefined) job.end({ kind: 'wrong-place', message: problem, runMs: 0, heldMs: 0 })
      else if (job.answered || this.#closed)
        job.end({ kind: 'cancelled', message: 'It was cancelled', runMs: 0, heldMs: 0 })
      else this.#start(job)
    })
  }

  #start(job: Job): void {
    job.running = true
    announceRun(job)
    this.#pools.of(job).add(job)
  }

  /** A run is over: learns, perhaps tries again, answers. */
  #over(job: Job, outcome: Outcome, batch: Batch): void {
    if (job.shares) return this.#answer(job, batch, outcome)
    const known = this.#knowledge.of(job.tool)
    if (job.running) announceRun(job, outcome)
    job.running = false
    this.#knowledge.learn(job, known, outcome)
    if (this.#again(job, outcome, known)) return
    // One that nobody waited for any more was stopped for a reason of its own.
    const left = job.answered && outcome.kind !== 'ok'
    this.#answer(job, batch, outcome)
    if (!job.tool.traits.pure) return
    for (const follower of this.#cache.settle(cacheKey(job), outcome)) {
      if (follower.answered) continue
      if (left || outcome.kind === 'cancelled') this.#share(follower, known)
      else endAs(follower, outcome)
    }
  }

  /** Whether it is tried once more. */
  #again(job: Job, outcome: Outcome, known: Known): boolean {
    const pauseMs = this.#closed ? undefined : pauseBeforeNext(job, outcome)
    if (pauseMs === undefined) return false
    job.attempt++
    job.reset()
    const timer = setTimeout(() => {
      this.#pausing.delete(job)
      if (job.answered) job.end({ kind: 'cancelled', runMs: 0, heldMs: 0 })
      else this.#admit(job, known)
    }, pauseMs)
    this.#pausing.set(job, timer)
    return true
  }

  #answer(job: Job, batch: Batch, outcome: Outcome): void {
    if (job.answered) return
    job.answered = true
    const index = batch.indexOf(job)
    if (index !== undefined) batch.settle(index, resultOf(job, outcome), job)
  }
}

/** Ends a call with the result of another one. */
function endAs(job: Job, outcome: Outcome): void {
  job.shares = true
  job.end({ ...outcome, runMs: 0, heldMs: 0 })
}
