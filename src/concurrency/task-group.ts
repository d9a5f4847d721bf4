// A task group: work that runs side by side and ends with the scope that began it (structured concurrency).

import { AndonError } from '../core/errors.ts'
import { AbortFan, abortReason, type Leaver } from './abort-fan.ts'
import { asTask } from './deadlock.ts'
import { Semaphore } from './semaphore.ts'

export interface TaskGroupOptions {
  /** Said in errors and by the deadlock detector. Default: `task group`. */
  name?: string
  /** The caller's: its abort ends all children. */
  signal?: AbortSignal
  /** Most children that run at once; the others wait in the order in which they came. Default: all. */
  atOnce?: number
}

/** A child: what it comes to can be awaited. Whether somebody does or not, the group hears of its failure. */
export interface Task<Result> extends PromiseLike<Result> {
  readonly name: string
}

/**
 * Children that end with their parent.
 *
 *   await using group = new TaskGroup({ signal })
 *   const left = group.spawn((signal) => search(question, signal))
 *   const right = group.spawn((signal) => rerank(question, signal))
 *   await group.join()
 *
 * Promises: the first failure aborts the signal of all siblings with that reason; `join` and the end of the scope come
 * only after every child has ended; a failure that nobody has heard (by `join` or by awaiting the child) is thrown at
 * the end of the scope. A child that is still running at the end of the scope is cancelled, so join first.
 * Does not promise: to stop a child that does not heed its signal: the scope waits for it.
 */
export class TaskGroup implements AsyncDisposable {
  readonly name: string
  readonly #controller = new AbortController()
  readonly #running = new Set<Promise<void>>()
  readonly #permits: Semaphore | undefined
  readonly #failures: AndonError[] = []
  readonly #caller: AbortFan | undefined
  readonly #leaver: Leaver = {
    leave: (reason) => {
      this.#end(reason)
      return undefined
    },
  }
  #spawned = 0
  #heard = false
  #closed = false
  #failure: { reason: unknown } | undefined

  constructor(options: TaskGroupOptions = {}) {
    const { name = 'task group', signal, atOnce } = options
    this.name = name
    this.#permits = atOnce === undefined ? undefined : new Semaphore(atOnce, { name, maxWaiting: Infinity })
    if (signal?.aborted) this.#end(abortReason(signal))
    else if (signal) this.#caller = AbortFan.join(signal, this.#leaver)
  }

  /** Aborts at the first failure, when the caller's signal does, and at the end of the scope. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Children that have not ended. */
  get running(): number {
    return this.#running.size
  }

  /** What children failed with, in the order of time. Those that only heeded the signal are not among them. */
  get failures(): readonly AndonError[] {
    return this.#failures
  }

  /**
   * Begins a child, in this turn when it may. In a group that is over it does not begin, and rejects with the reason;
   * after the end of the scope it throws `unavailable`.
   */
  spawn<Result>(
    work: (signal: AbortSignal) => Result | PromiseLike<Result>,
    options: { name?: string } = {},
  ): Task<Result> {
    const name = options.name ?? `${this.name} ${++this.#spawned}`
    if (this.#closed) throw new AndonError('unavailable', `The ${this.name} has ended: nothing more begins in it`)
    const result = asTask(name, () => this.#run(work))
    const ended = result.then(nothing, (reason: unknown) => this.#fail(reason))
    this.#running.add(ended)
    void ended.then(() => this.#running.delete(ended))
    return {
      name,
      // oxlint-disable-next-line unicorn/no-thenable -- awaiting a child is hearing of its failure
      then: (fulfilled, rejected) => {
        const hears = (reason: unknown): void => {
          if (this.#failure?.reason === reason) this.#heard = true
        }
        result.then(undefined, hears)
        return result.then(fulfilled, rejected)
      },
    }
  }

  /** Waits until all children have ended, also those that are spawned meanwhile; throws what failed first. */
  async join(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    this.#heard = true
    if (this.#failure) throw this.#failure.reason
    if (this.signal.aborted) throw abortReason(this.signal)
  }

  /** Cancels all children, and every one that would come. Nothing happens when the group is over. */
  cancel(reason: AndonError = new AndonError('cancelled', `The ${this.name} was cancelled`)): void {
    this.#end(reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#end(new AndonError('cancelled', `The ${this.name} has ended`))
    while (this.#running.size > 0) await Promise.all(this.#running)
    if (this.#failure && !this.#heard) throw this.#failure.reason
  }

  async #run<Result>(work: (signal: AbortSignal) => Result | PromiseLike<Result>): Promise<Result> {
    const { signal } = this
    if (signal.aborted) throw abortReason(signal)
    if (!this.#permits) return work(signal)
    using _permit = await this.#permits.acquire({ signal })
    return await work(signal)
  }

  #fail(reason: unknown): void {
    if (this.signal.aborted && isEcho(reason, this.signal)) return
    this.#failures.push(AndonError.from(reason))
    this.#failure ??= { reason }
    this.#end(AndonError.from(reason))
  }

  #end(reason: AndonError): void {
    this.#caller?.part(this.#leaver)
    if (!this.signal.aborted) this.#controller.abort(reason)
  }
}

/** Whether a child failed only because it heeded its signal. */
function isEcho(reason: unknown, signal: AbortSignal): boolean {
  if (reason === signal.reason) return true
  return reason instanceof Error && (reason.name === 'AbortError' || AndonError.from(reason).code === 'cancelled')
}

function nothing(): void {}
