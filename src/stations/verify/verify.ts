// Checks generated text while it streams: citations are held back until they are known to hold, wrong ones are left
// out, right ones are numbered in order and lead to a sentence of a document; sentences without support are marked.
// The text between citations goes out at once. (Links and images are dealt with where the text is generated.)

import { MarkerScanner } from './markers.ts'
import type { StreamToken } from './markers.ts'
import type { Checked, CheckInput } from './check.ts'
import { AndonError } from '../../core/errors.ts'
import type { AnswerEvent, Citation, Passage, RecomputedFigure } from '../../core/question.ts'
import { one } from '../../core/station.ts'
import type { Call, Station } from '../../core/station.ts'
import { splitSentences } from '../../text/sentences.ts'
import { citationOf, type Places } from '../citation.ts'

export interface VerifyOptions {
  /** `[n]` in the text means `passages[n - 1]`. May grow while the text comes. */
  passages: readonly Passage[]
  /** Where the passages stand. May grow while the text comes. */
  places?: Places
  /** What else figures may come from: the results of tools, as text. May grow while the text comes. */
  extra?: readonly string[]
  check: Station<CheckInput, Checked>
  call: Call
}

/** What may come among the text, and is none. */
export type PassingEvent = Extract<
  AnswerEvent,
  { type: 'tool-call' | 'tool-approval' | 'tool-progress' | 'tool-result' | 'answer-degraded' }
>

export type VerifyEvent = Extract<AnswerEvent, { type: 'text-delta' | 'citation' | 'sentence-checked' }> | PassingEvent

/** What came out in the end. */
export interface Verified {
  text: string
  /** Marker n is the n-th. */
  citations: Citation[]
  /** Sentences without support. */
  unsupported: number
  /** Citations that were left out. */
  citationsRemoved: number
  /** Figures that were worked out again, in order. */
  figures: RecomputedFigure[]
}

/** A sentence that does not end is checked in pieces of this many characters. */
const longestSentence = 2_000
const endings = new Set('.。！？!?…"\'”’」』）)]】》〉*_')
const mayEnd = /[.。！？!?…]["'”’」』）)\]】》〉*_.。！？!?…]*$/

/**
 * Passes generated text on with its citations checked. The events are the same however the text was cut into deltas,
 * but for where text-deltas are cut. When the check itself fails the sentence counts as unsupported; the answer goes on.
 * What comes among the text and is no text passes through, in its place.
 */
export async function* verify(
  deltas: AsyncIterable<string | PassingEvent>,
  options: VerifyOptions,
): AsyncGenerator<VerifyEvent, Verified> {
  const scanner = new MarkerScanner()
  const answer = new CheckedText(options)
  for await (const delta of deltas) {
    if (typeof delta === 'object') {
      yield delta
      continue
    }
    for (const token of scanner.push(delta)) yield* answer.accept(token)
    yield* answer.flush()
  }
  for (const token of scanner.end()) yield* answer.accept(token)
  yield* answer.end()
  const { text, citations, unsupported, citationsRemoved, figures } = answer
  return { text, citations, unsupported, citationsRemoved, figures }
}

type Piece = { text: string } | { numbers: number[] }

class CheckedText {
  /** All that was let out, or will be with the next flush. */
  text = ''
  readonly citations: Citation[] = []
  unsupported = 0
  citationsRemoved = 0
  readonly figures: RecomputedFigure[] = []
  readonly #options: VerifyOptions
  readonly #markers = new Map<string, number>()
  /** Let out by the next flush. */
  #out = ''
  /** The sentence under way without markers, and where it starts in `text`: not known when it starts with a marker. */
  #sentence = ''
  #start: number | undefined
  /** White space that may belong before a marker that is left out. */
  #space = ''
  /** From the first marker of the sentence on. */
  #held: Piece[] = []

  constructor(options: VerifyOptions) {
    this.#options = options
  }

  async *accept(token: StreamToken): AsyncGenerator<VerifyEvent> {
    if (token.kind === 'space') {
      this.#space += token.text
      return
    }
    if (token.kind === 'marker') {
      if (this.#space.includes('\n')) yield* this.#finish()
      if (this.#sentence === '' && this.#held.length === 0) this.#start = undefined
      this.#held.push({ text: this.#space }, { numbers: token.numbers })
      this.#space = ''
      return
    }
    if (token.kind === 'code') {
      if (token.text.includes('\n') || this.#endsBefore('`')) yield* this.#finish()
      if (token.text.includes('\n')) {
        // A line of a block: no sentence.
        this.#say(this.#space + token.text)
        this.#space = ''
      } else this.#add(token.text)
      return
    }
    for (const character of token.text) {
      if (this.#endsBefore(character)) yield* this.#finish()
      this.#add(character)
    }
  }

  /** Lets out what is certain. */
  *flush(): Generator<VerifyEvent> {
    if (this.#out === '') return
    yield { type: 'text-delta', text: this.#out }
    this.#out = ''
  }

  async *end(): AsyncGenerator<VerifyEvent> {
    this.#space = ''
    yield* this.#finish()
    yield* this.flush()
  }

  #add(text: string): void {
    if (this.#sentence === '' && this.#held.length === 0) {
      this.#say(this.#space)
      this.#start = this.text.length
    } else {
      // Between a marker and what follows there may be white space twice.
      if (!/\s$/.test(this.#sentence)) this.#sentence += this.#space
      if (this.#held.length > 0) this.#held.push({ text: this.#space })
      else this.#say(this.#space)
    }
    this.#space = ''
    this.#sentence += text
    if (this.#held.length > 0) this.#held.push({ text })
    else this.#say(text)
  }

  #say(text: string): void {
    this.text += text
    this.#out += text
  }

  /** Whether the sentence under way is over now that this character comes. */
  #endsBefore(next: string): boolean {
    const sentence = this.#sentence
    if (sentence === '' && this.#held.length === 0) return false
    if (sentence.length > longestSentence && this.#space !== '') return true
    // Asked before every character: most of them follow a letter.
    if (!this.#space.includes('\n') && !(endings.has(sentence.at(-1) ?? '') && mayEnd.test(sentence.slice(-12))))
      return false
    const spans = splitSentences(`${sentence}${this.#space}${next}`, { maxLength: Infinity })
    const last = spans.at(-1)
    return last === undefined || last.start >= sentence.length
  }

  /** Checks the sentence, lets out what was held of it, and says what was found. */
  async *#finish(): AsyncGenerator<VerifyEvent> {
    const sentence = this.#sentence.trim()
    const held = this.#held
    this.#sentence = ''
    this.#held = []
    if (sentence === '' && held.length === 0) return
    const { passages } = this.#options
    const cited = new Map<string, Passage>()
    for (const piece of held) {
      if (!('numbers' in piece)) continue
      for (const number of piece.numbers) {
        const passage = passages[number - 1]
        if (passage) cited.set(passage.id, passage)
      }
    }
    const checked = await this.#check(sentence, [...cited.keys()])
    const problems = [...checked.problems]
    // White space goes out with what follows it: "… is so [9]." becomes "… is so."
    let space = ''
    let start = this.#start
    for (const piece of held) {
      if ('text' in piece && piece.text.trim() === '') {
        space += piece.text
        continue
      }
      const shown = 'text' in piece ? piece.text : this.#shown(piece.numbers, checked, problems)
      if (shown.length > 0) {
        this.#say(space)
        start ??= this.text.length
      }
      space = ''
      if (typeof shown === 'string') this.#say(shown)
      else for (const { passage, start: from, end } of shown) yield* this.#cite(passage, from, end)
    }
    if (checked.suggestion) {
      const { passageId, start, end } = checked.suggestion
      const passage = passages.find(({ id }) => id === passageId)
      if (passage) {
        this.#say(/[\u3000-\u303f\uff00-\uffef]$/.test(this.text) ? '' : ' ')
        yield* this.#cite(passage, start, end)
      }
    }
    if (!/[\p{L}\p{N}]/u.test(sentence)) return
    if (!checked.supported) this.unsupported++
    yield* this.flush()
    const from = start ?? this.text.length
    const figures = placed(checked.figures ?? [], sentence, this.text, from)
    this.figures.push(...figures)
    yield {
      type: 'sentence-checked',
      start: from,
      end: this.text.length,
      supported: checked.supported,
      problems,
      ...(figures.length > 0 ? { figures } : {}),
    }
  }

  /** The citations of one place in the text that hold; the others are counted. */
  #shown(
    numbers: readonly number[],
    checked: Checked,
    problems: string[],
  ): { passage: Passage; start: number; end: number }[] {
    return numbers.flatMap((number) => {
      const passage = this.#options.passages[number - 1]
      const citation = checked.citations.find(({ passageId }) => passageId === passage?.id)
      if (passage && citation?.holds) return [{ passage, start: citation.start, end: citation.end }]
      this.citationsRemoved++
      const reason = passage ? 'its passage does not bear this out' : 'there is no such passage'
      problems.push(`The citation [${number}] was left out: ${reason}.`)
      return []
    })
  }

  *#cite(passage: Passage, start: number, end: number): Generator<VerifyEvent> {
    const key = `${passage.id} ${start} ${end}`
    const known = this.#markers.get(key)
    const marker = known ?? this.citations.length + 1
    this.#say(`[${marker}]`)
    if (known !== undefined) return
    const citation = citationOf(passage, start, end, this.#options.places)
    this.#markers.set(key, marker)
    this.citations.push(citation)
    yield* this.flush()
    yield { type: 'citation', marker, citation }
  }

  async #check(sentence: string, cited: string[]): Promise<Checked> {
    const { check, call, passages, extra = [] } = this.#options
    if (!/[\p{L}\p{N}]/u.test(sentence)) return { supported: true, problems: [], citations: [] }
    try {
      const input = { sentence, cited, passages: [...passages], ...(extra.length > 0 ? { extra: [...extra] } : {}) }
      return await one(check, input, call)
    } catch (reason) {
      call.signal.throwIfAborted()
      const error = AndonError.from(reason)
      if (error.code === 'cancelled' || error.code === 'deadline') throw error
      return { supported: false, problems: [`It could not be checked: ${error.sentence}`], citations: [] }
    }
  }
}

/** Figures of a sentence, with their places in the text, which begins at `from` and has markers between the words. */
function placed(
  figures: readonly RecomputedFigure[],
  sentence: string,
  text: string,
  from: number,
): RecomputedFigure[] {
  if (figures.length === 0) return []
  const places: number[] = []
  const marker = /\[\d+\]/y
  let at = from
  for (let index = 0; index < sentence.length; index++) {
    const character = sentence.charAt(index)
    while (
      at < text.length &&
      text.charAt(at) !== character &&
      (character.trim() !== '' || /\s/.test(text.charAt(at)))
    ) {
      marker.lastIndex = at
      at += marker.exec(text)?.[0].length ?? 1
    }
    places.push(at)
    if (text.charAt(at) === character) at++
  }
  return figures.flatMap((figure) => {
    const [start, last] = [places[figure.start], places[figure.end - 1]]
    if (start === undefined || last === undefined || last >= text.length) return []
    return [{ ...figure, start, end: last + 1 }]
  })
}
