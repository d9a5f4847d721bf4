// The station that answers without a model: it picks the sentences of the best passages that answer the question, and
// says how sure it is that they do. It computes, so it runs in a thread; passages taken apart are kept.

import { LruMap } from '../lru-map.ts'
import { chooseSentences, followingSentences, wantsExplanation } from './choose.ts'
import type { ChosenSentence } from './choose.ts'
import { preparePassage } from './extract-sentences.ts'
import type { PreparedPassage } from './extract-sentences.ts'
import { confidenceOf, nothingFound, refusalScore } from './refusal.ts'
import type { Plain } from '../../core/plain.ts'
import type { Confidence, Passage } from '../../core/question.ts'
import type { Call, Station } from '../../core/station.ts'
import type { Ranked } from '../rerank/rerank.ts'
import type { Query } from '../search/query.ts'

export interface ExtractInput {
  query: Query
  /** Best first. */
  ranked: Ranked[]
  /** How far the first is ahead of the second, 0 to 1. */
  margin: number
  /** How many sentences to pick. Default 3. */
  sentences?: number
}

/** A sentence that answers, quoted. */
export interface ExtractedSentence {
  passageId: string
  /** Character span in the document's stored text. */
  start: number
  end: number
  /** The text of that span, at most 400 characters. */
  text: string
  /** Comparable between the sentences of one answer only. */
  score: number
}

export interface Extraction {
  /** Best first, no two alike. */
  sentences: ExtractedSentence[]
  /** For how, why and what-is questions: where the first sentence's passage goes on, up to four sentences, none of them above. */
  continuation: ExtractedSentence[]
  confidence: Confidence
  /** The refusal score: see `refusalScore`. */
  score: number
}

export interface ExtractOptions {
  readonly [key: string]: Plain | undefined
  /** Passages kept ready, about 20 kB each. Default 2,000. */
  keep?: number
}

/** How many passages the sentences come from. More make the first sentence worse. */
const passagesRead = 3

/** Being the only passage that was found is no lead over others. */
const marginAlone = 0.2

/** Gives the station. It needs nothing but its input. */
export function open(options?: ExtractOptions | null): Extract {
  return new Extract(options?.keep ?? 2_000)
}

/** Picks sentences. Passages of all tenants share one cache, by id: an id is never used again for another text. */
export class Extract implements Station<ExtractInput, Extraction> {
  readonly name = 'extract'
  readonly #prepared: LruMap<string, PreparedPassage>

  constructor(keep: number) {
    this.#prepared = new LruMap(keep)
  }

  async *run(input: ExtractInput, call: Call): AsyncGenerator<Extraction> {
    call.signal.throwIfAborted()
    yield extract(input, (passage) => this.#prepared.get(passage.id, () => preparePassage(passage)))
  }
}

/** Does it: pure, and without a cache when none is given. */
export function extract(
  { query, ranked, margin, sentences = 3 }: ExtractInput,
  prepare: (passage: Passage) => PreparedPassage = preparePassage,
): Extraction {
  const read = ranked
    .slice(0, passagesRead)
    .map(({ passage, score }) => ({ passage, score, prepared: prepare(passage) }))
  const [first] = ranked
  if (first === undefined) return { sentences: [], continuation: [], confidence: 'refused', score: nothingFound }
  const chosen = chooseSentences(query, read, { count: sentences })
  const score = refusalScore({
    query,
    first,
    margin: ranked.length > 1 ? margin : marginAlone,
  })
  const [best] = chosen.best
  const continuation = best !== undefined && wantsExplanation(query.text) ? followingSentences(best, chosen.best) : []
  return {
    sentences: chosen.best.map(quoted),
    continuation: continuation.map(quoted),
    confidence: confidenceOf(score),
    score,
  }
}

function quoted({ passage, sentence, score }: ChosenSentence): ExtractedSentence {
  return {
    passageId: passage.id,
    start: passage.start + sentence.start,
    end: passage.start + sentence.end,
    text: sentence.text,
    score,
  }
}
