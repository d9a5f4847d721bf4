// A passage taken apart into sentences that can be scored: their terms, places and plain shape, made once per passage.

import { analyse, isStopWord } from '../../text/analyse.ts'
import { foldHan } from '../../text/han-folding.ts'
import { looksLikeCode } from './code-lines.ts'
import { splitSentences } from '../../text/sentences.ts'
import type { Passage } from '../../core/question.ts'

/** A sentence of a passage, ready to be scored. */
export interface PreparedSentence {
  /** Offsets into the passage's text. */
  start: number
  end: number
  text: string
  /** Traditional Chinese folded; offsets as in `text`. */
  folded: string
  /** Folded, lower case, without white space and punctuation: for comparing letters. */
  flat: string
  /** Where each term starts, in the sentence. */
  places: Map<string, number[]>
  /** Words and numbers that are no stop words. */
  content: Set<string>
  /** Number of words and numbers. */
  words: number
  asks: boolean
  /** Whether it can be an answer: questions, headings and header rows only say what follows. */
  answers: boolean
  /** A line of program code. */
  code: boolean
  /** A heading, or the header row of a table: it names what follows and answers nothing itself. */
  heading: boolean
  /** The terms of what stands above it in its passage: the last heading, and the header row of its table. */
  above: ReadonlySet<string>
}

/** A passage as the answerer sees it. */
export interface PreparedPassage {
  sentences: PreparedSentence[]
  /** Terms of title, headings and repeated table header. */
  titleTerms: Set<string>
}

const question = /[?？]\s*["”』」]?$/
/** Longest question that is taken for a heading when it is a paragraph of its own. */
const longestHeading = 120
const markdownHeading = /^\s*#{1,6}\s/
const ended = /[。.!！？?；;|]$/

/** Splits and analyses a passage. */
export function preparePassage(passage: Passage): PreparedPassage {
  const spans = splitSentences(passage.text)
  const sentences = spans.map((span) => prepareSentence(passage.text, span, spans.length > 1))
  for (const sentence of sentences) if (isQuestionAbove(passage.text, sentence)) sentence.heading = true
  addContext(sentences)
  const headings = new Set([passage.title, ...passage.headings].map(flatten))
  for (const sentence of sentences) {
    if (sentence.asks || markdownHeading.test(sentence.text) || headings.has(sentence.flat)) sentence.answers = false
  }
  const context = [passage.title, ...passage.headings, passage.prefix ?? ''].join('\n')
  return { sentences, titleTerms: new Set(analyse(context).map((token) => token.term)) }
}

/** Whether a question is a short paragraph of its own with text below: it names that text, as a heading does. */
function isQuestionAbove(text: string, { asks, start, end }: PreparedSentence): boolean {
  if (!asks || end - start > longestHeading) return false
  return /(?:^|\n[ \t]*\n)\s*$/.test(text.slice(0, start)) && /^[ \t]*\n[ \t]*\n\s*\S/.test(text.slice(end))
}

/** Marks header rows, and gives every sentence the terms of what stands above it. */
function addContext(sentences: PreparedSentence[]): void {
  let heading: PreparedSentence | undefined
  let header: PreparedSentence | undefined
  for (const [index, sentence] of sentences.entries()) {
    const row = sentence.text.startsWith('|')
    const above = [heading, header].flatMap((one) => (one ? [...one.places.keys()] : []))
    if (above.length > 0) sentence.above = new Set(above)
    if (row && !sentences[index - 1]?.text.startsWith('|') && sentences[index + 1]?.text.startsWith('|')) {
      sentence.heading = true
      sentence.answers = false
      header = sentence
    } else if (!row) {
      header = undefined
      if (sentence.heading) heading = sentence
    }
  }
}

const nothing: ReadonlySet<string> = new Set()

/** Lower case letters and digits of a text, Traditional Chinese folded, without what stands between words. */
export function flatten(text: string): string {
  return foldHan(text)
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, '')
}

function prepareSentence(text: string, span: { start: number; end: number }, among: boolean): PreparedSentence {
  const sentence = text.slice(span.start, span.end)
  const places = new Map<string, number[]>()
  const content = new Set<string>()
  let words = 0
  for (const token of analyse(sentence)) {
    const known = places.get(token.term)
    if (known) known.push(token.start)
    else places.set(token.term, [token.start])
    if (token.kind !== 'word' && token.kind !== 'number') continue
    words++
    if (!isStopWord(token)) content.add(token.term)
  }
  return {
    start: span.start,
    end: span.end,
    text: sentence,
    folded: foldHan(sentence),
    flat: flatten(sentence),
    places,
    content,
    words,
    asks: question.test(sentence),
    answers: true,
    code: looksLikeCode(sentence),
    heading:
      markdownHeading.test(sentence) ||
      (among && sentence.length < 40 && !ended.test(sentence) && !sentence.includes('|')),
    above: nothing,
  }
}
