// A call's life: who asks, how long it may take and when it is over. The signal, the timer and the listeners on the
// caller's signal are made only when somebody looks, because most calls through a place end before anybody does.

import type { CallKey } from './caller.ts'
import { AndonError } from './errors.ts'
import { atDeadline } from './deadlines.ts'
import type { Call } from './station.ts'

export interface CallOptions {
  /** Whose work it is. */
  tenant: string
  /** The key that it was asked with. */
  key?: CallKey
  /** Unique per order. Default: a random UUID. */
  id?: string
  /** W3C traceparent. */
  trace?: string
  /** The caller's: its abort is the call's `cancelled` (or `deadline`, when its reason is a TimeoutError). */
  signal?: AbortSignal
  /** The house's: aborts when it closes. */
  shutdown?: AbortSignal
  /** Milliseconds from now until the deadline. Default: none. */
  budgetMs?: number
}

/** A call and its end: disposing frees its timer and listeners, and cancels what was left running under it. */
export type OwnedCall = Call & Disposable

/** Opens a call. The abort reason of its signal is always an AndonError, `cancelled` or `deadline` unless a signal gave another. */
export function openCall(options: CallOptions): OwnedCall {
  const call = new LazyCall(options.id ?? crypto.randomUUID(), options.tenant, options.trace, options.budgetMs)
  if (options.key) call.key = options.key
  if (options.signal) call.endWithSignal(options.signal)
  if (options.shutdown) call.endWithSignal(options.shutdown)
  return call
}

/** A part of a call: the same order, over when its parent is, and possibly with less time. */
export function childCall(parent: Call, options: { budgetMs?: number } = {}): OwnedCall {
  const child = new LazyCall(parent.id, parent.tenant, parent.trace, options.budgetMs, parent.deadline)
  if (parent.key) child.key = parent.key
  child.endWithCall(parent)
  return child
}

/** Milliseconds until the deadline: 0 when it passed, Infinity when there is none. */
export function remaining(call: Call): number {
  return call.deadline === Infinity ? Infinity : Math.max(0, call.deadline - performance.now())
}

/** Why the call is over, or undefined while it is not. Cheaper than making its signal. */
export function overReason(call: Call): AndonError | undefined {
  if (call instanceof LazyCall) return call.over
  if (call.signal.aborted) return reasonOf(call.signal)
  return call.deadline <= performance.now() ? deadlineError(undefined) : undefined
}

/** Throws the reason when the call is over. */
export function throwIfOver(call: Call): void {
  const reason = overReason(call)
  if (reason) throw reason
}

/** Calls the listener once when the call ends early (at once when it already has). Returns how to stop listening. */
export function onOver(call: Call, listener: (reason: AndonError) => void): () => void {
  if (call instanceof LazyCall) return call.listen(listener)
  const { signal } = call
  if (signal.aborted) {
    listener(reasonOf(signal))
    return nothing
  }
  const heard = (): void => listener(reasonOf(signal))
  signal.addEventListener('abort', heard, { once: true })
  return () => signal.removeEventListener('abort', heard)
}

/** Ends a call that `openCall` or `childCall` made, with a reason of one's own. Nothing happens when it is over already. */
export function endCall(call: OwnedCall, reason: AndonError): void {
  if (call instanceof LazyCall) call.end(reason)
}

function nothing(): void {}

function reasonOf(signal: AbortSignal): AndonError {
  return AndonError.from(signal.reason, 'cancelled')
}

function deadlineError(budgetMs: number | undefined): AndonError {
  const budget = budgetMs === undefined ? 'The time budget' : `The time budget of ${Math.round(budgetMs)} ms`
  return new AndonError('deadline', `${budget} ran out: ask again with a larger one.`)
}

function endedError(): AndonError {
  return new AndonError('cancelled', 'The call has ended')
}

class LazyCall implements Call, Disposable {
  readonly id: string
  readonly tenant: string
  declare key?: CallKey
  declare readonly trace?: string
  readonly deadline: number
  readonly #budgetMs: number | undefined
  #signals: AbortSignal[] | undefined
  #parent: Call | undefined
  #over: AndonError | undefined
  #disposed = false
  #controller: AbortController | undefined
  #listeners: ((reason: AndonError) => void)[] | undefined
  #isWatching = false
  #heard: ((event: Event) => void) | undefined
  #stopWaiting: (() => void) | undefined
  #stopParent: (() => void) | undefined

  constructor(
    id: string,
    tenant: string,
    trace: string | undefined,
    budgetMs: number | undefined,
    latest: number = Infinity,
  ) {
    this.id = id
    this.tenant = tenant
    if (trace !== undefined) this.trace = trace
    this.#budgetMs = budgetMs
    this.deadline = budgetMs === undefined ? latest : Math.min(latest, performance.now() + budgetMs)
  }

  endWithSignal(signal: AbortSignal): void {
    ;(this.#signals ??= []).push(signal)
  }

  endWithCall(parent: Call): void {
    this.#parent = parent
  }

  get over(): AndonError | undefined {
    return (this.#over ??= this.#find())
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      const reason = this.over
      if (reason) this.#controller.abort(reason)
      else this.#watch()
    }
    return this.#controller.signal
  }

  listen(listener: (reason: AndonError) => void): () => void {
    const reason = this.over
    if (reason) {
      listener(reason)
      return nothing
    }
    const listeners = (this.#listeners ??= [])
    listeners.push(listener)
    this.#watch()
    return () => {
      const at = listeners.indexOf(listener)
      if (at !== -1) listeners.splice(at, 1)
      if (listeners.length === 0 && !this.#controller) this.#stopWatching()
    }
  }

  end(reason: AndonError): void {
    this.#over ??= reason
    this.#stopWatching()
    if (this.#controller?.signal.aborted === false) this.#controller.abort(this.#over)
    const listeners = this.#listeners
    this.#listeners = undefined
    // One that is heard may stop others.
    for (const listener of listeners?.slice() ?? []) listener(this.#over)
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    // The reason is made when somebody hears it: making an error costs more than all the rest of a short call.
    if (this.#controller || this.#listeners?.length) this.end(endedError())
    else this.#stopWatching()
  }

  #find(): AndonError | undefined {
    if (this.#disposed) return endedError()
    if (this.#signals) for (const signal of this.#signals) if (signal.aborted) return reasonOf(signal)
    if (this.#parent) {
      const reason = overReason(this.#parent)
      // It has looked at the clock for both.
      if (reason || this.deadline === this.#parent.deadline) return reason
    }
    return this.deadline <= performance.now() ? deadlineError(this.#budgetMs) : undefined
  }

  #watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    const parent = this.#parent
    if (this.#signals) {
      const heard = (this.#heard = (event) => this.end(reasonOf(event.target as AbortSignal)))
      for (const signal of this.#signals) signal.addEventListener('abort', heard, { once: true })
    }
    // A parent with the same deadline tells in time.
    if (this.deadline !== Infinity && this.deadline !== parent?.deadline)
      this.#stopWaiting = atDeadline(this.deadline, () => this.end(deadlineError(this.#budgetMs)))
    // Last, because it may call back at once.
    if (parent) this.#stopParent = onOver(parent, (reason) => this.end(reason))
    // It did, and nothing was left to stop then.
    if (!this.#isWatching) this.#stopParent?.()
  }

  #stopWatching(): void {
    if (!this.#isWatching) return
    this.#isWatching = false
    if (this.#signals && this.#heard)
      for (const signal of this.#signals) signal.removeEventListener('abort', this.#heard)
    this.#stopWaiting?.()
    this.#stopParent?.()
  }
}
