// What a document is on its way from bytes to passages.

import type { Plain } from './plain.ts'

export type BlockKind = 'heading' | 'paragraph' | 'list' | 'table' | 'code'

/** A piece of a document's stored plain text. Lists and tables have one line per item or row. */
export interface Block {
  kind: BlockKind
  /** Character offsets (UTF-16 units) into the stored plain text. */
  start: number
  end: number
  /** Depth of a heading, 1 and up. */
  level?: number
  /** Page, slide or sheet, counted from 1. */
  page?: number
  /** Of a table: how many of its first lines are its header row. */
  headerLines?: number
  /** Of code: its language, when known. */
  language?: string
}

/** One part of a parsed document: a window of pages, or the whole. Offsets count from the start of this part. */
export interface ParsedPart {
  text: string
  blocks: Block[]
  title?: string
  /** Pages of the whole document, when it has pages. */
  pages?: number
  /** What a reader should know: "Page 3 has no text layer". */
  warnings?: string[]
  /** Facts found in the file: author, language, date. */
  properties?: Record<string, string>
}

/** A passage ready to be stored and found. */
export interface PreparedPassage {
  /** Place in the document, from 0. */
  ordinal: number
  start: number
  end: number
  /** The slice `[start, end)` of the stored plain text. */
  text: string
  /** Repeated in front when a table is cut: its header row. Searched and shown, not part of the slice. */
  prefix?: string
  headings: string[]
  /** Kind of the longest block in it. */
  kind: BlockKind
  page?: number
  pageEnd?: number
  /** Space-separated search terms of title and headings, and of the text. */
  titleTerms: string
  bodyTerms: string
  /** Number of terms in both. */
  length: number
}

export type DocumentStatus = 'waiting' | 'loading' | 'ready' | 'failed' | 'quarantined' | 'removed'

/** A document as a user sees it. */
export interface DocumentInfo {
  id: string
  tenant: string
  collection: string
  /** The name it was added under (a relative path, usually): unique within tenant and collection. */
  name: string
  title: string
  mediaType: string
  /** SHA-256 of the bytes, hex. */
  hash: string
  /** Bytes. */
  size: number
  status: DocumentStatus
  /** Why it failed or was quarantined, and what to do about it. */
  reason?: string
  metadata: Record<string, Plain>
  version: number
  passages: number
  pages?: number
  /** Passages of the current version that still wait for their vector. */
  vectorsMissing: number
  warnings: string[]
  /** The oldest other document of the tenant with the same bytes, when there is one. */
  sameAs?: { id: string; name: string; collection: string }
  addedAt: number
  updatedAt: number
  removedAt?: number
}

/** Where a document's text stands from a character on, until its next place. */
export interface Place {
  /** Character offset into the stored plain text. */
  start: number
  /** Headings above it, the outermost first; of a heading, itself too. */
  headings: string[]
  page?: number
}

/** A window of a document's stored plain text, with the blocks that touch it. */
export interface DocumentText {
  document: DocumentInfo
  text: string
  /** Where the window lies in the whole text, and how long that is, in UTF-16 units. */
  start: number
  end: number
  length: number
  /** Blocks that overlap the window; their offsets count from the start of the whole text. */
  blocks: Block[]
}
