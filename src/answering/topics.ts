// What could be asked next, told from the headings of passages: a topic, and a question about it in the language of
// the one that was asked. Rather none than one that is no question.

import type { Passage } from '../core/question.ts'
import { foldHan } from '../text/han-folding.ts'
import { stem } from '../text/stem.ts'
import { isEnglishStopWord } from '../text/stop-words.ts'

/** The languages that questions can be made in. */
export type Language = 'en' | 'zh'

/** A question about the section of a passage. */
export interface Topic {
  passage: Passage
  question: string
  /** What is meant by it: terms, without those that say how something is asked. */
  terms: string[]
}

const han = /\p{Script=Han}/u
/** Headings that stand in many documents and say nothing by themselves. */
const empty =
  /^(?:abstract|about|additional(?: \w+)?|appendix|background|background information|conclusion|contents?|details?|examples?|faqs?|general(?: \w+)?|goals?|history|how it works|info|information|introduction|links?|misc|more|next steps?|notes?|objectives?|other|others|overview|process|purpose|questions?|recommendations?|references?|related(?: \w+)?|resources?|responsibilit(?:y|ies)|scope|see also|steps?|summary|table of contents|tips|tools?|top|usage|visuals?|what|why|how|when|概述|概览|简介|介绍|引言|前言|目录|背景|总结|小结|结论|参考|参考文献|参考资料|附录|附件|说明|注意|备注|其他|其它|示例|例子|目的|范围|相关链接|更多)$/iu
/** `A to F`, `R 到 Z`: a part of an alphabet. */
const alphabetic = /^\p{L}\s?(?:-|–|to|到|至)\s?\p{L}$/iu
/** What begins so is a piece of a sentence. */
const fragment =
  /^(?:for|if|in|on|at|to|with|without|from|by|as|after|before|during|while|our|your|my|we|you|it|this|these|that|those|and|or|but|please|not|no|don't|let's|i)\b/i
const questionWord =
  /^(?:what|how|why|when|where|who|whom|whose|which|can|could|do|does|did|is|are|was|were|should|will|would|may|must)\b/i
const wordCount = { least: 1, most: 9 }

/** In which language to ask on; undefined where none would be the asker's. */
export function languageOf(question: string): Language | undefined {
  if (han.test(question)) return 'zh'
  // Other languages in Latin letters mostly show by a letter that English has not, or by having none of its small words.
  if (/[^\p{ASCII}\p{P}\p{S}\s]/u.test(question)) return undefined
  const words = question.toLowerCase().match(/[a-z']+/g) ?? []
  return words.some((word) => english.has(word)) ? 'en' : undefined
}

const english = new Set(
  'the of to is are was were how what why when where who which does do did can for with from and should have has my i we you'.split(
    ' ',
  ),
)

/** The topic of a passage's section, or undefined when its heading says none that can be asked about. */
export function topicOf(passage: Passage, language: Language): Topic | undefined {
  const heading = cleaned(passage.headings.at(-1) ?? '')
  const title = cleaned(passage.title)
  if (!isTopic(heading, language) || heading.toLowerCase() === title.toLowerCase()) return undefined
  const question = phrased(heading, isTitle(title, language) ? title : undefined, language)
  return question === undefined ? undefined : topic(passage, question, heading)
}

/**
 * The questions that stand in a passage as headings of small sections: a line by itself, with an answer behind it. Not
 * those that were cited under.
 */
export function questionsIn(passage: Passage, cited: readonly number[], language: Language): Topic[] {
  const lines = [...passage.text.matchAll(/[^\n]+/g)].map(({ 0: text, index }) => ({
    text: cleaned(text),
    start: passage.start + index,
  }))
  const asking = lines.filter(({ text }) => isQuestion(text, language))
  return asking.flatMap(({ text, start }, at) => {
    const end = asking[at + 1]?.start ?? passage.end
    const answer = lines.find((line) => line.start > start)
    const isAnswered = answer !== undefined && answer.start < end && answer.text.length > text.length
    if (!isAnswered || cited.some((place) => place >= start && place < end)) return []
    return topic(passage, phrased(text, undefined, language) ?? text, text) ?? []
  })
}

function isQuestion(line: string, language: Language): boolean {
  if (!/[?？]$/.test(line) || !isTopic(line, language)) return false
  return language === 'zh' || questionWord.test(line)
}

function topic(passage: Passage, question: string, about: string): Topic | undefined {
  const terms = termsOf(about)
  return terms.length === 0 ? undefined : { passage, question, terms }
}

/**
 * What is asked about by a text: stems of its words, and of Chinese each two characters side by side. No dictionary is
 * opened for it on the loop that serves everybody.
 */
export function termsOf(text: string): string[] {
  const terms: string[] = []
  for (const [run] of foldHan(text.toLowerCase()).matchAll(/\p{Script=Han}+|[\p{L}\p{N}]+/gu)) {
    if (han.test(run)) for (const piece of run.split(asked)) terms.push(...pairsOf(piece))
    else if (!isEnglishStopWord(run)) terms.push(stem(run))
  }
  return terms
}

/** Chinese words that say how something is asked rather than what. */
const asked =
  /什么时候|什么样|什么|为什么|为何|怎么样|怎么|怎样|如何|哪些|哪里|哪个|是否|多少|多久|多长|可以|应该|需要|时候|的|了|是|在|和|与|及|或|吗|呢|吧|有|会|能|该|不|没|这|那|里|中|把|被|用|要|个/u

function pairsOf(piece: string): string[] {
  if (piece.length < 2) return piece === '' ? [] : [piece]
  return Array.from({ length: piece.length - 1 }, (_, at) => piece.slice(at, at + 2))
}

/** A heading without its number, marks and links. */
function cleaned(heading: string): string {
  return heading
    .replace(/[*_`#]+/g, '')
    .replace(
      /^[\s\d.()（）、:：-]*(?:第[一二三四五六七八九十百\d]+[章节条款部分][\s、:：.]*)?(?:[一二三四五六七八九十]+[、.．])?\s*/u,
      '',
    )
    .replace(/[\s:：。.;；,，-]+$/u, '')
    .replace(/\s+/g, ' ')
    .trim()
}

function isTopic(heading: string, language: Language): boolean {
  if (empty.test(heading) || alphabetic.test(heading) || /[<>{}|\\/=@“”"]|https?:|\.{3}|…/.test(heading)) return false
  if (!hasBalancedBrackets(heading)) return false
  if (language === 'zh') return heading.length >= 2 && heading.length <= 24 && han.test(heading)
  if (han.test(heading) || heading.length < 4 || heading.length > 70 || !/^\p{L}/u.test(heading)) return false
  const words = heading.split(' ')
  if (words.length < wordCount.least || words.length > wordCount.most) return false
  // Mostly letters, and no name of a month or a version alone.
  return (heading.match(/\p{L}/gu)?.length ?? 0) > heading.length * 0.7
}

function isTitle(title: string, language: Language): boolean {
  if (title.length < 2 || title.length > 50 || /[<>{}|\\/=@“”"]|\.\w{2,4}$/.test(title)) return false
  return han.test(title) === (language === 'zh')
}

function hasBalancedBrackets(text: string): boolean {
  return (text.match(/[(（]/g)?.length ?? 0) === (text.match(/[)）]/g)?.length ?? 0)
}

function phrased(heading: string, title: string | undefined, language: Language): string | undefined {
  if (language === 'zh') {
    if (/[?？]$/.test(heading)) return heading.replace(/\?$/, '？')
    if (/^(?:如何|怎么|怎样|为什么|为何|什么是)/.test(heading)) return `${heading}？`
    return title === undefined ? `关于“${heading}”，文档怎么说？` : `《${title}》关于“${heading}”是怎么说的？`
  }
  if (heading.endsWith('?')) return questionWord.test(heading) ? capital(heading) : undefined
  const howTo = /^how to (.+)$/i.exec(heading)?.[1]
  if (howTo !== undefined) return `How do I ${small(howTo)}?`
  // "Why we do it" is half a question: it would need turning around.
  if (questionWord.test(heading) || fragment.test(heading)) return undefined
  return title === undefined
    ? `What do the documents say about “${heading}”?`
    : `What does “${title}” say about “${heading}”?`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** The first letter small, unless its word is written in capitals. */
function small(text: string): string {
  return /^\p{Lu}\p{Ll}/u.test(text) ? text.slice(0, 1).toLowerCase() + text.slice(1) : text
}
