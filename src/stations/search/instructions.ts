// What stands in a question beside what is asked: who the asked one shall be, where to look and in what form to answer.
// Such words stand in no answer, and searching for them finds passages about answering.

import { splitSentences } from '../../text/sentences.ts'

interface Span {
  start: number
  end: number
}

export interface Asked {
  /** The question without instructions: the whole text when it has none. */
  text: string
  /** Words of the whole text that are not searched for. */
  left: Span[]
  /** Instructions that may name a place to look at: what is not in `left` of them names it. */
  places: Span[]
}

/** "Assume that you are an analyst": nothing of it is asked. */
const role =
  /^(?:please\s+)?(?:(?:assume|imagine|suppose|pretend)(?: that)? |)(?:you are|you're|act as) (?:an?|the)\b|^请?(?:假设|假如|想象)?你是一/i
/** "Answer by the figures of the balance sheet": where to look and how to answer. */
const manner =
  /^(?:please,?\s+)?(?:answer|respond|reply|give|provide|base|basing|rely|relying|use|using|consider|drawing|judging)\b|^请/i
/** "According to the balance sheet": as above, but worded like a part of the question. */
const source = /^(?:according to|based on|considering)\b|^(?:根据|依据|按照|依照|基于)/i
/** Where the question begins behind an instruction in the same sentence. */
const asks =
  /[:,]\s+(?=(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b)/i
const chineseAsks = /[：:，,]/
/** Words of instructions that name neither a thing nor a place. */
const empty =
  /\b(?:please|answers?|answering|questions?|following|respon(?:d|se|ses|ding)|reply|give|giving|given|provided?|providing|base|based|basing|judge?ments?|judging|rely|relying|details?|information|shown|outlined|stated|clearly|primarily|mainly|solely|only|purely|use|using|used|consider|considering|according|drawing|draw|upon|off|source|within)\b|请|根据|依据|按照|依照|基于|以下|下列|上述|回答|作答|问题|信息|内容|提供/gi
/** "in USD millions": the unit of the answer. */
const unit =
  /\(?\bin (?:(?:usd|us\$|u\.s\. dollars|us dollars|dollars|eur|euros|gbp|cny|rmb)\b(?: ?(?:thousands?|millions?|billions?)\b)?|(?:thousands|millions|billions)\b)(?: of (?:us )?dollars)?\)?/gi

/** A longer question is taken as it is: looking through it costs more than it gives. */
const longest = 2_000

/**
 * Tells instructions from the question. A whole sentence is only taken for an instruction when another one asks; a
 * question of which nothing would be left keeps everything.
 */
export function askedPart(question: string): Asked {
  if (question.length > longest) return { text: question, left: [], places: [] }
  const sentences = splitSentences(question).map(({ start, end }) => ({ start, end, text: question.slice(start, end) }))
  const somethingAsks = sentences.some(({ text }) => isAsking(text))
  const left: Span[] = []
  const places: Span[] = []
  const asked: string[] = []
  for (const { start, end, text } of sentences) {
    const instruction = text.slice(0, lengthOfInstruction(text, somethingAsks))
    const until = start + instruction.length
    if (instruction === '' || source.test(text)) asked.push(text)
    else if (until < end) asked.push(question.slice(until, end))
    if (instruction === '') continue
    if (role.test(text)) {
      left.push({ start, end: until })
      continue
    }
    places.push({ start, end: until })
    left.push(...matchesOf(empty, instruction, start))
  }
  left.push(...matchesOf(unit, question, 0))
  const text = asked.join(' ').replace(unit, '')
  return /[\p{L}\p{N}]/u.test(text) ? { text, left, places } : { text: question, left: [], places: [] }
}

/** How much of a sentence, from its beginning, is an instruction. */
function lengthOfInstruction(sentence: string, somethingAsks: boolean): number {
  if (!role.test(sentence) && !manner.test(sentence) && !source.test(sentence)) return 0
  if (!isAsking(sentence)) return somethingAsks ? sentence.length : 0
  const at = asks.exec(sentence) ?? (/\p{Script=Han}/u.test(sentence) ? chineseAsks.exec(sentence) : null)
  return at === null ? 0 : at.index + at[0].length
}

function isAsking(sentence: string): boolean {
  return /[?？]["”』」)]?\s*$/.test(sentence)
}

function matchesOf(pattern: RegExp, text: string, from: number): Span[] {
  return Array.from(text.matchAll(pattern), ({ index, 0: words }) => ({
    start: from + index,
    end: from + index + words.length,
  }))
}
