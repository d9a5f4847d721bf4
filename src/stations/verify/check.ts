// The station that checks one finished sentence against the passages it cites. It computes, so it runs in a thread;
// passages taken apart are kept.

import { heldByResults, resultOf } from './results.ts'
import { recompute } from './figures.ts'
import { bestSpan, claimOf, hasNumber, sourceOf, supportOf, whatOf } from './support.ts'
import type { Claim, Settled, Source } from './support.ts'
import type { Plain } from '../../core/plain.ts'
import type { Passage, RecomputedFigure } from '../../core/question.ts'
import type { Call, Station } from '../../core/station.ts'
import { LruMap } from '../lru-map.ts'

export interface CheckInput {
  /** Without its markers. */
  sentence: string
  /** Ids of the passages it cites, in order. */
  cited: string[]
  /** All passages of the prompt, those that are cited among them. */
  passages: Passage[]
  /** What else figures may come from: the results of tools, as text. */
  extra?: string[]
}

export interface Checked {
  supported: boolean
  /** What is wrong, in sentences for a person. */
  problems: string[]
  /** One for each cited passage: whether the citation holds, and its best sentence (span in the document's stored text). */
  citations: { passageId: string; holds: boolean; start: number; end: number }[]
  /** A passage that bears the sentence out, when it cites none that does. */
  suggestion?: { passageId: string; start: number; end: number }
  /** Figures that were worked out again; spans are in the sentence. */
  figures?: RecomputedFigure[]
}

export interface CheckOptions {
  readonly [key: string]: Plain | undefined
  /** Passages kept ready, about 30 kB each. Default 500. */
  keep?: number
}

/** An uncited sentence gets a citation when a passage holds at least this share of its words, and all of its facts. */
const suggestedFrom = 0.6
/** Results of tools that are kept ready. */
const mostResults = 50
/** A sentence with fewer words that say something, and no fact, claims nothing worth checking. */
const fewestWords = 3
/** Sentences about the passages themselves: that they do not say something. */
const aboutSources =
  /\b(?:passages?|documents?|sources?|context|text|information)\b[^.]*\b(?:not|no|don['’]t|doesn['’]t)\b|\b(?:could not|couldn['’]t|cannot|can['’]t|unable to) (?:find|answer|determine)\b|(?:文档|文檔|段落|资料|資料|原文|上文)[^。]*(?:没有|沒有|未|不)|无法(?:回答|确定|找到)|無法(?:回答|確定|找到)/i

/** Gives the station. It needs nothing but its input. */
export function open(options?: CheckOptions | null): Check {
  return new Check(options?.keep ?? 500)
}

/** Checks sentences. Passages of all tenants share one cache, by id: an id is never used again for another text. */
export class Check implements Station<CheckInput, Checked> {
  readonly name = 'check'
  readonly #sources: LruMap<string, Source>
  /** Results of tools, by their text. */
  readonly #results = new LruMap<string, Source>(mostResults)

  constructor(keep: number) {
    this.#sources = new LruMap(keep)
  }

  async *run(input: CheckInput, call: Call): AsyncGenerator<Checked> {
    call.signal.throwIfAborted()
    yield checkSentence(
      input,
      (passage) => this.#sources.get(passage.id, () => sourceOf(passage)),
      (text) => this.#results.get(text, () => resultOf(text)),
    )
  }
}

/** Does it: pure, and without a cache when none is given. */
export function checkSentence(
  { sentence, cited, passages, extra = [] }: CheckInput,
  prepare: (passage: Passage) => Source = sourceOf,
  prepareResult: (text: string) => Source = resultOf,
): Checked {
  const claim = claimOf(sentence)
  const sources = cited.flatMap((id) => {
    const passage = passages.find((one) => one.id === id)
    return passage ? [prepare(passage)] : []
  })
  const results = extra.map(prepareResult)
  const fromResults = heldByResults(claim, results)
  const basis = [...(sources.length > 0 ? sources : passages.map(prepare)), ...results]
  const { figures, explained, wrong, pure } = recompute(
    sentence,
    claim,
    basis,
    (number) => fromResults.has(number) || basis.some((source) => hasNumber(source, number, claim.rounded)),
  )
  const settled: Settled = new Set([...fromResults, ...explained])
  const { supported, problems, ...rest } = judge(claim, sentence, {
    sources,
    results,
    settled,
    passages,
    prepare,
    rests: pure || fromResults.size > 0,
  })
  // What is wrong is said once, with the right figure.
  const named = new Set([...wrong.keys()].map((number) => whatOf(number)))
  const others = problems.filter(
    (problem) => ![...named].some((what) => problem.endsWith(` hold ${what}.`) || problem.endsWith(` holds ${what}.`)),
  )
  return {
    supported: supported && wrong.size === 0,
    problems: [...wrong.values(), ...others],
    ...rest,
    ...(figures.length > 0 ? { figures } : {}),
  }
}

interface Evidence {
  sources: Source[]
  results: Source[]
  settled: Settled
  /** It rests on a tool's result, or on arithmetic alone. */
  rests: boolean
  passages: Passage[]
  prepare: (passage: Passage) => Source
}

/** Whether the evidence bears the claim out, and which citations hold. */
function judge(
  claim: Claim,
  sentence: string,
  { sources, results, settled, rests, passages, prepare }: Evidence,
): Checked {
  const support = supportOf(claim, [...sources, ...results], settled)
  const good = support.missing.length === 0
  const citations = sources.map((source, place) => ({
    passageId: source.passage.id,
    holds: good && support.takesPart[place] === true,
    ...bestSpan(claim, source),
  }))
  const claims = isClaim(sentence, claim)
  if (citations.some(({ holds }) => holds) && good && support.enough)
    return { supported: true, problems: [], citations }

  const suggestion = claims ? suggest(claim, passages.map(prepare), settled) : undefined
  if (suggestion && !citations.some(({ holds }) => holds))
    return { supported: true, problems: [], citations, suggestion }
  if (!claims) return { supported: true, problems: [], citations }
  if (sources.length === 0) {
    const all = supportOf(claim, [...passages.map(prepare), ...results], settled)
    const some = passages.length + results.length > 0
    if (all.missing.length === 0 && (rests || (some && all.enough))) return { supported: true, problems: [], citations }
    const said = all.missing.map((what) => `No passage holds ${what}.`)
    return { supported: false, problems: ['It cites no passage.', ...said], citations }
  }
  const problems = support.missing.map((what) => `The cited passages do not hold ${what}.`)
  if (!support.enough)
    problems.push(`The cited passages hold only ${Math.round(support.coverage * 100)} % of its words.`)
  return { supported: problems.length === 0, problems, citations }
}

function isClaim(sentence: string, claim: Claim): boolean {
  const text = sentence.trim()
  if (/[:：?？]$/.test(text) || /^#{1,6}\s/.test(text) || aboutSources.test(text)) return false
  const { numbers, dates, names } = claim.facts
  return (
    claim.words.length >= fewestWords || dates.length > 0 || names.length > 0 || numbers.some((number) => !number.weak)
  )
}

/** The passage that bears the claim out best by itself, if any does. */
function suggest(claim: Claim, sources: readonly Source[], settled: Settled): Checked['suggestion'] {
  let best: Checked['suggestion']
  let most = suggestedFrom
  if (claim.words.length < fewestWords) return undefined
  for (const source of sources) {
    const { coverage, missing, takesPart } = supportOf(claim, [source], settled)
    const foreign = claim.chinese !== source.chinese
    if (missing.length > 0 || coverage < most || !takesPart[0] || foreign) continue
    if (best && coverage === most) continue
    most = coverage
    best = { passageId: source.passage.id, ...bestSpan(claim, source) }
  }
  return best
}
