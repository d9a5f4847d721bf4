// One lane of the door: a bounded number at once; the others stand in a line per tenant, and the tenants take turns.
//
// The lines are a ring: the tenant that was served goes to its end. A tenant or key that has all the places it may have
// is passed over and keeps its turn. When the waiting room is full, whoever came last of the tenant with the longest
// line makes room for a tenant whose line is shorter: nobody can fill the room for all.

import { atDeadline } from '../core/deadlines.ts'
import { AndonError } from '../core/errors.ts'
import type { Lane, LaneState, Permit, Principal } from './door.ts'
import { gatewayChannel } from './channel.ts'
import { HoldTime } from './hold-time.ts'

/** Whose turn it is follows from these alone. */
export type Who = Pick<Principal, 'tenant' | 'keyId'>

export interface LaneOptions {
  /** How many at once. */
  places: number
  /** How many wait for a place. */
  room: number
  /** Longest wait in milliseconds. */
  waitMs: number
  tenantAtOnce?: number | undefined
  keyAtOnce?: number | undefined
  /** While true nobody begins, although there may be places. */
  held?: () => boolean
  /** Called after anything that may have ended the reason to hold another lane. */
  onChange?: () => void
}

interface Waiter {
  readonly who: Who
  readonly permit: PromiseWithResolvers<Permit>
  readonly since: number
  stop(): void
}

/** Why a newcomer cannot begin: all places are taken, or all that its tenant or its key may have, or others come first. */
type Bound = 'places' | 'tenant' | 'key' | 'questions'

export class WaitingLane {
  readonly #lane: Lane
  readonly #options: LaneOptions
  /** In the order of their turns; a line is never empty. */
  readonly #lines = new Map<string, Set<Waiter>>()
  readonly #tenants: Counts
  readonly #keys: Counts
  readonly #hold = new HoldTime()
  #running = 0
  #waiting = 0
  #refused = 0
  #closed: AndonError | undefined

  constructor(lane: Lane, options: LaneOptions) {
    this.#lane = lane
    this.#options = options
    this.#tenants = new Counts(options.tenantAtOnce)
    this.#keys = new Counts(options.keyAtOnce)
  }

  /** Whether somebody waits only because all places are taken. */
  get pressed(): boolean {
    return this.#waiting > 0 && this.#running >= this.#options.places
  }

  get #held(): boolean {
    return this.#options.held?.() === true
  }

  get state(): LaneState {
    const { places, room } = this.#options
    return {
      places,
      running: this.#running,
      room,
      waiting: this.#waiting,
      refused: this.#refused,
      meanMs: Math.round(this.#hold.meanMs(this.#running)),
    }
  }

  /** Throws what `enter` would throw at once; takes nothing. */
  check(who: Who): void {
    if (this.#closed) throw this.#closed
    if (!this.#mayBegin(who) && !this.#hasRoom(who)) throw this.#refusal(who)
  }

  /** Resolves to a place, in turn. Rejects with `overloaded`, or with the reason of the signal. */
  enter(who: Who, signal: AbortSignal): Promise<Permit> {
    if (signal.aborted) return Promise.reject(AndonError.from(signal.reason))
    if (this.#closed) return Promise.reject(this.#closed)
    // Whoever waits while a place is free may not have it, so that nobody is overtaken here.
    if (this.#mayBegin(who)) {
      gatewayChannel.announce(() => ({ event: 'let-in', lane: this.#lane, waitMs: 0 }))
      return Promise.resolve(this.#begin(who))
    }
    if (!this.#hasRoom(who)) return Promise.reject(this.#refusal(who))
    if (this.#waiting >= this.#options.room) this.#displace()
    return this.#wait(who, signal)
  }

  /** Lets in everybody whose turn it is. */
  pump(): void {
    while (this.#running < this.#options.places && this.#waiting > 0 && !this.#held) {
      const next = this.#next()
      if (!next) break
      const line = this.#lines.get(next.who.tenant)
      this.#forget(next)
      // The others of this tenant wait until everybody else had a turn.
      if (line && line.size > 0) {
        this.#lines.delete(next.who.tenant)
        this.#lines.set(next.who.tenant, line)
      }
      gatewayChannel.announce(() => ({
        event: 'let-in',
        lane: this.#lane,
        waitMs: performance.now() - next.since,
      }))
      next.permit.resolve(this.#begin(next.who))
    }
    this.#options.onChange?.()
  }

  /** Lets nobody in any more: who waits hears the reason. */
  close(reason: AndonError): void {
    this.#closed = reason
    for (const line of this.#lines.values())
      for (const waiter of line) {
        this.#forget(waiter)
        waiter.permit.reject(reason)
      }
    this.#options.onChange?.()
  }

  #begin(who: Who): Permit {
    this.#running += 1
    this.#tenants.add(who.tenant)
    if (who.keyId !== undefined) this.#keys.add(who.keyId)
    const began = this.#hold.begin()
    let given = false
    return {
      [Symbol.dispose]: () => {
        if (given) return
        given = true
        this.#running -= 1
        this.#tenants.remove(who.tenant)
        if (who.keyId !== undefined) this.#keys.remove(who.keyId)
        this.#hold.end(began)
        this.pump()
      },
    }
  }

  #wait(who: Who, signal: AbortSignal): Promise<Permit> {
    const permit = Promise.withResolvers<Permit>()
    const leave = (reason: () => AndonError): void => {
      const error = reason()
      this.#forget(waiter)
      permit.reject(error)
      // A load may have been held for this question.
      this.#options.onChange?.()
    }
    const left = (): void => leave(() => AndonError.from(signal.reason))
    const late = (): void => leave(() => this.#refusal(who, waiter))
    signal.addEventListener('abort', left, { once: true })
    const now = performance.now()
    const stopWaiting = atDeadline(now + this.#options.waitMs, late)
    const waiter: Waiter = {
      who,
      permit,
      since: now,
      stop() {
        signal.removeEventListener('abort', left)
        stopWaiting()
      },
    }
    const line = this.#lines.get(who.tenant)
    if (line) line.add(waiter)
    else this.#lines.set(who.tenant, new Set([waiter]))
    this.#waiting += 1
    return permit.promise
  }

  #forget(waiter: Waiter): void {
    const line = this.#lines.get(waiter.who.tenant)
    if (line?.delete(waiter) !== true) return
    this.#waiting -= 1
    if (line.size === 0) this.#lines.delete(waiter.who.tenant)
    waiter.stop()
  }

  #next(): Waiter | undefined {
    for (const line of this.#lines.values())
      for (const waiter of line) {
        const bound = this.#boundOf(waiter.who)
        if (bound === undefined) return waiter
        if (bound !== 'key') break
      }
    return undefined
  }

  #mayBegin(who: Who): boolean {
    return this.#boundOf(who) === undefined && !this.#held
  }

  #boundOf({ tenant, keyId }: Who): Bound | undefined {
    if (this.#running >= this.#options.places) return 'places'
    if (this.#tenants.full(tenant)) return 'tenant'
    return keyId !== undefined && this.#keys.full(keyId) ? 'key' : undefined
  }

  #hasRoom({ tenant }: Who): boolean {
    if (this.#waiting < this.#options.room) return true
    return (this.#lines.get(tenant)?.size ?? 0) + 1 < (this.#longest()?.size ?? 0)
  }

  #longest(): Set<Waiter> | undefined {
    let longest: Set<Waiter> | undefined
    for (const line of this.#lines.values()) if (line.size > (longest?.size ?? 0)) longest = line
    return longest
  }

  #displace(): void {
    const last = [...(this.#longest() ?? [])].at(-1)
    if (!last) return
    const error = this.#refusal(last.who, last)
    this.#forget(last)
    last.permit.reject(error)
  }

  #placesOf(bound: Bound): number {
    const { places, tenantAtOnce = places, keyAtOnce = places } = this.#options
    return { places, tenant: tenantAtOnce, key: keyAtOnce, questions: places }[bound]
  }

  /** How many come before a newcomer of this tenant, or before one who waits already: with all, the tenants take turns. */
  #ahead(tenant: string, all: boolean, waiter?: Waiter): number {
    const own = this.#lines.get(tenant)
    const before = own && waiter ? [...own].indexOf(waiter) : (own?.size ?? 0)
    if (!all) return before
    let ahead = before
    for (const [other, line] of this.#lines) if (other !== tenant) ahead += Math.min(line.size, before + 1)
    return ahead
  }

  /** Why there is no place, and when there will be one: places become free at the rate of (places ÷ time they are held). */
  #refusal(who: Who, waiter?: Waiter): AndonError {
    this.#refused += 1
    gatewayChannel.announce(() => ({ event: 'refused', lane: this.#lane }))
    const bound = this.#boundOf(who) ?? (this.#held ? 'questions' : 'places')
    const places = this.#placesOf(bound)
    const ahead = this.#ahead(who.tenant, bound !== 'tenant' && bound !== 'key', waiter)
    const retryAfterMs = Math.ceil(((ahead + 1) * this.#hold.meanMs(this.#running)) / places)
    const what = { question: 'questions', load: 'uploads' }[this.#lane]
    const why = {
      places: `All ${places} places for ${what} are taken`,
      tenant: `All ${places} places that one tenant has for ${what} are taken`,
      key: `All ${places} places that one key has for ${what} are taken`,
      questions: 'Questions come first, and they wait for places now',
    }[bound]
    const then = waiter ? 'none became free in time' : `${this.#waiting} wait already`
    const sentence = `${why}, and ${then}. Try again in about ${Math.ceil(retryAfterMs / 1000)} s.`
    return new AndonError('overloaded', sentence, {
      retryAfterMs,
      detail: { crowd: { lane: this.#lane, bound, places, running: this.#running, waiting: this.#waiting, ahead } },
    })
  }
}

/** How many somebody has, up to a most. Without a most nothing is counted. */
class Counts {
  readonly #most: number | undefined
  readonly #counts = new Map<string, number>()

  constructor(most: number | undefined) {
    this.#most = most
  }

  full(of: string): boolean {
    return this.#most !== undefined && (this.#counts.get(of) ?? 0) >= this.#most
  }

  add(of: string): void {
    if (this.#most !== undefined) this.#counts.set(of, (this.#counts.get(of) ?? 0) + 1)
  }

  remove(of: string): void {
    const left = (this.#counts.get(of) ?? 0) - 1
    if (left > 0) this.#counts.set(of, left)
    else this.#counts.delete(of)
  }
}
