// What stands in a question beside what is asked: who the asked one shall be, where to look and in what form to answer.
// Such words stand in no answer, and searching for them finds passages about answering.

import { splitSentences } from '../../text/sentences.ts'

export interface Asked {
  /** The question without instructions: the whole text when it has none. */
  text: string
  /** Spans of the whole text that are not searched for, in order. */
  left: { start: number; end: number }[]
}

/** "Assume that you are an analyst": nothing of it is asked. */
const role = /^(?:(?:please\s+)?(?:assume|imagine|suppose|pretend|act)\b[^.,:;?!]{0,40}|)\b(?:you are|you're|as) (?:an?|the)\b/i
const chineseRole = /^(?:请)?(?:假设|假如|想象)?(?:你是|作为)(?:一[名位个])/
/** Where to look and how to answer. */
const manner =
  /^(?:please,?\s+)?(?:answer|respond|reply|give|provide|base|basing|based on|rely|relying|use|using|consider|considering|according to|drawing|judging)\b/i
const chineseManner = /^(?:请|根据|依据|按照|依照|基于)/
/** Where, behind an instruction, the question begins. */
const asks =
  /[:,]\s+(?=(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b)/i
const chineseAsks = /[：:，,]/
/** Words of instructions that name neither thing nor place. */
const empty =
  /\b(?:please|answers?|answering|questions?|following|respon[ds]e?|responding|reply|give|giving|provided?|providing|base|based|basing|judge?ments?|rely|relying|details?|information|shown|outlined|stated|given|clearly|primarily|mainly|solely|only|purely|use|using|used|consider|considering|according|drawing|draw|upon|off|source|within)\b|请|根据|依据|按照|依照|基于|以下|下列|上述|回答|作答|问题|信息|内容|提供/gi
/** "in USD millions": the unit of the answer. */
const unit =
  /\(?\bin (?:(?:usd|us\$|u\.s\. dollars|us dollars|dollars|eur|euros|gbp|cny|rmb)\b(?: ?(?:thousands?|millions?|billions?)\b)?|(?:thousands|millions|billions)\b)(?: of (?:us )?dollars)?\)?/gi

/**
 * Tells instructions from the question. A sentence is only taken for an instruction when another one asks; a question
 * that would be left empty keeps everything.
 */
export function askedPart(question: string): Asked {
  const left: { start: number; end: number }[] = []
  const kept: string[] = []
  const sentences = splitSentences(question)
  const asking = sentences.filter(({ start, end }) => isAsking(question.slice(start, end)))
  for (const { start, end } of sentences) {
    const sentence = question.slice(start, end)
    const isRole = role.test(sentence) || chineseRole.test(sentence)
    if (!isRole && !manner.test(sentence) && !chineseManner.test(sentence)) {
      kept.push(sentence)
      continue
    }
    const lead = leadOf(sentence, start, end, isAsking(sentence), asking.length > 0)
    if (lead > start) kept.push(question.slice(lead, end))
    else if (lead === start) kept.push(sentence)
    const until = lead < 0 ? end : lead
    if (isRole && until > start) left.push({ start, end: until })
    else for (const { index, 0: word } of question.slice(start, until).matchAll(empty)) left.push({ start: start + index, end: start + index + word.length })
  }
  for (const { index, 0: words } of question.matchAll(unit)) left.push({ start: index, end: index + words.length })
  const text = kept.join(' ').replace(unit, '')
  return /[\p{L}\p{N}]/u.test(text) ? { text, left } : { text: question, left: [] }
}

function isAsking(sentence: string): boolean {
  return /[?？]["”』」)]?\s*$/.test(sentence)
}

/** Where the instruction at the beginning of a sentence ends: its start when it is none, −1 when all of it is one. */
function leadOf(sentence: string, start: number, end: number, asking: boolean, othersAsk: boolean): number {
  if (!asking) return othersAsk ? -1 : start
  const at = asks.exec(sentence) ?? (/\p{Script=Han}/u.test(sentence) ? chineseAsks.exec(sentence) : null)
  return at === null ? start : Math.min(end, start + at.index + at[0].length)
}
