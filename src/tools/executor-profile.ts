// What is known of a tool from its runs: how long it takes, how much it carries, and whether it costs workers. One that
// costs too many rests, and is then tried once.

import type { Outcome } from './executor-job.ts'

/** When a tool that takes workers down is left alone. */
export interface QuarantineOptions {
  /** Workers it may cost. Default 3. */
  crashes?: number
  /** Within this many milliseconds. Default 60,000. */
  withinMs?: number
  /** How long it rests, in milliseconds; then one call tries. Default 30,000. */
  restMs?: number
  /** Failures of any kind in a row after which it rests too. Default: never. */
  failures?: number
}

/** Share of the newest run in a mean. */
const newest = 0.2

export class Profile {
  runs = 0
  meanRunMs = 0
  meanBytes = 0
  /** How long it is expected to hold its thread; a guess before it is known. */
  heldMs = 0.25
  /** Workers that it cost in all; a part for each of several suspects. */
  crashes = 0
  readonly #options: Required<QuarantineOptions>
  #strikes: { at: number; weight: number }[] = []
  #held = false
  #failures = 0
  #restsUntil = 0
  #why = ''
  #trying = false

  constructor(options: QuarantineOptions = {}) {
    this.#options = { crashes: 3, withinMs: 60_000, restMs: 30_000, failures: Infinity, ...options }
  }

  /** Why it may not run now; undefined when it may. After a rest one call is let through to try. */
  rests(now: number): string | undefined {
    if (this.#restsUntil === 0) return undefined
    const left = Math.ceil(this.#restsUntil - now)
    if (left > 0) return `${this.#why}: it rests for ${left} ms more`
    if (this.#trying) return `${this.#why}: one call tries it now`
    this.#trying = true
    return undefined
  }

  /** Learns from a run. */
  note(outcome: Outcome, bytes: number, now: number): void {
    const { kind, heldMs, runMs } = outcome
    if (kind === 'ok') {
      this.#learn(heldMs, runMs, bytes)
      this.#recovered()
    } else if (kind === 'failed' && !this.#trying) {
      if (heldMs > 0) this.#hold(heldMs)
      this.#failed(now)
    } else if (outcome.costWorker) {
      // What blocked so long will block again: nothing is sent ahead beside it.
      this.heldMs = Math.max(this.heldMs, runMs)
      this.#strike(1, now)
    } else if (outcome.suspects !== undefined) this.#strike(1 / outcome.suspects, now)
    else if (kind === 'failed' || kind === 'timeout') this.#failed(now)
    else if (this.#trying && kind !== 'quarantined') this.#trying = false
  }

  #learn(heldMs: number, runMs: number, bytes: number): void {
    const share = this.runs++ === 0 ? 1 : newest
    this.#hold(heldMs)
    this.meanRunMs = this.meanRunMs * (1 - share) + runMs * share
    this.meanBytes = this.meanBytes * (1 - share) + bytes * share
  }

  /** A slower run counts at once, a faster one by and by. */
  #hold(heldMs: number): void {
    if (!this.#held) this.heldMs = heldMs
    else this.heldMs = heldMs > this.heldMs ? heldMs : this.heldMs * (1 - newest) + heldMs * newest
    this.#held = true
  }

  #recovered(): void {
    this.#failures = 0
    if (!this.#trying) return
    this.#trying = false
    this.#restsUntil = 0
    this.#strikes = []
  }

  #strike(weight: number, now: number): void {
    const { crashes, withinMs } = this.#options
    this.crashes += weight
    this.#strikes = this.#strikes.filter(({ at }) => now - at < withinMs)
    this.#strikes.push({ at: now, weight })
    let sum = 0
    for (const strike of this.#strikes) sum += strike.weight
    if (this.#trying || sum >= crashes) this.#rest(now, `It cost ${Math.round(this.crashes)} workers`)
  }

  #failed(now: number): void {
    const { failures } = this.#options
    this.#failures++
    if (this.#failures >= failures) this.#rest(now, `It failed ${this.#failures} times in a row`)
    else this.#trying = false
  }

  #rest(now: number, why: string): void {
    this.#trying = false
    this.#why = why
    this.#restsUntil = now + this.#options.restMs
  }
}
