// The engine: one loop of steps. A step makes one token for every sequence that is past its prompt, and spends what is
// left of its token budget on prompts, in chunks. It knows no clock: `begin` says how long the step takes, and whoever
// drives it calls `end` at that time.
//
// The rules are those of vLLM's scheduler (docs/design; arXiv:2309.06180, with the chunked prefill of arXiv:2308.16369),
// with two simplifications: decodes always go before prompts, and a request is let in when its whole prompt fits. Without
// free blocks, the sequence that came last gives all of its own back and computes them again later. How long a step takes
// is in step.ts.

import { AndonError } from '../core/errors.ts'
import { engineSettings } from './engine-options.ts'
import type { EngineOptions, EngineSettings } from './engine-options.ts'
import { KvCache } from './kv-cache.ts'
import { seeded } from '../core/random.ts'
import { lognormal } from './random.ts'
import { insertInOrder, removeFrom, Sequence } from './sequence.ts'
import type { SequenceRequest } from './sequence.ts'
import { stepMs } from './step.ts'
import type { Step } from './step.ts'

/** What an engine counted since it began, or since `reset`. */
export interface EngineCounts {
  steps: number
  preemptions: number
  /** Tokens of prompts looked up in the prefix cache, and those found there. */
  prefixQueries: number
  prefixHits: number
  /** Most sequences that ran in one step. */
  maxRunning: number
  /** Steps that the option `stall` made longer. */
  stalls: number
}

export class Engine {
  readonly settings: EngineSettings
  readonly cache: KvCache
  readonly counts: EngineCounts = {
    steps: 0,
    preemptions: 0,
    prefixQueries: 0,
    prefixHits: 0,
    maxRunning: 0,
    stalls: 0,
  }
  /** Multiplies the time of steps that begin from now on. */
  slowness = 1
  readonly #waiting: Sequence[] = []
  readonly #running: Sequence[] = []
  readonly #random: () => number
  /** Of its own: the noise is the same with stalls and without. */
  readonly #stalling: () => number
  #arrivals = 0
  /** Members that a static batch had when it was formed. */
  #batch = 0
  #step: Step | undefined

  constructor(options: EngineOptions | EngineSettings = {}) {
    this.settings = engineSettings(options)
    this.cache = new KvCache(this.settings.kvBlocks)
    this.#random = seeded(this.settings.seed)
    this.#stalling = seeded(this.settings.seed + 1)
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get running(): number {
    return this.#running.length
  }

  /**
   * Takes a request in. Throws `too-large` when it could never run, `overloaded` when too many wait, and `invalid` for a
   * priority where none counts.
   */
  submit(request: SequenceRequest, now: number): Sequence {
    const { maxModelTokens, maxWaiting, scheduling } = this.settings
    const tokens = request.promptTokens + request.outputTokens
    if (tokens > maxModelTokens)
      throw new AndonError(
        'too-large',
        `This model's maximum context length is ${maxModelTokens} tokens. However, your request has ${request.promptTokens} input tokens and asks for ${request.outputTokens} output tokens.`,
      )
    if (request.promptTokens < 1) throw new AndonError('invalid', 'The prompt is empty: send at least one token.')
    if (scheduling === 'fcfs' && (request.priority ?? 0) !== 0)
      throw new AndonError('invalid', `Got priority ${request.priority} but Priority scheduling is not enabled.`)
    if (this.#waiting.length >= maxWaiting)
      throw new AndonError('overloaded', `The simulated engine has ${maxWaiting} requests waiting.`, {
        retryAfterMs: 1_000,
      })
    const sequence = new Sequence(request, this.#arrivals++, now)
    insertInOrder(this.#waiting, sequence)
    return sequence
  }

  /** Ends a sequence wherever it stands, and gives its blocks back. Does nothing for one that has ended. */
  abort(sequence: Sequence): void {
    if (sequence.state === 'ended') return
    removeFrom(sequence.state === 'waiting' ? this.#waiting : this.#running, sequence)
    this.#end(sequence)
  }

  /** Begins a step and says how long it takes; undefined when there is nothing to do. `end` must follow. */
  begin(now: number): Step | undefined {
    const step: Step = { ms: 0, decodes: 0, prefillTokens: 0, work: [] }
    const preempted = this.#decodes(step)
    let budget = this.settings.tokenBudget - step.decodes
    for (const sequence of this.#running) if (!sequence.decoding) budget -= this.#chunk(step, sequence, budget)
    if (!preempted) this.#admit(step, budget, now)
    if (step.work.length === 0) return undefined
    const { profile, mode } = this.settings
    const { length: running } = this.#running
    const padding = mode === 'static' ? this.#batch - running : 0
    step.ms = stepMs(profile, step, padding) * lognormal(this.#random, profile.noise.value) * this.slowness
    step.ms += this.#stallMs()
    this.counts.steps++
    this.counts.maxRunning = Math.max(this.counts.maxRunning, running)
    this.#step = step
    return step
  }

  #stallMs(): number {
    const { share, ms } = this.settings.stall
    if (share === 0 || this.#stalling() >= share) return 0
    this.counts.stalls++
    return ms
  }

  /** Ends the step that was begun: its tokens are there, and sequences that are done leave. */
  end(now: number): void {
    const { work = [] } = this.#step ?? {}
    this.#step = undefined
    for (const { sequence, tokens } of work) {
      if (sequence.state === 'ended') continue
      sequence.computed += tokens
      this.#seal(sequence)
      if (sequence.computed < sequence.target) continue
      if (sequence.outputTokens > 0) {
        sequence.produced++
        sequence.firstAt ??= now
      }
      sequence.lastAt = now
      const ended = sequence.produced >= sequence.outputTokens
      if (ended) {
        removeFrom(this.#running, sequence)
        this.#end(sequence)
      }
      sequence.onStep(sequence, ended)
    }
    if (this.#running.length === 0) this.#batch = 0
  }

  /** Sequences past their prompts take one token each. Returns whether blocks ran out and one had to leave for it. */
  #decodes(step: Step): boolean {
    let preempted = false
    for (let at = 0; at < this.#running.length; at++) {
      const sequence = this.#running[at]
      if (!sequence?.decoding) continue
      const needed = Math.ceil(sequence.target / this.settings.blockSize)
      while (sequence.state === 'running' && sequence.table.length < needed && !this.cache.grow(sequence.table)) {
        preempted = true
        this.#preemptLast()
      }
      if (sequence.state !== 'running') continue
      step.work.push({ sequence, tokens: 1 })
      step.decodes++
    }
    return preempted
  }

  #preemptLast(): void {
    const last = this.#running.pop()
    if (!last) return
    this.cache.release(last.table)
    last.state = 'waiting'
    last.computed = 0
    last.sealed = 0
    last.preemptions++
    this.counts.preemptions++
    insertInOrder(this.#waiting, last)
  }

  /** Computes as much of what is missing as the budget has; returns how much. */
  #chunk(step: Step, sequence: Sequence, budget: number): number {
    const tokens = Math.min(budget, sequence.target - sequence.computed)
    if (tokens <= 0) return 0
    step.work.push({ sequence, tokens })
    step.prefillTokens += tokens
    return tokens
  }

  /** Lets in who waits, in order, while there are a slot, blocks for the whole of it, and budget. */
  #admit(step: Step, budget: number, now: number): void {
    const { mode, maxSeqs, blockSize, prefixCache } = this.settings
    const barrier = mode === 'static'
    if (barrier && this.#running.length > 0) return
    let left = budget
    while (this.#running.length < maxSeqs && (left > 0 || barrier)) {
      const [sequence] = this.#waiting
      if (!sequence) break
      // The last token is always computed: the next one comes of it.
      const most = prefixCache ? Math.floor((sequence.target - 1) / blockSize) : 0
      const hits = this.cache.hits(sequence.hashes, most)
      const table = this.cache.admit(sequence.hashes, hits, Math.ceil(sequence.target / blockSize))
      if (!table) break
      this.#waiting.shift()
      sequence.table.push(...table)
      sequence.sealed = hits
      sequence.computed = hits * blockSize
      sequence.state = 'running'
      if (sequence.admittedAt === undefined) {
        sequence.admittedAt = now
        sequence.cached = sequence.computed
        this.counts.prefixQueries += sequence.promptTokens
        this.counts.prefixHits += sequence.cached
      }
      insertInOrder(this.#running, sequence)
      left -= this.#chunk(step, sequence, left)
    }
    this.#batch = this.#running.length
  }

  #seal(sequence: Sequence): void {
    if (!this.settings.prefixCache) return
    const full = Math.min(Math.floor(sequence.computed / this.settings.blockSize), sequence.hashes.length)
    for (; sequence.sealed < full; sequence.sealed++)
      this.cache.seal(sequence.table[sequence.sealed] ?? 0, sequence.hashes[sequence.sealed] ?? NaN)
  }

  #end(sequence: Sequence): void {
    sequence.state = 'ended'
    this.cache.release(sequence.table)
  }
}
