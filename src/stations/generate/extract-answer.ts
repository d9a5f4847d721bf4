// An answer made of quotations: what was picked from the documents, put into words a person can read, with a marker and
// a citation behind every sentence. It says that it quotes, and says so when nothing answers.

import type { Extraction, ExtractedSentence } from './extract.ts'
import { firstUnder, isHeading } from './heading-lines.ts'
import type { Citation, Confidence, Passage } from '../../core/question.ts'
import { citationOf, type Places } from '../citation.ts'

/** A composed answer. Marker `[n]` in `text` is `citations[n - 1]`. */
export interface ComposedAnswer {
  text: string
  /** Best first, in the order of their markers. */
  citations: Citation[]
  /** Where each citation's sentence stands in `text`, without its marker. */
  spans: { start: number; end: number }[]
  confidence: Confidence
}

const phrases = {
  en: {
    answered: 'From the documents:',
    uncertain: 'The documents may not answer this exactly. The nearest they say:',
    refused: 'The documents do not seem to answer this. These places may help:',
    nothing: 'Nothing in the documents matches this question.',
    continues: 'It goes on:',
  },
  zh: {
    answered: '文档原文：',
    uncertain: '文档可能没有直接回答这个问题，最接近的原文是：',
    refused: '文档似乎没有回答这个问题。以下内容可能有帮助：',
    nothing: '文档中没有与这个问题相符的内容。',
    continues: '下文：',
  },
} as const

/**
 * Writes the answer in the language of the question: Chinese when it has Chinese characters, else English.
 * `passages` holds the passages the sentences come from, by id; a sentence whose passage is missing is left out.
 * Citations have the page and headings of their place in `places`, where it is known, and a heading is then no quotation:
 * only the best sentence may be one, and is quoted with what stands under it. Markers count on from `markersBefore`, for quotations behind a part that somebody else wrote.
 */
export function composeExtract(
  question: string,
  extraction: Extraction,
  passages: ReadonlyMap<string, Passage>,
  markersBefore = 0,
  places?: Places,
): ComposedAnswer {
  const words = phrases[/\p{Script=Han}/u.test(question) ? 'zh' : 'en']
  const { confidence } = extraction
  const quoted = extraction.sentences.filter(({ passageId }) => passages.has(passageId))
  if (quoted.length === 0) return { text: words.nothing, citations: [], spans: [], confidence: 'refused' }
  const answer = new QuotedText(passages, markersBefore, places)
  answer.say(words[confidence])
  for (const line of answer.linesOf(quoted)) answer.quote(line)
  const continuation = confidence === 'refused' ? [] : answer.beforeHeading(extraction.continuation)
  if (continuation.length > 0) {
    answer.say(`\n${words.continues}`)
    answer.quote(continuation)
  }
  return { text: answer.text, citations: answer.citations, spans: answer.spans, confidence }
}

class QuotedText {
  readonly citations: Citation[] = []
  readonly spans: { start: number; end: number }[] = []
  readonly #passages: ReadonlyMap<string, Passage>
  readonly #markersBefore: number
  readonly #places: Places | undefined
  text = ''

  constructor(passages: ReadonlyMap<string, Passage>, markersBefore: number, places: Places | undefined) {
    this.#passages = passages
    this.#markersBefore = markersBefore
    this.#places = places
  }

  say(words: string): void {
    this.text += this.text === '' ? words : `\n${words}`
  }

  /** What each line quotes: a heading stands first and with the sentence under it, or not at all. */
  linesOf(sentences: readonly ExtractedSentence[]): ExtractedSentence[][] {
    const [best] = sentences
    const passage = best && this.#passages.get(best.passageId)
    const under = passage && this.#isHeading(best) ? firstUnder(best, passage, this.#places) : undefined
    const rest = sentences
      .slice(1)
      .filter((one) => !this.#isHeading(one) && !(one.passageId === under?.passageId && one.start === under.start))
    return best === undefined ? [] : [under === undefined ? [best] : [best, under], ...rest.map((one) => [one])]
  }

  /** As many sentences of a text that goes on as come before the next heading. */
  beforeHeading(sentences: readonly ExtractedSentence[]): readonly ExtractedSentence[] {
    const at = sentences.findIndex((one) => this.#isHeading(one))
    return at < 0 ? sentences : sentences.slice(0, at)
  }

  #isHeading(sentence: ExtractedSentence): boolean {
    const passage = this.#passages.get(sentence.passageId)
    return passage !== undefined && isHeading(sentence, passage, this.#places)
  }

  /** One line: sentences that follow each other in their document are cited as one span. */
  quote(sentences: readonly ExtractedSentence[]): void {
    let lead = '\n- '
    for (const group of adjoining(sentences)) {
      const [first, last] = [group[0], group.at(-1)]
      const passage = first && this.#passages.get(first.passageId)
      if (!passage || !last) continue
      const citation = citationOf(passage, first.start, last.end, this.#places)
      this.text += lead
      lead = ' '
      const start = this.text.length
      this.text += this.#isHeading(first)
        ? group.map((one) => displayed(one.text, passage)).reduce(headed)
        : displayed(citation.quote, passage)
      this.spans.push({ start, end: this.text.length })
      this.citations.push(citation)
      this.text += ` [${this.#markersBefore + this.citations.length}]`
    }
  }
}

/** Sentences next to each other, in the order given. */
function adjoining(sentences: readonly ExtractedSentence[]): ExtractedSentence[][] {
  const groups: ExtractedSentence[][] = []
  for (const sentence of sentences) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    // Between two sentences there is white space at most.
    if (group && last && last.passageId === sentence.passageId && sentence.start - last.end <= 2) group.push(sentence)
    else groups.push([sentence])
  }
  return groups
}

/** A quotation on one line, without the marks of its own list or heading; a row of a table gets its header row's names. */
function displayed(quote: string, passage: Passage): string {
  const line = quote
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^\s*(?:#{1,6}|[-*+•])\s+/, '')
    .trim()
  if (passage.kind !== 'table' || !line.includes('|')) return line
  const header = (passage.prefix ?? passage.text).split('\n', 1)[0] ?? ''
  const names = cells(header)
  const values = cells(line)
  if (values.length > names.length || header.trim() === quote.trim()) return line
  return values
    .flatMap((value, place) => (value === '' ? [] : [names[place] ? `${names[place]}: ${value}` : value]))
    .join('; ')
}

/** A heading and what stands under it, on one line. */
function headed(heading: string, sentence: string): string {
  return /[?？!！。.:：]$/.test(heading) ? `${heading} ${sentence}` : `${heading} – ${sentence}`
}

function cells(row: string): string[] {
  return row
    .replace(/^\s*\||\|\s*$/g, '')
    .split('|')
    .map((cell) => cell.trim())
}
