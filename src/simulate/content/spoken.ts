// An answer cut into the tokens it is made of, one for each step of the engine: within the limits of the request, and
// with the reason why it ends.

import { seeded } from '../../core/random.ts'
import { hashText } from '../random.ts'
import { pieces, tokenOf } from '../tokens.ts'
import { isChinese } from './reply.ts'
import type { Asked, ReplyPart } from './reply.ts'
import { fillerText } from './words.ts'

/** One token: what it adds, and to which part. */
export interface SpokenPiece {
  readonly kind: 'reasoning' | 'text' | 'call'
  readonly text: string
  /** Which call, from 0; the first piece of a call also has its name. */
  readonly call?: { readonly index: number; readonly name?: string }
}

export interface Spoken {
  readonly pieces: readonly SpokenPiece[]
  readonly finish: 'stop' | 'length' | 'tool_calls'
}

/** The pieces of an answer of at most `room` tokens, at least one. */
export function spoken(parts: readonly ReplyPart[], asked: Asked, room: number): Spoken {
  const most = Math.max(1, Math.min(room, asked.maxTokens ?? room))
  const all: SpokenPiece[] = []
  let calls = 0
  for (const part of parts) {
    const text =
      part.type === 'tool-call' ? part.arguments : part.type === 'text' ? stopped(part.text, asked.stop) : part.text
    if (part.type === 'tool-call') {
      const index = calls++
      const [first = '', ...others] = pieces(text)
      all.push({ kind: 'call', text: first, call: { index, name: part.name } })
      for (const piece of others) all.push({ kind: 'call', text: piece, call: { index } })
    } else for (const piece of pieces(text)) all.push({ kind: part.type, text: piece })
  }
  // More words would break a form that was demanded.
  const least = asked.form.type === 'text' ? asked.minTokens : 0
  const wanted = asked.ignoreEos ? most : Math.min(most, Math.max(1, least))
  if (all.length < wanted && calls === 0) {
    const random = seeded(hashText(asked.prompt))
    const more = pieces(fillerText(wanted - all.length, isChinese(asked.prompt), random))
    for (const piece of more) all.push({ kind: 'text', text: piece })
  }
  if (all.length === 0) all.push({ kind: 'text', text: '' })
  if (all.length > most || asked.ignoreEos) return { pieces: all.slice(0, most), finish: 'length' }
  return { pieces: all, finish: calls > 0 ? 'tool_calls' : 'stop' }
}

/** The tokens of an answer, for the cache. */
export function spokenTokens({ pieces }: Spoken): number[] {
  return pieces.map(({ text }) => tokenOf(text))
}

/** The text up to the first of the stops. */
function stopped(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => (stop === '' ? -1 : text.indexOf(stop))).filter((at) => at !== -1)
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends))
}
