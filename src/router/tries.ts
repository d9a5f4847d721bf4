// The tries of one order: each attempt with its lease and its own call, what came of it, and where it failed.

import { childCall, endCall, overReason } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { isRecord } from '../models/failure.ts'
import { failureOf } from './failures.ts'
import type { Attempt, Begin, Failure, Lease, Order } from './order.ts'

/** What came of one attempt: its first content, or its failure. The lease of a failed one has ended. */
export type Tried<Begun> =
  | { readonly begun: Begun; readonly lease: Lease; readonly failure?: never }
  | { readonly failure: Failure; readonly lease?: never }

/**
 * A {@link Begin} that may say earlier than it comes back that content came: one that waits for the whole answer, of
 * which nobody has heard anything until then.
 */
export type BeginWhole<Begun> = (...asked: [...Parameters<Begin<Begun>>, content: () => void]) => Promise<Begun>

/** An attempt on its way. */
export interface Running<Begun> {
  readonly start: Start
  /** Never rejects. */
  readonly result: Promise<Tried<Begun>>
  /** Gives it up, as when another was faster: its call and its lease end at once. */
  cancel(): void
}

/** Whether the first content of an attempt came. The promise is made when somebody waits for it: most never do. */
class Start {
  readonly #lease: Lease
  #came: boolean | undefined
  #waited: PromiseWithResolvers<boolean> | undefined

  constructor(lease: Lease) {
    this.#lease = lease
  }

  /** Content came. */
  readonly content = (): void => {
    this.#lease.begun()
    this.#settle(true)
  }

  /** It failed; nothing, when content came before. */
  failed(): void {
    this.#settle(false)
  }

  /** True as soon as content came, false when it failed before. Never rejects. */
  get came(): Promise<boolean> {
    if (this.#came !== undefined) return Promise.resolve(this.#came)
    this.#waited ??= Promise.withResolvers()
    return this.#waited.promise
  }

  #settle(came: boolean): void {
    this.#came ??= came
    this.#waited?.resolve(came)
  }
}

/** Where an order failed that failed nowhere. */
const nowhere: ReadonlySet<string> = new Set()

/** When to come back after an outage, when nobody said: an endpoint that recovers is used again within a second. */
const comeBackMs = 1_000

export class Tries<Begun> {
  /** Grows: what was too large for one endpoint goes to a larger one. */
  order: Order
  readonly call: Call
  readonly attempts: Attempt[]
  /** Endpoints where it failed. */
  failed: ReadonlySet<string> = nowhere
  readonly #begin: BeginWhole<Begun>
  readonly #startedAt = performance.now()
  readonly #underWay: string[] = []
  #last: Failure | undefined
  #retryAfterMs: number | undefined

  constructor(order: Order, call: Call, begin: BeginWhole<Begun>, attempts: Attempt[]) {
    this.order = order
    this.call = call
    this.attempts = attempts
    this.#begin = begin
  }

  /** The failure of the latest attempt that failed. */
  get last(): Failure | undefined {
    return this.#last
  }

  /** Where it failed, and where it is being tried. */
  get known(): ReadonlySet<string> {
    return new Set([...this.failed, ...this.#underWay])
  }

  /** Begins at the endpoint of a lease. */
  start(lease: Lease, hedge = false): Running<Begun> {
    const { name } = lease.endpoint
    const startedAt = performance.now()
    const attempt: Attempt = { endpoint: name, atMs: startedAt - this.#startedAt, ms: 0, outcome: 'cancelled', hedge }
    this.attempts.push(attempt)
    this.#underWay.push(name)
    const call = childCall(this.call)
    const start = new Start(lease)
    let cancelled = false
    const run = async (): Promise<Tried<Begun>> => {
      try {
        const begun = await this.#begin(lease, call, start.content)
        const over = overReason(call)
        // It began for nobody.
        if (over) throw over
        attempt.outcome = 'begun'
        start.content()
        return { begun, lease }
      } catch (reason) {
        const failure = failureOf(reason, lease.endpoint)
        if (cancelled || overReason(this.call)) lease.end({ kind: 'cancelled' })
        else {
          attempt.outcome = failure.kind
          this.#note(failure, lease)
          lease.end({ kind: 'failed', failure })
        }
        call[Symbol.dispose]()
        start.failed()
        return { failure }
      } finally {
        attempt.ms = performance.now() - startedAt
        this.#underWay.splice(this.#underWay.indexOf(name), 1)
      }
    }
    const cancel = (): void => {
      cancelled = true
      endCall(call, new AndonError('cancelled', `Another endpoint than "${name}" answered first`))
      lease.end({ kind: 'cancelled' })
    }
    return { start, result: run(), cancel }
  }

  /** Why it could not be placed, for the caller: the latest failure, with how many attempts were made. */
  error(): AndonError {
    const last = this.#last
    if (!last) return new AndonError('internal', 'An order failed that was never tried')
    const { error, kind } = last
    const count = this.attempts.length
    const passing = last.elsewhere && kind !== 'key' && kind !== 'too-large'
    const retryAfterMs = this.#retryAfterMs ?? (passing ? comeBackMs : undefined)
    return new AndonError(
      error.code,
      count > 1
        ? `${error.sentence.replace(/(?<![.?!])$/, '.')} It was the last of ${count} attempts.`
        : error.sentence,
      {
        cause: error,
        detail: { ...(isRecord(error.detail) ? error.detail : {}), kind, attempts: count },
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      },
    )
  }

  #note(failure: Failure, { endpoint }: Lease): void {
    this.#last = failure
    this.failed = new Set([...this.failed, endpoint.name])
    const { retryAfterMs, kind } = failure
    if (retryAfterMs !== undefined) this.#retryAfterMs = Math.min(retryAfterMs, this.#retryAfterMs ?? Infinity)
    if (kind !== 'too-large') return
    const { promptTokens, outputTokens, contextTokens = 0 } = this.order
    const tooFew = endpoint.contextTokens ?? promptTokens + outputTokens
    this.order = { ...this.order, contextTokens: Math.max(contextTokens, tooFew + 1) }
  }
}
