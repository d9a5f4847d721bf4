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

/** A conversation as it is taken away by its owner. */
export interface SessionExport extends SessionView {
  /** What was said first, in short, and of how many turns that tells. */
  summary?: { text: string; turns: number }
}

export interface SessionView {
  session: SessionInfo
  /** Oldest first. Of an answer with several versions, all of them, in the order they were made. */
  turns: Turn[]
}
