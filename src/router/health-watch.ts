// Who is down and who is back: told once each, and asked for until it is well.

import type { Clock } from './clock.ts'
import type { EndpointState } from './endpoint-state.ts'
import type { Failure } from './order.ts'
import type { SchedulerOptions } from './scheduler-options.ts'
import { moment, Timetable } from './timetable.ts'
import type { Moment } from './timetable.ts'

export class HealthWatch implements Disposable {
  readonly #clock: Clock
  readonly #options: Pick<SchedulerOptions, 'onHealth' | 'onProbeWanted'>
  readonly #timetable: Timetable
  readonly #asks = new Map<EndpointState, Moment>()
  /** What was said last of those that are not used, also of one that is gone: it may come back. */
  readonly #told = new WeakMap<EndpointState, 'down' | 'cooling'>()
  #closed = false

  constructor(clock: Clock, options: Pick<SchedulerOptions, 'onHealth' | 'onProbeWanted'>) {
    this.#clock = clock
    this.#options = options
    this.#timetable = new Timetable(clock, true)
  }

  /** It is used again. */
  rose(state: EndpointState): void {
    this.#stopAsking(state)
    if (this.#told.delete(state)) this.#options.onHealth?.({ endpoint: state.name, kind: 'up' })
  }

  /** It is used no more for now: its breaker is open, or it rests. */
  fell(state: EndpointState, failure: Failure): void {
    const now = this.#clock.now()
    const shut = state.breaker.state !== 'closed'
    const until = shut ? state.breaker.until : state.cooling.until
    const kind = shut ? 'down' : 'cooling'
    if (shut) this.#ask(state, now)
    // A storm is one piece of news.
    if (this.#told.get(state) === kind) return
    this.#told.set(state, kind)
    this.#options.onHealth?.({ endpoint: state.name, kind, failure, untilMs: Math.max(0, until - now) })
  }

  /** An order ended there: a try that failed shut it again, and it is asked for again. */
  left(state: EndpointState): void {
    if (state.breaker.state === 'open' && !this.#asks.has(state)) this.#ask(state, this.#clock.now())
  }

  /** It is gone: nobody asks for it, and nothing is said of it. */
  gone(state: EndpointState): void {
    this.#stopAsking(state)
  }

  /** It was gone and is back: told when it has become well meanwhile, and asked for when it is still shut. */
  back(state: EndpointState): void {
    if (state.breaker.state === 'closed' && state.cooling.allows(this.#clock.now())) this.rose(state)
    else this.left(state)
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#timetable[Symbol.dispose]()
    this.#asks.clear()
  }

  /** First when its breaker would let an order try, then regularly. */
  #ask(state: EndpointState, now: number): void {
    const ask = this.#options.onProbeWanted
    if (ask === undefined || this.#closed || state.retired) return
    const entry = this.#asks.get(state)
    if (entry !== undefined) {
      this.#timetable.set(entry, state.breaker.nextProbe(now))
      return
    }
    const first = moment((at) => {
      if (state.breaker.state === 'closed') {
        this.#asks.delete(state)
        return
      }
      this.#ask(state, at)
      ask(state.name)
    })
    this.#asks.set(state, first)
    this.#timetable.set(first, state.breaker.until)
  }

  #stopAsking(state: EndpointState): void {
    const entry = this.#asks.get(state)
    if (entry === undefined) return
    this.#timetable.delete(entry)
    this.#asks.delete(state)
  }
}
