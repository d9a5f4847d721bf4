// One lane of the door: a bounded number at once; the others wait in lines, and are let in in turn or refused.
//
// A tenant or key that has all the places it may have is passed over and keeps its turn. When the waiting room is full,
// whoever came last of the tenant with the longest line makes room for a tenant whose line is shorter: nobody can fill
// the room for all.

import { atDeadline } from '../core/deadlines.ts'
import { AndonError } from '../core/errors.ts'
import { gatewayChannel } from './channel.ts'
import type { Lane, LaneState, Permit } from './door.ts'
import { HoldTime } from './hold-time.ts'
import { Lines, type Waiter } from './lane-lines.ts'
import { Places, type PlacesOptions, type Who } from './lane-places.ts'

export interface LaneOptions extends PlacesOptions {
  /** How many wait for a place. */
  room: number
  /** Longest wait in milliseconds. */
  waitMs: number
  /** While true nobody begins, although there may be places. */
  held?: () => boolean
  /** Called after anything that may have ended the reason to hold another lane. */
  onChange?: () => void
}

/** A place that somebody has, until it is given back: once. */
class Held implements Permit {
  readonly who: Who
  readonly began: number
  #giveBack: ((held: Held) => void) | undefined

  constructor(who: Who, began: number, giveBack: (held: Held) => void) {
    this.who = who
    this.began = began
    this.#giveBack = giveBack
  }

  [Symbol.dispose](): void {
    const giveBack = this.#giveBack
    this.#giveBack = undefined
    giveBack?.(this)
  }
}

export class WaitingLane {
  readonly #lane: Lane | 'model'
  readonly #options: LaneOptions
  readonly #lines = new Lines()
  readonly #places: Places
  readonly #hold = new HoldTime()
  #refused = 0
  #closed: AndonError | undefined

  constructor(lane: Lane | 'model', options: LaneOptions) {
    this.#lane = lane
    this.#options = options
    this.#places = new Places(options)
  }

  /** Whether somebody waits only because all places are taken. */
  get pressed(): boolean {
    return this.#lines.size > 0 && this.#places.full
  }

  get #held(): boolean {
    return this.#options.held?.() === true
  }

  get state(): LaneState {
    const { places, room } = this.#options
    const { taken } = this.#places
    return {
      places,
      running: taken,
      room,
      waiting: this.#lines.size,
      refused: this.#refused,
      meanMs: Math.round(this.#hold.meanMs(taken)),
    }
  }

  /** Throws what `enter` would throw at once; takes nothing. */
  check(who: Who): void {
    if (this.#closed) throw this.#closed
    if (!this.#mayBegin(who) && !this.#hasRoom(who)) throw this.#refusal(who)
  }

  /** A place when one is at hand; undefined when it would have to be waited for, or there is none. */
  tryEnter(who: Who): Permit | undefined {
    return this.#closed === undefined && this.#mayBegin(who) ? this.#begin(who, 0) : undefined
  }

  /** Resolves to a place, in turn. Rejects with `overloaded`, or with the reason of the signal. */
  enter(who: Who, signal: AbortSignal): Promise<Permit> {
    if (signal.aborted) return Promise.reject(AndonError.from(signal.reason))
    if (this.#closed) return Promise.reject(this.#closed)
    // Whoever waits while a place is free may not have it, so that nobody is overtaken here.
    if (this.#mayBegin(who)) return Promise.resolve(this.#begin(who, 0))
    if (!this.#hasRoom(who)) return Promise.reject(this.#refusal(who))
    if (this.#lines.size >= this.#options.room) this.#displace()
    return this.#wait(who, signal)
  }

  /** Lets in everybody whose turn it is. */
  pump(): void {
    while (!this.#places.full && this.#lines.size > 0 && !this.#held) {
      const next = this.#lines.takeNext((who) => this.#places.boundOf(who))
      if (!next) break
      next.permit.resolve(this.#begin(next.who, performance.now() - next.since))
    }
    this.#options.onChange?.()
  }

  /** Lets nobody in any more: who waits hears the reason. */
  close(reason: AndonError): void {
    this.#closed = reason
    for (const waiter of this.#lines) {
      this.#lines.remove(waiter)
      waiter.permit.reject(reason)
    }
    this.#options.onChange?.()
  }

  #begin(who: Who, waitMs: number): Permit {
    gatewayChannel.announce(() => ({ event: 'let-in', lane: this.#lane, waitMs }))
    this.#places.take(who)
    return new Held(who, this.#hold.begin(), this.#giveBack)
  }

  readonly #giveBack = ({ who, began }: Held): void => {
    this.#places.giveBack(who)
    this.#hold.end(began)
    this.pump()
  }

  #wait(who: Who, signal: AbortSignal): Promise<Permit> {
    const permit = Promise.withResolvers<Permit>()
    const leave = (reason: () => AndonError): void => {
      const error = reason()
      this.#lines.remove(waiter)
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
    this.#lines.add(waiter)
    return permit.promise
  }

  #mayBegin(who: Who): boolean {
    return this.#places.boundOf(who) === undefined && !this.#held
  }

  #hasRoom({ tenant }: Who): boolean {
    return this.#lines.size < this.#options.room || this.#lines.shorterThanLongest(tenant)
  }

  #displace(): void {
    const last = this.#lines.lastOfLongest()
    if (!last) return
    const error = this.#refusal(last.who, last)
    this.#lines.remove(last)
    last.permit.reject(error)
  }

  /** Why there is no place, and when there will be one: places become free at the rate of (places ÷ time they are held). */
  #refusal(who: Who, waiter?: Waiter): AndonError {
    this.#refused += 1
    gatewayChannel.announce(() => ({ event: 'refused', lane: this.#lane }))
    const running = this.#places.taken
    const waiting = this.#lines.size
    const bound = this.#places.boundOf(who) ?? (this.#held ? 'questions' : 'places')
    const places = this.#places.most(bound === 'questions' ? 'places' : bound)
    const ahead = this.#lines.ahead(who.tenant, bound !== 'tenant' && bound !== 'key', waiter)
    const retryAfterMs = Math.ceil(((ahead + 1) * this.#hold.meanMs(running)) / places)
    const what = { question: 'questions', load: 'uploads', model: 'requests for models' }[this.#lane]
    const why = {
      places: `All ${places} places for ${what} are taken`,
      tenant: `All ${places} places that one tenant has for ${what} are taken`,
      key: `All ${places} places that one key has for ${what} are taken`,
      questions: 'Questions come first, and they wait for places now',
    }[bound]
    const then = waiter ? 'none became free in time' : `${waiting} wait already`
    const sentence = `${why}, and ${then}. Try again in about ${Math.ceil(retryAfterMs / 1000)} s.`
    return new AndonError('overloaded', sentence, {
      retryAfterMs,
      detail: { crowd: { lane: this.#lane, bound, places, running, waiting, ahead } },
    })
  }
}
