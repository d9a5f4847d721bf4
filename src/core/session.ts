// A conversation as its owner sees it.

import type { Turn } from './question.ts'

export interface SessionInfo {
  id: string
  /** The name given to it, or how it began. */
  title: string
  turns: number
  updatedAt: number
  removedAt?: number
}

/** A place in the list of conversations: behind this one. Of several of the same moment none is lost. */
export type SessionPlace = Pick<SessionInfo, 'updatedAt' | 'id'>

export interface SessionView {
  session: SessionInfo
  /** Oldest first. Of an answer with several versions, all of them, in the order they were made. */
  turns: Turn[]
}
