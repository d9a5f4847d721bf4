// Words without meaning for prompts that hold nothing to answer from: seeded sentences of a wanted number of tokens.

import { oneOf } from '../random.ts'
import type { Random } from '../../core/random.ts'
import { pieces } from '../tokens.ts'

const english = [
  'order', 'line', 'signal', 'station', 'part', 'answer', 'door', 'clock', 'light', 'paper', 'river', 'window',
  'moves', 'holds', 'keeps', 'finds', 'turns', 'waits', 'opens', 'counts', 'slow', 'early', 'plain', 'quiet',
  'the', 'a', 'one', 'each', 'and', 'then', 'near', 'behind', 'with', 'before',
] as const // prettier-ignore
const chinese = [
  '工',
  '序',
  '灯',
  '号',
  '站',
  '线',
  '门',
  '窗',
  '河',
  '纸',
  '钟',
  '光',
  '来',
  '去',
  '开',
  '等',
] as const

/** A text of exactly so many tokens. */
export function fillerText(tokens: number, han: boolean, random: Random): string {
  let text = ''
  let left = tokens
  let inSentence = 0
  while (left > 0) {
    const last = inSentence >= 12 || left === 1
    const next = last && text !== '' ? (han ? '。' : '.') : wordAfter(text, inSentence, han, random)
    inSentence = last ? 0 : inSentence + 1
    // A word may be of more tokens than are left.
    const taken = pieces(next).slice(0, left)
    text += taken.join('')
    left -= taken.length
  }
  return text
}

function wordAfter(text: string, inSentence: number, han: boolean, random: Random): string {
  if (han) return oneOf(chinese, random)
  const word = oneOf(english, random)
  const told = inSentence === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word
  return text === '' ? told : ` ${told}`
}

/** A few words for a place in a sampled value. */
export function fewWords(count: number, random: Random): string {
  return Array.from({ length: count }, () => oneOf(english, random)).join(' ')
}
