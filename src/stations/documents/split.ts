// A parsed document becomes passages: slices of its text that are found, read and cited as one. Where to cut is
// decided for the whole document at once, so that no passage is needlessly short and few sentences, lists and tables
// are torn apart.

import type { Block, BlockKind } from '../../core/document.ts'
import { atomsOf } from './atoms.ts'
import type { Atom, Section } from './atoms.ts'

export interface SplitOptions {
  /** No passage (with its repeated header row) is longer, in UTF-16 units. Default 1,000; at least 50. */
  maxCharacters?: number
  /** Estimated model tokens that a passage should stay under. Default 1,000. */
  maxTokens?: number
  /** Characters of the passage before that a passage repeats where a section is cut. Default 0. */
  overlap?: number
}

/** A slice of a document: `text.slice(start, end)`. */
export interface Split {
  start: number
  end: number
  /** In front when a table is cut: its header row. */
  prefix?: string
  /** Headings above it, the outermost first. A passage over several sections has those that they share. */
  headings: string[]
  /** Kind of what takes most of it. */
  kind: BlockKind
  page?: number
  pageEnd?: number
}

/** What it costs to cut behind a piece, and to go on over the end of a section, beside (1 − how full the passage is)². */
const costs = {
  /** Between a heading and what it heads. */
  afterHeading: 4,
  /** Between the line that announces a list or table and the list or table. */
  afterIntroduction: 0.4,
  betweenBlocks: 0.1,
  betweenLines: 0.15,
  betweenSentences: 0.25,
  /** To put two sections into one passage. */
  overSections: 0.3,
}

/** Pieces in one passage at most, so that a document of half a million one-letter lines is cut in a second. */
const mostAtoms = 250

/**
 * Cuts a text into passages. Every character that is no white space is in some passage; passages follow the order of
 * the text and overlap only where `overlap` says so.
 */
export function split(text: string, blocks: readonly Block[], options: SplitOptions = {}): Split[] {
  const { maxTokens = 1_000, overlap = 0 } = options
  const maxCharacters = Math.max(50, options.maxCharacters ?? 1_000)
  const { atoms, sections } = atomsOf(text, blocks, maxCharacters)
  const limits = { characters: maxCharacters - Math.min(overlap, maxCharacters / 2), tokens: maxTokens }
  return cutsOf(text, atoms, sections, limits).map(([from, to]) => {
    const first = reachBack(atoms, from, to, overlap, maxCharacters)
    return passageOf(atoms, sections, first, to)
  })
}

/** The cheapest way to cut, as spans of pieces; found from the end backwards, each piece once. */
function cutsOf(
  text: string,
  atoms: readonly Atom[],
  sections: readonly Section[],
  limits: { characters: number; tokens: number },
): [from: number, to: number][] {
  const cutCosts = Float64Array.from(atoms, (atom, index) => cutCost(text, atom, atoms[index + 1]))
  const crossings = Float64Array.from(atoms, (atom, index) => crossingCost(atoms[index - 1], atom, sections))
  const cheapest = new Float64Array(atoms.length + 1)
  const cutAt = new Uint32Array(atoms.length + 1)
  for (let from = atoms.length - 1; from >= 0; from--) {
    const first = atoms[from]
    if (first === undefined) continue
    let best = Infinity
    let tokens = 0
    let crossed = 0
    const furthest = Math.min(atoms.length, from + mostAtoms)
    for (let to = from + 1; to <= furthest; to++) {
      const last = atoms[to - 1]
      if (last === undefined) break
      const characters = last.end - first.start + (first.header === undefined ? 0 : first.header.length + 1)
      tokens += last.tokens
      if (to > from + 1 && (characters > limits.characters || tokens > limits.tokens)) break
      if (to > from + 1) crossed += crossings[to - 1] ?? 0
      const empty = 1 - Math.min(1, Math.max(characters / limits.characters, tokens / limits.tokens))
      const cost = empty * empty + crossed + (cutCosts[to - 1] ?? 0) + (cheapest[to] ?? 0)
      if (cost < best) {
        best = cost
        cutAt[from] = to
      }
    }
    cheapest[from] = best
  }
  const cuts: [number, number][] = []
  for (let from = 0; from < atoms.length; from = cutAt[from] ?? atoms.length) {
    cuts.push([from, cutAt[from] ?? atoms.length])
  }
  return cuts
}

function crossingCost(before: Atom | undefined, after: Atom, sections: readonly Section[]): number {
  if (before === undefined || before.section === after.section || sections[before.section]?.onlyHeading) return 0
  return costs.overSections
}

function cutCost(text: string, last: Atom, next: Atom | undefined): number {
  if (next === undefined) return 0
  if (last.kind === 'heading') return costs.afterHeading
  if (last.section !== next.section) return 0
  if (last.block !== next.block) {
    return /[:：]$/.test(text.slice(last.start, last.end)) ? costs.afterIntroduction : costs.betweenBlocks
  }
  return last.kind === 'paragraph' ? costs.betweenSentences : costs.betweenLines
}

/** The first piece of a passage once it repeats the end of the passage before, within one section. */
function reachBack(atoms: readonly Atom[], from: number, to: number, overlap: number, maxCharacters: number): number {
  const first = atoms[from]
  const last = atoms[to - 1]
  if (overlap <= 0 || first === undefined || last === undefined || first.header !== undefined) return from
  let reached = from
  for (let at = from - 1; at >= 0; at--) {
    const atom = atoms[at]
    if (atom === undefined || atom.section !== first.section || atom.kind === 'heading') break
    if (first.start - atom.start > overlap || last.end - atom.start > maxCharacters || atom.header !== undefined) break
    reached = at
  }
  return reached
}

function passageOf(atoms: readonly Atom[], sections: readonly Section[], from: number, to: number): Split {
  const own = atoms.slice(from, to)
  const first = own[0]
  const start = first?.start ?? 0
  const sizes = new Map<BlockKind, number>()
  let end = start
  let page: number | undefined
  let pageEnd: number | undefined
  for (const atom of own) {
    end = Math.max(end, atom.end)
    sizes.set(atom.kind, (sizes.get(atom.kind) ?? 0) + atom.end - atom.start)
    if (atom.page === undefined) continue
    page = Math.min(page ?? atom.page, atom.page)
    pageEnd = Math.max(pageEnd ?? atom.page, atom.page)
  }
  const kind = [...sizes].sort((left, right) => right[1] - left[1])[0]?.[0] ?? 'paragraph'
  return {
    start,
    end,
    ...(first?.header === undefined ? {} : { prefix: first.header }),
    headings: sharedHeadings(own, sections),
    kind,
    ...(page === undefined ? {} : { page }),
    ...(page === undefined || pageEnd === undefined || pageEnd === page ? {} : { pageEnd }),
  }
}

/** The headings that all sections of a passage have in common, leaving out sections that are a heading alone. */
function sharedHeadings(atoms: readonly Atom[], sections: readonly Section[]): string[] {
  const paths = [...new Set(atoms.map((atom) => atom.section))].flatMap((index) => sections[index] ?? [])
  const full = paths.filter((section) => !section.onlyHeading)
  const [first, ...others] = full.length > 0 ? full : paths.slice(-1)
  if (first === undefined) return []
  let shared = first.headings.length
  for (const other of others) {
    let same = 0
    while (same < shared && other.headings[same] === first.headings[same]) same++
    shared = same
  }
  return first.headings.slice(0, shared)
}
