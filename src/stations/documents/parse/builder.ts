// Grows the plain text of a part block by block, so that every block's offsets are right by construction.

import { AndonError } from '../../../core/errors.ts'
import type { Block, BlockKind, ParsedPart } from '../../../core/document.ts'

/** The facts of a block beside its kind and place. */
export type BlockFacts = Partial<Pick<Block, 'level' | 'page' | 'headerLines' | 'language'>>

/** Characters per part: enough to keep messages few, little enough to keep them small. */
const partCharacters = 256 * 1024

/**
 * Blocks go in in reading order and come out as one text with a blank line between them.
 * Blank blocks are left out, so every block's slice says something.
 */
export class PartBuilder {
  readonly #maxCharacters: number
  readonly #name: string
  readonly #pieces: string[] = []
  #blocks: Block[] = []
  #length = 0
  #taken = 0
  #title: string | undefined
  #pages: number | undefined
  #warnings: string[] = []
  #properties: Record<string, string> | undefined

  /** `name` is what errors call the document; over `maxCharacters` in all, `add` throws `too-large`. */
  constructor(name = 'The document', maxCharacters = Number.POSITIVE_INFINITY) {
    this.#name = name
    this.#maxCharacters = maxCharacters
  }

  /** Adds a block. Its text is cleaned (see {@link cleanText}) and loses blank lines at both ends. */
  add(kind: BlockKind, text: string, facts: BlockFacts = {}): void {
    const cleaned = cleanText(text)
    const trimmed = kind === 'code' ? cleaned.replace(/^\n+/, '').trimEnd() : cleaned.trim()
    if (!/\S/.test(trimmed)) return
    if (this.#length > 0) {
      this.#pieces.push('\n\n')
      this.#length += 2
    }
    const start = this.#length
    this.#pieces.push(trimmed)
    this.#length += trimmed.length
    if (this.#taken + this.#length > this.#maxCharacters)
      throw new AndonError(
        'too-large',
        `${this.#name} holds more than ${this.#maxCharacters} characters of text. Split it into smaller documents.`,
      )
    this.#blocks.push({ kind, start, end: this.#length, ...facts })
  }

  /** Sets the title once: the first one that is not blank stays. */
  title(text: string | undefined): void {
    if (this.#title !== undefined || text === undefined) return
    const line = cleanText(text).replace(/\s+/g, ' ').trim().slice(0, 500).toWellFormed()
    if (line !== '') this.#title = line
  }

  /** Says how many pages the whole document has. */
  pages(count: number): void {
    this.#pages = count
  }

  /** Keeps a warning for the reader. At most 50 per part, each once. */
  warn(sentence: string): void {
    if (this.#warnings.length < 50 && !this.#warnings.includes(sentence)) this.#warnings.push(sentence)
  }

  /** Keeps a fact found in the file, shortened to 1,000 characters. */
  property(key: string, value: string | undefined): void {
    const text = value === undefined ? '' : cleanText(value).trim().slice(0, 1000).toWellFormed()
    if (text === '') return
    this.#properties ??= {}
    this.#properties[key] = text
  }

  /** Whether enough has come together for a part of its own. */
  get full(): boolean {
    return this.#length >= partCharacters
  }

  /** Whether no block has been added since the last part. */
  get empty(): boolean {
    return this.#blocks.length === 0
  }

  /** What has come together since the last time, as one part. Afterwards the builder is empty. */
  take(): ParsedPart {
    const part: ParsedPart = {
      text: this.#pieces.join(''),
      blocks: this.#blocks,
      ...(this.#title === undefined ? {} : { title: this.#title }),
      ...(this.#pages === undefined ? {} : { pages: this.#pages }),
      ...(this.#warnings.length === 0 ? {} : { warnings: this.#warnings }),
      ...(this.#properties === undefined ? {} : { properties: this.#properties }),
    }
    this.#taken += this.#length
    this.#pieces.length = 0
    this.#blocks = []
    this.#length = 0
    this.#warnings = []
    this.#properties = undefined
    return part
  }
}

/**
 * Text as it is stored: line ends are `\n`, control characters, soft hyphens and byte order marks are gone, no-break
 * spaces are spaces, half surrogate pairs are U+FFFD, and no line ends in white space.
 */
function cleanText(text: string): string {
  const clean = text
    .replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, '\n')
    // oxlint-disable-next-line no-control-regex -- these are what must go
    .replace(/[\u0000-\u0008\u000E-\u001F\u007F-\u009F\u00AD\u200B\u2060\uFEFF]/g, '')
    .replace(/[\u00A0\u202F]/g, ' ')
    .toWellFormed()
  // Line by line, because a pattern for "white space before a line end" takes forever on a long run of white space.
  return /[ \t]\n/.test(clean)
    ? clean
        .split('\n')
        .map((line) => line.trimEnd())
        .join('\n')
    : clean
}

/** Cuts a part that grew too long for one message at its blocks. Titles, warnings and facts stay with the first. */
export function* inPieces(part: ParsedPart, size = partCharacters): Iterable<ParsedPart> {
  if (part.text.length <= size * 2) {
    yield part
    return
  }
  let first = 0
  while (first < part.blocks.length) {
    const start = part.blocks[first]?.start ?? 0
    let last = first
    while (last + 1 < part.blocks.length && (part.blocks[last + 1]?.end ?? 0) - start <= size) last++
    const blocks = part.blocks
      .slice(first, last + 1)
      .map((block) => ({ ...block, start: block.start - start, end: block.end - start }))
    const text = part.text.slice(start, start + (blocks.at(-1)?.end ?? 0))
    yield first === 0 ? { ...part, text, blocks } : { text, blocks }
    first = last + 1
  }
}
