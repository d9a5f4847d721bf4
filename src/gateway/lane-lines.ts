// Who waits for a place: a line per tenant, in a ring. The tenant that was served goes to its end, so that the tenants
// take turns.

import type { Permit } from './door.ts'
import type { PlaceBound, Who } from './lane-places.ts'

export interface Waiter {
  readonly who: Who
  readonly permit: PromiseWithResolvers<Permit>
  readonly since: number
  stop(): void
}

export class Lines {
  /** In the order of their turns; a line is never empty. */
  readonly #lines = new Map<string, Set<Waiter>>()
  #waiting = 0

  /** How many wait, in all lines. */
  get size(): number {
    return this.#waiting
  }

  /** Everybody who waits. */
  *[Symbol.iterator](): Generator<Waiter> {
    for (const line of this.#lines.values()) yield* line
  }

  add(waiter: Waiter): void {
    const line = this.#lines.get(waiter.who.tenant)
    if (line) line.add(waiter)
    else this.#lines.set(waiter.who.tenant, new Set([waiter]))
    this.#waiting += 1
  }

  /** Whoever waits no longer; nothing when that is known. */
  remove(waiter: Waiter): void {
    const line = this.#lines.get(waiter.who.tenant)
    if (line?.delete(waiter) !== true) return
    this.#waiting -= 1
    if (line.size === 0) this.#lines.delete(waiter.who.tenant)
    waiter.stop()
  }

  /** Removes whose turn it is: who is bound is passed over, and keeps the turn. */
  takeNext(boundOf: (who: Who) => PlaceBound | undefined): Waiter | undefined {
    const next = this.#next(boundOf)
    if (!next) return undefined
    const { tenant } = next.who
    const line = this.#lines.get(tenant)
    this.remove(next)
    // The others of this tenant wait until everybody else had a turn.
    if (line && line.size > 0) {
      this.#lines.delete(tenant)
      this.#lines.set(tenant, line)
    }
    return next
  }

  /** Whether another of this tenant would still have a shorter line than the longest. */
  shorterThanLongest(tenant: string): boolean {
    return (this.#lines.get(tenant)?.size ?? 0) + 1 < (this.#longest()?.size ?? 0)
  }

  /** Whoever came last of the tenant with the longest line. */
  lastOfLongest(): Waiter | undefined {
    return [...(this.#longest() ?? [])].at(-1)
  }

  /** How many come before a newcomer of this tenant, or before one who waits already: with all, the tenants take turns. */
  ahead(tenant: string, all: boolean, waiter?: Waiter): number {
    const own = this.#lines.get(tenant)
    const before = own && waiter ? [...own].indexOf(waiter) : (own?.size ?? 0)
    if (!all) return before
    let ahead = before
    for (const [other, line] of this.#lines) if (other !== tenant) ahead += Math.min(line.size, before + 1)
    return ahead
  }

  #next(boundOf: (who: Who) => PlaceBound | undefined): Waiter | undefined {
    for (const line of this.#lines.values())
      for (const waiter of line) {
        const bound = boundOf(waiter.who)
        if (bound === undefined) return waiter
        // Another key of this tenant may still have a place.
        if (bound !== 'key') break
      }
    return undefined
  }

  #longest(): Set<Waiter> | undefined {
    let longest: Set<Waiter> | undefined
    for (const line of this.#lines.values()) if (line.size > (longest?.size ?? 0)) longest = line
    return longest
  }
}
