// Has a document parsed, part by part and in order, and puts the parts together. It only waits: the parsing itself is
// done by the station, in other processes.

import { AndonError } from '../../core/errors.ts'
import { recipeBeside } from '../../core/recipe.ts'
import { needsRecognition } from './no-text-layer.ts'
import { defaultMaxCharacters } from './parse/station.ts'
import type { Block, ParsedPart } from '../../core/document.ts'
import type { Call, Recipe, Station } from '../../core/station.ts'
import type { ParseInput, ParseOptions } from './parse/station.ts'

/** How to make the station `parse`: for a pool of processes with capped memory and one call at a time in each. */
export function parseRecipe(options: ParseOptions = {}): Recipe<ParseInput, ParsedPart> {
  return recipeBeside(import.meta, './parse/station', 'open', { ...options })
}

/** A process that died, or was killed, while it parsed. */
export interface ParseCrash {
  /** Which attempt at this piece it was, from 1. */
  attempt: number
  /** How many are made. */
  attempts: number
  /** The pages it was at, of a PDF. */
  pages?: { from: number; to: number }
  error: AndonError
}

export interface ParseDocumentOptions {
  /** Pages of a PDF that one call parses. Default 24. */
  pageWindow?: number
  /** Calls at once for one PDF. Default 2. */
  parallel?: number
  /** Attempts at a piece whose process dies, before the document fails as `unavailable`. Default 3. */
  attempts?: number
  /** Hears how many pages are done. Documents without pages count as one. */
  onProgress?: (done: number, total: number) => void
  /** Hears of each process that died over this document; what it throws ends the parsing. */
  onCrash?: (crash: ParseCrash) => void | Promise<void>
}

interface Window {
  from: number
  to: number
}

/**
 * The parts of a document in reading order. A PDF is parsed by windows of pages, several at once; anything else in one
 * call. A call whose process dies (`unavailable`) is made again. Leaving the loop stops what is under way.
 * Throws what the station throws, and `unsupported` for a PDF that has no text on any page.
 */
export async function* parseDocument(
  station: Station<ParseInput, ParsedPart>,
  input: ParseInput,
  call: Call,
  options: ParseDocumentOptions = {},
): AsyncIterable<ParsedPart> {
  const { pageWindow = 24, parallel = 2, onProgress } = options
  const leave = new AbortController()
  const inner: Call = { ...call, signal: AbortSignal.any([call.signal, leave.signal]) }
  try {
    let pages: number | undefined
    let blocks = 0
    // A short first window tells early how many pages there are, so that the others can start.
    const first: Window = { from: 1, to: Math.max(1, Math.ceil(pageWindow / 4)) }
    for await (const part of attempts(station, { ...input, pages: first }, inner, options)) {
      pages = part.pages ?? pages
      blocks += part.blocks.length
      yield part
    }
    const total = pages ?? 1
    onProgress?.(Math.min(first.to, total), total)
    const waiting: Window[] = []
    for (let from = first.to + 1; from <= total; from += pageWindow)
      waiting.push({ from, to: Math.min(from + pageWindow - 1, total) })
    const running: { window: Window; parts: Promise<ParsedPart[]> }[] = []
    const start = (): void => {
      const window = waiting.shift()
      if (window === undefined) return
      const parts = Array.fromAsync(attempts(station, { ...input, pages: window }, inner, options))
      parts.catch(() => {}) // Heard below, in its turn, or no longer wanted.
      running.push({ window, parts })
    }
    for (let more = 0; more < parallel; more++) start()
    for (let next = running.shift(); next !== undefined; next = running.shift()) {
      const parts = await next.parts
      start()
      onProgress?.(next.window.to, total)
      for (const part of parts) blocks += part.blocks.length
      yield* parts
    }
    if (pages !== undefined && blocks === 0) throw needsRecognition(input.name, pages)
  } finally {
    leave.abort(new AndonError('cancelled', 'The reader of the document left.'))
  }
}

/** One call, made again when its process dies; parts that were already given are not given twice. */
async function* attempts(
  station: Station<ParseInput, ParsedPart>,
  input: ParseInput,
  call: Call,
  options: ParseDocumentOptions,
): AsyncIterable<ParsedPart> {
  const most = options.attempts ?? 3
  let given = 0
  for (let attempt = 1; ; attempt++) {
    call.signal.throwIfAborted()
    try {
      let seen = 0
      for await (const part of station.run(input, call)) {
        if (seen++ < given) continue
        given++
        yield part
      }
      return
    } catch (reason) {
      const error = AndonError.from(reason)
      if (error.code !== 'unavailable' || call.signal.aborted) throw error
      // No process can be had at the moment: that says nothing about the document, and asking again at once would not help.
      if (error.retryAfterMs !== undefined) throw error
      const pages = input.pages === undefined ? {} : { pages: input.pages }
      await options.onCrash?.({ attempt, attempts: most, error, ...pages })
      if (attempt >= most) throw error
    }
  }
}

/** A whole document. */
export interface Assembled {
  text: string
  blocks: Block[]
  title?: string
  pages?: number
  /** At most 100. */
  warnings: string[]
  properties: Record<string, string>
}

/**
 * Joins parts into one text, a blank line between them, with the offsets moved along. The first title and the first
 * value of each property stay. Over `maxCharacters` (default 20,000,000) it throws `too-large`.
 */
export async function assemble(
  parts: Iterable<ParsedPart> | AsyncIterable<ParsedPart>,
  options: { name?: string; maxCharacters?: number } = {},
): Promise<Assembled> {
  const { name = 'The document', maxCharacters = defaultMaxCharacters } = options
  const pieces: string[] = []
  const blocks: Block[] = []
  const warnings = new Set<string>()
  let length = 0
  let title: string | undefined
  let pages: number | undefined
  let properties: Record<string, string> = {}
  for await (const part of parts) {
    title ??= part.title
    pages ??= part.pages
    properties = { ...part.properties, ...properties }
    for (const warning of part.warnings ?? []) if (warnings.size < 100) warnings.add(warning)
    if (part.blocks.length === 0) continue
    if (length > 0) {
      pieces.push('\n\n')
      length += 2
    }
    for (const block of part.blocks) blocks.push({ ...block, start: block.start + length, end: block.end + length })
    pieces.push(part.text)
    length += part.text.length
    if (length > maxCharacters)
      throw new AndonError(
        'too-large',
        `${name} holds more than ${maxCharacters} characters of text. Split it into smaller documents.`,
      )
  }
  return {
    text: pieces.join(''),
    blocks,
    ...(title === undefined ? {} : { title }),
    ...(pages === undefined ? {} : { pages }),
    warnings: [...warnings],
    properties,
  }
}
