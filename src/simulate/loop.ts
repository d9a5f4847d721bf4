// Drives an engine by the real clock: one timer for each step, set for an absolute time, so that a late timer makes the
// next step no later. Steps that are due together are done in one turn.

import type { Engine } from './engine.ts'
import type { Sequence, SequenceRequest } from './sequence.ts'
import type { Step } from './step.ts'

/** Steps done in one turn of the event loop, at most. */
const mostAtOnce = 16
/** When this process is later than this, the lost time is written off, and counted in `lostMs`. */
const mostBehindMs = 100

export class EngineLoop implements Disposable {
  readonly engine: Engine
  /** Milliseconds by which this process could not keep up: the times it gave were that much too long. */
  lostMs = 0
  readonly #onStep: (step: Step) => void
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined
  #step: Step | undefined
  #dueAt = 0
  #paused = false
  #closed = false

  constructor(engine: Engine, onStep: (step: Step) => void) {
    this.engine = engine
    this.#onStep = onStep
  }

  /** Whether steps are held: see `pause`. */
  get paused(): boolean {
    return this.#paused
  }

  /** Takes a request in; see `Engine.submit` for what it throws. */
  submit(request: SequenceRequest): Sequence {
    const sequence = this.engine.submit(request, performance.now())
    this.#wake()
    return sequence
  }

  /** Ends a sequence and gives its blocks back. */
  abort(sequence: Sequence): void {
    this.engine.abort(sequence)
  }

  /** Holds all steps, also the one under way, until `resume`. */
  pause(): void {
    this.#paused = true
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  resume(): void {
    this.#paused = false
    if (this.#step) this.#dueAt = performance.now()
    this.#wake()
  }

  [Symbol.dispose](): void {
    this.#closed = true
    clearTimeout(this.#timer)
    clearImmediate(this.#turn)
  }

  /** Those that arrive in the same turn begin in the same step. */
  #wake(): void {
    if (this.#closed || this.#paused || this.#timer !== undefined || this.#turn !== undefined) return
    this.#turn = setImmediate(() => {
      this.#turn = undefined
      this.#run()
    })
  }

  #run = (): void => {
    this.#timer = undefined
    for (let done = 0; done < mostAtOnce && !this.#paused && !this.#closed; done++) {
      const now = performance.now()
      if (this.#step) {
        if (now < this.#dueAt) break
        const behind = now - this.#dueAt
        if (behind > mostBehindMs) {
          this.lostMs += behind
          this.#dueAt = now
        }
        this.#step = undefined
        this.engine.end(this.#dueAt)
      } else this.#dueAt = now
      this.#step = this.engine.begin(this.#dueAt)
      if (!this.#step) return
      this.#onStep(this.#step)
      this.#dueAt += this.#step.ms
    }
    this.#rest()
  }

  #rest(): void {
    if (!this.#step || this.#paused || this.#closed) return
    const ms = this.#dueAt - performance.now()
    if (ms <= 0) this.#wake()
    else this.#timer = setTimeout(this.#run, ms)
  }
}
