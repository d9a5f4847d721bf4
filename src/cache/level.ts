// The second level, as a cached function sees it: bytes under keys that several processes share, and the lease by which
// one of them makes what the others wait for. Redis is one, a ring of several Redis another, a folder of the host a third.

/** What `lead` found. */
export type Lead =
  /** Somebody has stored it. */
  | { readonly kind: 'value'; readonly bytes: Buffer }
  /** The lease is ours. `startedAt` is the level's clock, to be given to `generations`. */
  | { readonly kind: 'lead'; readonly startedAt: string }
  /** Somebody else has the lease for so many milliseconds. */
  | { readonly kind: 'wait'; readonly leaseMs: number }

/** News of one key: a lease that ended. */
export interface News extends Disposable {
  /** Settles when there was news since the last wait, after so many milliseconds, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** What lies in a stream after a place. */
export interface StreamPart {
  /** Items; undefined where somebody begins the stream anew, because the one before went silent. */
  readonly items: readonly (Buffer | undefined)[]
  /** Where to read on. */
  readonly next: string
  /** The stream ended, and how. */
  readonly end?: 'done' | 'failed'
}

/** What an addition to a stream means besides its items. */
export type StreamMark = 'begin' | 'done' | 'failed'

/** What of the first level is no longer true: tags, one key, or anything with a tag (when news may have been missed). */
export type Invalidated = { readonly tags: readonly string[] } | { readonly key: string } | { readonly missed: true }

/**
 * Every method settles within the level's own deadline. A failure is
 * an AndonError: `unavailable`, `deadline` (ran out of time) or `invalid` (refused). Closing it wakes whoever waits.
 */
export interface Level extends AsyncDisposable {
  /** False while asking is known to be useless. */
  readonly up: boolean
  get(key: string): Promise<Buffer | undefined>
  getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]>
  /** Stores for so many milliseconds, whoever has the lease. */
  set(key: string, bytes: Buffer, ms: number): Promise<void>
  /** Deletes only this: for what turned out to be garbage. */
  remove(key: string): Promise<void>
  /** Deletes value and lease, so that what is being made is not stored either, and tells all processes. */
  forget(key: string): Promise<void>

  /**
   * Takes the value if there is one, the lease if nobody has it, or notes that somebody waits. A value that begins with
   * `besides` is known not to do and counts as none.
   */
  lead(key: string, token: string, leaseMs: number, besides?: Buffer): Promise<Lead>
  /** False when the lease is lost. */
  renew(key: string, token: string, leaseMs: number): Promise<boolean>
  /** Stores, ends the lease and wakes those who wait; does nothing and returns false when the lease is not ours. */
  commit(key: string, token: string, bytes: Buffer, ms: number): Promise<boolean>
  /** Ends the lease without a value. */
  release(key: string, token: string): Promise<void>
  /** Whether another process waits for the key. */
  awaited(key: string): Promise<boolean>
  /** Listens for news of the key from now on. */
  news(key: string): News

  /**
   * The generation of each tag on the node of the key. With `startedAt`, tags that have none get one from before that
   * moment, and undefined comes back when one of the tags was invalidated since then.
   */
  generations(key: string, tags: readonly string[], startedAt?: string): Promise<string[] | undefined>
  /** Whether the tags have these generations, where this process knows it for certain without asking; else undefined. */
  current(key: string, generations: readonly (readonly [tag: string, generation: string])[]): boolean | undefined
  /** Gives the tags a new generation everywhere. Rejects when a node cannot be reached. */
  invalidate(tags: readonly string[]): Promise<void>
  /** Hears of invalidations, by this process too. Returns how to stop. */
  onInvalidated(listener: (what: Invalidated) => void): () => void

  /** Adds to the stream of a key; false when the lease is not ours. `begin` deletes what was there, the others end it. */
  append(key: string, token: string, items: readonly Buffer[], mark?: StreamMark): Promise<boolean>
  /** What lies after `after` ('' for the beginning). */
  read(key: string, after: string): Promise<StreamPart>
  /** Calls when something was added. Resolves when it listens; returns how to stop. */
  follow(key: string, added: () => void): Promise<() => void>
}
