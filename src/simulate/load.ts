// A whole load through one engine in virtual time: nothing sleeps, and the same seed gives the same times to the last
// digit. For tests, and for charts of how batching behaves; its numbers are simulated.

import { AndonError } from '../core/errors.ts'
import { chainStart, mix } from './block-hashes.ts'
import { Engine } from './engine.ts'
import type { EngineCounts } from './engine.ts'
import type { EngineOptions } from './engine-options.ts'
import type { Sequence } from './sequence.ts'

/** One request of a load. Times in virtual milliseconds. */
export interface LoadRequest {
  /** When it arrives. In a closed loop only the order counts. Default 0. */
  atMs?: number
  promptTokens: number
  outputTokens: number
  /** Its first `tokens` are the same as those of all that name the same prefix. */
  prefix?: { name: string; tokens: number }
  priority?: number
  /** How long after its arrival its caller leaves, if it is not done. */
  leaveAfterMs?: number
}

/** What happened to a request. Times in virtual milliseconds; undefined where it did not come to it. */
export interface LoadTiming {
  arrivedMs: number
  admittedMs: number | undefined
  firstTokenMs: number | undefined
  endedMs: number
  outcome: 'done' | 'left' | 'refused'
  outputTokens: number
  cachedTokens: number
  preemptions: number
  /** Between its tokens, in order. */
  gapsMs: number[]
}

export interface LoadResult {
  /** Says what these numbers are. */
  simulated: true
  profile: string
  /** In the order of the requests. */
  requests: LoadTiming[]
  /** From the first arrival to the last end. */
  durationMs: number
  outputTokens: number
  counts: EngineCounts
  /** Blocks still in use at the end: always 0. */
  blocksInUse: number
}

export interface LoadOptions {
  /** A closed loop: so many callers, each of whom asks again as soon as it is answered. Default: open, by `atMs`. */
  concurrency?: number
  /** In a closed loop: how long a caller takes to ask again, in virtual milliseconds. Default 0. */
  thinkMs?: number
}

/** Runs the requests through an engine in virtual time. Throws `invalid` when arrivals are out of order. */
export function simulateLoad(
  engine: EngineOptions,
  requests: readonly LoadRequest[],
  options: LoadOptions = {},
): LoadResult {
  return new LoadRun(engine, requests, options).run()
}

class LoadRun {
  readonly #engine: Engine
  readonly #requests: readonly LoadRequest[]
  readonly #thinkMs: number
  /** In a closed loop: when each caller that waits for nothing asks again, soonest first. */
  readonly #callers: number[] | undefined
  readonly #timings: LoadTiming[] = []
  /** Those whose callers leave, and when, soonest last. */
  readonly #leaving: { atMs: number; sequence: Sequence; timing: LoadTiming }[] = []
  #now = 0
  #next = 0

  constructor(engine: EngineOptions, requests: readonly LoadRequest[], { concurrency, thinkMs = 0 }: LoadOptions) {
    this.#engine = new Engine(engine)
    this.#requests = requests
    this.#thinkMs = thinkMs
    if (concurrency !== undefined && concurrency < 1)
      throw new AndonError('invalid', `concurrency is ${concurrency}: a closed loop needs at least one caller.`)
    this.#callers = concurrency === undefined ? undefined : Array.from({ length: concurrency }, () => 0)
    const late = requests.findIndex(({ atMs = 0 }, at) => atMs < (requests[at - 1]?.atMs ?? 0))
    if (concurrency === undefined && late !== -1)
      throw new AndonError('invalid', `Request ${late} arrives before the one in front of it: sort them by atMs.`)
  }

  run(): LoadResult {
    for (;;) {
      this.#arrive()
      const step = this.#engine.begin(this.#now)
      if (step) {
        const until = this.#now + step.ms
        this.#leave(until)
        this.#now = until
        this.#engine.end(this.#now)
      } else if (this.#next < this.#requests.length) {
        this.#now = Math.max(this.#now, this.#nextMs() ?? 0)
      } else break
    }
    return {
      simulated: true,
      profile: this.#engine.settings.profile.name,
      requests: this.#timings,
      durationMs: Math.max(0, ...this.#timings.map(({ endedMs }) => endedMs)) - (this.#timings[0]?.arrivedMs ?? 0),
      outputTokens: this.#timings.reduce((sum, { outputTokens }) => sum + outputTokens, 0),
      counts: this.#engine.counts,
      blocksInUse: this.#engine.cache.size - this.#engine.cache.free,
    }
  }

  #arrive(): void {
    for (let request = this.#requests[this.#next]; request; request = this.#requests[this.#next]) {
      const arrivedMs = this.#nextMs()
      if (arrivedMs === undefined || arrivedMs > this.#now) return
      this.#callers?.shift()
      this.#submit(request, this.#next++, arrivedMs)
    }
  }

  /** When the next request arrives; undefined while all callers wait for answers. */
  #nextMs(): number | undefined {
    return this.#callers === undefined ? (this.#requests[this.#next]?.atMs ?? 0) : this.#callers[0]
  }

  #submit(request: LoadRequest, index: number, arrivedMs: number): void {
    const timing: LoadTiming = {
      arrivedMs,
      admittedMs: undefined,
      firstTokenMs: undefined,
      endedMs: arrivedMs,
      outcome: 'done',
      outputTokens: 0,
      cachedTokens: 0,
      preemptions: 0,
      gapsMs: [],
    }
    this.#timings[index] = timing
    let before: number | undefined
    try {
      const sequence = this.#engine.submit(
        {
          ...request,
          hashes: hashesOf(request, index, this.#engine.settings.blockSize),
          onStep: (sequence, ended) => {
            if (before !== undefined && sequence.outputTokens > 0) timing.gapsMs.push(this.#now - before)
            before = this.#now
            if (ended) this.#finish(sequence, timing, this.#now)
          },
        },
        arrivedMs,
      )
      if (request.leaveAfterMs === undefined) return
      this.#leaving.push({ atMs: arrivedMs + request.leaveAfterMs, sequence, timing })
      this.#leaving.sort((one, other) => other.atMs - one.atMs)
    } catch (reason) {
      if (AndonError.from(reason).code === 'internal') throw reason
      timing.outcome = 'refused'
      this.#asksAgain(arrivedMs)
    }
  }

  /** Callers who leave before a time do so, during the step. */
  #leave(untilMs: number): void {
    for (let next = this.#leaving.at(-1); next && next.atMs < untilMs; next = this.#leaving.at(-1)) {
      this.#leaving.pop()
      if (next.sequence.state === 'ended') continue
      this.#engine.abort(next.sequence)
      this.#finish(next.sequence, next.timing, next.atMs)
      next.timing.outcome = 'left'
    }
  }

  #finish(sequence: Sequence, timing: LoadTiming, endedMs: number): void {
    this.#asksAgain(endedMs)
    timing.admittedMs = sequence.admittedAt
    timing.firstTokenMs = sequence.firstAt
    timing.endedMs = endedMs
    timing.outputTokens = sequence.produced
    timing.cachedTokens = sequence.cached
    timing.preemptions = sequence.preemptions
  }

  #asksAgain(afterMs: number): void {
    this.#callers?.push(afterMs + this.#thinkMs)
    this.#callers?.sort((one, other) => one - other)
  }
}

/** As if the tokens had been hashed: equal within a shared prefix, and this request's own from there on. */
function hashesOf({ promptTokens, outputTokens, prefix }: LoadRequest, index: number, size: number): number[] {
  const shared = prefix === undefined ? 0 : Math.floor(Math.min(prefix.tokens, promptTokens) / size)
  const hashes: number[] = []
  let hash = chainStart('load', prefix?.name ?? '')
  for (let block = 0; (block + 1) * size <= promptTokens + outputTokens; block++) {
    hash = mix(hash, block < shared ? block : (index + 1) * 1_000_003 + block)
    hashes.push(hash)
  }
  return hashes
}
