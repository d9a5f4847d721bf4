// What of a conversation is too long ago for a prompt, and how it is told in short by rules: what was asked, and how each
// answer began. What a model makes of it stands in recap-by-model.ts.

import type { Turn } from '../core/question.ts'
import { cutAtSentence } from '../stations/generate/passage-block.ts'
import type { Session } from '../stores/store.ts'
import { splitSentences } from '../text/sentences.ts'
import { estimateTokens } from '../text/tokens.ts'
import { newestVersions, placeOf } from './versions.ts'

/** Turns that are to be told in short. */
export interface RecapDue {
  /** The recap until now. */
  before: string
  /** What it does not tell of yet, oldest first, each answer in its newest version. */
  turns: Turn[]
  /** Turns of the session that the new recap tells of. */
  upTo: number
}

/** Tokens of the latest turns that a prompt has room for, whatever else stands in it. */
const mostTokens = 600
/** Tokens of them that stay as they are, so that not every answer needs a new recap. */
const keptTokens = 300
/** Of a question and of an answer in a recap by rules. */
const mostCharacters = 240

/**
 * What a recap of a session is to be made of, or undefined while its latest turns fit into a prompt that takes
 * `historyTurns` questions with their answers. The session holds at least the turns that its recap does not tell of.
 */
export function recapDue({ turns, earlier = 0, recap }: Session, historyTurns: number): RecapDue | undefined {
  const told = recap?.turns ?? 0
  const rest = turns.slice(told - earlier)
  const said = newestVersions(rest)
  const sizes = exchangesOf(said).map((exchange) => ({ first: exchange[0], tokens: tokensOf(exchange) }))
  const total = sizes.reduce((sum, { tokens }) => sum + tokens, 0)
  // The next question and its answer come on top.
  const mostExchanges = Math.max(1, historyTurns - 1)
  if (total <= mostTokens && sizes.length <= mostExchanges) return undefined
  let room = keptTokens
  let kept: Turn | undefined
  for (const [place, { first, tokens }] of sizes.toReversed().entries()) {
    room -= tokens
    const fits = room >= 0 && place < Math.ceil(mostExchanges / 2)
    if (!fits && !(place === 0 && tokens <= mostTokens)) break
    kept = first
  }
  const upTo = told + (kept ? placeOf(rest, kept) : rest.length)
  if (upTo === told) return undefined
  return { before: recap?.text ?? '', turns: said.slice(0, kept ? said.indexOf(kept) : said.length), upTo }
}

/** A turn of a user begins an exchange. */
function exchangesOf(turns: readonly Turn[]): Turn[][] {
  const exchanges: Turn[][] = []
  for (const turn of turns)
    if (turn.role === 'user' || exchanges.length === 0) exchanges.push([turn])
    else exchanges.at(-1)?.push(turn)
  return exchanges
}

function tokensOf(turns: readonly Turn[]): number {
  return turns.reduce(
    (sum, { role, text }) => sum + Math.min(estimateTokens(text), role === 'tool' ? 200 : Infinity),
    0,
  )
}

/**
 * Tells turns in short behind what was told before, in at most `tokens`: what was asked, the first sentence of each answer
 * and the name of the document that it cited first. When it is too long answers go first, then what stands in the middle.
 */
export function extractRecap(
  { before, turns }: Pick<RecapDue, 'before' | 'turns'>,
  tokens: number,
  nameOf: (documentId: string) => string | undefined = () => undefined,
): string {
  const lines = before.split('\n').flatMap((line) => (isTold(line) ? line : sentencesOf(line)))
  for (const { role, text, citedFirst } of turns) {
    const [first = ''] = sentencesOf(withoutMarkers(text))
    if (role === 'user' && text.trim() !== '') lines.push(`Q: ${oneLine(text)}`)
    if (role !== 'assistant' || first === '') continue
    const name = citedFirst && nameOf(citedFirst.documentId)
    lines.push(`A: ${oneLine(first)}${name === undefined ? '' : ` (${oneLine(name)})`}`)
  }
  const sizes = lines.map((line) => estimateTokens(line) + 1)
  let size = sizes.reduce((sum, each) => sum + each, 0)
  while (size > tokens && lines.length > 1) {
    const answer = lines.findIndex((line, at) => line.startsWith('A: ') && at < lines.length - 1)
    const at = answer === -1 ? Math.floor((lines.length - 1) / 2) : answer
    lines.splice(at, 1)
    size -= sizes.splice(at, 1)[0] ?? 0
  }
  const text = lines.join('\n')
  return size > tokens ? cutAtSentence(text, tokens) : text
}

/** An answer without the numbers of its citations: they mean other passages in another prompt. */
export function withoutMarkers(text: string): string {
  return text.replace(/\s?\[\d{1,3}\]/g, '')
}

function isTold(line: string): boolean {
  return /^[QA]: /.test(line)
}

function sentencesOf(text: string): string[] {
  return splitSentences(text).map(({ start, end }) => text.slice(start, end))
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters).toWellFormed()}…` : line
}
