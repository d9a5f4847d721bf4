// Finds the passages for a question and says how sure they make an answer: the question's vector, the search, the
// order, and the sentences that would answer. What fails or is late is left out, and told.

import { childCall, remaining } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { AnswerEvent, Filter, Found, Question } from '../core/question.ts'
import { one, type Call, type Station } from '../core/station.ts'
import type { Embedder, Reranker } from '../models/model.ts'
import { noteSpan } from '../observe/span.ts'
import { takeStep, type NavigatingParts } from './step.ts'
import type { Options } from '../options.ts'
import type { Order } from './order.ts'
import { placesOf } from './places.ts'
import { betterOf } from '../sessions/follow-up.ts'
import type { Places } from '../stations/citation.ts'
import type { ExtractInput, Extraction } from '../stations/generate/extract.ts'
import { rerankRemotely } from '../stations/rerank/remote.ts'
import type { Ranked, RerankInput, RerankOutput } from '../stations/rerank/rerank.ts'
import type { SearchInput, SearchOutput } from '../stations/search/search.ts'
import type { Query } from '../stations/search/query.ts'
import type { Library } from '../stores/store.ts'
import type { Meant } from './understand.ts'

export interface FindingParts extends NavigatingParts {
  options: Pick<Options, 'answers'>
  library: Pick<Library, 'text' | 'blocks' | 'places'>
  search: Station<SearchInput, SearchOutput>
  rerank: Station<RerankInput, RerankOutput>
  extract: Station<ExtractInput, Extraction>
  /** Without one, search is by words. */
  embedder?: Embedder | undefined
  /** Without one, a built-in ranking by words orders what was found. */
  reranker?: Reranker
}

/** What was found for a question. */
export interface Findings {
  /** The reading of the question that was searched. */
  text: string
  query: Query
  mode: 'lexical' | 'hybrid'
  /** Best first, as many as the answerer is given. */
  passages: Ranked[]
  /** What was found behind those. */
  others: Ranked[]
  extraction: Extraction
  /** Where the passages stand, for citations. */
  places: Places
}

/** Passages that are ordered: what lies deeper is not read by anybody. */
const depth = 50
/** Passages that are compared to tell how sure the answer is, however few are given to the answerer. */
const comparedPassages = 5
/** Passages behind those that are given to the answerer which are kept, for what could be asked next. */
const besides = 10
/** Time for the question's vector: the search by words is good enough not to wait longer. */
const embedMs = 2_000
/** With less time than this left, a remote reranker is not asked. */
const rerankWorthMs = 3_000

/** The findings for what is meant: of several readings, the one that the documents answer best. */
export async function* find(
  meant: Meant,
  question: Question,
  call: Call,
  order: Order,
  parts: FindingParts,
): AsyncGenerator<AnswerEvent, Findings> {
  const filter = question.filter ?? {}
  const count = question.passages ?? parts.options.answers.passages
  const [likeliest, ...others] = meant.readings
  const first = yield* read(likeliest, meant.wordings, filter, count, call, order, parts)
  const found: [Findings, ...Findings[]] = [first]
  for (const reading of others) found.push(yield* read(reading, [], filter, count, call, order, parts))
  const best = betterOf(
    found.map((findings) => ({ findings, score: findings.extraction.score })) as [Scored, ...Scored[]],
  )
  const findings = meant.step ? await takeStep(meant.step, best.findings, call, parts) : best.findings
  const passages = findings.passages.map(({ passage }) => passage)
  return { ...findings, places: await placesOf(passages, call, parts.library) }
}

type Scored = { findings: Findings; score: number }

async function* read(
  text: string,
  alternatives: string[],
  filter: Filter,
  count: number,
  call: Call,
  order: Order,
  parts: FindingParts,
): AsyncGenerator<AnswerEvent, Findings> {
  let vector: QuestionVector | undefined
  try {
    vector = await questionVector(text, call, parts.embedder)
  } catch (reason) {
    call.signal.throwIfAborted()
    const { sentence } = AndonError.from(reason)
    yield* order.degrade({ reason: 'embedder-failed', message: order.phrases.embedderFailed(sentence) })
  }
  const { query, found, mode } = await one(parts.search, { text, alternatives, filter, k: depth, ...vector }, call)
  const documents = new Set(found.map(({ passage }) => passage.documentId)).size
  noteSpan(call, 'search', order.phrases.found(found.length, documents))
  let { ranked, margin } = await one(parts.rerank, { query, found }, call)
  if (parts.reranker && ranked.length > 1) {
    if (remaining(call) < rerankWorthMs) order.skipped.push('reranker')
    else
      try {
        ;({ ranked, margin } = await rerankRemotely({ question: text, found: ranked, reranker: parts.reranker, call }))
      } catch (reason) {
        call.signal.throwIfAborted()
        const { sentence } = AndonError.from(reason)
        yield* order.degrade({ reason: 'reranker-failed', message: order.phrases.rerankerFailed(sentence) })
      }
  }
  noteSpan(call, 'rerank', order.phrases.kept(ranked.length, Math.min(count, ranked.length)))
  const extraction = await one(
    parts.extract,
    { query, ranked: ranked.slice(0, Math.max(count, comparedPassages)), margin },
    call,
  )
  noteSpan(call, 'extract', order.phrases.chosen(extraction.sentences.length))
  return {
    text,
    query,
    mode,
    passages: ranked.slice(0, count),
    others: ranked.slice(count, count + besides),
    extraction,
    places: new Map(),
  }
}

type QuestionVector = { vector: Float32Array; generation: string }

async function questionVector(
  text: string,
  call: Call,
  embedder: Embedder | undefined,
): Promise<QuestionVector | undefined> {
  if (!embedder) return undefined
  using limited = childCall(call, { budgetMs: embedMs })
  const [vector] = await embedder.embed([text], 'question', limited)
  if (!vector) throw new AndonError('unavailable', `The embedder ${embedder.id} answered no vector`)
  return { vector, generation: embedder.id }
}

/** A search without an answer. */
export interface SearchRequest {
  text: string
  filter?: Filter
  /** Default 10, at most 1,000. */
  k?: number
  /** Default true. */
  rerank?: boolean
  by?: 'both' | 'words' | 'vectors'
}

/** The best passages for a question, checked by `requests.ts`. Here a part that fails is an error: nobody would be told otherwise. */
export async function findPassages(request: SearchRequest, call: Call, parts: FindingParts): Promise<Found[]> {
  const { text, filter = {}, k = 10, rerank = true, by = 'both' } = request
  const vector = by === 'words' ? undefined : await questionVector(text, call, parts.embedder)
  if (by === 'vectors' && !vector)
    throw new AndonError(
      'invalid',
      'Search by vectors needs an embedder: set embedder.kind, embedder.url and embedder.model',
    )
  const input = { text: by === 'vectors' ? '' : text, filter, k: rerank ? Math.max(k, depth) : k, ...vector }
  const { query, found } = await one(parts.search, input, call)
  if (!rerank || by === 'vectors') return found.slice(0, k).map(plainly)
  const { ranked } = await one(parts.rerank, { query, found: found.slice(0, depth) }, call)
  return [...ranked, ...behind(found.slice(depth), ranked.at(-1)?.score ?? 1)].slice(0, k).map(plainly)
}

/** What was found, without what only the stations read. */
export function plainly({ passage, score, keyword, vector }: Found): Found {
  return {
    passage,
    score,
    ...(keyword === undefined ? {} : { keyword }),
    ...(vector === undefined ? {} : { vector }),
  }
}

/** What lies deeper than is ordered keeps its order, with scores that go on from the last one ordered. */
function behind(found: readonly Found[], last: number): Found[] {
  const best = found[0]?.score || 1
  return found.map((each) => ({ ...each, score: (last * each.score) / best }))
}
