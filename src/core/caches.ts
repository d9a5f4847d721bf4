// What a factory keeps of what it made once, as people and programs see it.

import type { Caller } from './caller.ts'

/** The caches of a factory, each with a name. */
export const cacheNames = ['embeddings', 'answers'] as const
export type CacheName = (typeof cacheNames)[number]

/** One cache: counts since this process began, and what its memory holds now. */
export interface CacheView {
  name: CacheName
  /** Whether anything is kept in it: switched on, and with a model whose work it keeps. */
  on: boolean
  /** Given from this process's memory, from the level, and by joining work that was under way. */
  memoryHits: number
  levelHits: number
  joined: number
  /** Made, because it was not kept; of these, how many failed. */
  misses: number
  failures: number
  /** Kept: in the level, or while that does not answer in memory. */
  stored: number
  /** Times that the level failed, was late, was passed over because it is down, or gave garbage. */
  troubles: number
  /** In this process's memory. */
  values: number
  bytes: number
  /** In the folder; only where there is one, and only when it was asked for. */
  kept?: { values: number; bytes: number }
}

export interface CachesView {
  /** Where it is kept besides memory: a folder, or hosts of Redis without their passwords. */
  where: string
  /** Whether other processes have it too. */
  shared: boolean
  /** Why the level does not answer; absent when it does. */
  trouble?: string
  /** What would be better set otherwise. */
  advice?: string
  /** Most bytes of the folder, where there is one. */
  maxBytes?: number
  caches: CacheView[]
}

/** What was made once. For the operator: of all tenants. */
export interface Caches {
  /** What the caches have counted. `measured` looks at every file of the folder, too. */
  caches(query?: { measured?: boolean }, caller?: Caller): Promise<CachesView>
  /**
   * Forgets what one cache keeps, or all: here, in the level, and in every process that shares it. Rejects when the
   * level cannot be reached: then other processes may still give what they have.
   */
  clearCaches(which: CacheName | 'all', caller?: Caller): Promise<{ cleared: CacheName[]; where: string }>
}
