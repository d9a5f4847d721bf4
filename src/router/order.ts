// What is to be placed at an endpoint, the lease under which it stands there, and how it ended. All that count are
// told here: a lease is taken before anything is awaited, and given back exactly once.

import type { AndonError } from '../core/errors.ts'
import type { OwnedCall } from '../core/call.ts'
import type { Call } from '../core/station.ts'
import type { Ability, EndpointSettings } from './endpoint.ts'

/** One request, as far as choosing an endpoint needs to know it. Tenant, signal and deadline are the call's. */
export interface Order {
  readonly ability: Ability
  /** The model that the caller asked for. Default: any. */
  readonly model?: string
  /** 0 goes first. Default 1. Who waits long rises. */
  readonly priority?: number
  /** Tokens of the prompt, roughly. */
  readonly promptTokens: number
  /** Tokens of the answer that are expected; 0 when nobody knows. */
  readonly outputTokens: number
  /** Hashes of the prompt's beginnings, shortest first, each of one block more than the one before: see prefix.ts. */
  readonly prefix?: readonly number[]
  /** Where the caller stands. */
  readonly region?: string
  /** Whose budget pays. */
  readonly keyId?: string
  /** What people call that key: its budget may be written under either. */
  readonly keyName?: string
  /** Only an endpoint that is known to take so many tokens, or of which nothing is known. */
  readonly contextTokens?: number
  /** While that is not known: about so many tokens. An endpoint that takes them goes before those that do not. */
  readonly likelyTokens?: number
  /** Whether the answer comes in one piece: then its first token is its last, and takes as long. Default false. */
  readonly whole?: boolean
  /** Whether answering twice does no harm, so that a second endpoint may be asked when the first is late. Default true. */
  readonly hedge?: boolean
}

/** Why an attempt failed. `busy`: 429, 503 and their kin; `silent`: no first token in time; `cut`: the line broke. */
export type FailureKind =
  | 'refused'
  | 'busy'
  | 'failed'
  | 'silent'
  | 'malformed'
  | 'cut'
  | 'key'
  | 'too-large'
  | 'invalid'

export interface Failure {
  readonly kind: FailureKind
  readonly error: AndonError
  /** HTTP status, when there was one. */
  readonly status?: number
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number
  /** Whether another endpoint may do better. */
  readonly elsewhere: boolean
  /** Whether it says something about the endpoint, and not about the request. */
  readonly blame: boolean
}

/**
 * How a lease ended. `cancelled` says nothing about the endpoint; what is `unsent` is not counted, and its owner's limits
 * hear nothing of it.
 */
export type Outcome =
  | {
      readonly kind: 'done'
      readonly promptTokens?: number | undefined
      readonly cachedTokens?: number | undefined
      readonly outputTokens?: number | undefined
    }
  | { readonly kind: 'cancelled'; readonly unsent?: true }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** A place at an endpoint. It counts from before the first await until `end`; disposing it without an end cancels. */
export interface Lease extends Disposable {
  readonly endpoint: EndpointSettings
  /** The server's name of the model for this order. */
  readonly model: string | undefined
  /** Longest wait for the first token, in milliseconds: the endpoint's own, or what was learnt. */
  readonly firstTokenMs: number
  /** The first content came. */
  begun(): void
  /** Content came: about so many tokens. */
  progress(tokens: number): void
  /** The reader is behind: until `resume`, silence is not the endpoint's. */
  pause(): void
  resume(): void
  /** Once; later calls do nothing. */
  end(outcome: Outcome): void
}

/** Gives each order the endpoint that is best at the moment when one is free. */
export interface Scheduler {
  /**
   * Waits for a place. Throws `overloaded` with an honest `retryAfterMs` when the queue is full or no wait would end in
   * time, `unavailable` when no endpoint serves the order, and the call's own reason when it is over before.
   * `tried` are endpoints that failed this order: one of them is taken only when there is no other.
   */
  acquire(order: Order, call: Call, tried?: ReadonlySet<string>): Promise<Lease>
  /** A place at another endpoint than these, at once or not at all: for a second try beside a first that is late. */
  tryAcquire(order: Order, call: Call, tried: ReadonlySet<string>): Lease | undefined
}

/** One try of an order, for the record. Times are milliseconds from the beginning of the order. */
export interface Attempt {
  readonly endpoint: string
  readonly atMs: number
  ms: number
  outcome: 'begun' | 'cancelled' | FailureKind
  /** Whether it ran beside another one. */
  readonly hedge: boolean
}

/** What an order went through, at all models that were asked for it: known also when none of them answered. */
export interface Trail {
  /** In the order in which they were made. */
  readonly attempts: Attempt[]
  /** Milliseconds in line before the attempts, with the pauses before an endpoint is asked again. */
  waitedMs: number
}

/** Where every order begins. */
export function newTrail(): Trail {
  return { attempts: [], waitedMs: 0 }
}

/** An order whose first content has come: from here on there is no other endpoint. */
export interface Placed<Begun> {
  readonly begun: Begun
  /** Whoever has it ends it. */
  readonly lease: Lease
  readonly trail: Trail
}

/**
 * Begins an order at one endpoint: sends it and waits for its first content. Whatever it throws is a failed attempt,
 * unless the call is over. `call` ends when the attempt is given up; nothing of it may stay behind then.
 */
export type Begin<Begun> = (lease: Lease, call: OwnedCall) => Promise<Begun>
